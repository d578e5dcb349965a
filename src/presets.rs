//! Ready-made runs, from one that a CPU can play to a ViT-Tiny. Invariant: every preset gives a valid
//! configuration for any number of images, steps and batch above zero.
//!
//! The schedules follow the length of the run, not constants made for 100 epochs of ImageNet: the
//! teacher must not remember longer than the run lasts, and a frozen last layer or a long warm-up
//! would eat a short run whole.

use crate::config::{Config, CropConfig, HeadConfig, TrainConfig, VitConfig};

/// Share of the run in which the learning rate rises.
const WARMUP: f64 = 0.1;
/// Largest share of the run in which the last layer is frozen; whole epochs only.
const FREEZE: f64 = 0.03;
/// The teacher remembers about 1 / (1 − momentum) steps: this share of the run …
const MEMORY: f64 = 1.0 / 3.0;
/// … but no fewer and no more steps than these; the paper's .996 is 250. The centre follows the
/// teacher with a memory of 10 steps, so a teacher of 30 steps outruns it: measured with "spark", all
/// pictures got the same features within 60 steps.
const MEMORY_STEPS: [f64; 2] = [50.0, 250.0];

/// A ready-made run.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// Short, for the command line and URLs.
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub vit: VitConfig,
    pub head: HeadConfig,
    pub crops: CropConfig,
    /// Images a step, unless another number is asked for.
    pub batch: usize,
    /// Peak learning rate at that batch.
    pub lr: f64,
    pub teacher_temp: f64,
}

/// All presets, the smallest first.
pub fn all() -> &'static [Preset] {
    &PRESETS
}

/// The preset of this name.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

impl Preset {
    /// The run of about `steps` steps on `images` images: whole epochs, so a few steps more when
    /// `steps` cannot be divided. `batch` replaces the preset's batch.
    pub fn config(&self, images: usize, steps: usize, batch: Option<usize>) -> Config {
        let batch = batch.unwrap_or(self.batch).max(1);
        let steps = steps.max(1);
        let steps_per_epoch = (images / batch).max(1);
        let epochs = (steps as f64 / steps_per_epoch as f64).round().max(1.0) as usize;
        let memory = (MEMORY * steps as f64).clamp(MEMORY_STEPS[0], MEMORY_STEPS[1]);
        // Adam's steps do not grow with the gradient, only its noise falls with √batch.
        let lr = self.lr * (batch as f64 / self.batch as f64).sqrt();
        Config {
            vit: self.vit.clone(),
            head: self.head.clone(),
            crops: self.crops.clone(),
            train: TrainConfig {
                batch,
                epochs,
                steps_per_epoch: steps.div_ceil(epochs),
                warmup_epochs: WARMUP * epochs as f64,
                lr,
                min_lr: lr.min(1e-6),
                weight_decay: 0.04,
                weight_decay_end: 0.4,
                momentum_teacher: 1.0 - 1.0 / memory,
                teacher_temp: self.teacher_temp,
                warmup_teacher_temp: self.teacher_temp,
                warmup_teacher_temp_epochs: 0,
                clip_grad: 3.0,
                freeze_last_layer: (FREEZE * epochs as f64).floor(),
                freeze_backbone: 0.0,
                student_temp: 0.1,
                center_momentum: 0.9,
            },
        }
    }
}

static PRESETS: [Preset; 4] = [
    Preset {
        name: "spark",
        title: "Spark",
        about: "The smallest: several steps a second even where a CPU plays the GPU.",
        vit: vit(32, 8, 64, 3, 2, 0.0),
        head: head(256, 64, 256),
        crops: crops(32, 16, 2),
        batch: 4,
        lr: 5e-4,
        teacher_temp: 0.02,
    },
    Preset {
        name: "small",
        title: "Small",
        about: "Small pictures on a laptop's GPU.",
        vit: vit(64, 8, 96, 4, 3, 0.0),
        head: head(512, 128, 512),
        crops: crops(64, 32, 4),
        batch: 16,
        lr: 5e-4,
        teacher_temp: 0.02,
    },
    Preset {
        name: "tiny8",
        title: "ViT-Tiny/8, 96 px",
        about: "ViT-Tiny with fine patches on small pictures: sharp attention maps.",
        vit: vit(96, 8, 192, 12, 3, 0.1),
        head: head(2048, 256, 1024),
        crops: crops(96, 48, 4),
        batch: 16,
        lr: 2.5e-4,
        teacher_temp: 0.02,
    },
    Preset {
        name: "tiny",
        title: "ViT-Tiny/16",
        about: "ViT-Tiny with the paper's crops; wants a real GPU.",
        vit: vit(224, 16, 192, 12, 3, 0.1),
        head: head(2048, 256, 4096),
        crops: crops(224, 96, 8),
        batch: 32,
        lr: 2.5e-4,
        teacher_temp: 0.02,
    },
];

const fn vit(
    img_size: usize,
    patch_size: usize,
    embed_dim: usize,
    depth: usize,
    num_heads: usize,
    drop_path_rate: f64,
) -> VitConfig {
    VitConfig { img_size, patch_size, embed_dim, depth, num_heads, drop_path_rate }
}

const fn head(hidden_dim: usize, bottleneck_dim: usize, out_dim: usize) -> HeadConfig {
    HeadConfig { hidden_dim, bottleneck_dim, out_dim, norm_last_layer: true }
}

const fn crops(global_size: usize, local_size: usize, n_local: usize) -> CropConfig {
    CropConfig {
        global_size,
        local_size,
        n_local,
        global_scale: [0.4, 1.0],
        local_scale: [0.05, 0.4],
        blur: 2.0,
        jitter: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule;

    #[test]
    fn every_preset_is_valid_for_any_run() {
        for preset in all() {
            for images in [0, 1, 3, 200, 1_000_000] {
                for steps in [0, 1, 20, 300, 100_000] {
                    for batch in [None, Some(0), Some(1), Some(7), Some(256)] {
                        let config = preset.config(images, steps, batch);
                        config.validate().unwrap();
                        let total = config.total_steps();
                        assert!(total >= steps, "{total} {steps}");
                        assert!(total < steps.max(1) + config.train.epochs, "{total} {steps}");
                    }
                }
            }
            assert_eq!(by_name(preset.name), Some(preset));
        }
        assert_eq!(by_name("nothing"), None);
    }

    #[test]
    fn short_runs_get_short_schedules() {
        for preset in all() {
            for (images, steps) in [(204, 300), (204, 3000), (3, 100), (50_000, 500)] {
                let train = preset.config(images, steps, None).train;
                let total = train.epochs * train.steps_per_epoch;
                assert!(schedule::warmup_steps(&train) <= total / 10 + 1);
                let frozen = (0..total).filter(|i| schedule::at(&train, *i).freeze_last_layer);
                assert!(frozen.count() * 25 <= total, "{steps} steps");
                let memory = 1.0 / (1.0 - train.momentum_teacher);
                assert!(memory <= (total as f64 / 2.9).max(51.0), "{memory} of {total} steps");
                assert!(memory >= 49.0, "outruns the centre: {memory}");
            }
        }
    }
}
