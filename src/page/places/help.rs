//! Help: what the keys do, where a word is explained, and the tour once more.

use crate::context::Page;
use crate::ui::dialog::{DialogHead, follow};
use leptos::html::Dialog;
use leptos::prelude::*;

#[component]
pub fn Help(page: Page) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().frame;
    let dialog = NodeRef::<Dialog>::new();
    follow(dialog, page.help);
    let keys = move || {
        (text().keys)().into_iter().map(|(keys, does)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view();
            view! { <div><dt>{keys}</dt><dd>{does}</dd></div> }
        })
    };
    view! {
        <dialog
            class="help"
            node_ref=dialog
            aria-labelledby="help"
            on:close=move |_| page.help.set(false)
        >
            <DialogHead page id="help" title=Signal::derive(move || text().help) open=page.help />
            <p>{move || text().help_terms}</p>
            <h3>{move || text().keyboard}</h3>
            <dl class="keys">{move || keys().collect_view()}</dl>
            <p class="hint">{move || text().keyboard_where}</p>
            <p class="buttons">
                <button on:click=move |_| {
                    page.help.set(false);
                    page.tour.begin();
                }>{move || text().tour_again}</button>
            </p>
        </dialog>
    }
}
