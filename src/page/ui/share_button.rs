//! Share button, for any place: opens the share dialog with one kind chosen. Invariant: it makes nothing itself.

use crate::context::Page;
pub use crate::i18n::share::Kind;
use leptos::prelude::*;

/// Opens the dialog; a button for any place.
#[component]
pub fn ShareButton(page: Page, kind: Kind) -> impl IntoView {
    view! {
        <button class="quiet share-this" data-share=kind.value() on:click=move |_| page.share.offer(kind)>
            {move || page.words.get().share.open}
        </button>
    }
}
