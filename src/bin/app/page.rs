//! Puts the parts together: model, worker, components, console.

mod attention;
mod console;
mod crops;
mod engine;
mod images;
mod memory;
mod model;
mod paint;
mod text;
mod training;

use dino::protocol::{Command, Event, NoGpu, Run, State};
use engine::Engine;
use js_sys::Array;
use leptos::prelude::*;
use model::Model;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// What every component gets: what is known, and the worker.
#[derive(Clone, Copy)]
pub struct Page {
    pub model: Model,
    engine: StoredValue<Option<Rc<Engine>>, LocalStorage>,
}

impl Page {
    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// The sentence that the worker answered.
    pub async fn call(self, command: Command, files: &Array) -> Result<Event, String> {
        match self.engine.get_value() {
            Some(engine) => engine.call(command, files).await,
            None => Err(text::NOT_HERE.to_owned()),
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
        let names = engine::names(files)?;
        self.call(Command::AddFiles { paths: names }, files).await
    }
}

/// The page's main function.
pub fn start() {
    console_error_panic_hook::set_once();
    let owner = Owner::new();
    let page = owner.with(|| Page { model: Model::new(), engine: StoredValue::new_local(None) });
    page.open();
    console::install(page);
    let Some(place) = document().get_element_by_id("app") else { return };
    // The shell's text has done its work.
    place.set_inner_html("");
    let view = owner.with(|| mount_to(place.unchecked_into(), move || view! { <Main page /> }));
    view.forget();
    // The page lives as long as the tab.
    std::mem::forget(owner);
}

impl Page {
    /// Starts the worker, or says why there is none.
    fn open(self) {
        if !window().is_secure_context() {
            return self.model.no_gpu.set(Some(NoGpu::Insecure));
        }
        let has = |name: &str| js_sys::Reflect::has(&window().navigator(), &name.into());
        if !has("gpu").unwrap_or(false) {
            return self.model.no_gpu.set(Some(NoGpu::Missing));
        }
        match Engine::new(self.model) {
            Ok(engine) => self.engine.set_value(Some(Rc::new(engine))),
            Err(e) => return self.model.fatal.set(Some(text::no_worker(&describe(&e)))),
        }
        let base = document().base_uri().ok().flatten().unwrap_or_default();
        let base = base.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned() + "/";
        wasm_bindgen_futures::spawn_local(async move {
            let open = Command::Open { base, tuning: memory::tuning() };
            match self.call(open, &Array::new()).await {
                Ok(Event::Opened { .. }) => self.send(Command::AddSamples),
                Ok(_) => {}
                Err(message) => self.model.complain(message),
            }
        });
    }
}

/// A JavaScript error in words.
pub fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}

#[component]
fn Main(page: Page) -> impl IntoView {
    let model = page.model;
    view! {
        <div class="alerts" role="alert">
            {move || model.no_gpu.get().map(|reason| {
                let (what, remedy) = text::no_gpu(&reason);
                let words = text::driver(&reason).map(|words| view! { <small>{words}</small> });
                view! { <p class="alert grave"><strong>{what}</strong>" "{remedy}{words}</p> }
            })}
            {move || model.fatal.get().map(|message| {
                view! { <p class="alert grave"><strong>{message}</strong>" "{text::RELOAD}</p> }
            })}
            <For
                each=move || model.problems.get()
                key=|problem| problem.id
                children=move |problem| view! {
                    <p class="alert">
                        <span>{problem.text}</span>
                        <button
                            class="quiet"
                            aria-label=text::DISMISS
                            on:click=move |_| model.dismiss(problem.id)
                        >"×"</button>
                    </p>
                }
            />
        </div>
        <p class="visually-hidden" aria-live="polite">{move || announcement(model)}</p>
        <div class="places">
            <div class="column">
                <images::Images page />
                <training::Training page />
            </div>
            <div class="column wide">
                <attention::AttentionPlace page />
                <crops::CropsPlace page />
            </div>
        </div>
    }
}

/// What a screen reader hears: the state, and every hundredth step.
fn announcement(model: Model) -> Option<String> {
    let Run { state, .. } = model.run.get()?;
    let hundreds = Memo::new(move |_| model.step() / 100 * 100);
    let step = match state {
        State::Running => hundreds.get(),
        _ => model.step_untracked(),
    };
    Some(text::announce(state, step))
}
