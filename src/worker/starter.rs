//! Starter model, which comes with the page: fetched from the page's own folder and uploaded to the device
//! without a run. Invariant: its file is read and judged whole before the page is told of it.

use crate::host::Host;
use dino_core::error::Result;
use dino_core::protocol;
use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::Weights;
use dino_engine::infer::frozen_backbone::FrozenBackbone;
use dino_engine::tune::TunedGpu;
use std::rc::Rc;

/// The starter's file, beside the page.
pub const FILE: &str = "starter.safetensors";

/// The preset whose network, head and crops it has, and the images a step of a run that continues from it.
pub const PRESET: &str = "spark";
pub const BATCH: f64 = 16.0;

/// The model, and its backbone on the device.
pub struct Starter {
    weights: Weights,
    pub backbone: FrozenBackbone,
}

impl Starter {
    /// Fetches it from the folder `base` of the page.
    ///
    /// # Errors
    /// [`Error::File`](dino_core::error::Error::File) or [`Error::Tensor`](dino_core::error::Error::Tensor) of its
    /// file, otherwise those of [`FrozenBackbone::new`].
    pub async fn fetch<H: Host>(host: &H, base: &str, gpu: Rc<TunedGpu>) -> Result<Self> {
        let bytes = host.fetch(&format!("{base}{FILE}")).await?;
        let weights = weights::read(FILE, &bytes, Network::Teacher, None)?;
        let backbone = FrozenBackbone::new(gpu, &weights).await?;
        Ok(Self { weights, backbone })
    }

    /// Its tensors.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Description of the starter for the page.
    pub fn about(&self) -> protocol::Starter {
        let vit = self.backbone.vit();
        protocol::Starter {
            parameters: self.weights.backbone.values().map(|tensor| tensor.data.len()).sum(),
            layers: vit.depth,
            heads: vit.num_heads,
            dim: vit.embed_dim,
            side: vit.img_size,
        }
    }
}
