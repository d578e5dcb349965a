//! The work of the peers, as `benches/peers/work.mjs` has it: sizes, start values and crops.
//! Invariant: the same numbers as there, to the rounding of float32, so that a system here and one
//! there that compute the same step have the same losses.

use crate::array::{Array, Tensors};
use crate::error::Result;
use crate::settings::{Crops, Head, Settings, Vit};
use std::f64::consts::TAU;

/// Names of the works.
pub const NAMES: [&str; 2] = ["small", "large"];

const PARAMETER_SEED: u32 = 1;
const CROP_SEED: u32 = 2;

/// The settings of the work of this name, if there is one.
pub fn settings(name: &str) -> Option<Settings> {
    let (embed_dim, num_heads, depth, img_size, local_size, n_local, batch, out_dim) = match name {
        "small" => (64, 2, 3, 32, 16, 2, 4, 256),
        "large" => (192, 3, 6, 64, 32, 4, 8, 1024),
        _ => return None,
    };
    Some(Settings {
        vit: Vit { img_size, patch_size: 8, embed_dim, depth, num_heads },
        head: Head { hidden_dim: 512, bottleneck_dim: 128, out_dim, norm_last_layer: true },
        crops: Crops { global_size: img_size, local_size, n_local },
        batch,
        steps: 0,
        epochs: 10,
        steps_per_epoch: 100,
        warmup_epochs: 0,
        lr: 5e-4,
        min_lr: 1e-6,
        weight_decay: 0.04,
        weight_decay_end: 0.4,
        momentum_teacher: 0.996,
        teacher_temp: 0.04,
        warmup_teacher_temp: 0.04,
        warmup_teacher_temp_epochs: 0,
        clip_grad: 3.0,
        freeze_last_layer: 0,
        student_temp: 0.1,
        center_momentum: 0.9,
    })
}

/// Start values by their checkpoint names; instead of a weight norm there is
/// `head.last_layer.weight` (bottleneck, K), whose columns have norm 1.
///
/// # Errors
/// None: the shapes are those of the settings.
pub fn parameters(settings: &Settings) -> Result<Tensors> {
    let (vit, head) = (&settings.vit, &settings.head);
    let (d, patch) = (vit.embed_dim, vit.patch_size);
    let inputs = 3 * patch * patch;
    let mut random = Random(PARAMETER_SEED);
    let mut all = Tensors::new();
    let mut put = |name: &str, shape: &[usize], values: Vec<f64>| -> Result<()> {
        all.insert(name.to_owned(), Array::new(name, shape, values)?);
        Ok(())
    };
    let weight = random.normal(inputs * d, 1.0 / (3.0 * inputs as f64).sqrt());
    put("backbone.patch_embed.proj.weight", &[d, 3, patch, patch], transposed(&weight, inputs))?;
    put("backbone.patch_embed.proj.bias", &[d], vec![0.0; d])?;
    put("backbone.cls_token", &[1, 1, d], random.normal(d, 0.02))?;
    let mut positions = random.normal(d, 0.02);
    let patches = settings.grid(vit.img_size).pow(2);
    positions.extend(random.normal(patches * d, 0.02));
    put("backbone.pos_embed", &[1, patches + 1, d], positions)?;
    let mut linears = Vec::new();
    for i in 0..vit.depth {
        let block = format!("backbone.blocks.{i}");
        linears.extend([
            (format!("{block}.attn.qkv"), d, 3 * d),
            (format!("{block}.attn.proj"), d, d),
            (format!("{block}.mlp.fc1"), d, 4 * d),
            (format!("{block}.mlp.fc2"), 4 * d, d),
        ]);
        for norm in ["norm1", "norm2"] {
            put(&format!("{block}.{norm}.weight"), &[d], vec![1.0; d])?;
            put(&format!("{block}.{norm}.bias"), &[d], vec![0.0; d])?;
        }
    }
    put("backbone.norm.weight", &[d], vec![1.0; d])?;
    put("backbone.norm.bias", &[d], vec![0.0; d])?;
    let (hidden, bottleneck, prototypes) = (head.hidden_dim, head.bottleneck_dim, head.out_dim);
    linears.extend([
        ("head.mlp.0".to_owned(), d, hidden),
        ("head.mlp.2".to_owned(), hidden, hidden),
        ("head.mlp.4".to_owned(), hidden, bottleneck),
    ]);
    for (name, n, m) in linears {
        let weight = random.normal(n * m, 0.02);
        put(&format!("{name}.weight"), &[m, n], transposed(&weight, n))?;
        put(&format!("{name}.bias"), &[m], vec![0.0; m])?;
    }
    let mut last = random.normal(bottleneck * prototypes, 1.0);
    for k in 0..prototypes {
        let column = last.iter().skip(k).step_by(prototypes);
        let norm = column.map(|v| v * v).sum::<f64>().sqrt();
        last.iter_mut().skip(k).step_by(prototypes).for_each(|v| *v = rounded(*v / norm));
    }
    put("head.last_layer.weight", &[bottleneck, prototypes], last)?;
    Ok(all)
}

/// Global crops (2·B, patches, 3·patch²) and local ones (L·B, …): each image's wave, and noise.
///
/// # Errors
/// None: the shapes are those of the settings.
pub fn crops(settings: &Settings) -> Result<[Array; 2]> {
    let mut random = Random(CROP_SEED);
    let values = 3 * settings.vit.patch_size.pow(2);
    let waves: Vec<_> = (0..settings.batch).map(|_| random.normal(values, 1.0)).collect();
    let mut make = |name: &str, views: usize, size: usize| {
        let patches = settings.grid(size).pow(2);
        let mut out = Vec::with_capacity(views * settings.batch * patches * values);
        for wave in (0..views).flat_map(|_| &waves) {
            let noise = random.normal(patches * values, 0.5);
            out.extend(noise.iter().zip(wave.iter().cycle()).map(|(n, w)| rounded(w + n)));
        }
        Array::new(name, &[views * settings.batch, patches, values], out)
    };
    let sizes = &settings.crops;
    Ok([make("globals", 2, sizes.global_size)?, make("locals", sizes.n_local, sizes.local_size)?])
}

/// (n, m) row-major as (m, n).
fn transposed(values: &[f64], n: usize) -> Vec<f64> {
    let m = values.len() / n;
    (0..m).flat_map(|j| values.iter().skip(j).step_by(m).copied()).collect()
}

fn rounded(value: f64) -> f64 {
    f64::from(value as f32)
}

/// mulberry32.
struct Random(u32);

impl Random {
    /// Uniform in [0, 1).
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let s = self.0;
        let t = (s ^ (s >> 15)).wrapping_mul(s | 1);
        let t = t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 61)) ^ t;
        f64::from(t ^ (t >> 14)) / 4_294_967_296.0
    }

    /// `n` normal numbers of standard deviation `std`, rounded to float32.
    fn normal(&mut self, n: usize, std: f64) -> Vec<f64> {
        let one = |_| {
            let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
            rounded(std * radius * (TAU * self.uniform()).cos())
        };
        (0..n).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First value, sum and sum of squares.
    fn check(array: &Array, shape: &[usize], expected: [f64; 3]) {
        let values = array.values();
        let found = [values[0], values.iter().sum(), values.iter().map(|v| v * v).sum::<f64>()];
        assert_eq!(array.shape(), shape);
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-6 * (1.0 + b.abs()), "{found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn numbers_are_those_of_work_mjs() {
        let settings = settings("small").unwrap();
        let all = parameters(&settings).unwrap();
        let [globals, locals] = crops(&settings).unwrap();
        let patch = &all["backbone.patch_embed.proj.weight"];
        check(patch, &[64, 3, 8, 8], [0.05851411446928978, 2.0543941424768946, 21.374955130272447]);
        // Row-major (in, out) there.
        assert_eq!(patch.values()[192], f64::from(0.050_656_44_f32));
        let fc2 = &all["backbone.blocks.2.mlp.fc2.weight"];
        check(fc2, &[64, 256], [-0.006282328628003597, -0.4186842649266964, 6.65159647230135]);
        let last = &all["head.last_layer.weight"];
        check(last, &[128, 256], [0.04844051972031593, -8.745399400745555, 255.99999983345677]);
        let wave = [-0.6923690438270569, -138.95352443680167, 29690.249965583545];
        check(&globals, &[8, 16, 192], wave);
        let wave = [-0.6937893629074097, -17.765009701251984, 7484.693432030701];
        check(&locals, &[8, 4, 192], wave);
    }
}
