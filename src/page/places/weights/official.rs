//! Official weights: what they are, how large, and from where, before anything is asked of anybody; then
//! progress, and a button that stops it.

use crate::client::dom::describe;
use crate::context::Page;
use crate::context::weights::WeightsFile;
use crate::places::weights::hub;
use crate::places::weights::hub::{Failure, MODELS, OfficialModel, Progress};
use dino_core::protocol::Command;
use dino_core::weights::Choice;
use js_sys::Array;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

#[component]
pub fn Official(page: Page, asked: RwSignal<bool>) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().weights;
    let dialog = NodeRef::<Dialog>::new();
    let progress = RwSignal::new(None::<Progress>);
    let failure = RwSignal::new(None::<String>);
    let fetching = RwSignal::new(false);
    let controller = StoredValue::new_local(None::<AbortController>);
    let stop = move || {
        if let Some(controller) = controller.try_update_value(Option::take).flatten() {
            controller.abort();
        }
    };
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if asked.get() {
            failure.set(None);
            // Fails if it is open, which it then is.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let fetch = move |model: OfficialModel| {
        failure.set(None);
        if is_kept(page, model) {
            asked.set(false);
            let settings = page.draft.settings.get_untracked();
            let name = model.kept.to_owned();
            return page.take_weights(
                Command::LoadStored { name, settings, choice: Choice::default() },
                Array::new(),
            );
        }
        let Ok(stopper) = AbortController::new() else { return };
        let signal = stopper.signal();
        controller.set_value(Some(stopper));
        fetching.set(true);
        progress.set(None);
        spawn_local(async move {
            let outcome = hub::fetch(model, &signal, progress).await;
            fetching.set(false);
            match outcome {
                Ok(file) => {
                    asked.set(false);
                    page.load_weights(
                        WeightsFile { file, card: None },
                        Some(model.kept.to_owned()),
                    );
                }
                Err(why) => failure.set(Some(sentence(page, &why))),
            }
        });
    };
    view! {
        <dialog
            class="question official"
            node_ref=dialog
            aria-labelledby="official-title"
            on:close=move |_| {
                stop();
                asked.set(false);
            }
        >
            <h2 id="official-title">{move || text().official_title}</h2>
            <p>{move || text().official_about}</p>
            <p>{move || (text().official_request)(&hub::address())}</p>
            <p class="buttons">
                {MODELS.map(|model| view! {
                    <button
                        class="main"
                        disabled=move || fetching.get()
                        on:click=move |_| fetch(model)
                    >
                        {move || match is_kept(page, model) {
                            true => (text().from_kept)(model.title),
                            false => (text().fetch)(model.title, model.bytes),
                        }}
                    </button>
                }).collect_view()}
            </p>
            <Show when=move || fetching.get()>
                <p aria-live="off">
                    {move || match progress.get() {
                        Some(Progress { done, total }) => (text().progress)(done as u64, total as u64),
                        None => text().asking.to_owned(),
                    }}
                </p>
                <progress
                    max="1"
                    value=move || progress.get().map(|p| format!("{:.3}", p.done / p.total.max(1.0)))
                    aria-label=move || text().official_title
                ></progress>
            </Show>
            <p class="refused" role="alert">{move || failure.get()}</p>
            <p class="buttons">
                <button on:click=move |_| if fetching.get_untracked() { stop() } else { asked.set(false) }>
                    {move || if fetching.get() { text().stop } else { text().close }}
                </button>
            </p>
        </dialog>
    }
}

fn is_kept(page: Page, model: OfficialModel) -> bool {
    page.model.shelf.has(model.kept)
}

fn sentence(page: Page, why: &Failure) -> String {
    let text = &page.words.now().weights;
    match why {
        Failure::Stopped => text.stopped.to_owned(),
        Failure::Offline => (text.offline)(&hub::address()),
        Failure::Status(status) => (text.status)(*status),
        Failure::Unlisted => text.unlisted.to_owned(),
        Failure::Length { found, expected } => (text.length)(*found as u64, *expected as u64),
        Failure::Checksum => text.checksum.to_owned(),
        Failure::Other(error) => describe(error),
    }
}
