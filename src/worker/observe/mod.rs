//! Views: the crops, watched view, pinned images, neighbours and snapshots that the page sees, and when they are
//! due. Invariants: showing changes nothing of the run; what no request waits for is done between commands, never
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

/// Views of the page, with what is due.
#[derive(Default)]
pub struct Views {
    chosen: usize,
    /// True once the page has the crops of the chosen image.
    shown: bool,
    watched: Watched,
    pins: Pins,
    features: Features,
    /// Steps of the snapshots that the page knows of.
    told: Vec<u64>,
}

impl Views {
    /// Marks everything as not shown, because a new run begins.
    pub fn begin(&mut self) {
        self.shown = false;
        self.told.clear();
        self.watched.begin();
        self.pins.begin();
        self.features.begin();
    }

    /// Forgets the chosen and the pinned images, because the set is empty.
    pub fn forget(&mut self) {
        self.chosen = 0;
        self.shown = false;
        self.pins = Pins::default();
    }

    /// Follows the removal of an image, after which those behind it have moved up.
    pub fn removed(&mut self, image: usize) {
        self.chosen = moved_up(self.chosen, image);
        self.watched.removed(image);
        self.pins.removed(image);
    }

    /// True once the page was shown the present run.
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// Whether something that no request waits for is to be shown, see [`Views::catch_up`].
    pub fn owes(&self) -> bool {
        self.watched.owed || self.features.owed
    }

    /// Shows nothing more without a request, because it failed and would fail again.
    pub fn give_up(&mut self) {
        self.watched = Watched::default();
        self.pins = Pins::default();
        self.features.give_up();
    }

    /// Shows what is due between two steps.
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

    /// Shows what the next steps of a run would change.
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

    /// Does one piece of what no request waits for: the watched view, then the accuracy, a few images at a time.
    ///
    /// # Errors
    /// Those of inference; the caller then calls [`Views::give_up`].
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

    /// Passes on the failure of a device, which ends a run. Any other error is told to the page once.
    fn survive(&mut self, shown: Result<()>, out: &Outbox) -> Result<()> {
        match shown {
            Err(error) if error.loses_device() => Err(error),
            Err(error) => {
                self.give_up();
                out.post(Event::Error { error });
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Chooses an image, and shows its crops if there is a run.
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

    /// Shows a run that was prepared or paused: its crops at once, the rest as soon as nothing else is to be done.
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

    /// Asks for the accuracy of a set that has changed.
    pub fn images_changed(&mut self, trainer: Option<&Trainer>, images: &ImageSet) {
        if let Some(trainer) = trainer {
            self.features.owe(trainer.step_index(), images.version());
        }
    }

    /// Takes a snapshot if one is due, and tells the page of the snapshots if they changed.
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
/// [`Error::NoImages`] without a run, those of [`known`], [`Error::Device`].
pub async fn crops(
    image: usize,
    draw: u32,
    networks: &mut Networks<'_>,
    images: &ImageSet,
) -> Result<Event> {
    known(image, images)?;
    let cut = images.working(image).await?;
    let views = networks.run()?.crops(&cut, image, draw).await?;
    let crops = views.into_iter().map(|view| Crop::new(view, &cut)).collect();
    let picture = images.picture(image).await?;
    Ok(Event::Crops { image, draw, original: picture.shrunk(SHOWN), crops })
}

/// Attention maps of the teacher's last layer for an image, for the console.
///
/// # Errors
/// [`Error::NoImages`] without a run or an image of that index, [`Error::Device`].
pub async fn attention(
    image: usize,
    networks: &mut Networks<'_>,
    images: &ImageSet,
) -> Result<Event> {
    let trainer = networks.run()?;
    let picture = images.picture(image).await?;
    let maps = trainer.attention(&picture, Network::Teacher).await?;
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

/// The new index of an image after `removed` left the set.
pub(crate) fn moved_up(index: usize, removed: usize) -> usize {
    if index > removed { index - 1 } else { index }
}
