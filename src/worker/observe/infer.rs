//! Inference: one image through a network of the run, a snapshot of it, or the starter. Invariant: nothing of a run
//! changes.

use crate::starter::Starter;
use dino_core::data::picture::Picture;
use dino_core::error::{Error, Result, StateError};
use dino_core::run::config::VitConfig;
use dino_core::run::network::Network;
use dino_engine::train::trainer::{Inference, Trainer};

/// The networks that an image can go through: those of a run, if one is prepared, and the starter, if it is loaded.
pub struct Networks<'a> {
    pub trainer: Option<&'a mut Trainer>,
    pub starter: Option<&'a mut Starter>,
}

impl Networks<'_> {
    /// The run.
    ///
    /// # Errors
    /// [`Error::NoImages`] where none is prepared.
    pub fn run(&mut self) -> Result<&mut Trainer> {
        self.trainer.as_deref_mut().ok_or(Error::NoImages)
    }

    /// Steps of the run; 0 without one.
    pub fn step(&self) -> u64 {
        self.trainer.as_deref().map_or(0, Trainer::step_index)
    }

    /// Sizes of a network, if there is one.
    pub fn vit(&self, network: Network) -> Option<&VitConfig> {
        match network {
            Network::Starter => self.starter.as_deref().map(|starter| starter.backbone.vit()),
            _ => self.trainer.as_deref().map(|trainer| &trainer.config().vit),
        }
    }

    /// Blocks of a network.
    ///
    /// # Errors
    /// [`absent`] if the network is not loaded.
    pub fn depth(&self, network: Network) -> Result<usize> {
        self.vit(network).map(|vit| vit.depth).ok_or_else(absent)
    }

    /// An image through a network at up to `side` pixels.
    ///
    /// # Errors
    /// [`absent`] if the network is not loaded, otherwise those of [`Trainer::infer`].
    pub async fn infer(
        &mut self,
        picture: &Picture,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Inference> {
        if network == Network::Starter {
            let starter = self.starter.as_deref_mut().ok_or_else(absent)?;
            return starter.backbone.infer(picture, layer, side).await;
        }
        self.run()?.infer(picture, network, layer, side).await
    }
}

/// The error for a starter that is not loaded.
pub fn absent() -> Error {
    StateError::NoStarter.into()
}
