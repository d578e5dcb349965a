//! How cost grows: step time and memory against batch, prototypes, tokens and depth. Invariant: the
//! exponent fitted to the times stands beside the one fitted at the same points to what the arithmetic
//! says, every line at the ceiling of the roofline that it meets first, because a step has constant parts
//! and parts that only move words.

use super::ceilings::Ceilings;
use super::steps::{PICTURES, SEED, pictures};
use super::{Row, Table};
use crate::config::Config;
use crate::error::Result;
use crate::gpu::Gpu;
use crate::plan::Dispatch;
use crate::presets;
use crate::trainer::{Options, Trainer};
use std::ops::Range;
use std::rc::Rc;
use web_time::Instant;

/// What is varied, at which values.
const SWEEPS: [(&str, &[usize]); 4] = [
    ("batch", &[1, 2, 4, 8, 16, 32, 64]),
    ("prototypes", &[256, 1024, 4096, 16384, 65536]),
    ("tokens", &[17, 65, 197, 401, 785]),
    ("depth", &[2, 4, 6, 8, 10, 12]),
];

/// A point is the fastest of so many steps, and of as many more as fill this time.
const LEAST_STEPS: usize = 3;
const LEAST_SECONDS: f64 = 1.5;

/// Steps, memory and exponents.
///
/// # Errors
/// Those of the runs.
pub async fn table(gpu: Rc<Gpu>) -> Result<Table> {
    let mut table = Table::new("scale", gpu.name());
    let ceilings = Ceilings::measure(&gpu).await?;
    table.notes.push(ceilings.note());
    for (what, values) in SWEEPS {
        let mut points = Vec::new();
        for value in values {
            let point = measure(gpu.clone(), config(what, *value), &ceilings).await?;
            let row = Row::new(format!("{what} {value}"), 1e3 * point.seconds)
                .number("GMAC", 1e-9 * point.macs, 3)
                .number("at the ceilings", 1e3 * point.ideal, 1)
                .number("MB", 1e-6 * point.bytes, 1)
                .number("attention MB", 1e-6 * point.attention, 2);
            table.rows.push(row);
            points.push((*value as f64, point));
        }
        // Of the larger half: at the small end constant parts and empty lanes rule.
        let larger = &points[points.len() / 2..];
        let fit = |of: &dyn Fn(&Point) -> f64| {
            exponent(&larger.iter().map(|(x, p)| (*x, of(p))).collect::<Vec<_>>())
        };
        table.notes.push(format!(
            "{what} from {}: time grows with exponent {:.2}, expected {:.2} (multiply-adds alone {:.2}), memory \
             with {:.2}, what attention keeps with {:.2}",
            larger.first().map_or(0.0, |(x, _)| *x),
            fit(&|p| p.seconds),
            fit(&|p| p.ideal),
            fit(&|p| p.macs),
            fit(&|p| p.bytes),
            fit(&|p| p.attention),
        ));
    }
    Ok(table)
}

/// The smallest preset with one number changed; tokens are those of a global crop.
fn config(what: &str, value: usize) -> Config {
    let mut config = presets::all()[0].config(PICTURES as usize, 100, None);
    match what {
        "batch" => config.train.batch = value,
        "prototypes" => config.head.out_dim = value,
        "tokens" => {
            // The locals stay as they are, so that the globals' growth is seen.
            let side = ((value - 1) as f64).sqrt().round() as usize * config.vit.patch_size;
            (config.vit.img_size, config.crops.global_size) = (side, side);
            config.train.batch = 1;
        }
        _ => config.vit.depth = value,
    }
    config
}

struct Point {
    seconds: f64,
    macs: f64,
    /// Seconds at the ceilings of the roofline, the cost of each line by itself added.
    ideal: f64,
    bytes: f64,
    attention: f64,
}

async fn measure(gpu: Rc<Gpu>, config: Config, ceilings: &Ceilings) -> Result<Point> {
    let pictures = pictures(&config);
    let mut trainer = Trainer::with(gpu, config, SEED, Options::default()).await?;
    trainer.step(&pictures).await?;
    trainer.finish().await?;
    let (mut seconds, mut spent, mut steps) = (f64::MAX, 0.0, 0);
    while steps < LEAST_STEPS || spent < LEAST_SECONDS {
        let start = Instant::now();
        trainer.step(&pictures).await?;
        trainer.finish().await?;
        let step = start.elapsed().as_secs_f64();
        (seconds, spent, steps) = (seconds.min(step), spent + step, steps + 1);
    }
    let parts = trainer.config().train.batch / trainer.micro_batch();
    let (plan, step) = (&trainer.engine().program.plan, &trainer.engine().step);
    // The forward and backward lines run once for each part of the batch.
    let sum = |of: &dyn Fn(&Dispatch) -> f64| {
        let lines =
            |range: &Range<usize>| plan.dispatches[range.clone()].iter().map(of).sum::<f64>();
        parts as f64 * lines(&step.forward_backward) + lines(&step.update)
    };
    let keeps = |name: &str| name.ends_with(".lse") || name.ends_with(".qkv");
    let attention: u64 = plan.buffers.iter().filter(|b| keeps(&b.name)).map(|b| b.bytes).sum();
    Ok(Point {
        seconds,
        macs: sum(&|d| d.macs as f64),
        ideal: sum(&|d| ceilings.start + ceilings.seconds(d)),
        bytes: plan.bytes() as f64,
        attention: attention as f64,
    })
}

/// Slope of the logarithms by least squares.
pub fn exponent(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let (mean_x, mean_y) = logs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    covariance / variance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_of_powers() {
        for power in [0.0, 1.0, 2.0, 0.5] {
            let points: Vec<_> = [1.0, 2.0, 5.0, 9.0].map(|x: f64| (x, 3.0 * x.powf(power))).into();
            assert!((exponent(&points) - power).abs() < 1e-12);
        }
    }

    #[test]
    fn every_point_is_a_valid_run() {
        for (what, values) in SWEEPS {
            for value in values {
                let config = config(what, *value);
                config.validate().unwrap();
                if what == "tokens" {
                    assert_eq!(config.vit.tokens(config.crops.global_size), *value);
                }
            }
        }
    }
}
