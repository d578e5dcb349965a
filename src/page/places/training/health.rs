//! The health line: the judgement in words, the numbers that decided, and what to change.

use crate::app::Page;
use crate::ui::term::{Term, TermKey};
use dino_core::eval::health::{Diagnosis, judge};
use dino_core::run::schedule::frozen_steps;
use leptos::prelude::*;

#[component]
pub fn HealthLine(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().health;
    let sizes = Memo::new(move |_| {
        let images = model.images.with(Vec::len);
        model.run.with(|run| {
            run.as_ref().map_or((0, 0, 0), |run| {
                let config = run.settings.config(images);
                let resting = config.map_or(0, |config| frozen_steps(&config.train) as u64);
                (run.prototypes, run.dim, resting)
            })
        })
    });
    let diagnosis = Memo::new(move |_| {
        let (prototypes, dim, resting) = sizes.get();
        model.history.with(|history| judge(history, prototypes, dim, resting))
    });
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
