//! Fits a run to its device: how many images at a time, which lines a submit, and which variant of every
//! product.

use crate::augment;
use crate::config::Config;
use crate::dino::{self, StepPlan};
use crate::error::{Error, Result};
use crate::gpu::Gpu;
use crate::kernels::gemm::{Shape, Tuning};
use crate::layout::Limits;

/// A submit should end in this time: browsers end a device that does not answer for some seconds, and
/// a page stutters before.
const SECONDS: f64 = 0.3;
/// Share of a step's time that its multiply-adds take at the rate of the fastest product: .4 to .6 on
/// software adapters.
const SHARE: f64 = 0.5;

/// What fits in one submit, in multiply-adds, by the rate that the tuner measured. A power of two, so
/// that a device in another mood splits the batch the same way.
pub fn budget(gpu: &Gpu) -> u64 {
    budget_of(gpu.tuner.borrow().rate)
}

/// The same by another rate.
pub fn budget_of(rate: f64) -> u64 {
    let macs = SECONDS * SHARE * rate;
    if macs > 0.0 { macs.log2().round().exp2() as u64 } else { u64::MAX }
}

/// The device's choices, after measuring the shapes that are new to it.
///
/// # Errors
/// [`Error::Device`] when the device fails.
pub async fn tuned(gpu: &Gpu, shapes: &[Shape]) -> Result<Tuning> {
    // Taken out, so that the cell is not borrowed while the device works.
    let mut tuner = gpu.tuner.take();
    let outcome = tuner.tune(gpu, shapes).await;
    let tuning = tuner.tuning.clone();
    gpu.tuner.replace(tuner);
    outcome.map(|()| tuning)
}

/// Images at a time: the largest divisor of the batch that fits in memory and of which no line, unless a
/// single image is too much already, exceeds a budget of multiply-adds: between lines a step can be cut
/// into [`submits`](crate::plan::Plan::submits) without changing a bit.
///
/// # Errors
/// [`Error::TooLarge`] when not even one image fits, [`Error::Config`].
pub fn micro_batch(
    config: &Config,
    limits: Limits,
    tuning: &Tuning,
    wanted: Option<usize>,
    budget: u64,
) -> Result<(usize, StepPlan)> {
    let fits = |micro: usize| {
        dino::plan(config, limits, tuning, micro, |plan, patches| {
            let side = config.crops.picture_side();
            augment::plan(plan, &config.vit, &config.crops, micro, side, patches).map(|_| ())
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
    let mut refused = None;
    for micro in (1..=batch).rev().filter(|m| batch.is_multiple_of(*m)) {
        match fits(micro) {
            Ok(step) => {
                let longest = step.plan.dispatches.iter().map(|d| d.macs).max().unwrap_or(0);
                if longest <= budget || micro == 1 {
                    return Ok((micro, step));
                }
            }
            Err(error @ Error::TooLarge { .. }) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or(Error::NoImages))
}
