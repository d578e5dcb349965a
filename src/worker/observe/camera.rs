//! Frames of a camera through a network. Invariant: a frame goes through once and is forgotten.

use crate::session::Session;
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::protocol::Event;
use dino_core::run::network::Network;

impl Session {
    /// Attention of an image that is not of the set.
    pub(crate) async fn frame(
        &mut self,
        picture: Picture,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Event> {
        let picture = picture.checked()?;
        let layer = layer.min(self.depth(network).await?.saturating_sub(1));
        let inference = self.infer_frame(&picture, network, layer, side).await?;
        Ok(Event::Frame(inference.into()))
    }
}
