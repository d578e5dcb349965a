//! What Start begins with, where it may surprise: random weights while the starter is looked at, or a head
//! that learns alone for a while. Invariant: one sentence or none.

use crate::app::Page;
use crate::places::attention::request;
use dino_core::protocol::State;
use dino_core::run::schedule;
use leptos::prelude::*;

#[component]
pub fn Begins(page: Page, state: Memo<State>) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().training;
    let asked = move || model.keeping.offer.with(Option::is_some);
    let random = move || {
        let there = model.sight.starter.with(Option::is_some);
        there && state.get() == State::Paused && !asked() && request::undecided(page)
    };
    let frozen = Memo::new(move |_| {
        let images = model.images.with(Vec::len);
        let config = model.run.with(|run| run.as_ref()?.settings.config(images).ok());
        config.map_or(0, |config| schedule::frozen_steps(&config.train) as u64)
    });
    let resting = move || Some(frozen.get()).filter(|frozen| *frozen > model.step());
    let sentence = Memo::new(move |_| match (random(), resting()) {
        (true, _) => Some(text().begins_at_random.to_owned()),
        (false, Some(until)) => Some((text().head_first)(until)),
        (false, None) => None,
    });
    view! {
        <div role="status">
            {move || sentence.get().map(|sentence| view! { <p class="hint begins">{sentence}</p> })}
        </div>
    }
}
