//! Metrics of a training step. Pure. Invariant: one struct from the device to the charts: whoever shows, sends or
//! keeps the numbers of a step takes this one.

use serde::{Deserialize, Serialize};

/// Numbers of one finished step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    pub step: u64,
    pub loss: f32,
    /// Mean entropy of the teacher's distributions, nats.
    pub entropy: f32,
    /// KL(teacher‖student), nats.
    pub kl: f32,
    /// Mean over dimensions of the standard deviation of the L2-normalised teacher CLS features.
    pub feature_std: f32,
    /// Norm of the centre.
    pub center_norm: f32,
    pub lr: f32,
    pub weight_decay: f32,
    pub momentum: f32,
    pub teacher_temp: f32,
}
