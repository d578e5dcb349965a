//! Weights place: the run as a file, files of weights back in, what else could be taken of them, and what of them this
//! browser keeps. Invariant: what is refused changes nothing of the run that is here.

mod hub;
mod official;

use crate::context::Page;
use dino_core::protocol::{Command, Content, State, StoredFile};
use dino_core::weights::Choice;
use js_sys::{Array, Date};
use leptos::html::Input;
use leptos::prelude::*;
use official::Official;
use wasm_bindgen_futures::spawn_local;

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
        spawn_local(async move { page.take_picked_weights(&list).await });
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
                        multiple
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
                {move || if shelf.busy.get() { (text().busy)(shelf.waiting.get()) } else {
                    shelf.loaded.with(|loaded| loaded.as_ref().map(|l| (text().loaded)(l)).unwrap_or_default())
                }}
            </p>
            <Show when=move || shelf.heads().is_some() || !shelf.others().is_empty()>
                <OtherChoices page />
            </Show>
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
                false => {
                    Command::LoadStored { name: kept.clone(), settings, choice: Choice::default() }
                }
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

/// What else the file that was given last could be taken for: its other networks, other heads.
#[component]
fn OtherChoices(page: Page) -> impl IntoView {
    let (words, shelf) = (page.words, page.model.shelf);
    let text = move || &words.get().weights;
    let busy = move || shelf.busy.get();
    let other = move |prefix: String| {
        let label = prefix.clone();
        let take = move |_| {
            let choice = shelf.choice.get_untracked();
            page.choose_weights(Choice { prefix: Some(prefix.clone()), ..choice });
        };
        view! {
            <button disabled=busy on:click=take>{move || (text().take_instead)(&label)}</button>
        }
    };
    let heads = move |event| {
        let heads = event_target_value(&event).parse().ok();
        let choice = shelf.choice.get_untracked();
        page.choose_weights(Choice { heads, ..choice });
    };
    let numbers = move |(all, now): (Vec<usize>, Option<usize>)| {
        let unknown = now.is_none().then(|| view! { <option value="" selected>"?"</option> });
        let number = move |n: usize| view! { <option value=n selected=now == Some(n)>{n}</option> };
        view! {
            <label class="heads">
                <span>{move || text().heads}</span>
                <select disabled=busy on:change=heads>
                    {unknown}
                    {all.into_iter().map(number).collect_view()}
                </select>
            </label>
        }
    };
    view! {
        <p class="buttons choices">
            {move || shelf.others().into_iter().map(other).collect_view()}
            {move || shelf.heads().map(numbers)}
        </p>
    }
}
