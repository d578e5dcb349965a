//! Health line: the judgement in words, the numbers that decided, and what to change. Invariant: only the word is read out.

use crate::context::Page;
use crate::state::training;
use crate::ui::term::{Term, TermKey};
use dino_core::eval::health::Diagnosis;
use leptos::prelude::*;

#[component]
pub fn HealthLine(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().health;
    let sizes = Memo::new(move |_| training::sizes(model));
    let diagnosis = Memo::new(move |_| training::diagnosis(model, sizes.get()));
    let health = Memo::new(move |_| diagnosis.with(|d| d.as_ref().map(|d| d.health)));
    let because = move || diagnosis.with(|d| d.as_ref().map(|d: &Diagnosis| (text().because)(d)));
    view! {
        <div
            class="health"
            class:bad=move || health.get().is_some_and(|health| health.is_bad())
            hidden=move || health.get().is_none()
            data-health=move || health.get().map(|health| health.name())
        >
            <p>
                {move || words.get().training.health}": "
                // Only the word is read out, and only when it changes.
                <strong role="status">{move || health.get().map(text().word)}</strong>
                <Term page which=TermKey::Collapse />
            </p>
            <p class="hint">{because}</p>
            <p class="advice">{move || health.get().map(text().advice)}</p>
        </div>
    }
}
