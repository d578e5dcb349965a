//! Timing of training steps on random images, each awaited until its loss is on the host, as the benchmark of
//! other systems does. Invariant: every time of a later step covers the whole step and nothing else.

use crate::train::trainer::Trainer;
use crate::tune::TunedGpu;
use crate::verify::images::{SEED, pictures};
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::run::config::Config;
use serde::Serialize;
use std::rc::Rc;
use web_time::Instant;

/// What was measured, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenchOutcome {
    /// From a device to the first loss: planning, tuning, compilation and one step.
    pub first_ms: f64,
    /// The part of `first_ms` before the step: planning, tuning, compilation, initial weights.
    pub build_ms: f64,
    /// Each later step.
    pub ms: Vec<f64>,
    /// Of every step, the first included.
    pub losses: Vec<f32>,
}

/// Builds a run and times its first step and `steps` more.
///
/// # Errors
/// Those of [`Trainer::new`] and [`Trainer::step`].
pub async fn run(gpu: Rc<TunedGpu>, config: Config, steps: usize) -> Result<BenchOutcome> {
    let pictures = pictures(&config);
    let start = Instant::now();
    let mut trainer = Trainer::new(gpu, config, SEED).await?;
    let build_ms = milliseconds(start);
    let mut losses = vec![step(&mut trainer, &pictures).await?];
    let first_ms = milliseconds(start);
    let mut ms = Vec::with_capacity(steps);
    for _ in 0..steps {
        let start = Instant::now();
        losses.push(step(&mut trainer, &pictures).await?);
        ms.push(milliseconds(start));
    }
    Ok(BenchOutcome { first_ms, build_ms, ms, losses })
}

/// One step, awaited; its loss.
async fn step(trainer: &mut Trainer, pictures: &[Picture]) -> Result<f32> {
    trainer.step(pictures).await?;
    trainer.finish().await?;
    Ok(trainer.drain().last().map_or(f32::NAN, |metrics| metrics.loss))
}

pub fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use dino_core::run::presets;

    #[test]
    fn times_every_step_and_sees_training() {
        let gpu = Rc::new(pollster::block_on(TunedGpu::new()).unwrap());
        let config =
            presets::all()[0].config(crate::verify::images::PICTURES as usize, 100, Some(2));
        let found = pollster::block_on(run(gpu, config, 2)).unwrap();
        assert_eq!((found.ms.len(), found.losses.len()), (2, 3));
        assert!(found.first_ms >= found.build_ms);
        assert!(found.losses.iter().all(|loss| loss.is_finite()));
        assert!(found.losses[0] != found.losses[2], "{:?}", found.losses);
    }
}
