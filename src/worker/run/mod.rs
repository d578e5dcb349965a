//! Run of the worker: its trainer, settings, state and progress. Invariant: the page is told of every change of
//! the state, except the loss of the device, which ends the worker.

mod prepare;
mod progress;

use crate::outbox::Outbox;
use crate::session::SEEN;
use dino_core::data::picture::{ImageSet, Picture};
use dino_core::error::{Error, Result};
use dino_core::eval::metrics::Metrics;
use dino_core::protocol::{Attempt, Event, Run, State};
use dino_core::run::config::Config;
use dino_core::run::settings::Settings;
use dino_core::weights::checkpoint::Checkpoint;
use dino_engine::train::trainer::Trainer;
use dino_engine::tune::TunedGpu;
use progress::Progress;
use std::rc::Rc;
use web_time::Duration;

/// A run, which may not be prepared yet.
pub struct TrainingRun {
    trainer: Option<Trainer>,
    settings: Settings,
    state: State,
    goal: Option<Goal>,
    progress: Progress,
    /// Images and batch in the last [`Event::Repeating`].
    repeating: (usize, usize),
    /// How long a submit may take.
    goal_of_submits: Duration,
}

/// A [`Command::Step`](dino_core::protocol::Command::Step) under way.
#[derive(Clone, Copy)]
struct Goal {
    /// The step at which it is done.
    end: u64,
    request: u32,
}

impl TrainingRun {
    /// A run of these settings that is not prepared.
    pub fn new(settings: Settings) -> Self {
        Self {
            trainer: None,
            settings,
            state: State::Idle,
            goal: None,
            progress: Progress::new(),
            repeating: (0, 0),
            goal_of_submits: SEEN,
        }
    }

    pub fn state(&self) -> State {
        self.state
    }

    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sets the settings of the next run that is prepared.
    pub fn choose(&mut self, settings: Settings) {
        self.settings = settings;
    }

    pub fn trainer(&self) -> Option<&Trainer> {
        self.trainer.as_ref()
    }

    pub fn trainer_mut(&mut self) -> Option<&mut Trainer> {
        self.trainer.as_mut()
    }

    /// Steps done; 0 without a run.
    pub fn step(&self) -> u64 {
        self.trainer.as_ref().map_or(0, Trainer::step_index)
    }

    /// Steps that the schedules were made for; 0 without a run.
    pub fn total_steps(&self) -> u64 {
        self.trainer.as_ref().map_or(0, |trainer| trainer.config().total_steps() as u64)
    }

    /// Images a step; 0 without a run.
    pub fn batch(&self) -> usize {
        self.trainer.as_ref().map_or(0, |trainer| trainer.config().train.batch)
    }

    /// All steps of the schedules are done.
    fn is_complete(&self) -> bool {
        self.trainer.is_some() && self.step() >= self.total_steps()
    }

    /// The run is complete, or has the steps that a request asked for.
    pub fn is_done(&self) -> bool {
        self.is_complete() || self.goal.is_some_and(|goal| self.step() >= goal.end)
    }

    /// Metrics of all finished steps.
    pub fn history(&self) -> &[Metrics] {
        self.progress.history()
    }

    /// Seconds that it has trained.
    pub fn trained(&self) -> f64 {
        self.progress.trained()
    }

    /// Seconds of a step, once so many were timed since training began.
    pub fn seconds_a_step(&self, steps: u64) -> Option<f64> {
        self.progress.seconds_a_step(steps)
    }

    /// True when an event may be posted that only shows progress.
    pub fn may_post(&self) -> bool {
        self.progress.may_post()
    }

    /// Throws the run away.
    pub fn discard(&mut self) {
        self.trainer = None;
    }

    /// Changes the state and tells the page.
    pub fn set_state(&mut self, state: State, out: &Outbox) {
        self.state = state;
        self.progress.trains(state == State::Running);
        let config = self.trainer.as_ref().map(Trainer::config);
        out.post(Event::Run(Run {
            state,
            settings: self.settings.clone(),
            step: self.step(),
            total_steps: self.total_steps(),
            trained: self.progress.trained(),
            batch: self.batch(),
            prototypes: config.map_or(0, |c| c.head.out_dim),
            bytes: self.trainer.as_ref().map_or(0, Trainer::bytes),
            layers: config.map_or(0, |c| c.vit.depth),
            heads: config.map_or(0, |c| c.vit.num_heads),
            dim: config.map_or(0, |c| c.vit.embed_dim),
        }));
    }

    /// Sets the state of a run that does not train: paused, or finished if it is complete.
    pub fn rest(&mut self, out: &Outbox) {
        let state = if self.is_complete() { State::Finished } else { State::Paused };
        self.set_state(state, out);
    }

    /// Stops the run because the device is lost. The page is not told of it: it ends this worker and should know the
    /// state before.
    pub fn lose(&mut self) {
        self.state = State::Stopped;
    }

    /// Prepares a run of this configuration; one that goes on takes `micro` images at a time as before, if they
    /// fit.
    ///
    /// # Errors
    /// Those of [`Trainer::with`]; there is then no run, and the state is [`State::Stopped`].
    pub async fn prepare(
        &mut self,
        gpu: &Rc<TunedGpu>,
        config: Config,
        micro: Option<usize>,
        out: &Outbox,
    ) -> Result<()> {
        self.trainer = None;
        self.set_state(State::Preparing, out);
        self.progress = Progress::new();
        self.repeating = (0, 0);
        let prepared = prepare::prepare(gpu, &config, self.settings.seed, micro, out).await;
        match prepared {
            Ok(mut trainer) => {
                trainer.aim_submits(self.goal_of_submits);
                self.trainer = Some(trainer);
                Ok(())
            }
            Err(error) => {
                self.set_state(State::Stopped, out);
                Err(error)
            }
        }
    }

    /// Leaves out what an earlier visit tried and did not survive.
    pub fn beware(&self, gpu: &TunedGpu, attempt: Option<Attempt>) {
        prepare::beware(gpu, attempt);
    }

    /// Sets how long a submit may take from now on.
    pub fn aim_submits(&mut self, goal: Duration) {
        self.goal_of_submits = goal;
        if let Some(trainer) = &mut self.trainer {
            trainer.aim_submits(goal);
        }
    }

    /// Puts a checkpoint into the run that was prepared.
    ///
    /// # Errors
    /// Those of [`Trainer::restore`].
    pub async fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let trainer = self.trainer.as_mut().ok_or(Error::NoImages)?;
        trainer.restore(checkpoint).await
    }

    /// Takes over the history and the training time of a resumed run; the caller tells the page of the history.
    pub fn recall(&mut self, history: Vec<Metrics>, trained: f64) {
        self.progress.recall(history, trained);
    }

    /// Sets the aim of the next steps: `steps` of a request, which is answered when they are done, or training until a
    /// pause. A request under way is answered now.
    pub fn aim(&mut self, steps: Option<(u64, u32)>, out: &Outbox) {
        self.answer_goal(Event::Done, out);
        let step = self.step();
        self.goal = steps.map(|(steps, request)| Goal { end: step.saturating_add(steps), request });
    }

    /// Answers the request for steps that is under way, if there is one.
    pub fn answer_goal(&mut self, event: Event, out: &Outbox) {
        if let Some(goal) = self.goal.take() {
            out.reply(goal.request, event);
        }
    }

    /// Tells the page once if the set has fewer images than a batch.
    pub fn tell_repeating(&mut self, images: usize, out: &Outbox) {
        let batch = self.batch();
        if images < batch && self.repeating != (images, batch) {
            self.repeating = (images, batch);
            out.post(Event::Repeating { images, batch });
        }
    }

    /// Starts the clock of images a second.
    pub fn start_clock(&mut self) {
        self.progress.begin(self.step());
    }

    /// Trains one step.
    ///
    /// # Errors
    /// Those of [`Trainer::step`]; the steps that finished before are reported.
    pub async fn train(&mut self, images: &ImageSet, out: &Outbox) -> Result<()> {
        let batch = self.batch();
        let Some(trainer) = self.trainer.as_mut() else { return Ok(()) };
        // While earlier steps are on the device, so reading costs no time of it.
        let mut pictures = Vec::with_capacity(batch);
        for image in trainer.picks(images.len()) {
            pictures.push(images.working(image).await?);
        }
        let pictures: Vec<&Picture> = pictures.iter().map(|picture| &**picture).collect();
        let stepped = trainer.step_on(&pictures).await;
        self.progress.take(trainer.drain());
        if stepped.is_err() {
            // A person wants to see the step that ended the run most of all.
            out.post(self.progress.rest(batch));
        }
        stepped?;
        if let Some(progress) = self.progress.progress(batch) {
            out.post(progress);
        }
        Ok(())
    }

    /// Waits for the steps in flight. True if the run trained single steps, so that another may soon be asked for.
    ///
    /// # Errors
    /// Those of [`Trainer::finish`].
    pub async fn finish(&mut self, out: &Outbox) -> Result<bool> {
        let batch = self.batch();
        let Some(trainer) = self.trainer.as_mut() else { return Ok(false) };
        trainer.finish().await?;
        self.progress.take(trainer.drain());
        out.post(self.progress.rest(batch));
        Ok(self.goal.is_some() && !self.is_complete())
    }

    /// The run as a checkpoint's bytes. Metrics of steps that ended with it are reported later.
    ///
    /// # Errors
    /// [`Error::NoImages`] without a run, otherwise those of [`Trainer::save`].
    pub async fn save(&mut self) -> Result<Vec<u8>> {
        let trainer = self.trainer.as_mut().ok_or(Error::NoImages)?;
        let state = trainer.save().await;
        self.progress.take(trainer.drain());
        state
    }
}
