//! Training: preset, buttons, and the numbers of the last step.

use super::Page;
use dino::protocol::{Command, State};
use dino::settings::Settings;
use leptos::prelude::*;

/// Seeds are drawn below this; numbers on the wire are exact up to 2⁵³.
const SEEDS: f64 = 4_294_967_296.0;

#[component]
pub fn Training(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().training;
    let state = Memo::new(move |_| model.state());
    let unready = move || {
        model.adapter.with(Option::is_none)
            || model.fatal.with(Option::is_some)
            || model.images.with(Vec::is_empty)
            || model.keeping.reader.get()
            || state.get() == State::Preparing
    };
    let running = move || state.get() == State::Running;
    let over = move || matches!(state.get(), State::Finished | State::Stopped);
    let preset = Memo::new(move |_| {
        model
            .run
            .with(|run| run.as_ref().map(|run| run.settings.preset.clone()))
            .unwrap_or_default()
    });
    let reset = move |preset: String| {
        let seed = (js_sys::Math::random() * SEEDS) as u64;
        page.send(Command::Reset { settings: Settings::of(&preset, seed) });
    };
    let about = move || {
        model
            .presets
            .with(|all| all.iter().find(|p| p.name == preset.get()).map(|p| p.about.clone()))
    };
    view! {
        <section aria-labelledby="training">
            <header>
                <h2 id="training">{move || text().title}</h2>
                <span class="state" data-state=move || state.get().word()>
                    {move || (words.get().common.state)(state.get())}
                </span>
            </header>
            <p class="preset">
                <label for="preset">{move || text().preset}</label>
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
                view! { <p class="hint">{text().software}</p> }
            })}
            <p class="buttons">
                <button
                    class="main"
                    disabled=move || unready() || over()
                    on:click=move |_| {
                        page.send(if running() { Command::Pause } else { Command::Start });
                    }
                >{move || if running() { text().pause } else { text().start }}</button>
                <button
                    disabled=move || unready() || running() || over()
                    on:click=move |_| page.send(Command::Step { steps: 1 })
                >{move || text().step}</button>
                <button disabled=unready on:click=move |_| reset(preset.get())>{move || text().reset}</button>
            </p>
            {move || model.too_few().map(|(images, batch)| view! {
                <p class="notice" role="status">{(text().repeating)(images, batch)}</p>
            })}
            <Numbers page />
        </section>
    }
}

#[component]
fn Numbers(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().training;
    let run = move || model.run.get();
    let last = move || model.last.get();
    let none = move || words.get().common.none.to_owned();
    let step = move || (text().step_of)(model.step(), run().map_or(0, |run| run.total_steps));
    let done = move || {
        let total = run().map_or(0, |run| run.total_steps).max(1);
        (model.step() as f64 / total as f64).to_string()
    };
    let loss = move || last().map_or_else(none, |last| format!("{:.3}", last.loss));
    let entropy = move || match (last(), run()) {
        (Some(last), Some(run)) => (text().entropy_of)(last.entropy, run.prototypes),
        _ => none(),
    };
    let speed = move || match model.images_per_second.get() {
        speed if speed > 0. => format!("{speed:.1}"),
        _ => none(),
    };
    let memory = move || match run() {
        Some(run) if run.bytes > 0 => (words.get().common.megabytes)(run.bytes),
        _ => none(),
    };
    let adapter = move || model.adapter.get().map_or_else(none, |adapter| adapter.name);
    view! {
        <progress max="1" value=done aria-label=move || text().steps></progress>
        <dl class="numbers">
            <div><dt>{move || text().steps}</dt><dd data-number="step">{step}</dd></div>
            <div><dt>{move || text().loss}</dt><dd data-number="loss">{loss}</dd></div>
            <div><dt>{move || text().entropy}</dt><dd data-number="entropy">{entropy}</dd></div>
            <div><dt>{move || text().speed}</dt><dd data-number="speed">{speed}</dd></div>
            <div><dt>{move || text().memory}</dt><dd data-number="memory">{memory}</dd></div>
            <div><dt>{move || text().adapter}</dt><dd data-number="adapter">{adapter}</dd></div>
        </dl>
    }
}
