//! Dialog parts: the head of one, and the question before something is lost. Invariant: Escape and the second button lose nothing.

use crate::context::Page;
use leptos::html::Dialog;
use leptos::prelude::*;

#[component]
pub fn Question(
    page: Page,
    /// Whoever asks opens it.
    dialog: NodeRef<Dialog>,
    title: Signal<String>,
    about: Signal<&'static str>,
    yes: Signal<&'static str>,
    no: Signal<&'static str>,
    answered: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let id = page.model.id();
    let heading = format!("question-{id}");
    let named = heading.clone();
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog class="question" node_ref=dialog aria-labelledby=named>
            <h2 id=heading>{title}</h2>
            <p>{about}</p>
            <p class="buttons">
                <button class="main" on:click=move |_| {
                    close();
                    answered();
                }>{yes}</button>
                <button on:click=move |_| close()>{no}</button>
            </p>
        </dialog>
    }
}

/// Opens and closes a dialog as the signal says.
pub fn follow(dialog: NodeRef<Dialog>, open: RwSignal<bool>) {
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if open.get() {
            // Fails if it is open, which it then is.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
}

/// The title of a dialog and the button that closes it.
#[component]
pub fn DialogHead(
    page: Page,
    id: &'static str,
    title: Signal<&'static str>,
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <header>
            <h2 id=id>{title}</h2>
            <button
                class="round"
                aria-label=move || page.words.get().common.dismiss
                on:click=move |_| open.set(false)
            >"×"</button>
        </header>
    }
}
