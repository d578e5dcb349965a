//! Inference: one image through a network of the run, a snapshot of it, or the starter, which needs no run. Invariant: a
//! run is prepared only for a network of a run.

use crate::session::Session;
use crate::session::starter::Starter;
use dino_core::data::picture::Picture;
use dino_core::error::{Error, Result};
use dino_core::run::config::VitConfig;
use dino_core::run::network::Network;
use dino_engine::train::trainer::{Inference, Trainer};

/// The networks that an image can go through.
pub(crate) struct Networks<'a> {
    pub(crate) trainer: Option<&'a mut Trainer>,
    pub(crate) starter: Option<&'a mut Starter>,
}

impl Networks<'_> {
    async fn infer(
        self,
        picture: &Picture,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Inference> {
        if network == Network::Starter {
            return self.starter.ok_or_else(absent)?.backbone.infer(picture, layer, side).await;
        }
        self.trainer.ok_or(Error::NoImages)?.infer(picture, network, layer, side).await
    }
}

/// The starter was asked for and is not loaded.
pub fn absent() -> Error {
    Error::config("network", "the starter is not here")
}

impl Session {
    /// An image of the set.
    pub(crate) async fn infer(
        &mut self,
        image: usize,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Inference> {
        self.depth(network).await?;
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        let networks = Networks { trainer: self.trainer.as_mut(), starter: self.starter.as_mut() };
        networks.infer(picture, network, layer, side).await
    }

    /// An image that is not of the set.
    pub(crate) async fn infer_frame(
        &mut self,
        picture: &Picture,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Inference> {
        self.depth(network).await?;
        let networks = Networks { trainer: self.trainer.as_mut(), starter: self.starter.as_mut() };
        networks.infer(picture, network, layer, side).await
    }

    /// Sizes of a network, if it is here.
    pub(crate) fn vit(&self, network: Network) -> Option<&VitConfig> {
        match network {
            Network::Starter => self.starter.as_ref().map(|starter| starter.backbone.vit()),
            _ => self.trainer.as_ref().map(|trainer| &trainer.config().vit),
        }
    }

    /// Blocks of a network; a run is prepared if it is one of a run.
    pub(crate) async fn depth(&mut self, network: Network) -> Result<usize> {
        if network != Network::Starter {
            self.trainer().await?;
        }
        self.vit(network).map(|vit| vit.depth).ok_or_else(absent)
    }
}
