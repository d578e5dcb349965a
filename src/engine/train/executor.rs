//! Executor of a planned step on a device: parameters in and out, one run of the lists. Invariant: it knows
//! nothing of images or files; the trainer and the replay drive it.

use crate::gpu::limits::Limits;
use crate::gpu::params::Params;
use crate::gpu::plan::{Plan, Slice};
use crate::gpu::program::Program;
use crate::kernels::gemm::Tuning;
use crate::kernels::step::{BETA1, BETA2, Step};
use crate::model::layout::Arena;
use crate::train::step;
use crate::train::step::StepPlan;
use crate::tune::TunedGpu;
use dino_core::error::{Error, Result, TensorProblem};
use dino_core::run::config::{Config, TrainConfig};
use dino_core::run::schedule;
use dino_core::weights::tensors::{Tensor, Tensors};
use std::rc::Rc;

/// A step that can be run.
pub struct Engine {
    pub gpu: Rc<TunedGpu>,
    pub config: Config,
    pub program: Program,
    /// Buffers and lines of the step; its plan has moved into `program`.
    pub step: StepPlan,
}

impl Engine {
    /// Plans and builds a step for `micro_batch` images at a time within `limits`.
    ///
    /// # Errors
    /// What [`crate::gpu::plan`] and [`Program::new`] report.
    pub async fn new(
        gpu: Rc<TunedGpu>,
        config: &Config,
        limits: Limits,
        tuning: &Tuning,
        micro_batch: usize,
        augment: impl FnOnce(&mut Plan, Slice) -> Result<()>,
    ) -> Result<Self> {
        let mut step = step::plan(config, limits, tuning, micro_batch, augment)?;
        let program = Program::new(&gpu, std::mem::take(&mut step.plan), &[]).await?;
        for (slice, words) in &step.constants {
            program.write(&gpu, *slice, words);
        }
        Ok(Self { gpu, config: config.clone(), program, step })
    }

    /// Sets the scalars of a step.
    pub fn set_step(&self, scalars: &Step) {
        self.program.write(&self.gpu, self.step.step, &scalars.words());
    }

    /// Runs patches → gradients for one micro-batch.
    pub fn forward_backward(&self) {
        self.program.run(&self.gpu, self.step.forward_backward.clone());
    }

    /// Runs gradients → parameters.
    pub fn update(&self) {
        self.program.run(&self.gpu, self.step.update.clone());
    }

    /// Overwrites one arena.
    ///
    /// # Errors
    /// [`Error::Tensor`] for a missing tensor or a wrong shape.
    pub fn load(&self, arena: &Arena, tensors: &Tensors) -> Result<()> {
        for t in &self.step.layout.tensors {
            let missing = || TensorProblem::Missing { shape: t.shape.clone() };
            let tensor = tensors.get(&t.name).ok_or_else(|| Error::tensor(&t.name, missing()))?;
            tensor.expect(&t.name, &t.shape)?;
            self.program.write_f32(&self.gpu, arena.slice(t), &t.pack(&tensor.data));
        }
        Ok(())
    }

    /// Reads one arena back.
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails.
    pub async fn save(&self, arena: &Arena) -> Result<Tensors> {
        let windows = self.program.read_all(&self.gpu, &arena.windows).await?;
        let tensors = self.step.layout.tensors.iter().map(|t| {
            let words = &windows[t.window][t.start..t.start + t.words()];
            (t.name.clone(), Tensor { shape: t.shape.clone(), data: t.unpack(words) })
        });
        Ok(tensors.collect())
    }
}

/// The scalars of step `iteration`, counted from 0. The last layer and the backbone count their own Adam
/// steps, since a frozen tensor has none.
pub fn scalars(train: &TrainConfig, iteration: usize) -> Step {
    let values = schedule::at(train, iteration);
    let frozen = (train.freeze_last_layer.ceil() as usize).saturating_mul(train.steps_per_epoch);
    let after = |frozen: usize| (iteration + 1).saturating_sub(frozen).max(1) as f64;
    let (steps, last_steps) = (after(0), after(frozen));
    let backbone_steps = after(schedule::frozen_steps(train));
    let correction = |beta: f64, steps: f64| (1.0 - beta.powf(steps)) as f32;
    Step {
        lr: values.lr as f32,
        weight_decay: values.weight_decay as f32,
        momentum: values.momentum as f32,
        teacher_temp: values.teacher_temp as f32,
        first_correction: correction(BETA1, steps),
        second_correction: correction(BETA2, steps),
        last_first_correction: correction(BETA1, last_steps),
        last_second_correction: correction(BETA2, last_steps),
        freeze_last_layer: f32::from(u8::from(values.freeze_last_layer)),
        backbone_first_correction: correction(BETA1, backbone_steps),
        backbone_second_correction: correction(BETA2, backbone_steps),
        freeze_backbone: f32::from(u8::from(values.freeze_backbone)),
    }
}

/// Square crops (n, 3, size, size) as rows of patches (n · tokens, 3 p²), channel-major as the patch
/// embedding's weight, with a zero row for each CLS.
pub fn patchify(crops: &[f32], size: usize, patch: usize) -> Vec<f32> {
    let (grid, values) = (size / patch, 3 * patch * patch);
    let tokens = grid * grid + 1;
    let count = crops.len() / (3 * size * size);
    let mut rows = vec![0.0; count * tokens * values];
    for (crop, rows) in crops.chunks(3 * size * size).zip(rows.chunks_mut(tokens * values)) {
        for (token, row) in rows.chunks_mut(values).skip(1).enumerate() {
            let (top, left) = (token / grid * patch, token % grid * patch);
            for (line, to) in row.chunks_mut(patch).enumerate() {
                let (channel, y) = (line / patch, line % patch);
                let from = (channel * size + top + y) * size + left;
                to.copy_from_slice(&crop[from..from + patch]);
            }
        }
    }
    rows
}
