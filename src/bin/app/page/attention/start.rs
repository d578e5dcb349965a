//! What the first visitor sees: whose attention this is while no run has begun, and the choice between going
//! on from the starter and beginning from random weights. Invariant: nothing is trained before the choice.

use super::super::Page;
use super::wanted;
use dino::protocol::{Command, Seer, State};
use js_sys::Array;
use leptos::prelude::*;

#[component]
pub fn Begin(page: Page) -> impl IntoView {
    let (model, sight) = (page.model, page.model.sight);
    let text = move || &page.words.get().attention;
    let open = Memo::new(move |_| {
        let starter = sight.starter.get().filter(|_| wanted::undecided(page))?;
        (wanted::seer(page) == Seer::Starter).then_some(starter.parameters)
    });
    // A run needs all images that are on their way.
    let early = move || {
        model.importing.with(Option::is_some)
            || model.images.with(Vec::is_empty)
            || matches!(model.state(), State::Preparing)
            || model.keeping.reader.get()
    };
    let go_on = move |_| {
        let settings = page.draft.settings.get_untracked();
        page.take_weights(Command::Continue { settings }, Array::new());
    };
    view! {
        {move || open.get().map(|parameters| view! {
            <div class="notice starter">
                <p>{move || (text().starter_about)(parameters)}</p>
                <p class="buttons">
                    <button class="main" disabled=early on:click=go_on>
                        {move || text().starter_go_on}
                    </button>
                    <button on:click=move |_| sight.decided.set(true)>
                        {move || text().starter_scratch}
                    </button>
                </p>
                <p class="hint">{move || text().starter_choice}</p>
            </div>
        })}
    }
}
