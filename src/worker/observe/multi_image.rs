//! Several images at once: colours by common components, and pinned images whose maps come every so
//! many steps. Invariant: a pinned image is shown at most once at one step.

use crate::observe::moved_up;
use crate::session::Session;
use dino_core::data::picture::Picture;
use dino_core::error::{Error, Result};
use dino_core::eval::pca;
use dino_core::eval::pca::Tokens;
use dino_core::protocol::{Event, MOST_COLORED, MOST_PINNED};
use dino_core::run::network::Network;
use dino_core::view::attention::ImageMaps;
use dino_engine::train::trainer::Trainer;

/// The pinned images.
#[derive(Default)]
pub struct Pins {
    pub(crate) images: Vec<usize>,
    pub(crate) every: u64,
    /// Pixels on their long side.
    pub(crate) side: usize,
    /// The step at which they are shown next.
    pub(crate) next: u64,
}

impl Pins {
    /// Another run: they are shown from its first step on.
    pub fn begin(&mut self) {
        self.next = 0;
    }

    /// An image left the set.
    pub fn removed(&mut self, image: usize) {
        self.images.retain(|pinned| *pinned != image);
        self.images.iter_mut().for_each(|pinned| *pinned = moved_up(*pinned, image));
    }
}

impl Session {
    pub(crate) async fn pin(&mut self, images: Vec<usize>, every: u64, side: usize) -> Result<()> {
        if images.len() > MOST_PINNED {
            let message = format!("expected at most {MOST_PINNED} images, found {}", images.len());
            return Err(Error::config("pinned", message));
        }
        images.iter().try_for_each(|image| self.known(*image))?;
        // Shown as soon as there is a run.
        self.views.pins = Pins { images, every: every.max(1), side, next: 0 };
        self.show_pinned().await
    }

    /// The pinned images' maps, if it is time.
    pub(crate) async fn show_pinned(&mut self) -> Result<()> {
        let Some(trainer) = self.trainer.as_mut() else { return Ok(()) };
        let (pins, step) = (&mut self.views.pins, trainer.step_index());
        pins.images.retain(|image| *image < self.images.len());
        if pins.images.is_empty() || step < pins.next {
            return Ok(());
        }
        pins.next = (step / pins.every + 1) * pins.every;
        let last = trainer.config().vit.depth - 1;
        let mut maps = Vec::new();
        for image in &pins.images {
            let (_, picture) = self.images.get(*image).ok_or(Error::NoImages)?;
            let found = trainer.infer(picture, Network::Teacher, last, pins.side).await?;
            maps.push(ImageMaps { image: *image, maps: found.into() });
        }
        self.link.post(Event::Pinned { step, maps });
        Ok(())
    }

    pub(crate) async fn colors(
        &mut self,
        images: &[usize],
        network: Network,
        side: usize,
    ) -> Result<Event> {
        if images.len() > MOST_COLORED {
            let message = format!("expected at most {MOST_COLORED} images, found {}", images.len());
            return Err(Error::config("images", message));
        }
        images.iter().try_for_each(|image| self.known(*image))?;
        let last = self.depth(network).await?.saturating_sub(1);
        let mut seen = Vec::new();
        for image in images {
            seen.push(self.infer(*image, network, last, side).await?);
        }
        let tokens: Vec<Tokens> = seen
            .iter()
            .map(|s| Tokens { width: s.grid[0], height: s.grid[1], values: &s.result.features })
            .collect();
        let colored = pca::colors(&tokens, seen.first().map_or(1, |sight| sight.dim));
        let pixels =
            |(rgba, t): (Vec<u8>, &Tokens)| Picture { width: t.width, height: t.height, rgba };
        let pictures =
            images.iter().copied().zip(colored.into_iter().zip(&tokens).map(pixels)).collect();
        let step = self.trainer.as_ref().map_or(0, Trainer::step_index);
        Ok(Event::Colors { step, pictures })
    }
}
