//! Checkbox for saved images, by which a person agrees that this browser keeps them. Invariant: it is there only where the
//! browser can keep something.

use crate::context::Page;
use dino_core::protocol::Command;
use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// A checkbox by which a person agrees that the images are kept.
#[component]
pub fn KeepImages(page: Page) -> impl IntoView {
    let (storage, words) = (page.model.storage, page.words);
    let text = move || &words.get().storage;
    let keep = move || storage.images.get().is_some_and(|(keep, _)| keep);
    let bytes = move || {
        let (_, bytes) = storage.images.get().filter(|(keep, _)| *keep)?;
        Some((text().images_take)(bytes))
    };
    let change = move |event| {
        let keep = event_target_checked(&event);
        if keep {
            persist();
        }
        page.send(Command::KeepImages { keep });
    };
    let closed = move || page.model.adapter.with(Option::is_none) || storage.reader.get();
    move || {
        storage.images.with(Option::is_some).then(|| {
            view! {
                <p class="keep-images">
                    <label>
                        <input
                            type="checkbox"
                            prop:checked=keep
                            disabled=closed
                            on:change=change
                        />
                        <span>{move || text().keep_images}</span>
                    </label>
                    " "
                    <span class="hint" aria-live="polite">{bytes}</span>
                </p>
            }
        })
    }
}

/// Asks the browser not to clear this page's storage when the disk gets full; it may refuse, or not know
/// the question.
fn persist() {
    let ask = || -> Result<JsValue, JsValue> {
        let storage = Reflect::get(&window().navigator(), &"storage".into())?;
        let persist: Function = Reflect::get(&storage, &"persist".into())?.dyn_into()?;
        persist.apply(&storage, &Array::new())
    };
    let _ = ask();
}
