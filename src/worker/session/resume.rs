//! Going on with the run that is kept. Invariant: what comes back is the run to the bit, or an older
//! checkpoint of it, or a sentence.

use crate::session::Session;
use dino_core::error::{Error, Result};
use dino_core::protocol::{Event, State};
use dino_core::storage::{Found, Loaded, fingerprint};
use dino_core::weights::checkpoint::Checkpoint;

/// Points of one message of the history: the page unpacks it in a few milliseconds.
pub(crate) const POINTS: usize = 400;

impl Session {
    /// Answers a request that had to wait for images.
    pub(crate) async fn answer_resume(&mut self, request: u32) {
        match self.resume().await {
            Ok(()) => self.link.reply(request, Event::Done),
            Err(error) => self.fail(Some(request), error),
        }
    }

    /// Goes on with the newest checkpoint that can be used.
    pub(crate) async fn resume(&mut self) -> Result<()> {
        self.pause().await?;
        if self.store.reader {
            // The other tab has gone on since.
            self.open_runs().await?;
        }
        let outcome = self.go_on_somehow().await;
        if outcome.is_err() && self.state == State::Preparing {
            self.trainer = None;
            self.set_state(State::Idle);
        }
        outcome
    }

    pub(crate) async fn go_on_somehow(&mut self) -> Result<()> {
        loop {
            let Some(runs) = self.store.runs.as_mut() else { return Err(nothing()) };
            let damage = match runs.load().await {
                Found::Nothing => return Err(nothing()),
                Found::Damaged(damage) => damage,
                Found::Run(loaded) => {
                    let Err(error) = self.go_on(*loaded).await else { return Ok(()) };
                    // Its files are whole, but of another version of the program.
                    if !matches!(error, Error::File { .. } | Error::Tensor { .. }) {
                        return Err(error);
                    }
                    let Some(runs) = self.store.runs.as_mut() else { return Err(error) };
                    runs.reject(error.to_string()).await
                }
            };
            self.tell(damage);
        }
    }

    pub(crate) async fn go_on(&mut self, loaded: Loaded) -> Result<()> {
        let Loaded { manifest, state, history } = loaded;
        let checkpoint = Checkpoint::from_bytes(&manifest.file(), &state)?;
        drop(state);
        let about = &manifest.about;
        self.settings = about.settings.clone();
        self.images.work_at(checkpoint.config.crops.picture_side());
        self.views.begin();
        self.prepare(checkpoint.config.clone(), Some(about.micro_batch)).await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        trainer.restore(&checkpoint).await?;
        let done = trainer.step_index() >= trainer.config().total_steps() as u64;
        for points in history.chunks(POINTS) {
            let points = points.to_vec();
            self.link.post(Event::Progress { points, images_per_second: 0.0 });
        }
        self.meter.recall(history, about.trained);
        if let Some(runs) = self.store.runs.as_mut() {
            runs.go_on(&manifest);
        }
        for (moment, words) in self.store.read_snapshots().await {
            // One that an older checkpoint has not reached is made again.
            let _ = trainer.restore_snapshot(moment, words);
        }
        self.store.saved_step = about.step;
        self.store.images_before = Some((about.images, about.fingerprint));
        self.set_state(if done { State::Finished } else { State::Paused });
        self.link.post(Event::Saved {
            step: about.step,
            bytes: manifest.bytes(),
            seconds: self.store.interval().as_secs_f64(),
        });
        if !self.images.is_empty() {
            self.compare_images();
            self.show().await?;
        }
        Ok(())
    }

    /// Tells the page once if a run goes on with other images.
    pub(crate) fn compare_images(&mut self) {
        if let Some((kept, print)) = self.store.images_before.take() {
            let found = self.images.len();
            if (kept, print) != (found, fingerprint(&self.images)) {
                self.link.post(Event::OtherImages { kept, found });
            }
        }
    }

    /// Deletes the run that is kept.
    pub(crate) async fn forget(&mut self) -> Result<()> {
        if self.store.reader {
            return Err(Error::Storage("another tab owns what is kept".to_owned()));
        }
        if let Some(runs) = self.store.runs.as_mut() {
            runs.forget().await?;
        }
        Ok(())
    }
}

pub(crate) fn nothing() -> Error {
    Error::Storage("no run is kept here".to_owned())
}
