//! Fits a run to its device: how many images at a time, and which variant of every product.

use super::MAX_SIDE;
use crate::augment;
use crate::config::Config;
use crate::dino::{self, StepPlan};
use crate::error::{Error, Result};
use crate::gpu::Gpu;
use crate::kernels::gemm::{Shape, Tuning};
use crate::layout::Limits;

/// Multiply-adds of one submit on a software adapter: about 300 ms at the 3 GFLOP/s measured there.
const SOFTWARE_MACS: u64 = 450_000_000;
/// The same on other adapters, at a cautious 300 GFLOP/s.
const HARDWARE_MACS: u64 = 45_000_000_000;

/// The device's choices, after measuring the shapes that are new to it.
pub async fn tuned(gpu: &Gpu, shapes: &[Shape]) -> Result<Tuning> {
    // Taken out, so that the cell is not borrowed while the device works.
    let mut tuner = gpu.tuner.take();
    let outcome = tuner.tune(gpu, shapes).await;
    let tuning = tuner.tuning.clone();
    gpu.tuner.replace(tuner);
    outcome.map(|()| tuning)
}

/// Images at a time: the largest divisor of the batch that fits in memory and, unless a single image
/// is too much already, in about 300 ms.
pub fn micro_batch(
    config: &Config,
    limits: Limits,
    tuning: &Tuning,
    wanted: Option<usize>,
    software: bool,
) -> Result<(usize, StepPlan)> {
    let fits = |micro: usize| {
        dino::plan(config, limits, tuning, micro, |plan, patches| {
            augment::plan(plan, &config.vit, &config.crops, micro, MAX_SIDE, patches).map(|_| ())
        })
    };
    let batch = config.train.batch;
    if let Some(micro) = wanted {
        if micro == 0 || !batch.is_multiple_of(micro) {
            let message = format!("expected a divisor of the batch {batch}, found {micro}");
            return Err(Error::config("micro_batch", message));
        }
        return match fits(micro) {
            Ok(step) => Ok((micro, step)),
            Err(Error::TooLarge { tensor, bytes, limit, which, .. }) => {
                let largest_batch = (1..micro).rev().find(|m| fits(*m).is_ok()).unwrap_or(0);
                Err(Error::TooLarge { tensor, bytes, limit, which, largest_batch })
            }
            Err(error) => Err(error),
        };
    }
    let budget = if software { SOFTWARE_MACS } else { HARDWARE_MACS };
    let mut refused = None;
    for micro in (1..=batch).rev().filter(|m| batch.is_multiple_of(*m)) {
        match fits(micro) {
            Ok(step) => {
                let macs: u64 = step.plan.dispatches.iter().map(|d| d.macs).sum();
                if macs <= budget || micro == 1 {
                    return Ok((micro, step));
                }
            }
            Err(error @ Error::TooLarge { .. }) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or(Error::NoImages))
}
