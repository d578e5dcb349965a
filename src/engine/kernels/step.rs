//! Scalars of one step (`shaders/step.wgsl`) and the optimiser's constants. Invariant: the host rewrites the
//! buffer before every step, so no rate or temperature is ever baked into a pipeline.

use crate::params;

/// Decay of AdamW's first moment.
pub const BETA1: f64 = 0.9;
/// Decay of AdamW's second moment.
pub const BETA2: f64 = 0.999;

params! {
    /// Scalars of one step, in a storage buffer that the host rewrites before the step. Fields as in
    /// `shaders/step.wgsl`.
    pub struct Step {
        pub lr: f32,
        pub weight_decay: f32,
        pub momentum: f32,
        pub teacher_temp: f32,
        pub first_correction: f32,
        pub second_correction: f32,
        pub last_first_correction: f32,
        pub last_second_correction: f32,
        pub freeze_last_layer: f32,
        pub backbone_first_correction: f32,
        pub backbone_second_correction: f32,
        pub freeze_backbone: f32,
    }
}
