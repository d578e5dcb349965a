//! Weights place: the run as a file, files of weights back in, by picker or dropped anywhere on the page, and
//! what of them this browser keeps. Invariant: what is refused changes nothing of the run that is here.

mod hub;
mod official;

use crate::context::Page;
use crate::state::weights::{ENDINGS, is_weights};
use dino_core::protocol::{Command, Content, State, StoredFile};
use js_sys::{Array, Date};
use leptos::html::Input;
use leptos::prelude::*;
use official::Official;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, File};

#[component]
pub fn WeightsPlace(page: Page) -> impl IntoView {
    let (model, words, shelf) = (page.model, page.words, page.model.shelf);
    let text = move || &words.get().weights;
    let asked = RwSignal::new(false);
    let closed = Signal::derive(move || {
        model.adapter.with(Option::is_none)
            || model.storage.reader.get()
            || shelf.busy.get()
            || model.state() == State::Preparing
    });
    let no_run =
        move || closed.get() || model.run.with(|run| run.as_ref().is_none_or(|r| r.layers == 0));
    let picker = NodeRef::<Input>::new();
    let pick = move |_| {
        let Some(input) = picker.get_untracked() else { return };
        let list = input.files().map_or_else(Array::new, |list| Array::from(&list));
        if let Ok(file) = list.get(0).dyn_into::<File>() {
            page.load_weights(file, None);
        }
        // So that picking the same file again is noticed.
        input.set_value("");
    };
    // The list follows what the worker keeps of the run, too.
    Effect::new(move |_| {
        model.storage.saved.track();
        if model.adapter.with(Option::is_some) {
            page.list_weights();
        }
    });
    drop_anywhere(page);
    view! {
        <section class="weights" aria-labelledby="weights">
            <header><h2 id="weights">{move || text().title}</h2></header>
            <p class="hint">{move || text().about}</p>
            <p class="buttons">
                <button disabled=no_run on:click=move |_| page.save_weights(Content::Run)>
                    {move || text().save}
                </button>
                <button disabled=no_run on:click=move |_| page.save_weights(Content::Backbone)>
                    {move || text().save_backbone}
                </button>
                <label class="pick">
                    <input
                        node_ref=picker
                        type="file"
                        accept=ENDINGS.join(",")
                        disabled=closed
                        on:change=pick
                    />
                    <span>{move || text().load}</span>
                </label>
                <button disabled=closed on:click=move |_| asked.set(true)>
                    {move || text().official}
                </button>
            </p>
            <p class="hint" aria-live="polite">
                {move || if shelf.busy.get() { text().busy.to_owned() } else {
                    shelf.loaded.with(|loaded| loaded.as_ref().map(|l| (text().loaded)(l)).unwrap_or_default())
                }}
            </p>
            <SavedRun page closed />
            <Official page asked />
        </section>
    }
}

/// What this browser keeps.
#[component]
fn SavedRun(page: Page, closed: Signal<bool>) -> impl IntoView {
    let (words, shelf) = (page.words, page.model.shelf);
    let text = move || &words.get().weights;
    let line = move |file: &StoredFile| {
        let when = Date::new(&file.saved.into());
        let when = String::from(when.to_locale_string(words.0.get().tag(), &Array::new()));
        let name = match file.step {
            Some(step) => (text().at_step)(&file.name, step),
            None => file.name.clone(),
        };
        (name, (text().size_and_time)(file.bytes, &when))
    };
    let entry = move |file: StoredFile| {
        let (name, details) = line(&file);
        let label = (text().delete_of)(&name);
        let (kept, gone) = (file.name.clone(), file.name.clone());
        let run = file.step.is_some();
        let load = move |_| {
            let settings = page.draft.settings.get_untracked();
            let command = match run {
                true => return page.send(Command::Resume),
                false => Command::LoadStored { name: kept.clone(), settings },
            };
            page.take_weights(command, Array::new());
        };
        let delete = move |_| {
            if run {
                spawn_local(async move {
                    if let Err(message) = page.call(Command::Forget, &Array::new()).await {
                        page.model.complain(message);
                    }
                    page.model.storage.offer.set(None);
                    page.list_weights();
                });
            } else {
                page.ask_weights(Command::DeleteKept { name: gone.clone() });
            }
        };
        view! {
            <li>
                <span><strong>{name}</strong>" "<small>{details}</small></span>
                <button class="quiet" disabled=closed on:click=load>{text().open}</button>
                <button class="quiet" disabled=closed aria-label=label on:click=delete>
                    {text().delete}
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || shelf.files.with(|files| !files.is_empty())>
            <h3>{move || text().kept}</h3>
            <ul class="stored-files">
                {move || shelf.listed().into_iter().map(entry).collect_view()}
            </ul>
        </Show>
    }
}

/// A file of weights that is dropped anywhere; other files belong to the images' place.
fn drop_anywhere(page: Page) {
    let over =
        window_event_listener(leptos::ev::dragover, |event: DragEvent| event.prevent_default());
    let dropped = window_event_listener(leptos::ev::drop, move |event: DragEvent| {
        // The images' place has taken it.
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        let files = event.data_transfer().and_then(|data| data.files());
        let file = files.and_then(|files| files.get(0)).filter(|file| is_weights(&file.name()));
        match file {
            Some(file) => page.load_weights(file, None),
            None => page.model.complain(page.words.now().weights.not_weights.to_owned()),
        }
    });
    on_cleanup(move || {
        over.remove();
        dropped.remove();
    });
}
