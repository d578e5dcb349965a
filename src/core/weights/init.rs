//! Initial parameters, as the official code draws them. Invariant: a tensor's values depend on the
//! seed and on its place in the list of parameters alone.

use crate::rng::{Rng, stream};
use crate::run::config::Config;
use crate::weights::parameters;
use crate::weights::parameters::{Parameter, ParameterKind};
use crate::weights::tensors::{Tensor, Tensors};

/// Standard deviation of linear weights, `cls_token` and `pos_embed`.
const STD: f64 = 0.02;

/// All parameters of the student before step 0; the teacher starts as a copy.
pub fn student(config: &Config, seed: u64) -> Tensors {
    parameters::all(config)
        .into_iter()
        .zip(stream::WEIGHTS..)
        .map(|(Parameter { name, shape, kind, .. }, stream)| {
            let mut rng = Rng::new(seed, 0, 0, stream);
            let mut tensor = Tensor::full(&shape, 0.0);
            let draw = values(config, kind);
            tensor.data.fill_with(|| match draw {
                Draw::Constant(value) => value,
                Draw::Normal => (STD * rng.normal()) as f32,
                Draw::Uniform(fan_in) => {
                    let bound = 1.0 / (fan_in as f64).sqrt();
                    rng.range(-bound, bound) as f32
                }
            });
            (name, tensor)
        })
        .collect()
}

/// Where a tensor's values come from.
#[derive(Clone, Copy)]
enum Draw {
    Constant(f32),
    /// N(0, [`STD`])
    Normal,
    /// U(±1/√fan-in)
    Uniform(usize),
}

fn values(config: &Config, kind: ParameterKind) -> Draw {
    match kind {
        ParameterKind::PatchWeight | ParameterKind::PatchBias => {
            Draw::Uniform(config.vit.patch_values())
        }
        ParameterKind::Direction => Draw::Uniform(config.head.bottleneck_dim),
        ParameterKind::NormWeight | ParameterKind::Length => Draw::Constant(1.0),
        ParameterKind::Bias | ParameterKind::NormBias => Draw::Constant(0.0),
        ParameterKind::ClsToken | ParameterKind::Positions | ParameterKind::Weight => Draw::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        crate::run::presets::all()[0].config(100, 100, None)
    }

    #[test]
    fn every_tensor_has_its_distribution() {
        let tensors = student(&config(), 1);
        let (patch, bottleneck) =
            (config().vit.patch_values() as f64, config().head.bottleneck_dim as f64);
        for (name, shape) in parameters::shapes(&config()) {
            let tensor = &tensors[&name];
            assert_eq!(tensor.shape, shape, "{name}");
            let n = tensor.data.len() as f64;
            let mean = tensor.data.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
            let square = tensor.data.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / n;
            let (expected_mean, deviation) = match name.rsplit_once('.').map(|(_, end)| end) {
                _ if name.contains("patch_embed") => (0.0, (1.0 / patch / 3.0).sqrt()),
                Some("weight_v") => (0.0, (1.0 / bottleneck / 3.0).sqrt()),
                Some("weight_g") => (1.0, 0.0),
                Some("weight") if name.contains("norm") => (1.0, 0.0),
                Some("bias") => (0.0, 0.0),
                _ => (0.0, 0.02),
            };
            // Five standard errors of a mean and of a deviation.
            let found = (square - mean * mean).max(0.0).sqrt();
            assert!((mean - expected_mean).abs() <= 5.0 * deviation / n.sqrt(), "{name}: {mean}");
            assert!((found - deviation).abs() <= 5.0 * deviation / n.sqrt(), "{name}: {found}");
        }
    }

    #[test]
    fn the_seed_and_the_tensor_decide() {
        let (one, again, two) =
            (student(&config(), 1), student(&config(), 1), student(&config(), 2));
        assert_eq!(one, again);
        let name = "backbone.blocks.0.mlp.fc1.weight";
        assert_ne!(one[name], two[name]);
        assert_ne!(one[name], one["backbone.blocks.1.mlp.fc1.weight"]);
    }
}
