//! A training run: owns the device, the plan and the run's state; step after step, metrics out. No
//! browser types. Invariants: a step never waits for its own results; at most two steps are in
//! flight; the same seed, pictures and settings give the same bits on one adapter.

use crate::augment::{self, AugmentIo, CropKind};
use crate::checkpoint::{CENTER, Checkpoint};
use crate::config::Config;
use crate::dino::{self, StepPlan};
use crate::engine::{Engine, scalars};
use crate::error::{Error, Result};
use crate::gpu::{Gpu, map};
use crate::images::Picture;
use crate::init;
use crate::kernels::gemm::{Shape, Tuning};
use crate::kernels::metrics::RECORD;
use crate::layout::{Arena, Limits};
use crate::picture_plan::{PicturePlan, resized};
use crate::sampling;
use crate::schedule::{self, StepValues};
use crate::tensors::{Tensor, Tensors};
use crate::tune;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

/// Steps that may be submitted and not yet read: more only queue, and crash small devices.
const IN_FLIGHT: usize = 2;
/// Longest side of a picture in pixels.
pub const MAX_SIDE: usize = 512;
/// Attention passes of different shapes that are kept.
const PICTURE_PLANS: usize = 4;
/// Multiply-adds of one submit on a software adapter: about 300 ms at the 3 GFLOP/s measured there.
const SOFTWARE_MACS: u64 = 450_000_000;
/// The same on other adapters, at a cautious 300 GFLOP/s.
const HARDWARE_MACS: u64 = 45_000_000_000;

/// Numbers of one finished step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    pub step: u64,
    pub loss: f32,
    /// Mean entropy of the teacher's distributions, nats.
    pub entropy: f32,
    /// KL(teacher‖student), nats.
    pub kl: f32,
    /// Mean over dimensions of the standard deviation of the L2-normalised teacher CLS features.
    pub feature_std: f32,
    /// Norm of the centre.
    pub center_norm: f32,
    pub lr: f32,
    pub weight_decay: f32,
    pub momentum: f32,
    pub teacher_temp: f32,
}

/// Which of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    Student,
    Teacher,
}

/// Attention of the last layer: CLS row, CLS column dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionMaps {
    pub heads: usize,
    /// Patches across and down.
    pub grid: [usize; 2],
    /// (heads, grid[1], grid[0]); each head sums to at most 1.
    pub values: Vec<f32>,
}

/// One augmented view of a picture, for showing.
#[derive(Debug, Clone, PartialEq)]
pub struct CropView {
    /// "global 1", "global 2", "local 1" …
    pub name: String,
    pub picture: Picture,
    /// Crop box in the original: left, top, width, height.
    pub frame: [usize; 4],
}

/// How a run is built; the default is right for everybody but tests and benchmarks.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Images at a time; `None` = as many as fit in memory and in about 300 ms.
    pub micro_batch: Option<usize>,
    /// Which product variants to use; `None` = measured on this device.
    pub tuning: Option<Tuning>,
    /// Other limits than the device's.
    pub limits: Option<Limits>,
}

/// A training run.
pub struct Trainer {
    engine: Engine,
    augment: AugmentIo,
    tuning: Tuning,
    seed: u64,
    next: u64,
    pending: VecDeque<Pending>,
    staging: Vec<wgpu::Buffer>,
    finished: Vec<Metrics>,
    failed: Option<Error>,
    pictures: Vec<(Network, [usize; 2], PicturePlan)>,
}

/// A submitted step whose record is on its way.
struct Pending {
    step: u64,
    values: StepValues,
    buffer: wgpu::Buffer,
    mapped: Pin<Box<dyn Future<Output = Result<()>>>>,
    #[cfg_attr(target_arch = "wasm32", allow(dead_code))]
    submission: wgpu::SubmissionIndex,
}

impl Trainer {
    /// Plans, allocates, compiles and initialises a run.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::TooLarge`], [`Error::Shader`] or [`Error::Device`].
    pub async fn new(gpu: Rc<Gpu>, config: Config, seed: u64) -> Result<Self> {
        Self::with(gpu, config, seed, Options::default()).await
    }

    /// [`Trainer::new`] with other options.
    ///
    /// # Errors
    /// See [`Trainer::new`].
    pub async fn with(gpu: Rc<Gpu>, config: Config, seed: u64, options: Options) -> Result<Self> {
        config.validate()?;
        let limits = options.limits.unwrap_or_else(|| Limits::of(&gpu.limits));
        let untuned = Tuning::default();
        let software = gpu.is_software();
        let (micro, step) = micro_batch(&config, limits, &untuned, options.micro_batch, software)?;
        let tuning = match options.tuning {
            Some(tuning) => tuning,
            None => tuned(&gpu, &tune::shapes(&step.plan)).await?,
        };
        let mut augment = None;
        let engine = Engine::new(gpu, &config, limits, &tuning, micro, |plan, patches| {
            let (vit, crops) = (&config.vit, &config.crops);
            augment = Some(augment::plan(plan, vit, crops, micro, MAX_SIDE, patches)?);
            Ok(())
        })
        .await?;
        let augment = augment.ok_or_else(|| Error::Device("no augmentation was planned".into()))?;
        let staging = (0..=IN_FLIGHT)
            .map(|_| {
                engine.gpu.device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("metrics"),
                    size: (RECORD * 4) as u64,
                    usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                })
            })
            .collect();
        let weights = init::student(&config, seed);
        engine.load(&engine.step.arenas.student, &weights)?;
        engine.load(&engine.step.arenas.teacher, &weights)?;
        Ok(Self {
            engine,
            augment,
            tuning,
            seed,
            next: 0,
            pending: VecDeque::new(),
            staging,
            finished: Vec::new(),
            failed: None,
            pictures: Vec::new(),
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

    /// Bytes of device memory that the run holds.
    pub fn bytes(&self) -> u64 {
        self.engine.program.plan.bytes()
    }

    /// Steps submitted so far.
    pub fn step_index(&self) -> u64 {
        self.next
    }

    /// Submits one step; waits only while two are in flight.
    ///
    /// # Errors
    /// [`Error::NoImages`], [`Error::Image`] for one that is too large, [`Error::NotFinite`] when an
    /// earlier step's loss was not finite, [`Error::Device`] when the device fails.
    pub async fn step(&mut self, images: &[Picture]) -> Result<()> {
        while self.pending.len() >= IN_FLIGHT {
            self.settle().await?;
        }
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let (config, micro) = (&self.engine.config, self.engine.step.micro_batch);
        let picks = sampling::batch(self.seed, self.next, images.len(), config.train.batch);
        if picks.is_empty() {
            return Err(Error::NoImages);
        }
        // Everything is packed before anything is submitted: a refused picture leaves no half step.
        let mut parts = Vec::with_capacity(picks.len() / micro);
        for (part, picks) in picks.chunks(micro).enumerate() {
            let pictures: Vec<&Picture> = picks.iter().map(|i| &images[*i]).collect();
            let sizes: Vec<_> = pictures.iter().map(|p| (p.width, p.height)).collect();
            let first = (part * micro) as u32;
            let draws = augment::draw_batch(&config.crops, self.seed, self.next, first, &sizes);
            parts.push(self.augment.pack(&pictures, &draws)?);
        }
        let (gpu, program) = (&self.engine.gpu, &self.engine.program);
        self.engine.set_step(&scalars(&config.train, self.next as usize));
        let last = parts.len() - 1;
        let lines = self.engine.step.forward_backward.clone();
        for (part, packed) in parts.iter().enumerate() {
            program.write(gpu, self.augment.pictures, &packed.pictures);
            program.write(gpu, self.augment.crops, &packed.crops);
            if let Some((slice, stride)) = self.engine.step.student.drop_path() {
                let first = part * micro;
                let scales =
                    sampling::drop_path(config, self.seed, self.next, first, micro, stride);
                program.write_f32(gpu, slice, &scales);
            }
            if part < last {
                program.run(gpu, lines.clone());
            }
        }
        self.submit_last(lines.start);
        Ok(())
    }

    /// The last micro-batch, the update and the copy of the record, in one submit.
    fn submit_last(&mut self, start: usize) {
        let (gpu, program, step) = (&self.engine.gpu, &self.engine.program, &self.engine.step);
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        program.record(&mut encoder, start..step.update.end);
        let buffer = self.staging[self.next as usize % self.staging.len()].clone();
        if let Some(record) = program.buffer("record") {
            encoder.copy_buffer_to_buffer(record, 0, &buffer, 0, (RECORD * 4) as u64);
        }
        let submission = gpu.queue.submit([encoder.finish()]);
        let mapped = Box::pin(map(&buffer));
        let values = schedule::at(&self.engine.config.train, self.next as usize);
        self.pending.push_back(Pending { step: self.next, values, buffer, mapped, submission });
        self.next += 1;
    }

    /// Waits for the oldest step in flight and keeps its numbers.
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
            .map_err(|e| Error::Device(e.to_string()))?;
        pending.mapped.await?;
        let view = pending.buffer.get_mapped_range(..).map_err(|e| Error::Device(e.to_string()))?;
        let record: Vec<f32> =
            view.chunks_exact(4).map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect();
        drop(view);
        pending.buffer.unmap();
        let v = pending.values;
        let metrics = Metrics {
            step: pending.step,
            loss: record[0],
            entropy: record[1],
            kl: record[2],
            feature_std: record[3],
            center_norm: record[4],
            lr: v.lr as f32,
            weight_decay: v.weight_decay as f32,
            momentum: v.momentum as f32,
            teacher_temp: v.teacher_temp as f32,
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

    /// The crops that the next step would draw from a picture, were it the first of the batch.
    ///
    /// # Errors
    /// [`Error::Image`] for an index or a picture out of range, [`Error::Device`].
    pub async fn crops(&mut self, images: &[Picture], image: usize) -> Result<Vec<CropView>> {
        let Some(picture) = images.get(image) else {
            let reason = format!("there are only {} pictures", images.len());
            return Err(Error::Image { name: format!("picture {image}"), reason });
        };
        let (micro, crops) = (self.engine.step.micro_batch, self.engine.config.crops.clone());
        let size = (picture.width, picture.height);
        let index = image as u32;
        let draws = augment::draw_batch(&crops, self.seed, self.next, index, &vec![size; micro]);
        // One picture serves all crops, so only its pixels are uploaded.
        let picks: Vec<_> = draws.iter().map(|d| (0, d)).collect();
        let packed = self.augment.pack_picks(&[picture], &picks)?;
        let (gpu, program) = (&self.engine.gpu, &self.engine.program);
        program.write(gpu, self.augment.pictures, &packed.pictures);
        program.write(gpu, self.augment.crops, &packed.crops);
        program.run(gpu, self.augment.lines.clone());
        let mut views = Vec::new();
        for (crop, draw) in draws.iter().step_by(micro).enumerate() {
            let pixels = program.read(gpu, self.augment.crop_pixels(crop, 0)).await?;
            let rgba = pixels.iter().flat_map(|p| p.to_bits().to_le_bytes()).collect();
            let [top, left, height, width] = draw.frame;
            views.push(CropView {
                name: match draw.kind {
                    CropKind::Global1 => "global 1".to_owned(),
                    CropKind::Global2 => "global 2".to_owned(),
                    CropKind::Local => format!("local {}", crop - 1),
                },
                picture: Picture { width: draw.size, height: draw.size, rgba },
                frame: [left, top, width, height],
            });
        }
        Ok(views)
    }

    /// Attention maps of a picture, resized so that its short side is the size that `pos_embed` was
    /// made for, to whole patches.
    ///
    /// # Errors
    /// [`Error::Image`] for an empty picture, [`Error::Device`].
    pub async fn attention(
        &mut self,
        picture: &Picture,
        network: Network,
    ) -> Result<AttentionMaps> {
        let vit = &self.engine.config.vit;
        let (patch, side) = (vit.patch_size, vit.grid(vit.img_size));
        let short = picture.width.min(picture.height).max(1) as f64;
        // A strip of 1 × 1000 pixels would be thousands of patches: at most four squares long.
        let patches = |pixels: usize| {
            ((pixels as f64 / short * side as f64).round() as usize).clamp(1, 4 * side)
        };
        let grid = [patches(picture.width), patches(picture.height)];
        let resized = resized(picture, grid[0] * patch, grid[1] * patch)?;
        let heads = vit.num_heads;
        let at = self.picture_plan(network, grid).await?;
        let result = self.pictures[at].2.run(&self.engine.gpu, &resized, patch).await?;
        Ok(AttentionMaps { heads, grid, values: result.attention })
    }

    /// Index of the pass for this network and grid, built if it is not there.
    async fn picture_plan(&mut self, network: Network, grid: [usize; 2]) -> Result<usize> {
        let found = self.pictures.iter().position(|(n, g, _)| (*n, *g) == (network, grid));
        if let Some(at) = found {
            return Ok(at);
        }
        let role = match network {
            Network::Student => "student",
            Network::Teacher => "teacher",
        };
        let Engine { gpu, config, program, step } = &self.engine;
        let pass =
            PicturePlan::new(gpu, program, &step.layout, config, &self.tuning, role, grid).await?;
        if self.pictures.len() >= PICTURE_PLANS {
            self.pictures.remove(0);
        }
        self.pictures.push((network, grid, pass));
        Ok(self.pictures.len() - 1)
    }

    /// The whole state as the bytes of a safetensors file.
    ///
    /// # Errors
    /// [`Error::Device`], or [`Error::Tensor`] when the state is not finite.
    pub async fn save(&mut self) -> Result<Vec<u8>> {
        self.finish().await?;
        let mut tensors = Tensors::new();
        for (role, arena) in roles(&self.engine) {
            let arena = self.engine.save(arena).await?;
            tensors.extend(arena.into_iter().map(|(n, t)| (format!("{role}{n}"), t)));
        }
        let center = self.engine.program.read(&self.engine.gpu, self.engine.step.center).await?;
        let shape = vec![1, self.engine.config.head.out_dim];
        tensors.insert(CENTER.to_owned(), Tensor { shape, data: center });
        let config = self.engine.config.clone();
        Checkpoint { config, seed: self.seed, step: self.next, tensors }.to_bytes()
    }

    /// Restores a state written by [`Trainer::save`] with the same network; the run goes on from its
    /// step and seed.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Tensor`] for a damaged file or another network; the running model
    /// is untouched then.
    pub async fn load(&mut self, bytes: &[u8]) -> Result<()> {
        self.restore(&Checkpoint::from_bytes("checkpoint", bytes)?).await
    }

    /// [`Trainer::load`] of a checkpoint that was read already.
    ///
    /// # Errors
    /// See [`Trainer::load`].
    pub async fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let own = &self.engine.config;
        if (&checkpoint.config.vit, &checkpoint.config.head) != (&own.vit, &own.head) {
            return Err(Error::file(
                "checkpoint",
                format!(
                    "it holds another network: expected {:?} and {:?}, found {:?} and {:?}",
                    own.vit, own.head, checkpoint.config.vit, checkpoint.config.head
                ),
            ));
        }
        self.finish().await?;
        for (role, arena) in roles(&self.engine) {
            let tensors = checkpoint
                .tensors
                .iter()
                .filter_map(|(name, t)| Some((name.strip_prefix(role)?.to_owned(), t.clone())));
            self.engine.load(arena, &tensors.collect())?;
        }
        if let Some(center) = checkpoint.tensors.get(CENTER) {
            self.engine.program.write_f32(&self.engine.gpu, self.engine.step.center, &center.data);
        }
        (self.seed, self.next) = (checkpoint.seed, checkpoint.step);
        Ok(())
    }
}

/// The arenas of a checkpoint with the beginnings of their tensors' names.
fn roles(engine: &Engine) -> [(&'static str, &Arena); 4] {
    let a = &engine.step.arenas;
    [
        ("student.", &a.student),
        ("teacher.", &a.teacher),
        ("first_moment.", &a.first_moment),
        ("second_moment.", &a.second_moment),
    ]
}

/// The device's choices, after measuring the shapes that are new to it.
async fn tuned(gpu: &Gpu, shapes: &[Shape]) -> Result<Tuning> {
    // Taken out, so that the cell is not borrowed while the device works.
    let mut tuner = gpu.tuner.take();
    let outcome = tuner.tune(gpu, shapes).await;
    let tuning = tuner.tuning.clone();
    gpu.tuner.replace(tuner);
    outcome.map(|()| tuning)
}

/// Images at a time: the largest divisor of the batch that fits in memory and, unless a single image
/// is too much already, in about 300 ms.
fn micro_batch(
    config: &Config,
    limits: Limits,
    tuning: &Tuning,
    wanted: Option<usize>,
    software: bool,
) -> Result<(usize, StepPlan)> {
    let fits = |micro: usize| {
        dino::plan(config, limits, tuning, micro, |plan, patches| {
            augment::plan(plan, &config.vit, &config.crops, micro, MAX_SIDE, patches).map(|_| ())
        })
    };
    let batch = config.train.batch;
    if let Some(micro) = wanted {
        if micro == 0 || !batch.is_multiple_of(micro) {
            let message = format!("expected a divisor of the batch {batch}, found {micro}");
            return Err(Error::config("micro_batch", message));
        }
        return match fits(micro) {
            Ok(step) => Ok((micro, step)),
            Err(Error::TooLarge { tensor, bytes, limit, which, .. }) => {
                let largest_batch = (1..micro).rev().find(|m| fits(*m).is_ok()).unwrap_or(0);
                Err(Error::TooLarge { tensor, bytes, limit, which, largest_batch })
            }
            Err(error) => Err(error),
        };
    }
    let budget = if software { SOFTWARE_MACS } else { HARDWARE_MACS };
    let mut refused = None;
    for micro in (1..=batch).rev().filter(|m| batch.is_multiple_of(*m)) {
        match fits(micro) {
            Ok(step) => {
                let macs: u64 = step.plan.dispatches.iter().map(|d| d.macs).sum();
                if macs <= budget || micro == 1 {
                    return Ok((micro, step));
                }
            }
            Err(error @ Error::TooLarge { .. }) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or(Error::NoImages))
}
