//! Cases of any shape: parameters and crops drawn from a seed. Invariant: the same settings and seed
//! give the same case; no tensor is zero or constant, so that no gradient vanishes by symmetry.

use crate::array::{Array, Tensors};
use crate::error::Result;
use crate::files::Files;
use crate::settings::Settings;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// One entry of a shapes file: a name, a seed, and a whole `case.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub name: String,
    pub seed: u64,
    #[serde(flatten)]
    pub settings: Settings,
}

impl Shape {
    /// Draws the parameters and crops, runs all steps.
    ///
    /// # Errors
    /// [`crate::Error::Settings`] for sizes that contradict each other.
    pub fn make(&self) -> Result<Files> {
        self.settings.validate()?;
        let mut random = Random(self.seed);
        let init = parameters(&self.settings, &mut random);
        let crops = crops(&self.settings, &mut random);
        Files::run(self.settings.clone(), init, crops)
    }
}

/// Every parameter: weights N(0, 1/fan-in), biases N(0, .1), scales 1 + N(0, .1), embeddings
/// N(0, .5). Larger than the paper's N(0, .02), which would leave attention almost uniform.
fn parameters(settings: &Settings, random: &mut Random) -> Tensors {
    let (vit, head) = (&settings.vit, &settings.head);
    let (width, patch, grid) = (vit.embed_dim, vit.patch_size, settings.grid(vit.img_size));
    let mut tensors = Tensors::new();
    let mut normal = |name: &str, shape: &[usize], mean: f64, deviation: f64| {
        let array = Array::fill(shape, || mean + deviation * random.normal());
        tensors.insert(name.to_owned(), array);
    };
    normal("backbone.cls_token", &[1, 1, width], 0.0, 0.5);
    normal("backbone.pos_embed", &[1, grid * grid + 1, width], 0.0, 0.5);
    let fan_in = (3 * patch * patch) as f64;
    let conv = [width, 3, patch, patch];
    normal("backbone.patch_embed.proj.weight", &conv, 0.0, fan_in.powf(-0.5));
    normal("backbone.patch_embed.proj.bias", &[width], 0.0, 0.1);
    let mut linears = vec![
        ("head.mlp.0".to_owned(), width, head.hidden_dim),
        ("head.mlp.2".to_owned(), head.hidden_dim, head.hidden_dim),
        ("head.mlp.4".to_owned(), head.hidden_dim, head.bottleneck_dim),
    ];
    let mut norms = vec!["backbone.norm".to_owned()];
    for i in 0..vit.depth {
        let block = format!("backbone.blocks.{i}");
        linears.push((format!("{block}.attn.qkv"), width, 3 * width));
        linears.push((format!("{block}.attn.proj"), width, width));
        linears.push((format!("{block}.mlp.fc1"), width, 4 * width));
        linears.push((format!("{block}.mlp.fc2"), 4 * width, width));
        norms.extend([format!("{block}.norm1"), format!("{block}.norm2")]);
    }
    for (name, d_in, d_out) in linears {
        normal(&format!("{name}.weight"), &[d_out, d_in], 0.0, (d_in as f64).powf(-0.5));
        normal(&format!("{name}.bias"), &[d_out], 0.0, 0.1);
    }
    for name in norms {
        normal(&format!("{name}.weight"), &[width], 1.0, 0.1);
        normal(&format!("{name}.bias"), &[width], 0.0, 0.1);
    }
    let (k, bottleneck) = (head.out_dim, head.bottleneck_dim);
    normal("head.last_layer.weight_v", &[k, bottleneck], 0.0, (bottleneck as f64).powf(-0.5));
    let deviation = if head.norm_last_layer { 0.0 } else { 0.2 };
    normal("head.last_layer.weight_g", &[k, 1], 1.0, deviation);
    tensors
}

/// Crops of all steps: N(0, 1), as normalised pixels about are.
fn crops(settings: &Settings, random: &mut Random) -> Tensors {
    let (batch, crops) = (settings.batch, &settings.crops);
    let mut tensors = Tensors::new();
    for i in 0..settings.steps {
        let views = [("global", 2, crops.global_size), ("local", crops.n_local, crops.local_size)];
        for (name, count, size) in views.into_iter().filter(|(_, count, _)| *count > 0) {
            let array = Array::fill(&[count * batch, 3, size, size], || random.normal());
            tensors.insert(format!("step{i}.{name}"), array);
        }
    }
    tensors
}

/// SplitMix64.
struct Random(u64);

impl Random {
    /// Uniform in (0, 1].
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (TAU * self.uniform()).cos()
    }
}
