//! Tuner: chooses the GEMM variant of every shape by measuring at the start. The fastest variant differs from
//! adapter to adapter, by a factor of ten either way, so none is assumed. Invariants: a choice stays for the life
//! of the device, so the same run gives the same bits; a variant that the driver refuses is left out; tuning ends
//! in about the time it is given, and shapes it did not reach take a similar shape's choice.

pub use crate::tune::verify::verify;

use crate::gpu::device::Gpu;
use crate::gpu::plan::Plan;
use crate::gpu::program::Program;
use crate::kernels::gemm::{
    Choice, Form, Shape, Tuning, VARIANTS, Variant, default_parts, default_variant, variants,
};
use crate::tune::single_product::single_product;
use crate::tune::stopwatch;
use dino_core::error::Result;
use std::collections::{BTreeMap, BTreeSet};
use web_time::{Duration, Instant};

/// Multiply-adds of a trial: long enough to be told from noise, short enough for many. Ten times as many would be .3 s in
/// one dispatch for a slow variant on an integrated GPU.
const SOFTWARE_TRIAL: usize = 6_000_000;
const HARDWARE_TRIAL: usize = 100_000_000;
/// Time for all trials of one plan, without compilers.
const SOFTWARE_TIME: Duration = Duration::from_secs(8);
const HARDWARE_TIME: Duration = Duration::from_secs(2);
/// Seconds that a round of a trial takes at least.
const BRIEF: f64 = 0.01;
/// Time of the products with which a GPU is woken before the first trial: a sleeping one raises its clock within this.
const WARM_UP: Duration = Duration::from_millis(150);
/// The winner of the first shape is measured again at the end: where its time has changed by more than this, the GPU
/// was not yet awake, or no longer cool, and everything is measured again, once.
const CHANGED: f64 = 1.3;
/// An adapter whose product takes so many times as long, or as short, as on the last visit is another one.
const OTHER: f64 = 2.0;
/// A product is tried in other numbers of parts if that takes at most so many seconds a run.
const PARTS_TRIAL: f64 = 0.02;
/// A variant this much slower than the best of a shape is not tried on further shapes.
const HOPELESS: f64 = 3.0;
/// A variant that other shapes use already is taken if it is at most this much slower than the best.
const AS_GOOD: f64 = 1.1;

/// Choices for the shapes measured on a device, and the variants that are not used there.
#[derive(Default)]
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
    /// The first trial, its winner and the seconds of one run.
    pub(super) first: Option<(Shape, Choice, f64)>,
    /// When it was measured, in seconds since 1970, if that was on an earlier visit.
    pub(super) measured: Option<u64>,
    /// What is known is an earlier visit's, and was not compared with this adapter yet.
    pub(super) recalled: bool,
    /// Bytes that a run may take, once the device refused more.
    pub memory: Option<u64>,
    /// Variants that ran on this device already.
    tried: BTreeSet<Variant>,
    /// Who hears which variant is tried now: a driver may take everything with it.
    listener: Option<Box<dyn Fn(Option<Variant>)>>,
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
    /// Tells somebody from now on which variant is tried.
    pub fn tell_trials(&mut self, listener: impl Fn(Option<Variant>) + 'static) {
        self.listener = Some(Box::new(listener));
    }

    /// Tells that a variant is tried, if it is for the first time.
    fn attempt(&mut self, variant: Variant) -> bool {
        let is_new = self.tried.insert(variant);
        if let Some(listener) = self.listener.as_ref().filter(|_| is_new) {
            listener(Some(variant));
        }
        is_new
    }

    /// Tells that nothing is tried any more.
    fn rest(&self) {
        if let Some(listener) = &self.listener {
            listener(None);
        }
    }

    /// Leaves out a variant, named as [`name`] does, that an earlier visit tried and did not survive.
    pub fn suspect(&mut self, name: &str) {
        if let Ok(variant) = serde_json::from_str::<Variant>(name) {
            let reason = "the graphics driver failed while it was tried".to_owned();
            self.refused.push(format!("The {variant} is not used on this adapter: {reason}."));
            self.dropped.insert(variant, reason);
            self.tuning.choices.retain(|_, choice| choice.variant != variant);
        }
    }

    /// Measures the shapes that have no choice yet.
    ///
    /// # Errors
    /// [`dino_core::Error::Device`] when the device fails; a refused variant is no error.
    pub async fn tune(&mut self, gpu: &Gpu, shapes: &[Shape]) -> Result<()> {
        let choices = std::mem::take(&mut self.tuning.choices);
        self.tuning = Tuning { choices, ..untuned(gpu) };
        // Of a software adapter nothing is left to doubt, and a busy machine is not another one.
        if std::mem::take(&mut self.recalled) && !gpu.is_software() {
            warm_up(gpu).await?;
            if self.has_changed(gpu, OTHER).await? {
                self.forget();
            }
        }
        if shapes.iter().all(|shape| self.tuning.choices.contains_key(shape)) {
            return Ok(());
        }
        if gpu.is_software() {
            // They were 4 to 10 times slower wherever they were measured, and take seconds to compile.
            for variant in VARIANTS.iter().filter(|v| matches!(v, Variant::Tiles { .. })) {
                let reason = "workgroup memory is emulated".to_owned();
                self.dropped.entry(*variant).or_insert(reason);
            }
        }
        let fresh = self.first.is_none();
        self.trials(gpu, shapes).await?;
        if fresh && !gpu.is_software() && self.has_changed(gpu, CHANGED).await? {
            self.forget();
            self.trials(gpu, shapes).await?;
        }
        Ok(())
    }

    /// Forgets what was measured; what was refused stays refused.
    fn forget(&mut self) {
        self.tuning.choices.clear();
        (self.rate, self.first, self.measured) = (0.0, None, None);
    }

    /// One trial after the other.
    async fn trials(&mut self, gpu: &Gpu, shapes: &[Shape]) -> Result<()> {
        if !gpu.is_software() {
            warm_up(gpu).await?;
        }
        // The GPU is awake now, and its queue may answer sooner.
        gpu.time_waits().await?;
        let (start, compiling) = (Instant::now(), gpu.compiled().0);
        let spent = || start.elapsed().saturating_sub(gpu.compiled().0 - compiling);
        let most = if gpu.is_software() { SOFTWARE_TIME } else { HARDWARE_TIME };
        for shape in shapes {
            if self.tuning.choices.contains_key(shape) {
                continue;
            }
            let choice = match self.similar(*shape, spent() > most) {
                Some(choice) => choice,
                None => self.measure(gpu, *shape).await?,
            };
            let parts = self.parts(gpu, *shape, choice.variant, spent() > most).await?;
            self.tuning.choices.insert(*shape, Choice { parts, ..choice });
        }
        self.time += spent();
        Ok(())
    }

    /// True if the first winner's time is no longer what it was, by more than a factor.
    async fn has_changed(&self, gpu: &Gpu, by: f64) -> Result<bool> {
        let Some((shape, choice, before)) = self.first else { return Ok(false) };
        let Ok(now) = time(gpu, shape, choice).await else {
            gpu.check()?;
            return Ok(false);
        };
        Ok(now > by * before || before > by * now)
    }

    /// Parts of a product: those that the adapter should need or, where a trial is short, those that it does.
    async fn parts(&self, gpu: &Gpu, shape: Shape, by: Variant, late: bool) -> Result<usize> {
        let usual = default_parts(shape, by, self.tuning.serial);
        let macs = (shape.m * shape.n * shape.k) as f64;
        // A product by few invocations is ten times slower than the fastest.
        let long = self.rate <= 0.0 || 10.0 * macs / self.rate > PARTS_TRIAL;
        if gpu.is_software() || shape.form != Form::Tn || late || long {
            return Ok(usual);
        }
        let mut best = (f64::INFINITY, usual);
        for parts in [usual, usual / 4, usual / 16] {
            if parts == 0 || (parts == usual && best.1 != usual) {
                continue;
            }
            match time(gpu, shape, Choice { variant: by, parts }).await {
                Ok(seconds) if seconds < best.0 => best = (seconds, parts),
                Ok(_) => {}
                Err(_) => gpu.check()?,
            }
        }
        Ok(best.1)
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
        let all: Vec<Variant> = variants(shape.form, gpu.lanes, gpu.is_software())
            .filter(|variant| !self.dropped.contains_key(variant))
            .collect();
        // On hardware one after the other, so that it is known which of them the driver did not survive.
        if gpu.is_software() {
            precompile(gpu, shape, &all).await;
        }
        for variant in all {
            let is_new = self.attempt(variant);
            let sound = match self.verified.insert((shape.form, variant)) {
                true => verify(gpu, shape.form, variant).await,
                false => Ok(()),
            };
            let seconds = match sound {
                Ok(()) => {
                    let parts = default_parts(shape, variant, gpu.is_software());
                    time(gpu, shape, Choice { variant, parts }).await
                }
                Err(error) => Err(error),
            };
            if is_new && gpu.check().is_ok() {
                self.rest();
            }
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
        let unmeasured = (0.0, default_variant(shape, gpu.is_software()));
        let best = times.first().map_or(unmeasured, |t| *t);
        if best.0 > 0.0 {
            let parts = default_parts(shape, best.1, gpu.is_software());
            self.first.get_or_insert((shape, Choice { variant: best.1, parts }, best.0));
        }
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

/// A variant's name in [`Tuner::suspect`].
pub fn name(variant: Variant) -> String {
    serde_json::to_string(&variant).unwrap_or_default()
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

/// A plan of one product of this shape by this choice.
pub fn trial_plan(gpu: &Gpu, shape: Shape, choice: Choice) -> Plan {
    let rolled = gpu.prefers_loops();
    let tuning = Tuning { forced: Some(choice), rolled, ..Tuning::default() };
    let mut plan = Plan::new(gpu.is_software(), gpu.lanes);
    single_product(&mut plan, "trial", &tuning, shape);
    plan
}

/// Compiles what the trials of a shape need, beside each other; who is refused is told so by its own trial.
async fn precompile(gpu: &Gpu, shape: Shape, all: &[Variant]) {
    let plans: Vec<Plan> = all
        .iter()
        .map(|variant| trial_plan(gpu, shape, Choice { variant: *variant, parts: 1 }))
        .collect();
    let lines = plans.iter().flat_map(|plan| &plan.dispatches);
    let wanted: Vec<_> = lines.map(|line| (line.kernel, &line.constants)).collect();
    gpu.compile_all(&wanted).await;
}

/// Lets the GPU work until its clock is up.
async fn warm_up(gpu: &Gpu) -> Result<()> {
    let shape = Shape { form: Form::Nt, m: 1024, n: 256, k: 256 };
    let variant = default_variant(shape, gpu.is_software());
    let plan = trial_plan(gpu, shape, Choice { variant, parts: 1 });
    let program = Program::new(gpu, plan, &[]).await?;
    let start = Instant::now();
    while start.elapsed() < WARM_UP {
        program.repeat(gpu, 0, 4);
        gpu.finish().await?;
    }
    Ok(())
}

/// Seconds of one product.
async fn time(gpu: &Gpu, shape: Shape, choice: Choice) -> Result<f64> {
    let program = Program::alone(gpu, trial_plan(gpu, shape, choice)).await?;
    stopwatch::seconds(gpu, &program, 0, BRIEF).await
}
