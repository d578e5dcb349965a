//! Networks that `dino evaluate` measures: the teacher of a run, a backbone alone, and each as it was before
//! training. Invariant: an untrained network has the sizes of the trained one.

use crate::attention;
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::run::config::Config;
use dino_core::run::network::Network;
use dino_core::run::settings::Settings;
use dino_core::view::attention::AttentionMaps;
use dino_core::weights;
use dino_core::weights::Weights;
use dino_core::weights::checkpoint::{CENTER, Checkpoint, ROLES};
use dino_core::weights::init;
use dino_core::weights::tensors::{Tensor, Tensors};
use dino_engine::infer::frozen_backbone::FrozenBackbone;
use dino_engine::train::trainer::Trainer;

/// A network that gives features and attention maps.
pub trait Measurable {
    /// D
    fn dim(&self) -> usize;

    /// CLS features (n, D) of squares of the size that the network takes.
    async fn features(&mut self, squares: &[Picture]) -> Result<Vec<f32>>;

    /// The last layer's maps, as `dino attention` draws them.
    async fn maps(&mut self, picture: &Picture, side: Option<u32>) -> Result<AttentionMaps>;
}

impl Measurable for Trainer {
    fn dim(&self) -> usize {
        self.config().vit.embed_dim
    }

    async fn features(&mut self, squares: &[Picture]) -> Result<Vec<f32>> {
        Trainer::features(self, squares).await
    }

    async fn maps(&mut self, picture: &Picture, side: Option<u32>) -> Result<AttentionMaps> {
        let Some(side) = side else { return self.attention(picture, Network::Teacher).await };
        let layer = self.config().vit.depth - 1;
        let sight = self.infer(picture, Network::Teacher, layer, side as usize).await?;
        Ok(AttentionMaps::from(sight))
    }
}

impl Measurable for FrozenBackbone {
    fn dim(&self) -> usize {
        self.vit().embed_dim
    }

    async fn features(&mut self, squares: &[Picture]) -> Result<Vec<f32>> {
        FrozenBackbone::features(self, squares).await
    }

    async fn maps(&mut self, picture: &Picture, side: Option<u32>) -> Result<AttentionMaps> {
        attention::maps(self, picture, side).await
    }
}

/// The run before its first step.
pub fn start(checkpoint: &Checkpoint) -> Checkpoint {
    let mut tensors = Tensors::new();
    for (name, tensor) in init::student(&checkpoint.config, checkpoint.seed) {
        for role in ROLES {
            let value = if role.ends_with("moment.") {
                Tensor::full(&tensor.shape, 0.0)
            } else {
                tensor.clone()
            };
            tensors.insert(format!("{role}{name}"), value);
        }
    }
    tensors.insert(CENTER.to_owned(), Tensor::full(&[1, checkpoint.config.head.out_dim], 0.0));
    Checkpoint { step: 0, tensors, ..checkpoint.clone() }
}

/// A backbone of the same sizes, with the weights with which a run of seed 0 begins.
///
/// # Errors
/// [`Error::Setting`](dino_core::error::Error::Setting) if the preset of the head is not valid.
pub fn untrained(weights: &Weights) -> Result<Weights> {
    let config = Config { vit: weights.vit.clone(), ..Settings::of(weights::PRESET, 0).config(0)? };
    let mut backbone = init::student(&config, 0);
    backbone.retain(|name, _| weights.backbone.contains_key(name));
    Ok(Weights { backbone, ..weights.clone() })
}
