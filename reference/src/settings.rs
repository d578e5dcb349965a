//! `case.json`: sizes, schedules and optimiser of a case, and the schedules' values at a step.
//! Invariant: field names are those of the golden format; unknown keys are ignored.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Sizes of the backbone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vit {
    pub img_size: usize,
    pub patch_size: usize,
    pub embed_dim: usize,
    pub depth: usize,
    pub num_heads: usize,
}

/// Sizes of the head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub hidden_dim: usize,
    pub bottleneck_dim: usize,
    pub out_dim: usize,
    pub norm_last_layer: bool,
}

/// The views of one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crops {
    pub global_size: usize,
    pub local_size: usize,
    pub n_local: usize,
}

/// A whole `case.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub vit: Vit,
    pub head: Head,
    pub crops: Crops,
    pub batch: usize,
    pub steps: usize,
    pub epochs: usize,
    pub steps_per_epoch: usize,
    pub warmup_epochs: usize,
    pub lr: f64,
    pub min_lr: f64,
    pub weight_decay: f64,
    pub weight_decay_end: f64,
    pub momentum_teacher: f64,
    pub teacher_temp: f64,
    pub warmup_teacher_temp: f64,
    pub warmup_teacher_temp_epochs: usize,
    pub clip_grad: f64,
    pub freeze_last_layer: usize,
    pub student_temp: f64,
    pub center_momentum: f64,
}

/// Values of the schedules at one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    pub lr: f64,
    pub weight_decay: f64,
    pub momentum: f64,
    pub teacher_temp: f64,
}

impl Settings {
    /// Checks that the sizes fit together.
    ///
    /// # Errors
    /// [`Error::Settings`] with the first field that does not.
    pub fn validate(&self) -> Result<()> {
        let Self { vit, head, crops, .. } = self;
        for (field, value) in [
            ("patch_size", vit.patch_size),
            ("embed_dim", vit.embed_dim),
            ("depth", vit.depth),
            ("num_heads", vit.num_heads),
            ("hidden_dim", head.hidden_dim),
            ("bottleneck_dim", head.bottleneck_dim),
            ("out_dim", head.out_dim),
            ("batch", self.batch),
            ("steps_per_epoch", self.steps_per_epoch),
        ] {
            need(field, value > 0, "expected at least 1, found 0")?;
        }
        need(
            "num_heads",
            vit.embed_dim.is_multiple_of(vit.num_heads),
            &format!("{} does not divide embed_dim {}", vit.num_heads, vit.embed_dim),
        )?;
        let local = if crops.n_local > 0 { crops.local_size } else { vit.patch_size };
        for (field, size) in
            [("img_size", vit.img_size), ("global_size", crops.global_size), ("local_size", local)]
        {
            need(
                field,
                size > 0 && size.is_multiple_of(vit.patch_size),
                &format!("expected a multiple of the patch size {}, found {size}", vit.patch_size),
            )?;
        }
        need(
            "steps",
            self.steps <= self.epochs * self.steps_per_epoch,
            &format!("{} steps are more than the schedules' epochs have", self.steps),
        )
    }

    /// Patches along one side of `size` pixels.
    pub fn grid(&self, size: usize) -> usize {
        size / self.vit.patch_size
    }

    /// Student crops of one image: two globals and the locals.
    pub fn views(&self) -> usize {
        2 + self.crops.n_local
    }

    /// All schedules at `step`. The learning rate's warm-up reaches its peak on its last step
    /// (both ends of the line are steps); the teacher temperature changes with the epoch only.
    pub fn schedule(&self, step: usize) -> Schedule {
        let total = self.epochs * self.steps_per_epoch;
        let warmup = self.warmup_epochs * self.steps_per_epoch;
        let lr = if step < warmup {
            line(0.0, self.lr, warmup, step)
        } else {
            cosine(self.lr, self.min_lr, step - warmup, total - warmup)
        };
        let (epoch, epochs) = (step / self.steps_per_epoch, self.warmup_teacher_temp_epochs);
        let teacher_temp = if epoch < epochs {
            line(self.warmup_teacher_temp, self.teacher_temp, epochs, epoch)
        } else {
            self.teacher_temp
        };
        Schedule {
            lr,
            weight_decay: cosine(self.weight_decay, self.weight_decay_end, step, total),
            momentum: cosine(self.momentum_teacher, 1.0, step, total),
            teacher_temp,
        }
    }
}

/// Point `i` of `count` equally spaced ones from `start` to `end`, both included.
fn line(start: f64, end: f64, count: usize, i: usize) -> f64 {
    if count < 2 { start } else { start + (end - start) * i as f64 / (count - 1) as f64 }
}

/// Half a cosine from `start` towards `end`, which step `count` would reach.
fn cosine(start: f64, end: f64, i: usize, count: usize) -> f64 {
    end + 0.5 * (start - end) * (1.0 + (PI * i as f64 / count as f64).cos())
}

fn need(field: &'static str, holds: bool, message: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Settings { field, message: message.to_owned() }) }
}
