//! What the page sees of images and networks, and when: crops, what is watched, what is pinned, the
//! accuracy of neighbours, snapshots. Invariants: showing changes nothing of the run; what nobody waits for
//! is done between commands, never before one.

pub mod camera;
pub mod features;
pub mod infer;
pub mod multi_image;
pub mod subscription;

use crate::session::Session;
use dino_core::error::{Error, Result};
use dino_core::protocol::{Attention, Crop, Event};
use dino_core::run::network::Network;
use features::Features;
pub use infer::absent;
use multi_image::Pins;
use subscription::Watched;

/// Long side in pixels of a picture that goes to the page to be shown.
pub(crate) const SHOWN: usize = 384;

/// What the page sees, and what is due.
#[derive(Default)]
pub struct Views {
    pub(crate) chosen: usize,
    /// The page has the crops of the chosen image.
    pub shown: bool,
    pub(crate) watched: Watched,
    pub(crate) pins: Pins,
    pub(crate) features: Features,
    /// Steps of the snapshots that the page knows of.
    pub(crate) told: Vec<u64>,
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

    /// Whether something is to be shown that nobody waits for, see [`Session::catch_up`].
    pub fn owes(&self) -> bool {
        self.watched.owed || self.features.owed
    }

    /// Nothing more is shown by itself: it failed, and would fail again.
    pub(crate) fn give_up(&mut self) {
        self.watched = Watched::default();
        self.pins = Pins::default();
        self.features.give_up();
    }
}

/// Where an index is after `removed` left.
pub(crate) fn moved_up(index: usize, removed: usize) -> usize {
    if index > removed { index - 1 } else { index }
}

impl Session {
    /// What is due between two steps.
    pub(crate) async fn refresh(&mut self) -> Result<()> {
        let shown = self.show_due().await;
        self.survive(shown)
    }

    pub(crate) async fn show_due(&mut self) -> Result<()> {
        self.keep_snapshot().await?;
        self.show_pinned().await?;
        self.renew_now_and_then().await?;
        self.measure_now_and_then().await
    }

    /// What must be seen of a run before its next steps change it.
    pub(crate) async fn before_training(&mut self) -> Result<()> {
        self.views.watched.postpone();
        let mut shown = self.keep_snapshot().await;
        if shown.is_ok() {
            shown = self.show_pinned().await;
        }
        if shown.is_ok() {
            shown = self.measure_first().await;
        }
        self.survive(shown)
    }

    /// One piece of what nobody waits for: what is watched, then the accuracy, a few images at a time.
    pub(crate) async fn catch_up(&mut self) {
        let shown = if self.trainer.is_none() || self.images.is_empty() {
            (self.views.watched.owed, self.views.features.owed) = (false, false);
            Ok(())
        } else if self.views.watched.owed {
            self.renew().await
        } else {
            self.measure_a_little().await
        };
        if let Err(error) = shown {
            self.views.give_up();
            self.fail(None, error);
        }
    }

    /// What cannot be shown is said once and does not end a run; a device that failed does.
    pub(crate) fn survive(&mut self, shown: Result<()>) -> Result<()> {
        match shown {
            Err(error @ Error::Device(_)) => Err(error),
            Err(error) => {
                self.views.give_up();
                self.link.post(Event::Error { error });
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    pub(crate) async fn choose(&mut self, image: usize) -> Result<()> {
        self.views.chosen = image;
        if self.trainer.is_some() && image < self.images.len() {
            self.show_crops().await?;
        }
        Ok(())
    }

    /// Where a run stands that was prepared or paused: its crops at once, the rest as soon as nothing else
    /// is to be done.
    pub(crate) async fn show(&mut self) -> Result<()> {
        if self.images.is_empty() {
            return Ok(());
        }
        self.show_crops().await?;
        self.views.shown = true;
        let mut shown = self.keep_snapshot().await;
        if shown.is_ok() {
            shown = self.show_pinned().await;
        }
        self.views.watched.owe();
        self.images_changed();
        self.survive(shown)
    }

    pub(crate) async fn show_crops(&mut self) -> Result<()> {
        self.views.chosen = self.views.chosen.min(self.images.len().saturating_sub(1));
        let crops = self.crops(self.views.chosen, 0).await?;
        self.link.post(crops);
        Ok(())
    }

    pub(crate) async fn crops(&mut self, image: usize, draw: u32) -> Result<Event> {
        self.known(image)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let working = self.images.working();
        let views = trainer.crops(working, image, draw).await?;
        let cut = working.get(image).ok_or(Error::NoImages)?;
        let crops = views.into_iter().map(|view| Crop::new(view, cut)).collect();
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        Ok(Event::Crops { image, draw, original: picture.shrunk(SHOWN), crops })
    }

    pub(crate) async fn attention(&mut self, image: usize) -> Result<Event> {
        self.known(image)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        let maps = trainer.attention(picture, Network::Teacher).await?;
        let step = trainer.step_index();
        let attention = Attention { image, step, picture: picture.shrunk(SHOWN), maps };
        Ok(Event::Attention(attention))
    }

    /// Keeps a snapshot if it is time, and tells the page which there are if they changed.
    pub(crate) async fn keep_snapshot(&mut self) -> Result<()> {
        let Some(trainer) = self.trainer.as_mut() else { return Ok(()) };
        if trainer.snapshot_due() {
            trainer.keep_snapshot().await?;
        }
        let steps: Vec<u64> = trainer.snapshots().map(|(step, _)| step).collect();
        if steps != self.views.told {
            self.link.post(Event::Snapshots { steps: steps.clone() });
            self.views.told = steps;
        }
        Ok(())
    }

    pub(crate) fn known(&self, image: usize) -> Result<()> {
        if image < self.images.len() {
            return Ok(());
        }
        let message = match self.images.len() {
            0 => return Err(Error::NoImages),
            count => format!("expected an index from 0 to {}, found {image}", count - 1),
        };
        Err(Error::config("image", message))
    }
}
