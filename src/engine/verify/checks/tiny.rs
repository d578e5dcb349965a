//! Tiny network: a few thousand parameters that exercise everything: position interpolation at both resolutions,
//! rows that need padding, drop path at two different rates (the first of three blocks drops nothing), a trained
//! `weight_g`. Invariant: its weights are large, so every part of the gradient is far above rounding.

use crate::gpu::limits::Limits;
use crate::kernels::gemm::Tuning;
use crate::train::executor::{Engine, scalars};
use crate::tune::TunedGpu;
use crate::verify::checks::text;
use dino_core::rng::Rng;
use dino_core::run::config::{Config, CropConfig, HeadConfig, TrainConfig, VitConfig};
use dino_core::run::sampling;
use dino_core::weights::parameters;
use dino_core::weights::tensors::{Tensor, Tensors};
use std::rc::Rc;

/// Result of a part of a check that gives a value.
pub type Found<T> = Result<T, String>;

const SEED: u64 = 7;

/// Batch 4, two global crops of 10 tokens and two local ones of 5, D = 12, K = 37.
pub fn config() -> Config {
    Config {
        vit: VitConfig {
            img_size: 16,
            patch_size: 4,
            embed_dim: 12,
            depth: 3,
            num_heads: 3,
            drop_path_rate: 0.4,
        },
        head: HeadConfig {
            hidden_dim: 22,
            bottleneck_dim: 10,
            out_dim: 37,
            norm_last_layer: false,
        },
        crops: CropConfig { global_size: 12, local_size: 8, n_local: 2, ..CropConfig::default() },
        train: TrainConfig {
            batch: 4,
            epochs: 10,
            steps_per_epoch: 2,
            warmup_epochs: 0.0,
            lr: 1e-3,
            min_lr: 1e-5,
            momentum_teacher: 0.9,
            teacher_temp: 0.2,
            warmup_teacher_temp: 0.2,
            warmup_teacher_temp_epochs: 0,
            clip_grad: 0.3,
            freeze_last_layer: 0.0,
            student_temp: 0.5,
            ..TrainConfig::default()
        },
    }
}

/// Random parameters, much larger than those with which training begins.
pub fn parameters(config: &Config, seed: u64) -> Tensors {
    let all = parameters::shapes(config).into_iter().zip(0..);
    all.map(|((name, shape), i)| {
        let mut rng = Rng::new(seed, 1, 0, i);
        let (middle, spread) = match () {
            () if name.contains("norm") && name.ends_with("weight") => (1.0, 0.2),
            () if name.ends_with("weight_g") => (1.5, 0.2),
            () if name.contains("patch_embed") => (0.0, 0.15),
            () => (0.0, 0.3),
        };
        let mut tensor = Tensor::full(&shape, 0.0);
        tensor.data.fill_with(|| (middle + spread * rng.normal()) as f32);
        (name, tensor)
    })
    .collect()
}

/// The tiny step for `micro` images at a time, its parameters and centre set.
///
/// # Errors
/// What the device reports, as a sentence.
pub async fn engine(
    gpu: &Rc<TunedGpu>,
    config: &Config,
    micro: usize,
    limits: Limits,
) -> Found<Engine> {
    engine_by(gpu, config, micro, limits, &Tuning::default()).await
}

/// [`engine`] with these variants of the products.
pub async fn engine_by(
    gpu: &Rc<TunedGpu>,
    config: &Config,
    micro: usize,
    limits: Limits,
    tuning: &Tuning,
) -> Found<Engine> {
    let engine = Engine::new(gpu.clone(), config, limits, tuning, micro, |_, _| Ok(())).await;
    let engine = engine.map_err(text)?;
    let arenas = &engine.step.arenas;
    for (arena, seed) in [(&arenas.student, 1), (&arenas.teacher, 2)] {
        engine.load(arena, &parameters(config, seed)).map_err(text)?;
    }
    let mut rng = Rng::new(SEED, 2, 0, 0);
    let center: Vec<f32> = (0..config.head.out_dim).map(|_| (0.1 * rng.normal()) as f32).collect();
    engine.program.write_f32(gpu, engine.step.center, &center);
    engine.set_step(&scalars(&config.train, 3));
    Ok(engine)
}

/// Writes patches and drop-path scales of the micro-batch `part`.
pub fn feed(engine: &Engine, part: usize) {
    let (config, micro) = (&engine.config, engine.step.micro_batch);
    let values = config.vit.patch_values();
    let mut patches = Vec::new();
    for view in 0..config.views() {
        let size = if view < 2 { config.crops.global_size } else { config.crops.local_size };
        for image in 0..micro {
            let key = (view * config.train.batch + part * micro + image) as u32;
            let mut rng = Rng::new(SEED, 3, key, 0);
            patches.extend(std::iter::repeat_n(0.0, values));
            let words = (config.vit.tokens(size) - 1) * values;
            patches.extend((0..words).map(|_| rng.normal() as f32));
        }
    }
    let program = &engine.program;
    program.write_f32(&engine.gpu, engine.step.student.patches, &patches);
    if let Some((slice, stride)) = engine.step.student.drop_path() {
        let scales = sampling::drop_path(config, SEED, 0, part * micro, micro, stride);
        program.write_f32(&engine.gpu, slice, &scales);
    }
}

/// Runs all micro-batches up to the sums of the gradients.
pub fn run(engine: &Engine) {
    for part in 0..engine.config.train.batch / engine.step.micro_batch {
        feed(engine, part);
        engine.forward_backward();
    }
}

/// Turns the last layer's sums into gradients, which is the update's first line, and reads all gradients. [`finish`]
/// runs the rest of the update.
///
/// # Errors
/// What the device reports, as a sentence.
pub async fn gradients(engine: &Engine) -> Found<Tensors> {
    let first = engine.step.update.start;
    engine.program.run(&engine.gpu, first..first + 1);
    engine.save(&engine.step.arenas.gradient).await.map_err(text)
}

/// The update after [`gradients`].
pub fn finish(engine: &Engine) {
    let update = engine.step.update.clone();
    engine.program.run(&engine.gpu, update.start + 1..update.end);
}

/// Compares gradients tensor by tensor; the error of one that should vanish is relative to a thousandth of the norm
/// of all.
///
/// # Errors
/// A sentence on the first tensor that differs.
pub fn compare_gradients(found: &Tensors, expected: &Tensors, tolerance: f64) -> Found<()> {
    let norm = |t: &Tensor| t.data.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
    let all = expected.values().map(norm).sum::<f64>().sqrt();
    for (name, e) in expected {
        let f = found.get(name).ok_or_else(|| format!("`{name}` has no gradient"))?;
        let difference: Vec<f32> = f.data.iter().zip(&e.data).map(|(a, b)| a - b).collect();
        let difference = Tensor { shape: e.shape.clone(), data: difference };
        let error = norm(&difference).sqrt() / norm(e).sqrt().max(1e-3 * all);
        if error.is_nan() || error > tolerance {
            return Err(format!(
                "gradient of `{name}`: off by {error:.2e}, allowed {tolerance:.0e}"
            ));
        }
    }
    Ok(())
}
