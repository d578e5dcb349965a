//! What happens when the worker dies or its device is lost: another worker gets the same images, goes on with
//! the run from where it was kept, and trains if it trained. Invariant: by itself at most once in two minutes,
//! because a browser whose graphics fail again and again is not helped by more of it; then a person decides.

use crate::app::{Page, describe};
use crate::client::local_storage;
use crate::client::worker_client::Engine;
use dino_core::Error;
use dino_core::protocol::{Command, Event, Report, Run, State};
use dino_core::storage::SavedRun;
use dino_core::storage::{Again, Ledger};
use futures_channel::oneshot;
use js_sys::{Array, Date};
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;

/// One recovery by itself in so many milliseconds.
const ONCE: f64 = 120_000.0;
/// The worker's silence is looked at so often: in seconds.
const BEAT: u64 = 5;
/// A worker that trains and says nothing for so many beats is dead, …
const SILENCE: u64 = 30 / BEAT;
/// … where a processor plays the graphics card, …
const SOFTWARE_SILENCE: u64 = 120 / BEAT;
/// … and so many times longer before the first step, which has shaders to compile, and after a long one.
const PATIENCE: u64 = 4;

/// Where images came from.
#[derive(Clone)]
enum Source {
    /// This browser's storage.
    SavedRun,
    Request {
        command: Command,
        files: Array,
    },
}

/// Images that the worker reads by itself.
struct Reading {
    /// In the ledger.
    id: u64,
    /// Who waits until they are read.
    waiting: Option<oneshot::Sender<()>>,
}

/// What happened to the worker.
#[derive(Clone, PartialEq)]
pub struct Accident {
    pub error: Error,
    /// Step at which the run was.
    pub step: u64,
    pub adapter: String,
    pub outcome: Outcome,
}

/// What became of the run.
#[derive(Clone, PartialEq)]
pub enum Outcome {
    /// The page is at it.
    Recovering,
    /// The run goes on from this step.
    Recovered { step: u64 },
    /// A person decides.
    Asks,
    /// It could not be had back: why.
    Failed(String),
}

/// The run at an accident.
#[derive(Clone, Default)]
struct Before {
    run: Option<Run>,
    /// It was kept at least once.
    saved: bool,
    /// It trained.
    ran: bool,
}

#[derive(Clone, Copy)]
pub struct Recovery {
    pub accident: RwSignal<Option<Accident>>,
    /// When a recovery began by itself, in milliseconds since 1970.
    last: StoredValue<Option<f64>>,
    before: StoredValue<Option<Before>>,
    ledger: StoredValue<Ledger<Source>, LocalStorage>,
    /// The ledger of a worker that died while it was repeated by the next one.
    unfinished: StoredValue<Option<Ledger<Source>>, LocalStorage>,
    /// While the worker reads the images that are kept.
    reading: StoredValue<Option<Reading>, LocalStorage>,
    /// Beats without a word from the worker, and the longest silence while training that ended well.
    silence: StoredValue<(u64, u64)>,
    /// Steps have finished since training began.
    stepped: StoredValue<bool>,
}

impl Recovery {
    pub fn new() -> Self {
        Self {
            accident: RwSignal::new(None),
            last: StoredValue::new(None),
            before: StoredValue::new(None),
            ledger: StoredValue::new_local(Ledger::default()),
            unfinished: StoredValue::new_local(None),
            reading: StoredValue::new_local(None),
            silence: StoredValue::new((0, 0)),
            stepped: StoredValue::new(false),
        }
    }

    /// The worker said something.
    pub fn heard(self) {
        self.silence.update_value(|(beats, longest)| {
            *longest = (*longest).max(*beats);
            *beats = 0;
        });
    }

    /// Takes note of what is needed to do it all again.
    pub fn note(self, report: &Report) {
        match &report.event {
            Event::Added { .. } => self.ledger.update_value(Ledger::added),
            Event::Removed { index } => self.ledger.update_value(|ledger| ledger.removed(*index)),
            Event::Cleared => self.ledger.update_value(Ledger::cleared),
            Event::ImagesKept { bytes, .. } if *bytes > 0 && self.ledger_is_new() => {
                // A worker tells so before it reads them, and before any other image.
                let mut id = 0;
                self.ledger.update_value(|ledger| id = ledger.begin(Source::SavedRun));
                self.reading.set_value(Some(Reading { id, waiting: None }));
            }
            Event::Imported { .. } if report.reply.is_none() => {
                let reading = self.reading.try_update_value(Option::take).flatten();
                if let Some(Reading { id, waiting }) = reading {
                    self.ledger.update_value(|ledger| ledger.end(id));
                    waiting.map(|sender| sender.send(()));
                }
            }
            Event::Run(run) if run.state != State::Running => self.stepped.set_value(false),
            Event::Progress { .. } => self.stepped.set_value(true),
            _ => {}
        }
    }

    pub(crate) fn ledger_is_new(self) -> bool {
        self.ledger.with_value(Ledger::is_new)
    }

    /// Images are about to be added.
    pub fn begin(self, command: &Command, files: &Array) -> Option<u64> {
        if !matches!(command, Command::AddSamples | Command::AddFiles { .. }) {
            return None;
        }
        let source = Source::Request { command: command.clone(), files: files.clone() };
        self.ledger.try_update_value(|ledger| ledger.begin(source))
    }

    /// They are added.
    pub fn end(self, id: Option<u64>) {
        if let Some(id) = id {
            self.ledger.update_value(|ledger| ledger.end(id));
        }
    }

    /// Resolves when the images that this browser keeps have been read.
    pub(crate) async fn read_all(self) {
        let (sender, receiver) = oneshot::channel();
        let reads = self.reading.try_update_value(|reading| match reading {
            Some(reading) => {
                reading.waiting = Some(sender);
                true
            }
            None => false,
        });
        if reads == Some(true) {
            let _ = receiver.await;
        }
    }
}

impl Page {
    /// Looks now and then if a worker that trains still says something.
    pub fn watch(self) {
        let beat = move || {
            let running = untrack(|| self.model.state()) == State::Running;
            let software =
                self.model.adapter.with_untracked(|a| a.as_ref().is_none_or(|a| a.software));
            let least = if software { SOFTWARE_SILENCE } else { SILENCE };
            let stepped = self.recovery.stepped.get_value();
            let dead = self.recovery.silence.try_update_value(|(beats, longest)| {
                *beats = if running { *beats + 1 } else { 0 };
                let most = if stepped { least.max(*longest * PATIENCE) } else { least * PATIENCE };
                *beats > most
            });
            if dead == Some(true) {
                let seconds = self.recovery.silence.get_value().0 * BEAT;
                self.recovery.silence.set_value((0, 0));
                self.died(Error::Died(format!("it said nothing for {seconds} s")));
            }
        };
        // Beats that a sleeping machine or a hidden tab leaves out are not counted as silence.
        let _ = set_interval_with_handle(beat, Duration::from_secs(BEAT));
    }

    /// The worker is dead, or its device is lost.
    pub fn died(self, error: Error) {
        let (model, recovery) = (self.model, self.recovery);
        let stepping = self.engine.get_value().is_some_and(|engine| engine.end());
        let step = model.step_untracked();
        let again = matches!(
            recovery.accident.get_untracked(),
            Some(Accident { outcome: Outcome::Recovering, .. })
        );
        if !again {
            let run = model.run.get_untracked();
            let ran = !stepping && run.as_ref().is_some_and(|run| run.state == State::Running);
            let saved = model.keeping.saved.with_untracked(Option::is_some);
            recovery.before.set_value(Some(Before { run, saved, ran }));
        }
        let adapter = match model.adapter.get_untracked() {
            Some(adapter) => adapter.name,
            None => recovery.accident.get_untracked().map(|a| a.adapter).unwrap_or_default(),
        };
        // Nothing can be asked of it now.
        model.adapter.set(None);
        model.importing.set(None);
        model.run.update(|run| {
            if let Some(run) = run {
                run.state = State::Stopped;
            }
        });
        let now = Date::now();
        let recent = recovery.last.get_value().is_some_and(|last| now - last < ONCE);
        let outcome = if recent { Outcome::Asks } else { Outcome::Recovering };
        recovery.accident.set(Some(Accident { error, step, adapter, outcome }));
        if !recent {
            recovery.last.set_value(Some(now));
            self.recover();
        }
    }

    /// Gets the run back.
    pub fn recover(self) {
        let recovery = self.recovery;
        let Some(accident) = recovery.accident.get_untracked() else { return };
        recovery.accident.set(Some(Accident { outcome: Outcome::Recovering, ..accident.clone() }));
        wasm_bindgen_futures::spawn_local(async move {
            let Before { run, saved, ran } = recovery.before.get_value().unwrap_or_default();
            let outcome = match self.restart(run, saved, ran).await {
                Ok(step) => Outcome::Recovered { step },
                // It died once more: that is told already.
                Err(_)
                    if recovery.accident.with_untracked(|a| {
                        a.as_ref().is_none_or(|a| a.outcome != Outcome::Recovering)
                    }) =>
                {
                    return;
                }
                Err(message) => Outcome::Failed(message),
            };
            recovery.accident.update(|accident| {
                if let Some(accident) = accident {
                    accident.outcome = outcome;
                }
            });
        });
    }

    /// This tab becomes the owner of the run, which another tab trained until now.
    pub fn take_over(self) {
        if let Some(engine) = self.engine.get_value() {
            engine.end();
        }
        self.model.keeping.reader.set(false);
        let run = self.model.run.get_untracked();
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(message) = self.restart(run, true, false).await {
                self.model.complain(message);
            }
        });
    }

    /// Starts a worker in the place of another, with the run that is kept if it is `saved`, and trains if
    /// the run `ran`; returns the run's step.
    pub(crate) async fn restart(
        self,
        run: Option<Run>,
        saved: bool,
        ran: bool,
    ) -> Result<u64, String> {
        let (model, recovery) = (self.model, self.recovery);
        let before = recovery.ledger.try_update_value(std::mem::take).unwrap_or_default();
        let before = recovery.unfinished.get_value().unwrap_or(before);
        recovery.unfinished.set_value(Some(before.clone()));
        recovery.reading.set_value(None);
        let chosen = model.chosen.get_untracked();
        // The next worker tells when it has it.
        model.sight.starter.set(None);
        model.apply(Event::Cleared);
        let kept = self.begin().await?;
        let ready = match (&kept, run) {
            (Some(_), _) if saved => Some(self.request(Command::Resume, &Array::new())),
            (_, Some(run)) => {
                let settings = run.settings;
                let reset = self.request(Command::Reset { settings }, &Array::new());
                if run.step == 0 {
                    model.keeping.offer.set(kept);
                }
                Some(reset)
            }
            (_, None) => {
                model.keeping.offer.set(kept);
                None
            }
        };
        recovery.read_all().await;
        self.repeat(&before).await?;
        recovery.unfinished.set_value(None);
        if let Some(ready) = ready {
            ready.await?;
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

    /// Starts the worker and opens its device; returns what is kept.
    pub async fn begin(self) -> Result<Option<SavedRun>, String> {
        let engine = Engine::new(self).map_err(|e| {
            let message = (self.words.now().common.no_worker)(&describe(&e));
            self.model.fatal.set(Some(message.clone()));
            message
        })?;
        self.engine.set_value(Some(Rc::new(engine)));
        self.model.no_gpu.set(None);
        self.model.lives.update(|lives| *lives += 1);
        self.recovery.silence.set_value((0, 0));
        let base = document().base_uri().ok().flatten().unwrap_or_default();
        let base = base.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned() + "/";
        let reader = self.model.keeping.reader.get_untracked();
        let open = Command::Open { base, tuning: local_storage::tuning(), reader };
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
    async fn repeat(self, before: &Ledger<Source>) -> Result<(), String> {
        let images = move || self.recovery.ledger.with_value(Ledger::images);
        for Again { source, without } in before.replay(images()) {
            // What this browser kept and no longer keeps cannot be had again.
            let Source::Request { command, files } = source else { continue };
            let first = images();
            self.call(command, &files).await?;
            for image in without {
                self.call(Command::Remove { image: first + image }, &Array::new()).await?;
            }
        }
        Ok(())
    }
}
