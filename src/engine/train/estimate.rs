//! Estimate of a run on this adapter, before the run is built: its device memory, known to the byte from the
//! plan, and the seconds of a step, from the plan's lines and a calibration of about a second. Invariants: a
//! prediction allocates nothing on the device, the calibration a few megabytes; nothing here changes how a run
//! computes.

use crate::gpu::plan::Dispatch;
use crate::train::fit;
use crate::tune::TunedGpu;
use crate::tune::budget;
pub use crate::tune::calibration::Calibration;
use crate::tune::line_time::line_seconds;
use crate::tune::tuner;
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
    let limits = gpu.bounds();
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
