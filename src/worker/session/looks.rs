//! Views that a session shows on request. Invariant: a request for an image that is not in the set is refused
//! before a run is prepared for it.

use crate::host::Host;
use crate::observe;
use crate::observe::multi_image::Pins;
use crate::observe::{Networks, camera, known, multi_image};
use crate::session::{Session, networks};
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::protocol::{Event, View};
use dino_core::run::network::Network;
use web_time::Instant;

impl<H: Host> Session<H> {
    /// Prepares a run if there is none and the network is one of a run.
    async fn prepared_for(&mut self, network: Network) -> Result<()> {
        if network == Network::Starter { Ok(()) } else { self.prepared().await }
    }

    pub(super) async fn choose(&mut self, image: usize) -> Result<()> {
        let (networks, images) = (networks!(self), &self.images);
        self.views.choose(image, networks, images, &self.out).await
    }

    pub(super) async fn crops(&mut self, image: usize, draw: u32) -> Result<Event> {
        known(image, &self.images)?;
        self.prepared().await?;
        observe::crops(image, draw, networks!(self), &self.images).await
    }

    pub(super) async fn attention(&mut self, image: usize) -> Result<Event> {
        known(image, &self.images)?;
        self.prepared().await?;
        observe::attention(image, networks!(self), &self.images).await
    }

    pub(super) async fn watch(&mut self, view: View) -> Result<Event> {
        known(view.image, &self.images)?;
        let begin = Instant::now();
        self.prepared_for(view.network).await?;
        self.views.watch(view, begin, networks!(self), &self.images).await
    }

    pub(super) async fn frame(
        &mut self,
        picture: Picture,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Event> {
        let picture = picture.checked()?;
        self.prepared_for(network).await?;
        camera::frame(networks!(self), &picture, network, layer, side).await
    }

    pub(super) async fn colors(
        &mut self,
        images: &[usize],
        network: Network,
        side: usize,
    ) -> Result<Event> {
        multi_image::colorable(images, &self.images)?;
        self.prepared_for(network).await?;
        multi_image::colors(networks!(self), &self.images, images, network, side).await
    }

    pub(super) async fn neighbors(&mut self, image: usize, count: usize) -> Result<Event> {
        known(image, &self.images)?;
        self.prepared().await?;
        let (networks, images) = (networks!(self), &self.images);
        self.views.neighbors(image, count, networks, images).await
    }

    pub(super) async fn pin(&mut self, images: Vec<usize>, every: u64, side: usize) -> Result<()> {
        let pins = Pins::new(images, every, side, &self.images)?;
        let (networks, images) = (networks!(self), &self.images);
        self.views.pin(pins, networks, images, &self.out).await
    }

    /// Shows one piece of what no request waits for.
    pub(super) async fn catch_up(&mut self) {
        let (networks, images) = (networks!(self), &self.images);
        if let Err(error) = self.views.catch_up(networks, images, &self.out).await {
            self.views.give_up();
            self.fail(None, error);
        }
    }
}
