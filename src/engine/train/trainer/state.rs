//! State of a run, whole, to a checkpoint and back. Invariant: a checkpoint that is refused leaves the run
//! untouched.

use crate::model::layout::Arena;
use crate::train::executor::Engine;
use crate::train::trainer::Trainer;
use dino_core::data::identity::SetIdentity;
use dino_core::error::{Error, FileProblem, Result};
use dino_core::run::config::Config;
use dino_core::weights::checkpoint::{CENTER, Checkpoint};
use dino_core::weights::tensors::{Tensor, Tensors};

impl Trainer {
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
        let (seed, step, images) = (self.seed, self.next, self.images);
        Checkpoint { config, seed, step, tensors, images }.to_bytes()
    }

    /// Notes which images the run's steps take from here on, for [`Trainer::save`].
    pub fn set_images(&mut self, images: SetIdentity) {
        self.images = Some(images);
    }

    /// Restores a state written by [`Trainer::save`] with the same network; the run goes on from its
    /// step and seed.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Tensor`] for a damaged file or another network; the run is then unchanged.
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
            let network = |config: &Config| format!("{:?} and {:?}", config.vit, config.head);
            let (expected, found) = (network(own), network(&checkpoint.config));
            return Err(Error::file("checkpoint", FileProblem::OtherNetwork { expected, found }));
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
        self.images = checkpoint.images;
        // They are snapshots of the run before this one.
        self.forget_snapshots();
        Ok(())
    }
}

/// The arenas of a checkpoint, each with the beginning of its tensors' names.
fn roles(engine: &Engine) -> [(&'static str, &Arena); 4] {
    let a = &engine.step.arenas;
    [
        ("student.", &a.student),
        ("teacher.", &a.teacher),
        ("first_moment.", &a.first_moment),
        ("second_moment.", &a.second_moment),
    ]
}
