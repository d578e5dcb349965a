//! Saved line: up to which step the run is saved, and how much can be lost. Invariant: nothing is said before the worker has
//! saved something.

use crate::context::Page;
use leptos::prelude::*;

/// Up to which step the run is kept, and how much can be lost.
#[component]
pub fn SavedLine(page: Page) -> impl IntoView {
    let (storage, words) = (page.model.storage, page.words);
    let line = move || {
        let text = words.get();
        let (step, bytes, seconds) = storage.line()?;
        Some((text.storage.saved)(step, bytes, seconds))
    };
    view! { <p class="hint saved">{line}</p> }
}
