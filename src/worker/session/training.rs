//! The run: prepared, started, paused, reset; step after step. Invariant: the page is told of every
//! change of its state.

use crate::session::Session;
use crate::session::progress::Progress;
use dino_core::error::{Error, Result};
use dino_core::protocol::{Event, Run, State};
use dino_core::run::config::Config;
use dino_core::run::settings::Settings;
use dino_engine::train::trainer::{Options, Trainer};

impl Session {
    /// Images are kept at the size that the settings' run takes.
    pub(crate) fn work_at_size(&mut self) {
        if let Ok(config) = self.settings.config(self.images.len()) {
            self.images.work_at(config.crops.picture_side());
        }
    }

    pub(crate) fn only_reads(&self) -> Result<()> {
        if self.store.reader {
            return Err(Error::config("run", "another tab trains: this one only reads"));
        }
        Ok(())
    }

    /// Throws the run away and prepares another one.
    pub(crate) async fn reset(&mut self, settings: Settings) -> Result<()> {
        self.only_reads()?;
        settings.config(self.images.len())?;
        self.pause().await?;
        self.settings = settings;
        self.work_at_size();
        self.trainer = None;
        self.views.begin();
        self.set_state(State::Idle);
        if !self.images.is_empty() {
            self.trainer().await?;
            self.show().await?;
        }
        Ok(())
    }

    /// The run, prepared if there is none.
    pub(crate) async fn trainer(&mut self) -> Result<&mut Trainer> {
        if self.trainer.is_none() {
            if self.images.is_empty() {
                return Err(Error::NoImages);
            }
            let config = self.settings.config(self.images.len())?;
            self.prepare(config, None).await?;
            self.store.begin();
            self.set_state(State::Paused);
        }
        self.trainer.as_mut().ok_or(Error::NoImages)
    }

    /// Makes a run; one that goes on takes so many images at a time as before, if they fit.
    pub(crate) async fn prepare(&mut self, config: Config, micro: Option<usize>) -> Result<()> {
        let gpu = self.gpu.clone().ok_or_else(|| Error::NoGpu("no device yet".to_owned()))?;
        self.trainer = None;
        self.set_state(State::Preparing);
        self.meter = Progress::new();
        self.repeating = (0, 0);
        let seed = self.settings.seed;
        let with = |micro_batch| {
            let options = Options { micro_batch, ..Options::default() };
            Trainer::with(gpu.clone(), config.clone(), seed, options)
        };
        let prepared = match with(micro).await {
            Err(Error::TooLarge { .. } | Error::Config { .. }) if micro.is_some() => {
                with(None).await
            }
            prepared => prepared,
        };
        match prepared {
            Ok(trainer) => {
                self.trainer = Some(trainer);
                let text = gpu.tuner.borrow().remember(&gpu);
                let refused = std::mem::take(&mut gpu.tuner.borrow_mut().refused);
                self.link.post(Event::Tuned { text, refused });
                Ok(())
            }
            Err(error) => {
                self.set_state(State::Stopped);
                Err(error)
            }
        }
    }

    /// Begins to train, for some steps only if a request says so.
    pub(crate) async fn run(&mut self, steps: Option<(u64, u32)>) -> Result<()> {
        self.only_reads()?;
        if self.images.is_empty() {
            return Err(Error::NoImages);
        }
        self.compare_images();
        let trainer = self.trainer().await?;
        let (step, batch) = (trainer.step_index(), trainer.config().train.batch);
        let total = trainer.config().total_steps() as u64;
        if step >= total {
            let message = format!("the run of {total} steps is complete: reset to begin another");
            return Err(Error::config("steps", message));
        }
        if let Some((_, request)) = self.goal.take() {
            self.link.reply(request, Event::Done);
        }
        self.goal = steps.map(|(steps, request)| (step.saturating_add(steps), request));
        let images = self.images.len();
        if images < batch && self.repeating != (images, batch) {
            self.repeating = (images, batch);
            self.link.post(Event::Repeating { images, batch });
        }
        self.meter.begin(step);
        self.before_training().await?;
        self.store.postpone();
        self.set_state(State::Running);
        if self.goal.is_some_and(|(end, _)| step >= end) {
            self.pause().await?;
        }
        Ok(())
    }

    /// One step, and what is due with it.
    pub(crate) async fn train(&mut self) {
        if let Err(error) = self.try_train().await {
            self.fail(None, error);
        }
    }

    pub(crate) async fn try_train(&mut self) -> Result<()> {
        let Some(trainer) = self.trainer.as_mut() else { return self.pause().await };
        let stepped = trainer.step(self.images.working()).await;
        let step = trainer.step_index();
        let (batch, total) = (trainer.config().train.batch, trainer.config().total_steps() as u64);
        self.meter.take(trainer.drain());
        if stepped.is_err() {
            // The step that brought the run to its end is wanted most.
            self.link.post(self.meter.rest(batch));
        }
        stepped?;
        if let Some(progress) = self.meter.progress(batch) {
            self.link.post(progress);
        }
        if step >= total || self.goal.is_some_and(|(end, _)| step >= end) {
            return self.pause().await;
        }
        self.refresh().await?;
        self.keep_now_and_then().await
    }

    /// Lets the steps in flight end, and shows where the run stands.
    pub(crate) async fn pause(&mut self) -> Result<()> {
        if self.state != State::Running {
            return Ok(());
        }
        if let Some(trainer) = self.trainer.as_mut() {
            trainer.finish().await?;
            let done = trainer.step_index() >= trainer.config().total_steps() as u64;
            let batch = trainer.config().train.batch;
            self.meter.take(trainer.drain());
            self.link.post(self.meter.rest(batch));
            self.store.rest(self.goal.is_some() && !done);
            self.set_state(if done { State::Finished } else { State::Paused });
            self.show().await?;
        }
        if let Some((_, request)) = self.goal.take() {
            self.link.reply(request, Event::Done);
        }
        Ok(())
    }

    pub(crate) fn set_state(&mut self, state: State) {
        self.state = state;
        self.meter.trains(state == State::Running);
        let config = self.trainer.as_ref().map(Trainer::config);
        self.link.post(Event::Run(Run {
            state,
            settings: self.settings.clone(),
            step: self.trainer.as_ref().map_or(0, Trainer::step_index),
            total_steps: config.map_or(0, |c| c.total_steps() as u64),
            trained: self.meter.trained(),
            batch: config.map_or(0, |c| c.train.batch),
            prototypes: config.map_or(0, |c| c.head.out_dim),
            bytes: self.trainer.as_ref().map_or(0, Trainer::bytes),
            layers: config.map_or(0, |c| c.vit.depth),
            heads: config.map_or(0, |c| c.vit.num_heads),
            dim: config.map_or(0, |c| c.vit.embed_dim),
        }));
    }
}
