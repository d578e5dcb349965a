//! Training of a session's run: it is prepared, started, paused and reset, and trains step after step. Invariant:
//! a new run is prepared only with images.

use crate::estimate::estimate;
use crate::host::Host;
use crate::observe::Networks;
use crate::session::{Session, networks};
use dino_core::error::{Error, Result, StateError};
use dino_core::protocol::{Event, State};
use dino_core::run::config::Config;
use dino_core::run::settings::Settings;

/// Steps after which the estimates are corrected by what they took.
const TIMED: u64 = 8;

impl<H: Host> Session<H> {
    /// Resizes the working copies of the images for a run of the settings.
    pub(super) fn work_at_size(&mut self) {
        if let Ok(config) = self.run.settings().config(self.images.len()) {
            self.images.work_at(config.crops.picture_side());
        }
    }

    /// Throws the run away and prepares another one.
    pub(super) async fn reset(&mut self, settings: Settings) -> Result<()> {
        self.only_reads()?;
        settings.config(self.images.len())?;
        self.pause().await?;
        self.run.choose(settings);
        self.work_at_size();
        self.run.discard();
        self.views.begin();
        self.run.set_state(State::Idle, &self.out);
        if !self.images.is_empty() {
            self.prepared().await?;
            self.show().await?;
        }
        Ok(())
    }

    /// Prepares a run of the settings if there is none.
    pub(super) async fn prepared(&mut self) -> Result<()> {
        if self.run.trainer().is_none() {
            if self.images.is_empty() {
                return Err(Error::NoImages);
            }
            let config = self.run.settings().config(self.images.len())?;
            self.prepare(config, None).await?;
            self.store.begin(&self.host);
            self.run.set_state(State::Paused, &self.out);
        }
        Ok(())
    }

    /// Prepares a run; a resumed one takes as many images at a time as before, if they fit.
    pub(super) async fn prepare(&mut self, config: Config, micro: Option<usize>) -> Result<()> {
        let gpu = self.device()?;
        self.corrected = false;
        self.run.prepare(&gpu, config, micro, &self.out).await
    }

    /// Shows a run that was prepared or paused.
    pub(super) async fn show(&mut self) -> Result<()> {
        let (networks, images) = (networks!(self), &self.images);
        self.views.show(networks, images, &self.out).await
    }

    /// Notes in the run which images its steps take from here on.
    pub(super) fn note_images(&mut self) {
        let identity = self.images.identity();
        if let Some(trainer) = self.run.trainer_mut() {
            trainer.set_images(identity);
        }
    }

    /// Begins to train, until a pause or for the steps of a request.
    pub(super) async fn start(&mut self, steps: Option<(u64, u32)>) -> Result<()> {
        self.only_reads()?;
        if self.images.is_empty() {
            return Err(Error::NoImages);
        }
        self.store.compare_images(&self.images, &self.out);
        self.prepared().await?;
        let total = self.run.total_steps();
        if self.run.step() >= total {
            return Err(StateError::Complete { steps: total }.into());
        }
        self.run.aim(steps, &self.out);
        self.run.tell_repeating(self.images.len(), &self.out);
        self.run.start_clock();
        let (networks, images) = (networks!(self), &self.images);
        self.views.before_training(networks, images, &self.out).await?;
        self.note_images();
        self.store.postpone();
        self.run.set_state(State::Running, &self.out);
        // The request was for no steps.
        if self.run.is_done() {
            self.pause().await?;
        }
        Ok(())
    }

    /// One step, and what is due with it.
    pub(super) async fn train(&mut self) -> Result<()> {
        if self.run.trainer().is_none() {
            return self.pause().await;
        }
        self.run.train(&self.images, &self.out).await?;
        self.correct_estimates().await?;
        if self.run.is_done() {
            return self.pause().await;
        }
        let (networks, images) = (networks!(self), &self.images);
        self.views.refresh(networks, images, &self.out).await?;
        self.store.keep_now_and_then(&mut self.run, &self.images, &self.host, &self.out).await
    }

    /// Tells the page anew what the presets would take, once it is known how this run's steps differ from what was
    /// predicted for them.
    async fn correct_estimates(&mut self) -> Result<()> {
        let gpu = self.device()?;
        if self.corrected || !gpu.is_calibrated() {
            return Ok(());
        }
        let Some(took) = self.run.seconds_a_step(TIMED) else { return Ok(()) };
        self.corrected = true;
        let (settings, images) = (self.run.settings().clone(), self.images.len());
        let Event::Estimates { rows } = estimate(&gpu, 1.0, &settings, images).await? else {
            return Ok(());
        };
        let own = rows.iter().find(|row| row.preset == settings.preset && row.seconds > 0.0);
        // Weights of somebody else may have a network that no preset has.
        if let Some(row) = own {
            self.correction = took / row.seconds;
            self.out.post(estimate(&gpu, self.correction, &settings, images).await?);
        }
        Ok(())
    }

    /// Waits for the steps in flight, and shows the run.
    pub(super) async fn pause(&mut self) -> Result<()> {
        if !self.run.is_running() {
            return Ok(());
        }
        if self.run.trainer().is_some() {
            let briefly = self.run.finish(&self.out).await?;
            self.store.rest(briefly);
            self.run.rest(&self.out);
            self.show().await?;
        }
        self.run.answer_goal(Event::Done, &self.out);
        Ok(())
    }
}
