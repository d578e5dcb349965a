//! Scaling benchmark: step time and memory against batch, prototypes, tokens and depth. A step has a constant
//! part, so c + a·xᵖ is fitted, not a straight line through logarithms. Invariant: the exponent p of the measured
//! times stands beside that of the ideal times at the same points, where every line is at the ceiling of the
//! roofline that it meets first.

use crate::bench::ceilings::Ceilings;
use crate::bench::{Row, Table};
use crate::gpu::plan::Dispatch;
use crate::train::trainer::{Options, Trainer};
use crate::tune::TunedGpu;
use crate::verify::images::{PICTURES, SEED, pictures};
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::run::config::Config;
use dino_core::run::presets;
use std::ops::Range;
use std::rc::Rc;
use web_time::Instant;

/// The sizes that are varied, each with its values.
const SWEEPS: [(&str, &[usize]); 4] = [
    ("batch", &[1, 2, 4, 8, 16, 32, 64]),
    ("prototypes", &[256, 1024, 4096, 16384, 65536]),
    ("tokens", &[17, 65, 197, 401, 785]),
    ("depth", &[2, 4, 6, 8, 10, 12]),
];

/// A point is the fastest step of so many rounds. In each round every point of a sweep has its turn for this time
/// or one step, so that a short slowdown of the machine does not bend the curve.
const ROUNDS: usize = 8;
const TURN_SECONDS: f64 = 0.25;

/// Steps, memory and exponents.
///
/// # Errors
/// Those of the runs.
pub async fn table(gpu: Rc<TunedGpu>) -> Result<Table> {
    let mut table = Table::new("scale", gpu.name());
    let ceilings = Ceilings::measure(&gpu).await?;
    table.notes.push(ceilings.note());
    for (what, values) in SWEEPS {
        let mut runs = Vec::new();
        for value in values {
            runs.push(Run::new(gpu.clone(), config(what, *value)).await?);
        }
        for _ in 0..ROUNDS {
            for run in &mut runs {
                run.turn().await?;
            }
        }
        let mut points = Vec::new();
        for (value, run) in values.iter().zip(&runs) {
            let point = run.point(&ceilings);
            let row = Row::new(format!("{what} {value}"), 1e3 * point.seconds)
                .number("GMAC", 1e-9 * point.macs, 3)
                .number("at the ceilings", 1e3 * point.ideal, 1)
                .number("MB", 1e-6 * point.bytes, 1)
                .number("attention MB", 1e-6 * point.attention, 2);
            table.rows.push(row);
            points.push((*value as f64, point));
        }
        let fit = |of: &dyn Fn(&Point) -> f64| {
            let (constant, power) =
                growth(&points.iter().map(|(x, p)| (*x, of(p))).collect::<Vec<_>>());
            format!("{:.1} + a·x^{power:.2}", 1e3 * constant)
        };
        let memory = |of: &dyn Fn(&Point) -> f64| {
            growth(&points.iter().map(|(x, p)| (*x, of(p))).collect::<Vec<_>>()).1
        };
        table.notes.push(format!(
            "{what}: time grows as {} ms, the arithmetic at the ceilings as {}; memory as x^{:.2}, what \
             attention keeps as x^{:.2}, each beside a constant",
            fit(&|p| p.seconds),
            fit(&|p| p.ideal),
            memory(&|p| p.bytes),
            memory(&|p| p.attention),
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
    /// Seconds at the ceilings of the roofline, plus the cost of each line by itself.
    ideal: f64,
    bytes: f64,
    attention: f64,
}

/// A point's run and its fastest step so far.
struct Run {
    trainer: Trainer,
    pictures: Vec<Picture>,
    seconds: f64,
}

impl Run {
    /// A run after its first step.
    async fn new(gpu: Rc<TunedGpu>, config: Config) -> Result<Self> {
        let pictures = pictures(&config);
        let mut trainer = Trainer::with(gpu, config, SEED, Options::default()).await?;
        trainer.step(&pictures).await?;
        trainer.finish().await?;
        Ok(Self { trainer, pictures, seconds: f64::MAX })
    }

    async fn turn(&mut self) -> Result<()> {
        let begin = Instant::now();
        loop {
            let start = Instant::now();
            self.trainer.step(&self.pictures).await?;
            self.trainer.finish().await?;
            self.seconds = self.seconds.min(start.elapsed().as_secs_f64());
            if begin.elapsed().as_secs_f64() >= TURN_SECONDS {
                return Ok(());
            }
        }
    }

    fn point(&self, ceilings: &Ceilings) -> Point {
        let trainer = &self.trainer;
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
        Point {
            seconds: self.seconds,
            macs: sum(&|d| d.macs as f64),
            ideal: sum(&|d| ceilings.start + ceilings.seconds(d)),
            bytes: plan.bytes() as f64,
            attention: attention as f64,
        }
    }
}

/// (c, p) of the c + a·xᵖ, c ≥ 0, that is nearest to the points. Errors are relative to the points, as a clock's
/// are. A power of 0 says that the values do not grow.
pub fn growth(points: &[(f64, f64)]) -> (f64, f64) {
    let (low, high) =
        points.iter().fold((f64::MAX, 0.0f64), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
    if high <= low * 1.001 {
        return (low, 0.0);
    }
    let mut best = (f64::MAX, 0.0, 0.0);
    for power in (30..=250).map(|hundredths| f64::from(hundredths) / 100.0) {
        let (error, constant) = line(points, power);
        if error < best.0 {
            best = (error, constant, power);
        }
    }
    (best.1, best.2)
}

/// Relative squared error of the best c + a·xᵖ for a given p, and its c.
fn line(points: &[(f64, f64)], power: f64) -> (f64, f64) {
    // Least squares of 1 ≈ c / y + a xᵖ / y.
    let terms = points.iter().map(|(x, y)| (1.0 / y, x.powf(power) / y));
    let [mut uu, mut uv, mut vv, mut u1, mut v1] = [0.0; 5];
    for (u, v) in terms.clone() {
        (uu, uv, vv, u1, v1) = (uu + u * u, uv + u * v, vv + v * v, u1 + u, v1 + v);
    }
    let determinant = uu * vv - uv * uv;
    let constant = ((u1 * vv - v1 * uv) / determinant).max(0.0);
    let slope = (v1 - constant * uv) / vv;
    (terms.map(|(u, v)| (constant * u + slope * v - 1.0).powi(2)).sum(), constant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_what_is_constant() {
        for power in [0.5, 1.0, 1.37, 2.0] {
            for constant in [0.0, 0.1, 20.0] {
                let of = |x: f64| (x, constant + 3.0 * x.powf(power));
                let points: Vec<_> = [1.0, 2.0, 4.0, 8.0, 16.0].map(of).into();
                let (c, p) = growth(&points);
                assert!((p - power).abs() < 0.011, "{power} {constant}: {p}");
                assert!((c - constant).abs() < 0.1, "{power} {constant}: {c}");
            }
        }
        assert_eq!(growth(&[(1.0, 5.0), (2.0, 5.0), (4.0, 5.0)]), (5.0, 0.0));
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
