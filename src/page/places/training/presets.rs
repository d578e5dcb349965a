//! Presets, by what they are for, with what each would take on this adapter. Invariant: one that cannot
//! run here says why.

use crate::context::Page;
use crate::state::training;
use crate::state::training::Takes;
use dino_core::protocol::{PresetInfo, State};
use leptos::prelude::*;

#[component]
pub fn Presets(page: Page, unready: Signal<bool>) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    view! {
        <fieldset class="presets">
            <legend>{move || words.get().training.presets}</legend>
            <For
                each=move || model.presets.get()
                key=|preset| preset.name.clone()
                children=move |info| view! { <Preset page info unready /> }
            />
        </fieldset>
    }
}

#[component]
fn Preset(page: Page, info: PresetInfo, unready: Signal<bool>) -> impl IntoView {
    let (model, words, draft) = (page.model, page.words, page.draft);
    let (name, title) = (StoredValue::new(info.name), StoredValue::new(info.title));
    let text = move || &words.get().training;
    let spoken = move || name.with_value(|name| (text().preset)(name)).unwrap_or_default();
    let takes = Memo::new(move |_| name.with_value(|name| training::takes(model, name)));
    let chosen = Memo::new(move |_| {
        name.with_value(|name| draft.settings.with(|settings| settings.preset == *name))
    });
    let refused = Memo::new(move |_| takes.with(|takes| matches!(takes, Takes::Refused { .. })));
    let sentence = move || match takes.get() {
        Takes::Nothing => String::new(),
        Takes::Measuring => text().measuring.to_owned(),
        Takes::Refused { error, .. } => (text().refused)(&(words.get().errors.error)(&error)),
        Takes::Known(estimate) => (text().estimate)(&estimate),
    };
    let choose = move |_| {
        draft.choose_preset(name.get_value());
        // Where there is nothing to lose nobody needs to press a second button.
        if model.step_untracked() == 0 && untrack(|| model.state()) != State::Running {
            page.begin_anew();
        }
    };
    view! {
        <label class="preset" class:chosen=chosen class:refused=refused>
            <input
                type="radio"
                name="preset"
                value=move || name.get_value()
                prop:checked=chosen
                disabled=move || unready.get() || (refused.get() && !chosen.get())
                on:change=choose
            />
            <span class="purpose">{move || spoken().0}</span>
            <span class="technical">{move || title.get_value()}</span>
            <span class="hint meaning">{move || spoken().1}</span>
            <span
                class="takes"
                data-seconds=move || seconds(&takes.get())
            >{sentence}</span>
        </label>
    }
}

/// Seconds of a step, once there is an estimate.
fn seconds(takes: &Takes) -> Option<String> {
    match takes {
        Takes::Known(estimate) => Some(estimate.seconds.to_string()),
        Takes::Refused { seconds, .. } => Some(seconds.to_string()),
        _ => None,
    }
}
