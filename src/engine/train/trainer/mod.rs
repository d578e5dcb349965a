//! Trainer: owns the device, the plan and the state of a run, trains step after step and gives out the metrics.
//! No browser types. Invariants: a step never waits for its own results; at most two steps are in flight; the
//! same seed, images and settings give the same bits on one adapter.

mod inspect;
mod pace;
mod snapshots;
mod state;

use crate::gpu::device::Gpu;
use crate::gpu::limits::Limits;
use crate::gpu::wait::{Staging, map};
pub use crate::infer::attention_pass::Inference;
use crate::infer::feature_pass::FeaturePass;
use crate::infer::pass_cache::PassCache;
use crate::kernels::gemm::Tuning;
use crate::kernels::metrics::RECORD;
use crate::train::augment;
use crate::train::augment::AugmentIo;
use crate::train::executor::{Engine, scalars};
use crate::train::snapshot_set::SnapshotSet;
use crate::tune::TunedGpu;
use crate::tune::budget;
use crate::tune::line_time::line_seconds;
use crate::tune::tuner;
use dino_core::data::crops;
use dino_core::data::identity::SetIdentity;
use dino_core::data::picture::Picture;
use dino_core::error::{DeviceProblem, Error, Result};
use dino_core::eval::metrics::{Metrics, Sample};
use dino_core::run::config::Config;
use dino_core::run::sampling;
use dino_core::run::schedule;
use dino_core::run::schedule::StepValues;
use dino_core::weights::init;
use pace::Pace;
use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use web_time::{Duration, Instant};

/// Steps that may be submitted and not yet read. More would only queue, and crash small devices.
const IN_FLIGHT: usize = 2;
/// The same where the queue answers late: a step may be shorter than the wait.
const IN_FLIGHT_LATE: usize = 4;

/// Time that a submit may take where nobody looks at a window that waits for the device.
const UNSEEN: Duration = Duration::from_millis(300);

/// How a run is built; only tests and benchmarks need other values than the defaults.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Images at a time; `None` = as many as fit in memory and in about 300 ms.
    pub micro_batch: Option<usize>,
    /// Multiply-adds that a submit may have; `None` = what takes as long as [`Trainer::aim_submits`] says.
    pub budget: Option<u64>,
    /// Which product variants to use; `None` = measured on this device.
    pub tuning: Option<Tuning>,
    /// Other limits than the device's.
    pub limits: Option<Limits>,
    /// Compute each block's activations again in the backward pass instead of keeping them: less
    /// memory, a quarter more work.
    pub recompute: bool,
}

/// A training run.
pub struct Trainer {
    engine: Engine,
    augment: AugmentIo,
    /// The lines of a micro-batch, divided into submits that do not take too long.
    pace: Pace,
    /// When the last record came while another step was on the device.
    settled: Option<Instant>,
    tuning: Tuning,
    seed: u64,
    /// The images, if somebody said which they are.
    images: Option<SetIdentity>,
    next: u64,
    pending: VecDeque<Pending>,
    staging: Vec<Rc<Staging>>,
    finished: Vec<Metrics>,
    failed: Option<Error>,
    /// Multiply-adds that a submit may have.
    budget: u64,
    pictures: PassCache<inspect::Source>,
    features: Option<FeaturePass>,
    snapshots: SnapshotSet,
    shelf: Option<snapshots::SnapshotArena>,
}

/// Bytes of a step's record.
const RECORD_BYTES: u64 = (RECORD.len() * 4) as u64;

/// Steps that may be on the device at a time.
fn in_flight(gpu: &Gpu) -> usize {
    if gpu.waits().late { IN_FLIGHT_LATE } else { IN_FLIGHT }
}

/// The division of a step into submits: by multiply-adds if somebody said how many, otherwise by time.
fn paced(engine: &Engine, budget: Option<u64>) -> Pace {
    let (plan, lines) = (&engine.program.plan, engine.step.forward_backward.clone());
    if let Some(budget) = budget {
        return Pace::fixed(plan.submits(lines, budget));
    }
    let speed = engine.gpu.speed();
    let seconds = |lines: Range<usize>| -> Vec<f64> {
        let time = |line| line_seconds(&engine.gpu, &speed, line);
        plan.dispatches[lines].iter().map(time).collect()
    };
    let parts = (engine.config.train.batch / engine.step.micro_batch) as f64;
    let part = seconds(lines.clone());
    let update: f64 = seconds(engine.step.update.clone()).iter().sum();
    let step = parts * part.iter().sum::<f64>() + update;
    Pace::new(lines.start, part, step, UNSEEN)
}

/// A submitted step whose record is on its way.
struct Pending {
    step: u64,
    values: StepValues,
    staging: Rc<Staging>,
    mapped: Pin<Box<dyn Future<Output = Result<()>>>>,
    #[cfg_attr(target_arch = "wasm32", allow(dead_code))]
    submission: wgpu::SubmissionIndex,
}

impl Trainer {
    /// Plans, allocates, compiles and initialises a run.
    ///
    /// # Errors
    /// [`Error::Setting`], [`Error::TooLarge`], [`Error::Shader`] or [`Error::Device`].
    pub async fn new(gpu: Rc<TunedGpu>, config: Config, seed: u64) -> Result<Self> {
        Self::with(gpu, config, seed, Options::default()).await
    }

    /// [`Trainer::new`] with other options.
    ///
    /// # Errors
    /// See [`Trainer::new`].
    pub async fn with(
        gpu: Rc<TunedGpu>,
        config: Config,
        seed: u64,
        options: Options,
    ) -> Result<Self> {
        config.validate()?;
        let limits = options.limits.unwrap_or_else(|| gpu.bounds());
        let recompute = options.recompute;
        let untuned = Tuning { recompute, ..tuner::untuned(&gpu) };
        let fit = |tuning: &Tuning, budget| {
            crate::train::fit::micro_batch(&config, limits, tuning, options.micro_batch, budget)
        };
        let (mut micro, step) = fit(&untuned, u64::MAX)?;
        let mut budget = options.budget.unwrap_or(u64::MAX);
        let tuning = match options.tuning {
            Some(tuning) => tuning,
            None => {
                let tuning = budget::tuned(&gpu, &tuner::shapes(&step.plan)).await?;
                let tuning = Tuning { recompute, ..tuning };
                budget = options.budget.unwrap_or_else(|| budget::budget(&gpu));
                let (part, step) = fit(&tuning, budget)?;
                micro = part;
                let tuning = budget::tuned(&gpu, &tuner::shapes(&step.plan)).await?;
                Tuning { recompute, ..tuning }
            }
        };
        let mut augment = None;
        let engine = Engine::new(gpu, &config, limits, &tuning, micro, |plan, patches| {
            let (vit, crops) = (&config.vit, &config.crops);
            let side = crops.picture_side();
            augment = Some(augment::plan(plan, vit, crops, micro, side, patches)?);
            Ok(())
        })
        .await?;
        let augment =
            augment.ok_or_else(|| Error::Device(DeviceProblem::NoOwner("augment".to_owned())))?;
        let pace = paced(&engine, options.budget);
        let staging = |_| Rc::new(Staging::new(&engine.gpu, "metrics", RECORD_BYTES));
        let staging = (0..=in_flight(&engine.gpu)).map(staging).collect();
        let weights = init::student(&config, seed);
        engine.load(&engine.step.arenas.student, &weights)?;
        engine.load(&engine.step.arenas.teacher, &weights)?;
        let backbone = engine.step.layout.backbone();
        let snapshots =
            SnapshotSet::new(config.total_steps() as u64, backbone.windows.iter().sum());
        Ok(Self {
            engine,
            augment,
            pace,
            settled: None,
            tuning,
            seed,
            images: None,
            next: 0,
            pending: VecDeque::new(),
            staging,
            finished: Vec::new(),
            failed: None,
            budget,
            pictures: PassCache::default(),
            features: None,
            snapshots,
            shelf: None,
        })
    }

    /// The run's settings.
    pub fn config(&self) -> &Config {
        &self.engine.config
    }

    /// The planned step.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Images that are computed at a time.
    pub fn micro_batch(&self) -> usize {
        self.engine.step.micro_batch
    }

    /// Sets how long a submit may keep the device from the next step on.
    pub fn aim_submits(&mut self, goal: Duration) {
        self.pace.aim(goal);
    }

    /// Submits of a step.
    pub fn submits(&self) -> usize {
        self.pace.submits().len() * self.config().train.batch / self.micro_batch()
    }

    /// Bytes of device memory that the run holds.
    pub fn bytes(&self) -> u64 {
        self.engine.program.plan.bytes()
    }

    /// Steps submitted so far.
    pub fn step_index(&self) -> u64 {
        self.next
    }

    /// Submits one step; waits only while two are in flight. No side of an image may be longer than
    /// [`picture_side`](dino_core::run::config::CropConfig::picture_side).
    ///
    /// # Errors
    /// [`Error::NoImages`], [`Error::Image`] for one that is too large, [`Error::NotFinite`] when an
    /// earlier step's loss was not finite, [`Error::Device`] when the device fails.
    pub async fn step(&mut self, images: &[Picture]) -> Result<()> {
        let picks = self.picks(images.len());
        let batch: Vec<&Picture> = picks.iter().map(|i| &images[*i]).collect();
        self.step_on(&batch).await
    }

    /// The images of the next step's batch, of a set of so many.
    pub fn picks(&self, images: usize) -> Vec<usize> {
        sampling::batch(self.seed, self.next, images, self.engine.config.train.batch)
    }

    /// [`Trainer::step`] on the images that [`Trainer::picks`] names, in that order.
    ///
    /// # Errors
    /// See there.
    pub async fn step_on(&mut self, batch: &[&Picture]) -> Result<()> {
        while self.pending.len() >= in_flight(&self.engine.gpu) {
            self.settle().await?;
        }
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let (config, micro) = (&self.engine.config, self.engine.step.micro_batch);
        if batch.len() != config.train.batch {
            return Err(Error::NoImages);
        }
        // Everything is packed before anything is submitted, so a refused image leaves no half step.
        let mut parts = Vec::with_capacity(batch.len() / micro);
        for (part, pictures) in batch.chunks(micro).enumerate() {
            let sizes: Vec<_> = pictures.iter().map(|p| (p.width, p.height)).collect();
            let first = (part * micro) as u32;
            let draws = crops::draw_batch(&config.crops, self.seed, self.next, first, &sizes);
            parts.push(self.augment.pack(pictures, &draws)?);
        }
        let (gpu, program) = (&self.engine.gpu, &self.engine.program);
        self.engine.set_step(&scalars(&config.train, self.next as usize));
        let last = parts.len() - 1;
        for (part, packed) in parts.iter().enumerate() {
            program.write(gpu, self.augment.pictures, &packed.pictures);
            program.write(gpu, self.augment.crops, &packed.crops);
            if let Some((slice, stride)) = self.engine.step.student.drop_path() {
                let first = part * micro;
                let scales =
                    sampling::drop_path(config, self.seed, self.next, first, micro, stride);
                program.write_f32(gpu, slice, &scales);
            }
            // The last lines of the last part are submitted with the update.
            let submits = self.pace.submits();
            for lines in &submits[..submits.len() - usize::from(part == last)] {
                program.run(gpu, lines.clone());
            }
        }
        let start = self.pace.submits().last().map_or(0, |lines| lines.start);
        self.submit_last(start);
        Ok(())
    }

    /// The last lines from `start`, the update and the copy of the record, in one submit.
    fn submit_last(&mut self, start: usize) {
        let (gpu, program, step) = (&self.engine.gpu, &self.engine.program, &self.engine.step);
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        program.record(&mut encoder, start..step.update.end);
        let staging = self.staging[self.next as usize % self.staging.len()].clone();
        if let Some(record) = program.buffer("record") {
            encoder.copy_buffer_to_buffer(record, 0, &staging.0, 0, RECORD_BYTES);
        }
        let submission = gpu.queue.submit([encoder.finish()]);
        let mapped = Box::pin(map(&staging.0));
        let values = schedule::at(&self.engine.config.train, self.next as usize);
        self.pending.push_back(Pending { step: self.next, values, staging, mapped, submission });
        self.next += 1;
    }

    /// Waits for the oldest step in flight and takes in its metrics.
    async fn settle(&mut self) -> Result<()> {
        let Some(pending) = self.pending.pop_front() else { return Ok(()) };
        self.engine.gpu.check()?;
        #[cfg(not(target_arch = "wasm32"))]
        self.engine
            .gpu
            .device
            .poll(wgpu::PollType::Wait {
                submission_index: Some(pending.submission),
                timeout: None,
            })
            .map_err(|e| Error::Device(DeviceProblem::Reported(e.to_string())))?;
        self.engine.gpu.until(pending.mapped, false).await?;
        let bytes = pending.staging.bytes()?;
        let record = bytes.chunks_exact(4).map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]));
        // With another step on the device, the time until its record is that step's.
        let now = Instant::now();
        if let Some(before) = self.settled.take() {
            self.pace.took(now.duration_since(before).as_secs_f64());
        }
        self.settled = (!self.pending.is_empty()).then_some(now);
        let v = pending.values;
        let mut sample = Sample { point: Metrics::at(pending.step), images_per_second: 0.0 };
        for (column, value) in RECORD.iter().zip(record) {
            *column.of_mut(&mut sample) = value;
        }
        let metrics = Metrics {
            lr: v.lr as f32,
            weight_decay: v.weight_decay as f32,
            momentum: v.momentum as f32,
            teacher_temp: v.teacher_temp as f32,
            ..sample.point
        };
        if !metrics.loss.is_finite() {
            self.failed = Some(Error::NotFinite { step: metrics.step, loss: metrics.loss });
        }
        self.finished.push(metrics);
        Ok(())
    }

    /// Metrics of the steps that finished since the last call.
    pub fn drain(&mut self) -> Vec<Metrics> {
        std::mem::take(&mut self.finished)
    }

    /// Waits for all steps in flight.
    ///
    /// # Errors
    /// [`Error::NotFinite`] or [`Error::Device`].
    pub async fn finish(&mut self) -> Result<()> {
        while !self.pending.is_empty() {
            self.settle().await?;
        }
        self.engine.gpu.check()?;
        self.failed.clone().map_or(Ok(()), Err)
    }
}
