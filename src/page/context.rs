//! Context of every component: the page's state, and its requests to the worker. Invariant: no component is known here.

mod address;
mod intake;
mod recovery;
mod visibility;
pub mod weights;

use crate::client::url;
use crate::client::worker_client::{Engine, Listener, Refused};
use crate::client::{local_storage, tabs};
use crate::i18n::Words;
use crate::i18n::frame::Theme;
use crate::state::device::DeviceCheck;
use crate::state::draft::Draft;
use crate::state::model::Model;
use crate::state::recovery::Recovery;
use crate::state::share::{Arrived, Share};
use crate::state::storage::Opening;
use crate::state::tour::Tour;
use dino_core::Error;
use dino_core::protocol::{Command, Event, LabelBy, NoGpu, Report, SavedRun, State};
use dino_core::share::map_link;
use js_sys::Array;
use leptos::prelude::*;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use weights::Job;

/// What every component gets: what is known, and the worker.
#[derive(Clone, Copy)]
pub struct Page {
    pub model: Model,
    pub words: Words,
    pub recovery: Recovery<Array>,
    pub theme: RwSignal<Theme>,
    /// The help is open.
    pub help: RwSignal<bool>,
    pub tour: Tour,
    /// The head, counted from 1, whose key was pressed last, 0 for the mean; set at every press.
    pub head_key: RwSignal<Option<usize>>,
    /// The settings in the form.
    pub draft: Draft,
    pub share: Share,
    pub device: DeviceCheck,
    /// What a link brought that carries a map: it is shown instead of the page.
    pub arrived: RwSignal<Option<Arrived>>,
    /// The page was wanted: what is needed for training is there.
    pub began: RwSignal<bool>,
    engine: StoredValue<Option<Rc<Engine>>, LocalStorage>,
    /// Files of weights that wait for the one that is read.
    jobs: StoredValue<VecDeque<Job>, LocalStorage>,
    /// The file of weights that was given last, for another choice of what is in it.
    last_job: StoredValue<Option<Job>, LocalStorage>,
}

impl Listener for Page {
    fn words(&self) -> Words {
        self.words
    }

    fn heard(&self) {
        self.recovery.heard();
    }

    fn foreign(&self) {
        self.model.foreign();
    }

    fn note(&self, report: &Report) {
        self.recovery.note(report);
    }

    fn apply(&self, event: Event) {
        if let Event::Tuned { text, .. } = &event {
            local_storage::keep_tuning(text);
        }
        if let Event::Attempt { attempt } = &event {
            local_storage::keep_attempt(attempt.as_ref());
        }
        if let Event::Checked { total, check, .. } = event {
            return self.device.checked(total, check);
        }
        self.model.apply(event);
    }

    fn crashed(&self, error: Error) {
        Page::crashed(*self, error);
    }
}

/// Requests.
impl Page {
    /// A page of which nothing is known yet.
    pub fn new(words: Words, theme: Theme, first_visit: bool) -> Self {
        Self {
            model: Model::new(words),
            words,
            recovery: Recovery::new(),
            theme: RwSignal::new(theme),
            help: RwSignal::new(false),
            tour: Tour::new(first_visit),
            head_key: RwSignal::new(None),
            draft: Draft::new(),
            share: Share::new(),
            device: DeviceCheck::new(),
            arrived: RwSignal::new(None),
            began: RwSignal::new(false),
            engine: StoredValue::new_local(None),
            jobs: StoredValue::new_local(VecDeque::new()),
            last_job: StoredValue::new_local(None),
        }
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// The sentence that the worker answered.
    pub async fn call(self, command: Command, files: &Array) -> Result<Event, String> {
        self.request(command, files).await.map_err(|refused| refused.sentence)
    }

    /// Sends a command at once; its answer may be waited for.
    ///
    /// # Errors
    /// See [`Page::call`].
    pub fn request(
        self,
        command: Command,
        files: &Array,
    ) -> impl Future<Output = Result<Event, Refused>> + use<> {
        let addition = self.recovery.begin(&command, files);
        let engine = self.engine.get_value();
        let sent = engine.as_ref().map(|engine| engine.request(command, files));
        async move {
            let (Some(engine), Some(sent)) = (engine, sent) else {
                return Err(Refused::by_browser(self.words.now().common.not_here.to_owned()));
            };
            let answer = sent.await;
            // What a worker left unfinished is to be done again.
            if !engine.has_ended() {
                self.recovery.end(addition);
            }
            answer
        }
    }

    /// Sends a command; if it fails, the page says so.
    pub fn send(self, command: Command) {
        self.send_with(command, Array::new());
    }

    /// [`Page::send`] with files.
    pub fn send_with(self, command: Command, files: Array) {
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(message) = self.call(command, &files).await {
                self.model.complain(message);
            }
        });
    }

    /// Loads the sample photographs.
    pub fn add_samples(self) {
        wasm_bindgen_futures::spawn_local(async move {
            match self.call(Command::AddSamples, &Array::new()).await {
                Ok(Event::Imported { added, .. }) => self.model.samples.update(|n| *n += added),
                Ok(_) => {}
                Err(message) => self.model.complain(message),
            }
        });
    }

    /// Takes the labels from other folders.
    pub fn ask_labels(self, by: LabelBy) {
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(message) = self.call(Command::LabelBy { by }, &Array::new()).await {
                self.model.complain(message);
            }
        });
    }

    /// Shows an image in all places.
    pub fn choose(self, image: usize) {
        self.model.chosen.set(image);
        if self.model.state() != State::Stopped {
            self.send(Command::Choose { image });
        }
    }

    /// Begins a run with the form's settings and puts them into the address.
    pub fn begin_anew(self) {
        let settings = self.draft.settings.get_untracked();
        wasm_bindgen_futures::spawn_local(async move {
            let reset = Command::Reset { settings: settings.clone() };
            match self.call(reset, &Array::new()).await {
                Ok(_) => {
                    self.model.shelf.forget();
                    self.draft.notices.set(Vec::new());
                    self.draft.linked.set(false);
                    url::write(&settings);
                }
                Err(message) => self.model.complain(message),
            }
        });
    }
}

/// The opening.
impl Page {
    /// Shows a map whenever the address is of one, and the page otherwise.
    pub fn follow_links(self) {
        url::follow(move || self.read_link());
        self.read_link();
    }

    fn read_link(self) {
        let arrived = map_link::unpack(&url::fragment()).map(Arc::new);
        let none = arrived.is_none();
        self.arrived.set(arrived);
        if none && !self.began.get_untracked() {
            self.began.set(true);
            self.open();
        }
    }

    /// Starts the worker, or says why there is none.
    fn open(self) {
        if !window().is_secure_context() {
            return self.model.no_gpu.set(Some(NoGpu::Insecure));
        }
        let has = |name: &str| js_sys::Reflect::has(&window().navigator(), &name.into());
        if !has("gpu").unwrap_or(false) {
            return self.model.no_gpu.set(Some(NoGpu::Missing));
        }
        self.watch();
        self.follow_visibility();
        wasm_bindgen_futures::spawn_local(async move {
            let owns = tabs::own(move || self.take_over()).await;
            self.model.storage.reader.set(!owns);
            match self.begin().await {
                Ok(saved) => {
                    self.model.storage.offer.set(saved.clone());
                    self.follow_address().await;
                    self.furnish(saved);
                }
                // The page says so in its own way.
                Err(_) if self.model.no_gpu.with_untracked(Option::is_some) => {}
                Err(_) if self.recovery.accident.with_untracked(Option::is_some) => {}
                Err(message) => self.model.complain(message),
            }
        });
    }

    /// Images for a page that was just opened, and the run that is saved.
    fn furnish(self, saved: Option<SavedRun>) {
        let Opening { samples, resumes, offer } = self.model.storage.opening(saved);
        if samples {
            self.add_samples();
        }
        if resumes {
            self.send(Command::Resume);
        } else {
            self.model.storage.offer.set(offer);
        }
    }
}
