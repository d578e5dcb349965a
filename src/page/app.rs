//! Puts the parts together: model, worker, components, console.

use crate::client::recovery::Recovery;
use crate::client::worker_client::Engine;
use crate::i18n::{Language, Words};
use crate::model::Model;
use crate::places::share::Share;
use crate::places::share::viewer;
use crate::places::share::viewer::{Arrived, Viewer};
use crate::places::tour::{Stop, Tour};
use crate::places::training::draft::Draft;
use crate::ui::theme::Theme;
use dino_core::protocol::{Command, Event, NoGpu, Run, State};
use dino_core::storage::SavedRun;
use js_sys::Array;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// What every component gets: what is known, and the worker.
#[derive(Clone, Copy)]
pub struct Page {
    pub model: Model,
    pub words: Words,
    pub recovery: Recovery,
    pub theme: RwSignal<Theme>,
    /// The help is open.
    pub help: RwSignal<bool>,
    pub tour: Tour,
    /// The head, counted from 1, whose key was pressed last, 0 for the mean; set at every press.
    pub head_key: RwSignal<Option<usize>>,
    /// The settings in the form.
    pub draft: Draft,
    pub share: Share,
    /// What a link brought that carries a map: it is shown instead of the page.
    pub arrived: RwSignal<Option<Arrived>>,
    /// The page was wanted: what is needed for training is there.
    pub began: RwSignal<bool>,
    pub(crate) engine: StoredValue<Option<Rc<Engine>>, LocalStorage>,
}

impl Page {
    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// The sentence that the worker answered.
    pub async fn call(self, command: Command, files: &Array) -> Result<Event, String> {
        self.request(command, files).await
    }

    /// Sends a command at once; its answer may be waited for.
    ///
    /// # Errors
    /// See [`Page::call`].
    pub fn request(
        self,
        command: Command,
        files: &Array,
    ) -> impl Future<Output = Result<Event, String>> + use<> {
        let addition = self.recovery.begin(&command, files);
        let engine = self.engine.get_value();
        let sent = engine.as_ref().map(|engine| engine.request(command, files));
        async move {
            let (Some(engine), Some(sent)) = (engine, sent) else {
                return Err(self.words.now().common.not_here.to_owned());
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

    /// Sends files to be decoded and added.
    ///
    /// # Errors
    /// The sentence that the worker answered, or one if there is no file among them.
    pub async fn add(self, files: &Array) -> Result<Event, String> {
        let names =
            crate::client::worker_client::names(files).ok_or(self.words.now().common.not_a_file)?;
        self.call(Command::AddFiles { paths: names }, files).await
    }

    /// Sends files under these names, with their folders, to be decoded and added; if that fails, the page
    /// says so. The first of those that were added is then looked at.
    pub async fn add_paths(self, paths: Vec<String>, files: &Array) {
        match self.call(Command::AddFiles { paths }, files).await {
            // What a person brings is what they want to see.
            Ok(Event::Imported { added, .. }) if added > 0 => {
                let all = self.model.images.with_untracked(Vec::len);
                crate::places::attention::choose(self, all.saturating_sub(added));
            }
            Ok(_) => {}
            Err(message) => self.model.complain(message),
        }
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
}

/// The page's main function.
pub fn start() {
    console_error_panic_hook::set_once();
    let owner = Owner::new();
    let page = owner.with(|| {
        let words = Words(RwSignal::new(Language::kept()));
        Page {
            model: Model::new(words),
            words,
            recovery: Recovery::new(),
            theme: RwSignal::new(Theme::kept()),
            help: RwSignal::new(false),
            tour: Tour::new(),
            head_key: RwSignal::new(None),
            draft: Draft::new(),
            share: Share::new(),
            arrived: RwSignal::new(None),
            began: RwSignal::new(false),
            engine: StoredValue::new_local(None),
        }
    });
    viewer::follow(page);
    crate::client::console::install(page);
    crate::ui::keys::listen(page);
    let Some(place) = document().get_element_by_id("page") else { return };
    // The shell's text has done its work.
    place.set_inner_html("");
    let view = owner.with(|| mount_to(place.unchecked_into(), move || view! { <Root page /> }));
    view.forget();
    // The page lives as long as the tab.
    std::mem::forget(owner);
}

impl Page {
    /// Starts the worker, or says why there is none.
    pub(crate) fn open(self) {
        if !window().is_secure_context() {
            return self.model.no_gpu.set(Some(NoGpu::Insecure));
        }
        let has = |name: &str| js_sys::Reflect::has(&window().navigator(), &name.into());
        if !has("gpu").unwrap_or(false) {
            return self.model.no_gpu.set(Some(NoGpu::Missing));
        }
        self.watch();
        self.notice_hiding();
        wasm_bindgen_futures::spawn_local(async move {
            let owns = crate::client::tabs::own(move || self.take_over()).await;
            self.model.keeping.reader.set(!owns);
            match self.begin().await {
                Ok(kept) => {
                    self.model.keeping.offer.set(kept.clone());
                    crate::client::url::begin(self).await;
                    self.furnish(kept);
                }
                // The page says so in its own way.
                Err(_) if self.model.no_gpu.with_untracked(Option::is_some) => {}
                Err(_) if self.recovery.accident.with_untracked(Option::is_some) => {}
                Err(message) => self.model.complain(message),
            }
        });
    }

    /// Images for a page that was just opened, and the run that is kept.
    pub(crate) fn furnish(self, kept: Option<SavedRun>) {
        if !self.model.keeping.has_images() {
            self.add_samples();
        }
        if kept.is_some() && self.model.keeping.reader.get_untracked() {
            self.send(Command::Resume);
        } else {
            self.model.keeping.offer.set(kept);
        }
    }

    /// A page that is hidden may never be seen again: the worker keeps the run.
    pub(crate) fn notice_hiding(self) {
        let keep = move || {
            if self.model.adapter.with_untracked(Option::is_some) {
                self.send(Command::Hidden);
            }
        };
        let _ = window_event_listener(leptos::ev::pagehide, move |_| keep());
        let _ = window_event_listener(leptos::ev::visibilitychange, move |_| {
            if document().hidden() {
                keep();
            }
        });
    }
}

/// Puts the focus on the element of this id, which brings it into sight.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only detached elements refuse it.
        let _ = element.focus();
    }
}

/// A JavaScript error in words.
pub fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}

/// A map from a link, or the page. Behind a map the page stays as it is.
#[component]
fn Root(page: Page) -> impl IntoView {
    Effect::new(move || page.theme.get().show());
    Effect::new(move || page.words.0.get().show());
    let arrived = Memo::new(move |_| page.arrived.with(Option::is_some));
    view! {
        {move || arrived.get().then(|| view! { <Viewer page /> })}
        <div class="whole" hidden=arrived>
            {move || page.began.get().then(|| view! { <Main page /> })}
        </div>
    }
}

#[component]
fn Main(page: Page) -> impl IntoView {
    view! {
        <crate::places::header::Header page />
        <main id="app" tabindex="-1">
            <Alerts page />
            <crate::places::notices::Notices page />
            <p class="visually-hidden" aria-live="polite">{move || announcement(page)}</p>
            <div class="places">
                <div class="column images-column">
                    <Stop page stop=0 />
                    <crate::places::images::Images page />
                </div>
                <div class="column training-column">
                    <Stop page stop=1 />
                    <crate::places::training::Training page />
                    <crate::places::training::saved::SavedLine page />
                    <crate::places::charts::Charts page />
                    <crate::places::weights::WeightsPlace page />
                </div>
                <div class="column wide">
                    <Stop page stop=2 />
                    <crate::places::attention::AttentionPlace page />
                    <crate::places::crops::CropsPlace page />
                    <crate::places::neighbours::NeighboursPlace page />
                </div>
            </div>
            <Stop page stop=3 />
            <crate::places::learning::Learning page />
        </main>
        <crate::places::header::Footer page />
        <crate::places::help::Help page />
        <crate::places::share::ShareDialog page />
    }
}

/// What went wrong, the gravest first.
#[component]
fn Alerts(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    view! {
        <div class="alerts" role="alert">
            {move || model.no_gpu.get().map(|reason| {
                let common = &words.get().common;
                let (what, remedy) = (common.no_gpu)(&reason);
                let words = match &reason {
                    NoGpu::NoAdapter { message } => {
                        Some(view! { <small>{(common.driver)(message)}</small> })
                    }
                    _ => None,
                };
                view! { <p class="alert grave"><strong>{what}</strong>" "{remedy}{words}</p> }
            })}
            {move || model.fatal.get().map(|message| {
                view! { <p class="alert grave"><strong>{message}</strong>" "{words.get().common.reload}</p> }
            })}
            <For
                each=move || model.problems.get()
                key=|problem| problem.id
                children=move |problem| view! {
                    <p class="alert">
                        <span>{problem.text}</span>
                        <button
                            class="quiet"
                            aria-label=move || words.get().common.dismiss
                            on:click=move |_| model.dismiss(problem.id)
                        >"×"</button>
                    </p>
                }
            />
        </div>
    }
}

/// What a screen reader hears: the state, and every hundredth step.
fn announcement(page: Page) -> Option<String> {
    let (model, text) = (page.model, page.words.get());
    let Run { state, .. } = model.run.get()?;
    let hundreds = Memo::new(move |_| model.step() / 100 * 100);
    let step = match state {
        State::Running => hundreds.get(),
        _ => model.step_untracked(),
    };
    Some((text.training.announce)((text.common.state)(state), step))
}
