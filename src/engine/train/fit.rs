//! Micro-batch: how many images of a batch a run computes at a time on its device. Invariant: it divides the
//! batch.

use crate::gpu::limits::Limits;
use crate::kernels::gemm::Tuning;
use crate::train::augment;
use crate::train::step;
use crate::train::step::StepPlan;
use dino_core::error::{Error, Result};
use dino_core::run::config::Config;
use dino_core::run::settings::SettingProblem;

/// Images at a time, with their plan: the largest divisor of the batch that fits in memory and whose lines stay within
/// a budget of multiply-adds each; a single image may exceed the budget. Between lines a step can be divided into
/// [`submits`](crate::gpu::plan::Plan::submits) without changing a bit.
///
/// # Errors
/// [`Error::TooLarge`] when not even one image fits, [`Error::Setting`].
pub fn micro_batch(
    config: &Config,
    limits: Limits,
    tuning: &Tuning,
    wanted: Option<usize>,
    budget: u64,
) -> Result<(usize, StepPlan)> {
    let fits = |micro: usize| {
        step::plan(config, limits, tuning, micro, |plan, patches| {
            let side = config.crops.picture_side();
            augment::plan(plan, &config.vit, &config.crops, micro, side, patches).map(|_| ())
        })
    };
    let batch = config.train.batch;
    if let Some(micro) = wanted {
        if micro == 0 || !batch.is_multiple_of(micro) {
            let problem = SettingProblem::Divisor { batch, found: micro };
            return Err(Error::setting("micro_batch", problem));
        }
        return match fits(micro) {
            Ok(step) => Ok((micro, step)),
            Err(error) => {
                let fitting = || (1..micro).rev().find(|m| fits(*m).is_ok()).unwrap_or(0);
                Err(with_largest(error, fitting))
            }
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
    // The last size that was tried is a single image.
    Err(refused.map_or(Error::NoImages, |error| with_largest(error, || 0)))
}

/// The error with the largest batch that fits, if it is about memory.
fn with_largest(error: Error, largest: impl FnOnce() -> usize) -> Error {
    match error {
        Error::TooLarge { tensor, bytes, limit, bound, .. } => {
            Error::TooLarge { tensor, bytes, limit, bound, largest_batch: Some(largest()) }
        }
        error => error,
    }
}
