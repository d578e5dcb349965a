//! Snapshots of the teacher's backbone in a trainer: read from the device when they are due, given to whoever
//! stores them and taken back, and shown from an arena of their own. Invariant: the state of the run is not
//! touched.

use crate::gpu::plan::Plan;
use crate::gpu::program::Program;
use crate::kernels::gemm::Tuning;
use crate::model::layout::{Arena, Layout};
use crate::train::executor::Engine;
use crate::train::trainer::Trainer;
use crate::train::trainer::inspect::Source;
use dino_core::error::{Error, Result, StateError, TensorProblem};

/// An arena on the device for one snapshot at a time.
pub(super) struct SnapshotArena {
    pub program: Program,
    pub layout: Layout,
    arena: Arena,
    /// The step of the snapshot in the arena.
    step: u64,
}

impl Trainer {
    /// Whether a snapshot is due now.
    pub fn snapshot_due(&self) -> bool {
        self.snapshots.due(self.next)
    }

    /// Takes a snapshot of the teacher after the steps submitted so far.
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails.
    pub async fn keep_snapshot(&mut self) -> Result<()> {
        let Engine { gpu, program, step, .. } = &self.engine;
        let windows = step.arenas.teacher.windows.iter().zip(step.layout.backbone().windows);
        let parts: Vec<_> = windows.map(|(window, len)| window.part(0, len)).collect();
        let words = program.read_all(gpu, &parts).await?.concat();
        self.snapshots.keep(self.next, words);
        Ok(())
    }

    /// Steps and words of the snapshots, the earliest first. The words are the backbone's tensors as they
    /// lie in an arena; they fit into any run of the same network, whatever the adapter.
    pub fn snapshots(&self) -> impl Iterator<Item = (u64, &[f32])> {
        self.snapshots.iter()
    }

    /// Takes back a snapshot that this run gave out before it was interrupted; to be called after [`Trainer::load`],
    /// which drops all snapshots.
    ///
    /// # Errors
    /// [`Error::Tensor`] for a wrong number of words, one that is not finite, or a step that this run has no room for
    /// or has not reached.
    pub fn restore_snapshot(&mut self, step: u64, words: Vec<f32>) -> Result<()> {
        let wrong = |problem| Error::tensor(format!("snapshot of step {step}"), problem);
        let (expected, found) = (self.snapshots.words(), words.len());
        if expected != found {
            return Err(wrong(TensorProblem::Count { expected, found }));
        }
        if let Some(at) = words.iter().position(|word| !word.is_finite()) {
            let (value, count) = (words[at], words.len());
            return Err(wrong(TensorProblem::NotFinite { value, at, count }));
        }
        if step > self.next {
            return Err(wrong(TensorProblem::LaterStep { most: self.next, found: step }));
        }
        if !self.snapshots.keep(step, words) {
            return Err(wrong(TensorProblem::NoRoom));
        }
        Ok(())
    }

    /// Drops the snapshots of the run before this one.
    pub(super) fn forget_snapshots(&mut self) {
        self.snapshots.clear();
        self.shelf = None;
        self.pictures.forget(Source::Snapshot);
    }

    /// Uploads a snapshot into the arena that attention passes borrow from.
    pub(super) async fn shelve(&mut self, step: u64) -> Result<()> {
        let Some(words) = self.snapshots.get(step) else {
            let steps = self.snapshots().map(|(step, _)| step).collect();
            return Err(StateError::NoSnapshot { steps, found: step }.into());
        };
        if self.shelf.as_ref().is_some_and(|shelf| shelf.step == step) {
            return Ok(());
        }
        let gpu = &self.engine.gpu;
        let mut shelf = match self.shelf.take() {
            Some(shelf) => shelf,
            None => {
                let layout = self.engine.step.layout.backbone();
                let Tuning { serial, lanes, .. } = self.tuning;
                let mut plan = Plan::new(serial, lanes);
                let arena = Arena::new(&mut plan, "snapshot", &layout, false);
                let program = Program::new(gpu, plan, &[]).await?;
                SnapshotArena { program, layout, arena, step }
            }
        };
        let mut rest = words;
        for window in &shelf.arena.windows {
            let (now, later) = rest.split_at(window.len.min(rest.len()));
            shelf.program.write_f32(gpu, *window, now);
            rest = later;
        }
        shelf.step = step;
        self.shelf = Some(shelf);
        Ok(())
    }
}
