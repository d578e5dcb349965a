//! The presets by what they are for, with what each would take on this adapter. Invariant: one that cannot
//! run here says why.

use crate::app::Page;
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
    let PresetInfo { name, title, about } = info;
    let name = StoredValue::new(name);
    let (title, about) = (StoredValue::new(title), StoredValue::new(about));
    let text = move || &words.get().training;
    let spoken = move || name.with_value(|name| (text().preset)(name));
    let purpose = move || spoken().map_or_else(|| title.get_value(), |(title, _)| title.to_owned());
    let meaning = move || spoken().map_or_else(|| about.get_value(), |(_, about)| about.to_owned());
    let estimate = Memo::new(move |_| {
        let mine = |all: &Vec<dino_core::protocol::Estimate>| {
            name.with_value(|name| all.iter().find(|e| e.preset == *name).cloned())
        };
        model.estimates.with(mine)
    });
    let chosen = Memo::new(move |_| {
        name.with_value(|name| draft.settings.with(|settings| settings.preset == *name))
    });
    let refused =
        Memo::new(move |_| estimate.with(|e| e.as_ref().is_some_and(|e| e.refused.is_some())));
    let takes = move || match estimate.get() {
        Some(estimate) => match &estimate.refused {
            Some(error) => (text().refused)(&(words.get().errors.error)(error)),
            None => (text().estimate)(&estimate),
        },
        // No number will come where there is no device.
        None if model.no_gpu.with(Option::is_some) => String::new(),
        None => text().measuring.to_owned(),
    };
    let choose = move |_| {
        draft.settings.update(|settings| {
            settings.preset = name.get_value();
            settings.changed.clear();
        });
        draft.typed.update(|typed| typed.clear());
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
            <span class="purpose">{purpose}</span>
            <span class="technical">{move || title.get_value()}</span>
            <span class="hint meaning">{meaning}</span>
            <span
                class="takes"
                data-seconds=move || estimate.with(|e| e.as_ref().map(|e| e.seconds.to_string()))
            >{takes}</span>
        </label>
    }
}
