//! Several images at once: colours by common principal components, and pinned images, whose maps come every so
//! many steps. Invariant: a pinned image is shown at most once at one step.

use crate::observe::infer::Networks;
use crate::observe::{known, moved_up};
use crate::outbox::Outbox;
use dino_core::data::picture::{ImageSet, Picture};
use dino_core::error::{Result, StateError};
use dino_core::eval::pca;
use dino_core::eval::pca::Tokens;
use dino_core::protocol::{Event, MOST_COLORED, MOST_PINNED};
use dino_core::run::network::Network;
use dino_core::view::attention::ImageMaps;

/// The pinned images.
#[derive(Default)]
pub struct Pins {
    images: Vec<usize>,
    every: u64,
    /// Pixels on their long side.
    side: usize,
    /// The step at which they are shown next.
    next: u64,
}

impl Pins {
    /// Pins these images, to be shown every so many steps at that size, for the first time as soon as there is a run.
    ///
    /// # Errors
    /// [`Error::State`] for too many images or one that is not there.
    pub fn new(images: Vec<usize>, every: u64, side: usize, set: &ImageSet) -> Result<Self> {
        if images.len() > MOST_PINNED {
            let (most, found) = (MOST_PINNED, images.len());
            return Err(StateError::TooManyImages { most, found }.into());
        }
        images.iter().try_for_each(|image| known(*image, set))?;
        Ok(Self { images, every: every.max(1), side, next: 0 })
    }

    /// Shows them from the first step of another run on.
    pub fn begin(&mut self) {
        self.next = 0;
    }

    /// Follows the removal of an image from the set.
    pub fn removed(&mut self, image: usize) {
        self.images.retain(|pinned| *pinned != image);
        self.images.iter_mut().for_each(|pinned| *pinned = moved_up(*pinned, image));
    }

    /// Shows their maps, if it is time.
    ///
    /// # Errors
    /// Those of [`Trainer::infer`](dino_engine::train::trainer::Trainer::infer).
    pub async fn show(
        &mut self,
        networks: &mut Networks<'_>,
        set: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        let Ok(trainer) = networks.run() else { return Ok(()) };
        let step = trainer.step_index();
        self.images.retain(|image| *image < set.len());
        if self.images.is_empty() || step < self.next {
            return Ok(());
        }
        self.next = (step / self.every + 1) * self.every;
        let last = trainer.config().vit.depth - 1;
        let mut maps = Vec::new();
        for image in &self.images {
            let picture = set.picture(*image).await?;
            let found = trainer.infer(&picture, Network::Teacher, last, self.side).await?;
            maps.push(ImageMaps { image: *image, maps: found.into() });
        }
        out.post(Event::Pinned { step, maps });
        Ok(())
    }
}

/// Refuses images that cannot be coloured together.
///
/// # Errors
/// [`Error::State`] for too many images or one that is not there.
pub fn colorable(images: &[usize], set: &ImageSet) -> Result<()> {
    if images.len() > MOST_COLORED {
        let (most, found) = (MOST_COLORED, images.len());
        return Err(StateError::TooManyImages { most, found }.into());
    }
    images.iter().try_for_each(|image| known(*image, set))
}

/// Colours of the patches of several images, by their common components.
///
/// # Errors
/// Those of [`Networks::infer`].
pub async fn colors(
    networks: &mut Networks<'_>,
    set: &ImageSet,
    images: &[usize],
    network: Network,
    side: usize,
) -> Result<Event> {
    let last = networks.depth(network)?.saturating_sub(1);
    let mut seen = Vec::new();
    for image in images {
        let picture = set.picture(*image).await?;
        seen.push(networks.infer(&picture, network, last, side).await?);
    }
    let tokens: Vec<Tokens> = seen
        .iter()
        .map(|s| Tokens { width: s.grid[0], height: s.grid[1], values: &s.result.features })
        .collect();
    let colored = pca::colors(&tokens, seen.first().map_or(1, |sight| sight.dim));
    let pixels = |(rgba, t): (Vec<u8>, &Tokens)| Picture { width: t.width, height: t.height, rgba };
    let pictures =
        images.iter().copied().zip(colored.into_iter().zip(&tokens).map(pixels)).collect();
    Ok(Event::Colors { step: networks.step(), pictures })
}
