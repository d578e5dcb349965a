//! Tuner: chooses the GEMM variant of every shape by measuring at the start. The fastest variant differs from
//! adapter to adapter, by a factor of ten either way, so none is assumed. Invariants: a choice stays for the life
//! of the device, so the same run gives the same bits; a variant that the driver refuses is left out; tuning ends
//! in about the time it is given, and shapes it did not reach take a similar shape's choice.

pub use crate::tune::verify::verify;

use crate::gpu::device::Gpu;
use crate::gpu::plan::Plan;
use crate::gpu::program::Program;
use crate::kernels::gemm::{
    Choice, Epilogue, Form, Gemm, Shape, Tuning, VARIANTS, Variant, default_parts, gemm,
    partial_words, variants,
};
use dino_core::error::Result;
use std::collections::{BTreeMap, BTreeSet};
use web_time::{Duration, Instant};

/// Multiply-adds of a trial: long enough to be told from noise, short enough for many.
const SOFTWARE_TRIAL: usize = 6_000_000;
const HARDWARE_TRIAL: usize = 1_000_000_000;
/// Time for all trials of one plan.
const SOFTWARE_TIME: Duration = Duration::from_secs(8);
const HARDWARE_TIME: Duration = Duration::from_secs(2);
/// Seconds that a round of a trial should take, and how many products it may have: the time of a single short one is
/// mostly its submit's.
const BRIEF: f64 = 0.01;
const MOST: f64 = 20.0;
/// A variant this much slower than the best of a shape is not tried on further shapes.
const HOPELESS: f64 = 3.0;
/// A variant that other shapes use already is taken if it is at most this much slower than the best.
const AS_GOOD: f64 = 1.1;

/// Choices for the shapes measured on a device, and the variants that are not used there.
#[derive(Debug, Default)]
pub struct Tuner {
    pub tuning: Tuning,
    /// Variants that were refused or hopeless, with the reason.
    pub dropped: BTreeMap<Variant, String>,
    /// A sentence on each dropped variant that the driver refused or whose results were wrong.
    pub refused: Vec<String>,
    /// Forms and variants whose results have been compared with the CPU twin's.
    verified: BTreeSet<(Form, Variant)>,
    /// Multiply-adds a second of the fastest product so far; 0 before the first.
    pub rate: f64,
    /// Time spent on trials so far, the compilation of their shaders left out.
    pub time: Duration,
}

/// Tuning of a device before anything is measured.
pub fn untuned(gpu: &Gpu) -> Tuning {
    let (serial, rolled) = (gpu.is_software(), gpu.prefers_loops());
    Tuning { serial, rolled, lanes: gpu.lanes, ..Tuning::default() }
}

/// The products of a plan, largest first.
pub fn shapes(plan: &Plan) -> Vec<Shape> {
    let mut all: Vec<Shape> = plan.dispatches.iter().filter_map(Shape::of).collect();
    all.sort_by_key(|s| std::cmp::Reverse((s.m * s.n * s.k, *s)));
    all.dedup();
    all
}

impl Tuner {
    /// Measures the shapes that have no choice yet.
    ///
    /// # Errors
    /// [`dino_core::Error::Device`] when the device fails; a refused variant is no error.
    pub async fn tune(&mut self, gpu: &Gpu, shapes: &[Shape]) -> Result<()> {
        let start = Instant::now();
        let compiling = gpu.compiled().0;
        let choices = std::mem::take(&mut self.tuning.choices);
        self.tuning = Tuning { choices, ..untuned(gpu) };
        if gpu.is_software() {
            // They were 4 to 10 times slower wherever they were measured, and take seconds to compile.
            for variant in VARIANTS.iter().filter(|v| matches!(v, Variant::Tiles { .. })) {
                let reason = "workgroup memory is emulated".to_owned();
                self.dropped.entry(*variant).or_insert(reason);
            }
        }
        let time = if gpu.is_software() { SOFTWARE_TIME } else { HARDWARE_TIME };
        for shape in shapes {
            if self.tuning.choices.contains_key(shape) {
                continue;
            }
            let choice = match self.similar(*shape, start.elapsed() > time) {
                Some(choice) => choice,
                None => self.measure(gpu, *shape).await?,
            };
            let parts = default_parts(*shape, choice.variant, self.tuning.serial);
            self.tuning.choices.insert(*shape, Choice { parts, ..choice });
        }
        self.time += start.elapsed().saturating_sub(gpu.compiled().0 - compiling);
        Ok(())
    }

    /// A choice that was measured for the same trial or, when time is up, for the same form.
    fn similar(&self, shape: Shape, late: bool) -> Option<Choice> {
        let trial = |s: Shape| Shape { m: s.m.next_power_of_two(), ..s };
        let same = self.tuning.choices.iter().find(|(s, _)| trial(**s) == trial(shape));
        let nearest = || {
            let form = self.tuning.choices.iter().filter(|(s, _)| s.form == shape.form);
            form.min_by_key(|(s, _)| s.m.abs_diff(shape.m))
        };
        same.or_else(|| if late { nearest() } else { None }).map(|(_, c)| *c)
    }

    /// The fastest variant for a shape.
    async fn measure(&mut self, gpu: &Gpu, shape: Shape) -> Result<Choice> {
        let shape = trial(shape, gpu.is_software());
        let mut times = Vec::new();
        for variant in variants(shape.form, gpu.lanes) {
            if self.dropped.contains_key(&variant) {
                continue;
            }
            let sound = match self.verified.insert((shape.form, variant)) {
                true => verify(gpu, shape.form, variant).await,
                false => Ok(()),
            };
            let seconds = match sound {
                Ok(()) => time(gpu, shape, variant).await,
                Err(error) => Err(error),
            };
            match seconds {
                Ok(seconds) => times.push((seconds, variant)),
                Err(error) => {
                    gpu.check()?;
                    let reason = error.to_string();
                    self.refused
                        .push(format!("The {variant} is not used on this adapter: {reason}."));
                    self.dropped.insert(variant, reason);
                }
            }
        }
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let best = times.first().map_or((0.0, VARIANTS[0]), |t| *t);
        if best.0 > 0.0 {
            self.rate = self.rate.max((shape.m * shape.n * shape.k) as f64 / best.0);
        }
        // A small product does not show how fast a tile is.
        if shape.m.min(shape.n) >= 64 {
            for (seconds, variant) in times.iter().filter(|t| t.0 > HOPELESS * best.0) {
                let reason = format!("{:.1} times slower than the best", seconds / best.0);
                self.dropped.insert(*variant, reason);
            }
        }
        // Every further variant is compiled once for each epilogue, which takes seconds in all on SwiftShader.
        let chosen = |v: Variant| {
            self.tuning.choices.iter().any(|(s, c)| s.form == shape.form && c.variant == v)
        };
        let as_good = times.iter().filter(|t| t.0 <= AS_GOOD * best.0);
        let variant = as_good.map(|t| t.1).find(|v| chosen(*v)).unwrap_or(best.1);
        Ok(Choice { variant, parts: 1 })
    }
}

/// A shape cut to the size of a trial.
fn trial(shape: Shape, software: bool) -> Shape {
    let most = if software { SOFTWARE_TRIAL } else { HARDWARE_TRIAL };
    let long = |other: usize| (most / other.max(1)).max(64);
    match shape.form {
        Form::Tn => Shape { k: shape.k.min(long(shape.m * shape.n)), ..shape },
        _ => Shape { m: shape.m.min(long(shape.n * shape.k)), ..shape },
    }
}

/// A plan of one product of this shape by this variant.
pub fn trial_plan(gpu: &Gpu, shape: Shape, variant: Variant) -> Plan {
    let ((a_rows, lda), (b_rows, ldb)) = shape.operands();
    let ldc = shape.n.next_multiple_of(4);
    let choice = Choice { variant, parts: default_parts(shape, variant, gpu.is_software()) };
    let rolled = gpu.prefers_loops();
    let tuning = Tuning { forced: Some(choice), rolled, ..Tuning::default() };
    let mut plan = Plan::new(gpu.is_software(), gpu.lanes);
    let a = plan.buffer("a", a_rows * lda);
    let b = plan.buffer("b", b_rows * ldb);
    let c = plan.buffer("c", partial_words(shape, lda, ldc, choice.parts));
    let unused = (plan.buffer("unused.read", 64), plan.buffer("unused.written", 64));
    let product = Gemm {
        shape,
        epilogue: Epilogue::Store,
        a: (a, lda),
        b: (b, ldb),
        c: (c, ldc),
        column: None,
        other: None,
        derivative: None,
        scale: None,
        unused,
    };
    gemm(&mut plan, "trial", &tuning, &product);
    plan
}

/// Seconds of one product: the better of two rounds, each of so many products that clock and submit do not count.
async fn time(gpu: &Gpu, shape: Shape, variant: Variant) -> Result<f64> {
    let program = Program::new(gpu, trial_plan(gpu, shape, variant), &[]).await?;
    program.run_all(gpu);
    gpu.finish().await?;
    let round = async |times: usize| {
        let start = Instant::now();
        program.repeat(gpu, 0, times);
        gpu.finish().await.map(|()| start.elapsed().as_secs_f64() / times as f64)
    };
    let once = round(1).await?;
    let times = (BRIEF / once.max(1e-6)).ceil().clamp(1.0, MOST) as usize;
    Ok(round(times).await?.min(round(times).await?))
}
