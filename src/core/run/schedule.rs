//! Schedules: learning rate, weight decay, teacher momentum, teacher temperature and what is frozen, as pure
//! functions of the step. Invariant: a step past the end of the run gets the end values.

use crate::run::config::TrainConfig;
use std::f64::consts::PI;

/// The settings of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepValues {
    pub lr: f64,
    pub weight_decay: f64,
    /// Momentum of the teacher's moving average.
    pub momentum: f64,
    pub teacher_temp: f64,
    /// The last layer is left alone in this step: no step, no decay, no moments.
    pub freeze_last_layer: bool,
    /// The same for the backbone.
    pub freeze_backbone: bool,
}

/// The settings of step `iteration`, counted from 0.
pub fn at(config: &TrainConfig, iteration: usize) -> StepValues {
    let steps = config.epochs * config.steps_per_epoch;
    let epoch = iteration / config.steps_per_epoch.max(1);
    StepValues {
        lr: learning_rate(config, iteration, steps),
        weight_decay: cosine(config.weight_decay, config.weight_decay_end, iteration, steps),
        momentum: cosine(config.momentum_teacher, 1.0, iteration, steps),
        teacher_temp: teacher_temp(config, epoch),
        freeze_last_layer: (epoch as f64) < config.freeze_last_layer,
        freeze_backbone: iteration < frozen_steps(config),
    }
}

/// Steps of the linear warm-up of the learning rate: never more than the run has.
pub fn warmup_steps(config: &TrainConfig) -> usize {
    let steps = config.epochs * config.steps_per_epoch;
    let warmup = (config.warmup_epochs * config.steps_per_epoch as f64).round();
    (warmup.max(0.0) as usize).min(steps)
}

/// Steps in which the backbone is left alone.
pub fn frozen_steps(config: &TrainConfig) -> usize {
    (config.freeze_backbone * config.steps_per_epoch as f64).round().max(0.0) as usize
}

/// Exactly 0 in the first step, the peak in the last step of the warm-up, then a cosine to `min_lr`.
fn learning_rate(config: &TrainConfig, iteration: usize, steps: usize) -> f64 {
    let warmup = warmup_steps(config);
    if iteration < warmup {
        return linear(0.0, config.lr, iteration, warmup);
    }
    cosine(config.lr, config.min_lr, iteration - warmup, steps - warmup)
}

/// Per epoch, not per step: rises over the warm-up epochs and stays.
fn teacher_temp(config: &TrainConfig, epoch: usize) -> f64 {
    if epoch >= config.warmup_teacher_temp_epochs {
        return config.teacher_temp;
    }
    let (start, end) = (config.warmup_teacher_temp, config.teacher_temp);
    linear(start, end, epoch, config.warmup_teacher_temp_epochs)
}

/// Value `i` of `n` evenly spaced ones from `start` to `end`, both included; `start` when n = 1.
fn linear(start: f64, end: f64, i: usize, n: usize) -> f64 {
    if n < 2 {
        return start;
    }
    start + (end - start) * i as f64 / (n - 1) as f64
}

/// `end + ½(start − end)(1 + cos(π i/n))`, and `end` from i = n on.
fn cosine(start: f64, end: f64, i: usize, n: usize) -> f64 {
    if i >= n {
        return end;
    }
    end + 0.5 * (start - end) * (1.0 + (PI * i as f64 / n as f64).cos())
}
