//! Estimate of a run on this adapter, before the run is built: its device memory, known to the byte from the
//! plan, and the seconds of a step, from the plan's lines and a calibration of about a second. Invariants: a
//! prediction allocates nothing on the device, the calibration a few megabytes; nothing here changes how a run
//! computes.
//!
//! A product takes the time of its multiply-adds plus [`PRODUCTS`] times that of a copy of all that it binds;
//! attention takes the longer of its multiply-adds and that copy; any other line takes that copy times the factor
//! that was measured for its kernel.

mod calibration;

use crate::gpu::limits::Limits;
use crate::gpu::plan::Dispatch;
use crate::kernels::gemm::Shape;
use crate::train::fit;
use crate::tune::TunedGpu;
use crate::tune::budget;
use crate::tune::tuner;
pub use calibration::Calibration;
use dino_core::error::Result;
use dino_core::run::config::Config;

/// Time and memory of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Seconds of a step.
    pub seconds: f64,
    /// Bytes of device memory.
    pub bytes: u64,
    /// Images at a time.
    pub micro_batch: usize,
}

/// Time of a kernel as a multiple of the time of a copy of all that it binds: on GPUs and lavapipe, and on
/// SwiftShader, where every load of four values costs. Measured by `bench kernels spark` with both; kernels that are
/// not named take [`OTHERS`].
const WEIGHTS: [(&str, [f64; 2]); 14] = [
    ("augment_weights", [2.0, 2.5]),
    ("augment_across", [5.0, 7.0]),
    ("augment_down", [4.0, 5.0]),
    // Few bytes, much arithmetic.
    ("augment_color", [60.0, 300.0]),
    ("augment_blur", [5.0, 16.0]),
    ("augment_patches", [4.0, 3.0]),
    ("layer_norm", [2.0, 3.0]),
    ("layer_norm_backward", [2.5, 3.0]),
    ("teacher_probability", [15.0, 20.0]),
    ("student_loss", [15.0, 20.0]),
    ("squared_norm", [1.8, 5.0]),
    ("adamw", [2.2, 2.2]),
    ("weight_norm", [1.0, 1.0]),
    ("weight_norm_backward", [1.5, 2.5]),
];
const OTHERS: [f64; 2] = [3.0, 2.5];
/// The same multiple for products, in addition to the time of their multiply-adds.
const PRODUCTS: [f64; 2] = [1.5, 1.3];

/// Rate of attention's backward pass over that of its forward pass: it does more with what it loads.
const BACKWARD: f64 = 1.8;

/// Time and memory of a run of `config` on this adapter.
///
/// # Errors
/// [`dino_core::Error::TooLarge`] or [`dino_core::Error::Setting`] if it cannot run here.
pub fn predict(gpu: &TunedGpu, calibration: &Calibration, config: &Config) -> Result<Prediction> {
    config.validate()?;
    let mut tuning = tuner::untuned(gpu);
    tuning.choices.extend(gpu.tuner.borrow().tuning.choices.iter());
    let rate = gpu.tuner.borrow().rate;
    let budget = budget::budget_of(if rate > 0.0 { rate } else { calibration.product });
    let limits = Limits::of(&gpu.limits);
    let (micro_batch, step) = fit::micro_batch(config, limits, &tuning, None, budget)?;
    let seconds = |lines: &[Dispatch]| -> f64 {
        lines.iter().map(|line| line_seconds(gpu, calibration, line)).sum()
    };
    let lines = &step.plan.dispatches;
    let parts = config.train.batch.div_ceil(micro_batch) as f64;
    let seconds = parts * seconds(&lines[step.forward_backward.clone()])
        + seconds(&lines[step.update.clone()]);
    Ok(Prediction { seconds, bytes: step.plan.bytes(), micro_batch })
}

/// Seconds of a line.
fn line_seconds(gpu: &TunedGpu, c: &Calibration, line: &Dispatch) -> f64 {
    let bytes: usize = line.bindings.iter().map(|slice| 4 * slice.len).sum();
    let (copied, macs) = (bytes as f64 / c.bytes, line.macs as f64);
    let adapter = usize::from(gpu.prefers_loops());
    if Shape::of(line).is_some() {
        return c.line + macs / c.product + PRODUCTS[adapter] * copied;
    }
    let name = line.kernel.name;
    if name.starts_with("attention") {
        let rate = if name == "attention" { c.attention } else { BACKWARD * c.attention };
        return c.line + (macs / rate).max(copied);
    }
    let weights = WEIGHTS.iter().find(|(kernel, _)| *kernel == name).map_or(OTHERS, |(_, w)| *w);
    c.line + weights[adapter] * copied
}
