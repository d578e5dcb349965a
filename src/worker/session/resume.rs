//! Resuming of the stored run. Invariant: the result is the run to the bit, an older checkpoint of it, or an
//! error that says why not.

use crate::host::Host;
use crate::session::Session;
use crate::store;
use dino_core::error::{Error, Result};
use dino_core::protocol::{Event, State};
use dino_core::storage::{Found, StoredCheckpoint};
use dino_core::weights::checkpoint::Checkpoint;

/// Points of the history in one message, which the page unpacks in a few milliseconds.
const POINTS: usize = 400;

impl<H: Host> Session<H> {
    /// Continues from the newest checkpoint that can be used.
    pub(super) async fn resume(&mut self) -> Result<()> {
        self.pause().await?;
        if self.store.is_reader() {
            // The other tab may have stored newer checkpoints.
            self.store.open_runs(&self.host, &self.out).await?;
        }
        let outcome = self.go_on_with_newest().await;
        if outcome.is_err() && self.run.state() == State::Preparing {
            self.run.discard();
            self.run.set_state(State::Idle, &self.out);
        }
        outcome
    }

    async fn go_on_with_newest(&mut self) -> Result<()> {
        loop {
            let damage = match self.store.load().await? {
                Found::Nothing => return Err(store::nothing()),
                Found::Damaged(damage) => damage,
                Found::Run(loaded) => {
                    let Err(error) = self.go_on(*loaded).await else { return Ok(()) };
                    // Whole files that cannot be read are of another version of the program.
                    if !matches!(error, Error::File { .. } | Error::Tensor { .. }) {
                        return Err(error);
                    }
                    self.store.reject(error).await?
                }
            };
            store::tell(damage, &self.out);
        }
    }

    async fn go_on(&mut self, loaded: StoredCheckpoint) -> Result<()> {
        let StoredCheckpoint { manifest, state, history } = loaded;
        let checkpoint = Checkpoint::from_bytes(&manifest.file(), &state)?;
        drop(state);
        let about = &manifest.about;
        self.run.choose(about.settings.clone());
        self.images.work_at(checkpoint.config.crops.picture_side());
        self.views.begin();
        self.prepare(checkpoint.config.clone(), Some(about.micro_batch)).await?;
        self.run.restore(&checkpoint).await?;
        for points in history.chunks(POINTS) {
            let points = points.to_vec();
            self.out.post(Event::Progress { points, images_per_second: 0.0 });
        }
        self.run.recall(history, about.trained);
        self.store.go_on(&manifest);
        let snapshots = self.store.read_snapshots().await;
        if let Some(trainer) = self.run.trainer_mut() {
            for (step, words) in snapshots {
                // A snapshot of a later step than the checkpoint's is taken again.
                let _ = trainer.restore_snapshot(step, words);
            }
        }
        self.run.rest(&self.out);
        self.store.went_on(&manifest, checkpoint.images, &self.out);
        if !self.images.is_empty() {
            self.store.compare_images(&self.images, &self.out);
            self.show().await?;
        }
        Ok(())
    }
}
