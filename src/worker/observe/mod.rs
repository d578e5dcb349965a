//! What the page sees of images and networks, and when: crops, the view that is watched, pinned images, neighbours,
//! snapshots. Invariants: showing changes nothing of the run; what nobody waits for is done between commands, never
//! before one.

pub mod camera;
mod features;
mod infer;
pub mod multi_image;
mod subscription;

use crate::outbox::Outbox;
use dino_core::data::picture::ImageSet;
use dino_core::error::{Error, Result, StateError};
use dino_core::protocol::{Attention, Crop, Event, View};
use dino_core::run::network::Network;
use dino_engine::train::trainer::Trainer;
use features::Features;
pub use infer::{Networks, absent};
use multi_image::Pins;
use subscription::Watched;
use web_time::Instant;

/// Long side in pixels of an image that goes to the page to be shown.
const SHOWN: usize = 384;

/// What the page sees, and what is due.
#[derive(Default)]
pub struct Views {
    chosen: usize,
    /// The page has the crops of the chosen image.
    shown: bool,
    watched: Watched,
    pins: Pins,
    features: Features,
    /// Steps of the snapshots that the page knows of.
    told: Vec<u64>,
}

impl Views {
    /// A new run: nothing of it was shown.
    pub fn begin(&mut self) {
        self.shown = false;
        self.told.clear();
        self.watched.begin();
        self.pins.begin();
        self.features.begin();
    }

    /// The images are gone.
    pub fn forget(&mut self) {
        self.chosen = 0;
        self.shown = false;
        self.pins = Pins::default();
    }

    /// An image left the set; those behind it moved up.
    pub fn removed(&mut self, image: usize) {
        self.chosen = moved_up(self.chosen, image);
        self.watched.removed(image);
        self.pins.removed(image);
    }

    /// True once the page was shown the run that is here.
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// Whether something is to be shown that nobody waits for, see [`Views::catch_up`].
    pub fn owes(&self) -> bool {
        self.watched.owed || self.features.owed
    }

    /// Nothing more is shown by itself: it failed, and would fail again.
    pub fn give_up(&mut self) {
        self.watched = Watched::default();
        self.pins = Pins::default();
        self.features.give_up();
    }

    /// What is due between two steps.
    ///
    /// # Errors
    /// [`Error::Device`] when the device failed.
    pub async fn refresh(
        &mut self,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        let shown = self.show_due(networks, images, out).await;
        self.survive(shown, out)
    }

    async fn show_due(
        &mut self,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        self.keep_snapshot(networks, out).await?;
        self.pins.show(networks, images, out).await?;
        self.watched.renew_now_and_then(networks, images, out).await?;
        match networks.trainer.as_deref_mut() {
            Some(trainer) => self.features.measure_now_and_then(trainer, images, out).await,
            None => Ok(()),
        }
    }

    /// What must be seen of a run before its next steps change it.
    ///
    /// # Errors
    /// [`Error::Device`] when the device failed.
    pub async fn before_training(
        &mut self,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        self.watched.postpone();
        let mut shown = self.keep_snapshot(networks, out).await;
        if shown.is_ok() {
            shown = self.pins.show(networks, images, out).await;
        }
        if let (Ok(()), Some(trainer)) = (&shown, networks.trainer.as_deref_mut()) {
            shown = self.features.measure_first(trainer, images, out).await;
        }
        self.survive(shown, out)
    }

    /// One piece of what nobody waits for: what is watched, then the accuracy, a few images at a time.
    ///
    /// # Errors
    /// Those of inference; then [`Views::give_up`].
    pub async fn catch_up(
        &mut self,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        if self.watched.owed && networks.trainer.is_some() && !images.is_empty() {
            return self.watched.renew(networks, images, out).await;
        }
        match networks.trainer.as_deref_mut() {
            Some(trainer) if !images.is_empty() => {
                self.features.measure_part(Instant::now(), trainer, images, out).await.map(|_| ())
            }
            _ => {
                (self.watched.owed, self.features.owed) = (false, false);
                Ok(())
            }
        }
    }

    /// What cannot be shown is said once and does not end a run; a device that failed does.
    fn survive(&mut self, shown: Result<()>, out: &Outbox) -> Result<()> {
        match shown {
            Err(error @ Error::Device(_)) => Err(error),
            Err(error) => {
                self.give_up();
                out.post(Event::Error { error });
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// The page shows this image from now on: its crops, if there is a run.
    ///
    /// # Errors
    /// Those of [`crops`].
    pub async fn choose(
        &mut self,
        image: usize,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        self.chosen = image;
        if networks.trainer.is_some() && image < images.len() {
            self.show_crops(networks, images, out).await?;
        }
        Ok(())
    }

    /// Where a run stands that was prepared or paused: its crops at once, the rest as soon as nothing else
    /// is to be done.
    ///
    /// # Errors
    /// [`Error::Device`] when the device failed; those of [`crops`].
    pub async fn show(
        &mut self,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        if images.is_empty() {
            return Ok(());
        }
        self.show_crops(networks, images, out).await?;
        self.shown = true;
        let mut shown = self.keep_snapshot(networks, out).await;
        if shown.is_ok() {
            shown = self.pins.show(networks, images, out).await;
        }
        self.watched.owe();
        self.images_changed(networks.trainer.as_deref(), images);
        self.survive(shown, out)
    }

    async fn show_crops(
        &mut self,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        self.chosen = self.chosen.min(images.len().saturating_sub(1));
        out.post(crops(self.chosen, 0, networks, images).await?);
        Ok(())
    }

    /// Shows a view and watches it from then on. `begin` is when it was asked for.
    ///
    /// # Errors
    /// Those of inference; then the view before it is watched as before.
    pub async fn watch(
        &mut self,
        view: View,
        begin: Instant,
        networks: &mut Networks<'_>,
        images: &ImageSet,
    ) -> Result<Event> {
        self.watched.watch(view, begin, networks, images).await
    }

    /// Pins images.
    ///
    /// # Errors
    /// Those of [`Pins::new`] and of inference.
    pub async fn pin(
        &mut self,
        pins: Pins,
        networks: &mut Networks<'_>,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        self.pins = pins;
        self.pins.show(networks, images, out).await
    }

    /// The images whose features are nearest to an image's.
    ///
    /// # Errors
    /// Those of inference.
    pub async fn neighbors(
        &mut self,
        image: usize,
        count: usize,
        networks: &mut Networks<'_>,
        images: &ImageSet,
    ) -> Result<Event> {
        self.features.neighbors(image, count, networks.run()?, images).await
    }

    /// The set is another: its accuracy is measured at rest, or while training by itself.
    pub fn images_changed(&mut self, trainer: Option<&Trainer>, images: &ImageSet) {
        if let Some(trainer) = trainer {
            self.features.owe(trainer.step_index(), images.version());
        }
    }

    /// Keeps a snapshot if it is time, and tells the page which there are if they changed.
    async fn keep_snapshot(&mut self, networks: &mut Networks<'_>, out: &Outbox) -> Result<()> {
        let Some(trainer) = networks.trainer.as_deref_mut() else { return Ok(()) };
        if trainer.snapshot_due() {
            trainer.keep_snapshot().await?;
        }
        let steps: Vec<u64> = trainer.snapshots().map(|(step, _)| step).collect();
        if steps != self.told {
            out.post(Event::Snapshots { steps: steps.clone() });
            self.told = steps;
        }
        Ok(())
    }
}

/// The crops of an image: draw 0 is the next step's, others are other draws.
///
/// # Errors
/// [`Error::NoImages`] without a run or an image of that index, [`Error::Device`].
pub async fn crops(
    image: usize,
    draw: u32,
    networks: &mut Networks<'_>,
    images: &ImageSet,
) -> Result<Event> {
    known(image, images)?;
    let working = images.working();
    let views = networks.run()?.crops(working, image, draw).await?;
    let cut = working.get(image).ok_or(Error::NoImages)?;
    let crops = views.into_iter().map(|view| Crop::new(view, cut)).collect();
    let (_, picture) = images.get(image).ok_or(Error::NoImages)?;
    Ok(Event::Crops { image, draw, original: picture.shrunk(SHOWN), crops })
}

/// The teacher's last layer of an image, for the console.
///
/// # Errors
/// [`Error::NoImages`] without a run or an image of that index, [`Error::Device`].
pub async fn attention(
    image: usize,
    networks: &mut Networks<'_>,
    images: &ImageSet,
) -> Result<Event> {
    let trainer = networks.run()?;
    let (_, picture) = images.get(image).ok_or(Error::NoImages)?;
    let maps = trainer.attention(picture, Network::Teacher).await?;
    let step = trainer.step_index();
    Ok(Event::Attention(Attention { image, step, picture: picture.shrunk(SHOWN), maps }))
}

/// Refuses an index that is not of the set.
///
/// # Errors
/// [`Error::NoImages`] for an empty set, otherwise [`StateError::NoImage`].
pub fn known(image: usize, images: &ImageSet) -> Result<()> {
    if image < images.len() {
        return Ok(());
    }
    match images.len() {
        0 => Err(Error::NoImages),
        count => Err(StateError::NoImage { last: count - 1, found: image }.into()),
    }
}

/// Where an index is after `removed` left.
pub(crate) fn moved_up(index: usize, removed: usize) -> usize {
    if index > removed { index - 1 } else { index }
}
