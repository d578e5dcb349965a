//! Recovery from a crash of the worker or the loss of its device: what happened, and what the next worker needs to go on.
//! Invariant: the page recovers by itself at most once in two minutes, because a browser whose graphics fail again and again is
//! not helped by more of it; then a person decides.
//!
//! ```text
//! (none) ─ crash ─► Recovering ─ the run is back ─► Recovered
//!                    ▲      └──── it is not ──────► Failed ─┐
//!                    └─────────── a person asks ────────────┤
//! any ─ crash within two minutes of the last ─► Asks ───────┘
//! ```

use crate::state::model::Model;
use dino_core::Error;
use dino_core::protocol::{Command, Event, Report, Run, State};
use dino_core::storage::{Again, Ledger};
use futures_channel::oneshot;
use leptos::prelude::*;

/// One recovery by itself in so many milliseconds.
const ONCE: f64 = 120_000.0;
/// The worker's silence is checked so often: in seconds.
pub const BEAT: u64 = 5;
/// A worker that trains and says nothing for so many beats is dead, …
const SILENCE: u64 = 30 / BEAT;
/// … with a software adapter, …
const SOFTWARE_SILENCE: u64 = 120 / BEAT;
/// … and so many times longer before the first step, which has shaders to compile, and after a long one.
const PATIENCE: u64 = 4;

/// Where images came from; `F` is a list of files.
#[derive(Debug, Clone, PartialEq)]
pub enum Source<F> {
    /// This browser's storage.
    Storage,
    Request {
        command: Command,
        files: F,
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
#[derive(Debug, Clone, PartialEq)]
pub struct Accident {
    pub error: Error,
    /// Step at which the run was.
    pub step: u64,
    pub adapter: String,
    pub outcome: Outcome,
}

/// What became of the run.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Before {
    pub run: Option<Run>,
    /// It was saved at least once.
    pub saved: bool,
    /// It trained.
    pub ran: bool,
}

/// The state of the recovery; `F` is a list of files, of which nothing is asked here.
pub struct Recovery<F: Clone + 'static> {
    pub accident: RwSignal<Option<Accident>>,
    /// When a recovery began by itself, in milliseconds since 1970.
    last: StoredValue<Option<f64>>,
    before: StoredValue<Option<Before>>,
    ledger: StoredValue<Ledger<Source<F>>, LocalStorage>,
    /// The ledger of a worker that died while it was repeated by the next one.
    unfinished: StoredValue<Option<Ledger<Source<F>>>, LocalStorage>,
    /// While the worker reads the images that are saved.
    reading: StoredValue<Option<Reading>, LocalStorage>,
    /// Beats without a word from the worker, and the longest silence while training that ended well.
    silence: StoredValue<(u64, u64)>,
    /// Steps have finished since training began.
    stepped: StoredValue<bool>,
}

impl<F: Clone> Clone for Recovery<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Clone> Copy for Recovery<F> {}

impl<F: Clone> Recovery<F> {
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

    /// Another worker begins: it has not been silent yet.
    pub fn fresh(self) {
        self.silence.set_value((0, 0));
    }

    /// A beat has passed. Returns the seconds of silence of a worker that must be dead by now.
    pub fn beat(self, running: bool, software: bool) -> Option<u64> {
        let least = if software { SOFTWARE_SILENCE } else { SILENCE };
        let stepped = self.stepped.get_value();
        let dead = self.silence.try_update_value(|(beats, longest)| {
            *beats = if running { *beats + 1 } else { 0 };
            let most = if stepped { least.max(*longest * PATIENCE) } else { least * PATIENCE };
            *beats > most
        });
        (dead == Some(true)).then(|| {
            let seconds = self.silence.get_value().0 * BEAT;
            self.fresh();
            seconds
        })
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
                self.ledger.update_value(|ledger| id = ledger.begin(Source::Storage));
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

    fn ledger_is_new(self) -> bool {
        self.ledger.with_value(Ledger::is_new)
    }

    /// Images are about to be added.
    pub fn begin(self, command: &Command, files: &F) -> Option<u64> {
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

    /// Images of the worker's set, as the ledger has them.
    pub fn images(self) -> usize {
        self.ledger.with_value(Ledger::images)
    }

    /// Resolves when the images that this browser keeps have been read.
    pub async fn read_all(self) {
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

    /// The worker is dead, or its device is lost: `stepping` if somebody waited for steps, which are not asked for again.
    /// True if the page is to recover by itself now, which is `None` if the page is hidden: such an accident does not count
    /// for the next.
    pub fn crashed(self, model: Model, error: Error, stepping: bool, now: Option<f64>) -> bool {
        let step = model.step_untracked();
        let again = self.is_recovering();
        if !again {
            let run = model.run.get_untracked();
            let ran = !stepping && run.as_ref().is_some_and(|run| run.state == State::Running);
            let saved = model.storage.saved.with_untracked(Option::is_some);
            self.before.set_value(Some(Before { run, saved, ran }));
        }
        let adapter = match model.adapter.get_untracked() {
            Some(adapter) => adapter.name,
            None => self.accident.get_untracked().map(|a| a.adapter).unwrap_or_default(),
        };
        // Nothing can be asked of it now.
        model.adapter.set(None);
        model.importing.set(None);
        model.run.update(|run| {
            if let Some(run) = run {
                run.state = State::Stopped;
            }
        });
        let recent = self.last.get_value().zip(now).is_some_and(|(last, now)| now - last < ONCE);
        let outcome = if recent { Outcome::Asks } else { Outcome::Recovering };
        self.accident.set(Some(Accident { error, step, adapter, outcome }));
        if !recent && now.is_some() {
            self.last.set_value(now);
        }
        !recent
    }

    /// The page is at it.
    pub fn is_recovering(self) -> bool {
        let at_it = |accident: &Accident| accident.outcome == Outcome::Recovering;
        self.accident.with_untracked(|accident| accident.as_ref().is_some_and(at_it))
    }

    /// The recovery begins, by itself or because a person asks; returns the run as it was. `None` without an accident.
    pub fn try_again(self) -> Option<Before> {
        let accident = self.accident.get_untracked()?;
        self.accident.set(Some(Accident { outcome: Outcome::Recovering, ..accident }));
        Some(self.before.get_value().unwrap_or_default())
    }

    /// What came of it. A failure because of another crash is told already.
    pub fn settle(self, result: Result<u64, String>) {
        let outcome = match result {
            Ok(step) => Outcome::Recovered { step },
            Err(_) if !self.is_recovering() => return,
            Err(message) => Outcome::Failed(message),
        };
        self.accident.update(|accident| {
            if let Some(accident) = accident {
                accident.outcome = outcome;
            }
        });
    }

    /// Another worker takes the place of one: returns the ledger of the set that is to be had again, which is the older one
    /// if the last worker died before it had all of it.
    pub fn restart(self) -> Ledger<Source<F>> {
        let before = self.ledger.try_update_value(std::mem::take).unwrap_or_default();
        let before = self.unfinished.get_value().unwrap_or(before);
        self.unfinished.set_value(Some(before.clone()));
        self.reading.set_value(None);
        before
    }

    /// The worker has all of it.
    pub fn restarted(self) {
        self.unfinished.set_value(None);
    }

    /// Requests by which the worker gets what a set had and its own has not, each with the images to remove afterwards. What
    /// this browser kept and no longer keeps cannot be had again.
    pub fn replay(self, before: &Ledger<Source<F>>) -> Vec<(Command, F, Vec<usize>)> {
        let again = before.replay(self.images()).into_iter();
        let request = |Again { source, without }| match source {
            Source::Request { command, files } => Some((command, files, without)),
            Source::Storage => None,
        };
        again.filter_map(request).collect()
    }
}
