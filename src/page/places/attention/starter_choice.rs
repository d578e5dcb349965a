//! Starter choice, for the first visitor: whose attention this is while no run has begun, and the choice between going
//! on from the starter and beginning from random weights. Invariants: nothing is asked where another question is
//! open, as that about a run which is kept; the card stays until there is an answer, so that looking at another
//! network moves no control; an answer leads to Start.

use crate::context::Page;
use crate::state::request;
use crate::state::training::unready;
use crate::ui::start::lead_to_start;
use dino_core::protocol::{Command, State};
use dino_core::run::network::Network;
use js_sys::Array;
use leptos::prelude::*;

#[component]
pub fn Begin(page: Page) -> impl IntoView {
    let (model, attention) = (page.model, page.model.attention);
    let text = move || &page.words.get().attention;
    let open = Memo::new(move |_| {
        let starter = attention.starter.get().filter(|_| request::undecided(page.model))?;
        let asked = model.storage.offer.with(Option::is_some) || model.storage.reader.get();
        Some((starter.parameters, !asked))
    });
    // A run needs all images that are on their way.
    let early = move || {
        model.importing.with(Option::is_some)
            || model.images.with(Vec::is_empty)
            || model.adapter.with(Option::is_none)
            || model.state() == State::Preparing
            || model.shelf.is_busy()
    };
    // The button that was pressed goes with the card, and with it the focus.
    let answered = RwSignal::new(false);
    Effect::new(move |_| {
        if !answered.get() || model.shelf.is_busy() || unready(page.model) {
            return;
        }
        answered.set(false);
        // If it could not be gone on with, the card is still there.
        if open.with_untracked(Option::is_none) {
            // Once the page shows that it can be pressed.
            request_animation_frame(lead_to_start);
        }
    });
    let go_on = move |_| {
        answered.set(true);
        let settings = page.draft.settings.get_untracked();
        page.take_weights(Command::Continue { settings }, Array::new());
    };
    let scratch = move |_| {
        // Without images Start waits for them, and the focus must not jump when they come.
        answered.set(model.images.with_untracked(|images| !images.is_empty()));
        attention.decide();
    };
    view! {
        {move || open.get().map(|(parameters, choice)| view! {
            <div class="notice starter">
                <p>{move || match request::network(page.model) {
                    Network::Starter => (text().starter_about)(parameters),
                    _ => text().starter_aside.to_owned(),
                }}</p>
                {choice.then(|| view! {
                    <p class="buttons">
                        <button class="main" disabled=early on:click=go_on>
                            {move || text().starter_go_on}
                        </button>
                        <button on:click=scratch>
                            {move || text().starter_scratch}
                        </button>
                    </p>
                    <p class="hint">{move || text().starter_choice}</p>
                })}
            </div>
        })}
    }
}
