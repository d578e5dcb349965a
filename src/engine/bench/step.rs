//! Step benchmark: whole steps of the presets, with the time of each phase, dispatches, recording, memory, and
//! what the first step waits for. Invariant: each phase is timed alone and to its end, so the phases sum to a
//! little more than a step, whose submits overlap.

use crate::bench::ceilings::BestProduct;
use crate::bench::{Row, Table, timed};
use crate::gpu::limits::Limits;
use crate::gpu::plan::{Phase, Plan};
use crate::kernels::gemm::Tuning;
use crate::train::augment;
use crate::train::step;
use crate::train::trainer::{Options, Trainer};
use crate::tune::TunedGpu;
use crate::verify::images::{PICTURES, SEED, pictures};
use dino_core::error::Result;
use dino_core::run::config::{Config, HeadConfig, VitConfig};
use dino_core::run::presets;
use dino_core::run::presets::Preset;
use std::rc::Rc;
use web_time::Instant;

const PHASES: [(Phase, &str); 6] = [
    (Phase::Augment, "augment"),
    (Phase::Teacher, "teacher"),
    (Phase::Student, "student"),
    (Phase::Loss, "loss"),
    (Phase::Backward, "backward"),
    (Phase::Update, "update"),
];
/// Steps of a round, which overlap, and rounds.
const STEPS: usize = 2;
const ROUNDS: usize = 7;
/// A step that takes so many seconds is measured in fewer rounds.
const LONG: f64 = 2.0;
const FEW: usize = 3;
/// After a round the best product runs for as long as the round took, at most so many seconds.
const LONGEST_TURN: f64 = 3.0;
/// Multiply-adds that a step may have on a software adapter: some two seconds.
const SOFTWARE_MACS: u64 = 4_000_000_000;

/// A row for each preset, with the batch that the adapter can afford.
///
/// # Errors
/// Those of the runs.
pub async fn table(gpu: Rc<TunedGpu>, presets: &[&Preset]) -> Result<Table> {
    let mut table = Table::new("step", gpu.name());
    let mut best = None;
    for preset in presets {
        for recompute in [false, true] {
            let mut config = preset.config(PICTURES as usize, 100, None);
            if gpu.is_software() {
                let lines = planned(&config)?.dispatches;
                let macs = lines.iter().map(|d| d.macs).sum::<u64>() / config.train.batch as u64;
                config.train.batch = ((SOFTWARE_MACS / macs) as usize).clamp(1, config.train.batch);
            }
            let name = format!("{}{}", preset.name, if recompute { ", recomputing" } else { "" });
            table.rows.push(row(gpu.clone(), name, config, recompute, &mut best).await?);
        }
    }
    let name = "D 192, depth 6, 64 px, batch 8, K 1024".to_owned();
    table.rows.push(row(gpu.clone(), name, middle(), false, &mut best).await?);
    table.notes.push("medians of rounds; after each the best product runs for as long".to_owned());
    table.notes.push(
        "of best: the step's products and attention at the rate of the best product, over its time; \
         needed: five times the parameters and the activations that the backward pass reads"
            .to_owned(),
    );
    Ok(table)
}

/// A size between a toy and a ViT-Tiny: products take most of the time, and a software adapter can run it.
fn middle() -> Config {
    let mut config = presets::all()[0].config(PICTURES as usize, 100, Some(8));
    config.vit = VitConfig {
        img_size: 64,
        patch_size: 8,
        embed_dim: 192,
        depth: 6,
        num_heads: 3,
        drop_path_rate: 0.1,
    };
    config.head =
        HeadConfig { hidden_dim: 512, bottleneck_dim: 128, out_dim: 1024, norm_last_layer: true };
    let crops = &mut config.crops;
    (crops.global_size, crops.local_size, crops.n_local) = (64, 32, 4);
    config
}

/// A whole batch at once, on an adapter without limits.
fn planned(config: &Config) -> Result<Plan> {
    let limits = Limits { binding: u64::MAX, buffer: u64::MAX, total: u64::MAX };
    let (batch, tuning) = (config.train.batch, Tuning::default());
    let step = step::plan(config, limits, &tuning, batch, |plan, patches| {
        let side = config.crops.picture_side();
        augment::plan(plan, &config.vit, &config.crops, batch, side, patches).map(|_| ())
    })?;
    Ok(step.plan)
}

/// A row. The first row finds `best`, after its first step, so that step finds nothing compiled.
async fn row(
    gpu: Rc<TunedGpu>,
    name: String,
    config: Config,
    recompute: bool,
    best: &mut Option<BestProduct>,
) -> Result<Row> {
    let batch = config.train.batch;
    let pictures = pictures(&config);
    let (compiled, tuned) = (gpu.compiled(), gpu.tuner.borrow().time);
    let start = Instant::now();
    let options = Options { recompute, ..Options::default() };
    let mut trainer = Trainer::with(gpu.clone(), config, SEED, options).await?;
    trainer.step(&pictures).await?;
    trainer.finish().await?;
    let first = start.elapsed().as_secs_f64();
    let compile = (gpu.compiled().0 - compiled.0).as_secs_f64();
    let pipelines = gpu.compiled().1 - compiled.1;
    let tune = (gpu.tuner.borrow().time - tuned).as_secs_f64();

    let best = match best {
        Some(best) => best,
        None => best.insert(BestProduct::find(&gpu).await?),
    };
    let (mut times, mut rates) = (Vec::new(), Vec::new());
    let (rounds, steps) = if first - compile - tune < LONG { (ROUNDS, STEPS) } else { (FEW, 1) };
    for _ in 0..rounds {
        let start = Instant::now();
        for _ in 0..steps {
            trainer.step(&pictures).await?;
        }
        trainer.finish().await?;
        let round = start.elapsed().as_secs_f64();
        times.push(round / steps as f64);
        rates.push(best.sustained(&gpu, round.min(LONGEST_TURN)).await?);
    }
    let (seconds, rate) = (median(times), median(rates));

    let engine = trainer.engine();
    let (plan, parts) = (&engine.program.plan, (batch / trainer.micro_batch()) as u64);
    let mut row = Row::new(name, 1e3 * seconds)
        .number("batch", batch as f64, 0)
        .number("at a time", trainer.micro_batch() as f64, 0)
        .number("submits", trainer.submits() as f64, 0)
        .number("images/s", batch as f64 / seconds, 2);
    let mut done: u64 = 0;
    for (phase, column) in PHASES {
        let parts = if phase == Phase::Update { 1 } else { parts };
        row =
            row.number(column, 1e3 * phase_seconds(&gpu, &trainer, phase).await? * parts as f64, 1);
        let lines = plan.dispatches.iter().filter(|d| d.phase == phase);
        done += parts * lines.map(|d| d.macs).sum::<u64>();
    }
    let (recorded, micros) = recording(&gpu, &trainer);
    Ok(row
        .number("of best", done as f64 / seconds / rate, 2)
        .number("GFLOP/s of best", 2e-9 * rate, 1)
        .number("dispatches", recorded as f64, 0)
        .number("µs each", micros, 2)
        .number("planned MB", 1e-6 * plan.bytes() as f64, 1)
        .number("allocated MB", 1e-6 * engine.program.allocated() as f64, 1)
        .number("needed MB", 1e-6 * needed(plan) as f64, 1)
        .number("first s", first, 1)
        .number("compile s", compile, 1)
        .number("pipelines", pipelines as f64, 0)
        .number("tune s", tune, 1)
        .number("run s", (first - compile - tune).max(0.0), 1))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Seconds of one micro-batch's lines of a phase, the fastest of three.
async fn phase_seconds(gpu: &TunedGpu, trainer: &Trainer, phase: Phase) -> Result<f64> {
    let program = &trainer.engine().program;
    let lines = &program.plan.dispatches;
    let Some(start) = lines.iter().position(|d| d.phase == phase) else { return Ok(0.0) };
    let end = lines.iter().rposition(|d| d.phase == phase).map_or(start, |last| last + 1);
    let mut best = f64::MAX;
    for _ in 0..3 {
        best = best.min(timed(gpu, || program.run(gpu, start..end)).await?);
    }
    Ok(best)
}

/// Dispatches of one pass over all lines, and microseconds to record one.
fn recording(gpu: &TunedGpu, trainer: &Trainer) -> (usize, f64) {
    const TIMES: usize = 20;
    let program = &trainer.engine().program;
    let lines = program.plan.dispatches.len();
    let start = Instant::now();
    for _ in 0..TIMES {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        program.record(&mut encoder, 0..lines);
        drop(encoder.finish());
    }
    (lines, 1e6 * start.elapsed().as_secs_f64() / (TIMES * lines) as f64)
}

/// Bytes that every plan needs: the five arenas, the images' patches, and what the student's backward pass
/// reads.
fn needed(plan: &Plan) -> u64 {
    const ARENAS: [&str; 5] = ["student", "teacher", "gradient", "first_moment", "second_moment"];
    let arena = |name: &str| {
        name.split_once('.').is_some_and(|(role, rest)| {
            ARENAS.contains(&role) && rest.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let kept = |name: &str| name == "patches" || name.starts_with("student.");
    plan.buffers.iter().filter(|b| arena(&b.name) || kept(&b.name)).map(|b| b.bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The student's activations are kept, as in a run with default options.
    #[test]
    fn plans_hold_little_more_than_a_step_needs() {
        for preset in presets::all() {
            let plan = planned(&preset.config(PICTURES as usize, 100, None)).unwrap();
            let ratio = plan.bytes() as f64 / needed(&plan) as f64;
            println!("{}: {} bytes, {ratio:.3} of what is needed", preset.name, plan.bytes());
            assert!((1.0..1.15).contains(&ratio), "{}: {ratio}", preset.name);
        }
    }
}
