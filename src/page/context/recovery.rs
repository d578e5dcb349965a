//! Recovery of the run: another worker gets the same images, goes on with the run from where it was saved, and trains if it
//! trained. Invariant: how often it happens by itself is decided by [`Recovery`](crate::state::recovery::Recovery) alone.

use crate::client::dom::describe;
use crate::client::local_storage;
use crate::client::worker_client::Engine;
use crate::context::Page;
use crate::state::recovery::{BEAT, Before, Source};
use dino_core::Error;
use dino_core::error::WorkerProblem;
use dino_core::protocol::{Command, Event, Run, SavedRun, State};
use dino_core::storage::Ledger;
use js_sys::{Array, Date};
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;

impl Page {
    /// Checks now and then if a worker that trains still says something.
    pub fn watch(self) {
        let beat = move || {
            let running = untrack(|| self.model.state()) == State::Running;
            let software =
                self.model.adapter.with_untracked(|a| a.as_ref().is_none_or(|a| a.software));
            if let Some(seconds) = self.recovery.beat(running, software) {
                self.crashed(Error::Died(WorkerProblem::Silent { seconds }));
            }
        };
        // Beats that a sleeping machine or a hidden tab leaves out are not counted as silence.
        let _ = set_interval_with_handle(beat, Duration::from_secs(BEAT));
    }

    /// The worker is dead, or its device is lost.
    pub fn crashed(self, error: Error) {
        let stepping = self.engine.get_value().is_some_and(|engine| engine.end());
        // What a phone does to a hidden page is no fault that comes again.
        let now = (!document().hidden()).then(Date::now);
        if self.recovery.crashed(self.model, error, stepping, now) {
            self.recover();
        }
    }

    /// Gets the run back.
    pub fn recover(self) {
        let recovery = self.recovery;
        let Some(Before { run, saved, ran }) = recovery.try_again() else { return };
        wasm_bindgen_futures::spawn_local(async move {
            recovery.settle(self.restart(run, saved, ran).await);
        });
    }

    /// This tab becomes the owner of the run, which another tab trained until now.
    pub fn take_over(self) {
        if let Some(engine) = self.engine.get_value() {
            engine.end();
        }
        self.model.storage.reader.set(false);
        let run = self.model.run.get_untracked();
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(message) = self.restart(run, true, false).await {
                self.model.complain(message);
            }
        });
    }

    /// Starts a worker in the place of another, with the run that is in storage if it is `saved`, and trains if
    /// the run `ran`; returns the run's step.
    async fn restart(self, run: Option<Run>, saved: bool, ran: bool) -> Result<u64, String> {
        let (model, recovery) = (self.model, self.recovery);
        let before = recovery.restart();
        let chosen = model.chosen.get_untracked();
        // The next worker tells when it has it.
        model.attention.starter.set(None);
        model.apply(Event::Cleared);
        let stored = self.begin().await?;
        let ready = match (&stored, run) {
            (Some(_), _) if saved => Some(self.request(Command::Resume, &Array::new())),
            (_, Some(run)) => {
                let settings = run.settings;
                let reset = self.request(Command::Reset { settings }, &Array::new());
                if run.step == 0 {
                    model.storage.offer.set(stored);
                }
                Some(reset)
            }
            (_, None) => {
                model.storage.offer.set(stored);
                None
            }
        };
        recovery.read_all().await;
        self.repeat(&before).await?;
        recovery.restarted();
        if let Some(ready) = ready {
            ready.await.map_err(|refused| refused.sentence)?;
        }
        if chosen > 0 && chosen < model.images.with_untracked(Vec::len) {
            self.call(Command::Choose { image: chosen }, &Array::new()).await?;
        }
        let step = model.step_untracked();
        if ran {
            self.call(Command::Start, &Array::new()).await?;
        }
        Ok(step)
    }

    /// Starts the worker and opens its device; returns the run that is in storage.
    ///
    /// # Errors
    /// A sentence: why there is no worker or no device.
    pub async fn begin(self) -> Result<Option<SavedRun>, String> {
        let engine = Engine::new(Rc::new(self)).map_err(|e| {
            let message = (self.words.now().common.no_worker)(&describe(&e));
            self.model.fatal.set(Some(message.clone()));
            message
        })?;
        self.engine.set_value(Some(Rc::new(engine)));
        self.model.no_gpu.set(None);
        self.model.lives.update(|lives| *lives += 1);
        self.recovery.fresh();
        let base = document().base_uri().ok().flatten().unwrap_or_default();
        let base = base.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned() + "/";
        let reader = self.model.storage.reader.get_untracked();
        let (tuning, attempt) = (local_storage::tuning(), local_storage::attempt());
        local_storage::keep_attempt(None);
        let memory = local_storage::memory();
        let open = Command::Open { base, tuning, attempt, memory, reader };
        match self.call(open, &Array::new()).await? {
            Event::Opened { kept, .. } => {
                self.send(Command::Starter);
                Ok(kept)
            }
            Event::NoGpu(reason) => Err((self.words.now().common.no_gpu)(&reason).0.to_owned()),
            other => Err(format!("{other:?}")),
        }
    }

    /// Adds what the set of another worker had and this one's has not.
    async fn repeat(self, before: &Ledger<Source<Array>>) -> Result<(), String> {
        for (command, files, without) in self.recovery.replay(before) {
            let first = self.recovery.images();
            self.call(command, &files).await?;
            for image in without {
                self.call(Command::Remove { image: first + image }, &Array::new()).await?;
            }
        }
        Ok(())
    }
}
