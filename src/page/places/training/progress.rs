//! Progress of the run: bar, numbers, what is left, and the tab's title. Invariant: what is left is counted
//! by the speed of the last half minute.

use crate::context::Page;
use crate::ui::term::{Term, TermKey};
use dino_core::protocol::State;
use leptos::prelude::*;

/// The title is set at most so often: browsers redraw their tabs for it.
const TITLE_MS: f64 = 500.0;

#[component]
pub fn Progress(page: Page, state: Memo<State>) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().training;
    let run = move || model.run.get();
    let last = move || model.last.get();
    let none = move || words.get().common.none.to_owned();
    let total = Memo::new(move |_| run().map_or(0, |run| run.total_steps));
    let step = move || (text().step_of)(model.step(), total.get());
    let done = move || (model.step() as f64 / total.get().max(1) as f64).to_string();
    let loss = move || last().map_or_else(none, |last| format!("{:.3}", last.loss));
    let entropy = move || match (last(), run()) {
        (Some(last), Some(run)) => (text().entropy_of)(last.entropy, run.prototypes),
        _ => none(),
    };
    let speed = move || match model.images_per_second.get() {
        speed if speed > 0. => format!("{speed:.1}"),
        _ => none(),
    };
    let clock = clock(page);
    let elapsed = move || match clock.get() {
        0.0 => none(),
        seconds => (text().duration)(seconds),
    };
    let left = move || match (model.pace.get(), run()) {
        (speed, Some(run)) if speed > 0. && state.get() == State::Running => {
            let steps = run.total_steps.saturating_sub(model.step());
            (text().duration)((steps * run.batch as u64) as f64 / speed)
        }
        _ => none(),
    };
    let memory = move || match run() {
        Some(run) if run.bytes > 0 => (words.get().common.megabytes)(run.bytes),
        _ => none(),
    };
    let adapter = move || model.adapter.get().map_or_else(none, |adapter| adapter.name);
    title(page, state);
    view! {
        <progress max="1" value=done aria-label=move || text().steps></progress>
        <dl class="numbers">
            <div><dt>{move || text().steps}</dt><dd data-number="step">{step}</dd></div>
            <div><dt>{move || text().speed}</dt><dd data-number="speed">{speed}</dd></div>
            <div><dt>{move || text().elapsed}</dt><dd data-number="elapsed">{elapsed}</dd></div>
            <div><dt>{move || text().left}</dt><dd data-number="left">{left}</dd></div>
            <div><dt>{move || text().loss}<Term page which=TermKey::Loss /></dt><dd data-number="loss">{loss}</dd></div>
            <div><dt>{move || text().entropy}<Term page which=TermKey::Entropy /></dt><dd data-number="entropy">{entropy}</dd></div>
            <div><dt>{move || text().memory}</dt><dd data-number="memory">{memory}</dd></div>
            <div><dt>{move || text().adapter}</dt><dd data-number="adapter">{adapter}</dd></div>
        </dl>
    }
}

/// Seconds that the run has trained: what the worker counted when it last began or paused, and since then.
fn clock(page: Page) -> Signal<f64> {
    let now = || js_sys::Date::now() / 1e3;
    let counted = Memo::new(move |_| {
        page.model.run.with(|run| run.as_ref().map(|r| (r.trained, r.state == State::Running)))
    });
    let began = RwSignal::new((0.0, None::<f64>));
    Effect::new(move || {
        let (trained, running) = counted.get().unwrap_or_default();
        began.set((trained, running.then(now)));
    });
    Signal::derive(move || {
        page.model.last.track();
        let (before, since) = began.get();
        before + since.map_or(0.0, |begin| (now() - begin).max(0.0))
    })
}

/// The tab says how far the run is, so that one can look at another.
fn title(page: Page, state: Memo<State>) {
    let plain = document().title();
    let set = StoredValue::new((0.0, State::Idle));
    Effect::new(move |_| {
        let (state, step) = (state.get(), page.model.step());
        let (now, (then, before)) = (js_sys::Date::now(), set.get_value());
        if state == before && now - then < TITLE_MS {
            return;
        }
        set.set_value((now, state));
        let sign = match state {
            State::Running => "▶",
            State::Finished => "✓",
            State::Stopped => "■",
            State::Idle | State::Preparing | State::Paused => "⏸",
        };
        if step == 0 && state != State::Running {
            return document().set_title(&plain);
        }
        let total = page.model.run.with_untracked(|run| run.as_ref().map_or(0, |r| r.total_steps));
        let loss = page.model.last.with_untracked(|last| last.map(|last| last.loss));
        let loss = loss.map_or_else(String::new, |loss| format!(" · {loss:.2}"));
        document().set_title(&format!("{sign} {step}/{total}{loss} · DINO"));
    });
}
