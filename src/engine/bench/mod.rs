//! Benchmarks: suites and what they measure, apart from where they run and who prints their tables. Invariant: a
//! time means something only beside the others of the same run, so no test limits one.

pub mod ceilings;
pub mod kernels;
pub mod products;
pub mod scale;
pub mod step;
pub mod steps;
pub mod table;

use crate::gpu::device::Gpu;
use crate::gpu::program::Program;
use crate::tune::TunedGpu;
use dino_core::error::{Error, Result};
use dino_core::run::presets;
use dino_core::run::presets::Preset;
use dino_core::run::settings::SettingProblem;
use std::rc::Rc;
pub use steps::{BenchOutcome, run};
pub use table::{Row, Table};
use web_time::Instant;

/// The suites and what they print.
pub const SUITES: [(&str, &str); 4] = [
    ("kernels", "every kernel at the shapes of the presets, beside the roofline"),
    ("products", "every variant of a product, at shapes of a ViT block"),
    ("step", "whole steps of the presets, phase by phase"),
    ("scale", "step time and memory against batch, prototypes, tokens and depth"),
];

/// Runs a suite. `only`: names of presets, all that suit the adapter when empty.
///
/// # Errors
/// [`Error::Setting`] for an unknown suite or preset; those of the runs.
pub async fn suite(gpu: Rc<TunedGpu>, name: &str, only: &[String]) -> Result<Table> {
    match name {
        "kernels" => kernels::table(gpu, &chosen(only)?).await,
        "products" => products::table(gpu).await,
        "step" => step::table(gpu, &chosen(only)?).await,
        "scale" => scale::table(gpu).await,
        _ => {
            let names = SUITES.map(|(name, _)| name);
            Err(Error::setting("suite", SettingProblem::choice(&names, name)))
        }
    }
}

fn chosen(only: &[String]) -> Result<Vec<&'static Preset>> {
    if only.is_empty() {
        return Ok(presets::all().iter().collect());
    }
    let find = |name: &String| presets::by_name(name).ok_or_else(|| presets::unknown(name).into());
    only.iter().map(find).collect()
}

/// Mean seconds of a line over as many runs as take long enough for the clock.
async fn line_seconds(gpu: &Gpu, program: &Program, line: usize) -> Result<f64> {
    let once = timed(gpu, || program.repeat(gpu, line, 1)).await?;
    let enough = if gpu.is_software() { 0.03 } else { 0.01 };
    let times = (enough / once.max(1e-6)).ceil().clamp(1.0, 500.0) as usize;
    if times == 1 {
        return Ok(once);
    }
    let many = timed(gpu, || program.repeat(gpu, line, 1 + times)).await?;
    let more = timed(gpu, || program.repeat(gpu, line, 1)).await?;
    Ok((many - more).max(0.0) / times as f64)
}

/// Seconds from the call to the end of what it submitted.
async fn timed(gpu: &Gpu, work: impl Fn()) -> Result<f64> {
    let start = Instant::now();
    work();
    gpu.finish().await?;
    Ok(start.elapsed().as_secs_f64())
}
