//! The training step against the clock: whole steps on random pictures, each awaited until its loss
//! is on the host, as the benchmark of other systems does with theirs. Invariant: nothing of a step is
//! left out, and nothing but the step is timed.

use crate::train::trainer::Trainer;
use crate::tune::TunedGpu;
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::rng::Rng;
use dino_core::run::config::Config;
use serde::Serialize;
use std::rc::Rc;
use web_time::Instant;

/// Pictures that the steps sample from, and their size in pixels.
pub const PICTURES: u32 = 16;
const WIDTH: usize = 320;
const HEIGHT: usize = 240;
pub const SEED: u64 = 1;

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

/// The pictures, as large as a run with these settings takes them.
pub fn pictures(config: &Config) -> Vec<Picture> {
    let side = config.crops.picture_side();
    (0..PICTURES).map(|index| picture(index).shrunk(side)).collect()
}

/// A picture of its own colour and waves with noise over them.
fn picture(index: u32) -> Picture {
    let mut rng = Rng::new(SEED, 0, index, 0);
    let base: [f64; 3] = std::array::from_fn(|_| 255.0 * rng.uniform());
    let wave: [f64; 2] = std::array::from_fn(|_| 0.2 * rng.uniform());
    let mut rgba = Vec::with_capacity(WIDTH * HEIGHT * 4);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let shade = 80.0 * (wave[0] * x as f64 + wave[1] * y as f64).sin();
            rgba.extend(base.map(|b| (b + shade + 40.0 * rng.uniform()) as u8));
            rgba.push(255);
        }
    }
    Picture { width: WIDTH, height: HEIGHT, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dino_core::run::presets;

    #[test]
    fn times_every_step_and_sees_training() {
        let gpu = Rc::new(pollster::block_on(TunedGpu::new()).unwrap());
        let config = presets::all()[0].config(PICTURES as usize, 100, Some(2));
        let found = pollster::block_on(run(gpu, config, 2)).unwrap();
        assert_eq!((found.ms.len(), found.losses.len()), (2, 3));
        assert!(found.first_ms >= found.build_ms);
        assert!(found.losses.iter().all(|loss| loss.is_finite()));
        assert!(found.losses[0] != found.losses[2], "{:?}", found.losses);
    }

    #[test]
    fn pictures_differ() {
        assert_ne!(picture(0), picture(1));
        assert_eq!(picture(1), picture(1));
    }
}
