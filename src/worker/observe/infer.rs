//! ImageStore through a network, whichever it is: one of the run's two, a kept moment of it, or the starter,
//! which needs no run. Invariant: the run is prepared only for those who ask for it.

use crate::session::Session;
use dino_core::data::picture::Picture;
use dino_core::error::{Error, Result};
use dino_core::protocol::Seer;
use dino_core::run::config::VitConfig;
use dino_core::view::attention::Network;
use dino_engine::train::trainer::{Inference, Trainer};

/// The networks that can be looked through.
pub(crate) struct Networks<'a> {
    pub(crate) trainer: Option<&'a mut Trainer>,
    pub(crate) starter: Option<&'a mut crate::session::starter::Starter>,
}

impl Networks<'_> {
    async fn look(
        self,
        picture: &Picture,
        seer: Seer,
        layer: usize,
        side: usize,
        moment: Option<u64>,
    ) -> Result<Inference> {
        let network = match seer {
            Seer::Starter => {
                let starter = self.starter.ok_or_else(absent)?;
                return starter.looker.look(picture, layer, side).await;
            }
            Seer::Teacher => Network::Teacher,
            Seer::Student => Network::Student,
        };
        let trainer = self.trainer.ok_or(Error::NoImages)?;
        trainer.look(picture, network, layer, side, moment).await
    }
}

/// No network to look through.
pub fn absent() -> Error {
    Error::config("network", "the starter is not here")
}

impl Session {
    /// An image of the set.
    pub(crate) async fn see(
        &mut self,
        image: usize,
        seer: Seer,
        layer: usize,
        side: usize,
        moment: Option<u64>,
    ) -> Result<Inference> {
        self.depth(seer).await?;
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        let seers = Networks { trainer: self.trainer.as_mut(), starter: self.starter.as_mut() };
        seers.look(picture, seer, layer, side, moment).await
    }

    /// A picture that is not of the set.
    pub(crate) async fn see_picture(
        &mut self,
        picture: &Picture,
        seer: Seer,
        layer: usize,
        side: usize,
    ) -> Result<Inference> {
        self.depth(seer).await?;
        let seers = Networks { trainer: self.trainer.as_mut(), starter: self.starter.as_mut() };
        seers.look(picture, seer, layer, side, None).await
    }

    /// Sizes of a network, if it is here.
    pub(crate) fn vit(&self, seer: Seer) -> Option<&VitConfig> {
        match seer {
            Seer::Starter => self.starter.as_ref().map(|starter| starter.looker.vit()),
            _ => self.trainer.as_ref().map(|trainer| &trainer.config().vit),
        }
    }

    /// Blocks of a network; a run is prepared if it is one of a run.
    pub(crate) async fn depth(&mut self, seer: Seer) -> Result<usize> {
        if seer != Seer::Starter {
            self.trainer().await?;
        }
        self.vit(seer).map(|vit| vit.depth).ok_or_else(absent)
    }
}
