//! Training: preset, buttons, and the numbers of the last step.

use super::{Page, text};
use dino::protocol::{Command, State};
use leptos::prelude::*;

/// Seeds are drawn below this; numbers on the wire are exact up to 2⁵³.
const SEEDS: f64 = 4_294_967_296.0;

#[component]
pub fn Training(page: Page) -> impl IntoView {
    let model = page.model;
    let state = Memo::new(move |_| model.state());
    let unready = move || {
        model.adapter.with(Option::is_none)
            || model.fatal.with(Option::is_some)
            || model.images.with(Vec::is_empty)
            || state.get() == State::Preparing
    };
    let running = move || state.get() == State::Running;
    let over = move || matches!(state.get(), State::Finished | State::Stopped);
    let preset = Memo::new(move |_| {
        model.run.with(|run| run.as_ref().map(|run| run.preset.clone())).unwrap_or_default()
    });
    let reset = move |preset: String| {
        let seed = (js_sys::Math::random() * SEEDS) as u64;
        page.send(Command::Reset { preset, seed });
    };
    let about = move || {
        model
            .presets
            .with(|all| all.iter().find(|p| p.name == preset.get()).map(|p| p.about.clone()))
    };
    view! {
        <section aria-labelledby="training">
            <header>
                <h2 id="training">{text::TRAINING}</h2>
                <span class="state" data-state=move || state.get().word()>
                    {move || text::state(state.get())}
                </span>
            </header>
            <p class="preset">
                <label for="preset">{text::PRESET}</label>
                <select
                    id="preset"
                    disabled=move || unready() || running()
                    prop:value=move || preset.get()
                    on:change=move |event| reset(event_target_value(&event))
                >
                    <For
                        each=move || model.presets.get()
                        key=|preset| preset.name.clone()
                        children=move |info| {
                            let name = info.name.clone();
                            view! {
                                <option
                                    value=info.name
                                    selected=move || preset.get() == name
                                >{info.title}</option>
                            }
                        }
                    />
                </select>
            </p>
            <p class="hint">{about}</p>
            {move || model.adapter.with(|a| a.as_ref().is_some_and(|a| a.software)).then(|| {
                view! { <p class="hint">{text::SOFTWARE}</p> }
            })}
            <p class="buttons">
                <button
                    class="main"
                    disabled=move || unready() || over()
                    on:click=move |_| {
                        page.send(if running() { Command::Pause } else { Command::Start });
                    }
                >{move || if running() { text::PAUSE } else { text::START }}</button>
                <button
                    disabled=move || unready() || running() || over()
                    on:click=move |_| page.send(Command::Step { steps: 1 })
                >{text::STEP}</button>
                <button disabled=unready on:click=move |_| reset(preset.get())>{text::RESET}</button>
            </p>
            {move || model.too_few().map(|(images, batch)| view! {
                <p class="notice" role="status">{text::repeating(images, batch)}</p>
            })}
            <Numbers page />
        </section>
    }
}

#[component]
fn Numbers(page: Page) -> impl IntoView {
    let model = page.model;
    let run = move || model.run.get();
    let last = move || model.last.get();
    let none = || text::NONE.to_owned();
    let step = move || text::step_of(model.step(), run().map_or(0, |run| run.total_steps));
    let done = move || {
        let total = run().map_or(0, |run| run.total_steps).max(1);
        (model.step() as f64 / total as f64).to_string()
    };
    let loss = move || last().map_or_else(none, |last| format!("{:.3}", last.loss));
    let entropy = move || match (last(), run()) {
        (Some(last), Some(run)) => text::entropy(last.entropy, run.prototypes),
        _ => none(),
    };
    let speed = move || match model.images_per_second.get() {
        speed if speed > 0. => format!("{speed:.1}"),
        _ => none(),
    };
    let memory = move || match run() {
        Some(run) if run.bytes > 0 => text::megabytes(run.bytes),
        _ => none(),
    };
    let adapter = move || model.adapter.get().map_or_else(none, |adapter| adapter.name);
    view! {
        <progress max="1" value=done aria-label=text::STEPS></progress>
        <dl class="numbers">
            <div><dt>{text::STEPS}</dt><dd data-number="step">{step}</dd></div>
            <div><dt>{text::LOSS}</dt><dd data-number="loss">{loss}</dd></div>
            <div><dt>{text::ENTROPY}</dt><dd data-number="entropy">{entropy}</dd></div>
            <div><dt>{text::SPEED}</dt><dd data-number="speed">{speed}</dd></div>
            <div><dt>{text::MEMORY}</dt><dd data-number="memory">{memory}</dd></div>
            <div><dt>{text::ADAPTER}</dt><dd data-number="adapter">{adapter}</dd></div>
        </dl>
    }
}
