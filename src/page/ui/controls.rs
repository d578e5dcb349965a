//! Form controls: a choice between a few things, a slider, a slider of a share. Invariant: they hold no value of their own.

use crate::context::Page;
use crate::i18n::Text;
use leptos::prelude::*;

pub type Word = fn(&Text) -> &'static str;

/// A slider from 0 to 100 % of a share from 0 to 1.
#[component]
pub fn Percent(
    name: &'static str,
    label: Signal<&'static str>,
    share: RwSignal<f32>,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <Slider
            name
            label
            value=Signal::derive(move || format!("{:.0} %", share.get() * 100.0))
            most=Signal::stored(100)
            at=Signal::derive(move || (share.get() * 100.0).round() as usize)
            set=move |at| share.set(at as f32 / 100.0)
            disabled
        />
    }
}

/// A choice between a few things.
#[component]
pub fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    page: Page,
    name: &'static str,
    legend: Word,
    options: Vec<(T, Word)>,
    #[prop(into)] chosen: Signal<T>,
    choose: impl Fn(T) + Copy + 'static,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    let text = move || page.words.get();
    let options = options.into_iter().enumerate().map(|(i, (value, word))| {
        view! {
            <label>
                <input
                    type="radio"
                    name=name
                    value=i
                    prop:checked=move || chosen.get() == value
                    on:change=move |_| choose(value)
                />
                <span>{move || word(text())}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choice" disabled=disabled>
            <legend>{move || legend(text())}</legend>
            <div class="segments">{options.collect_view()}</div>
        </fieldset>
    }
}

/// A number from 0 to `most`.
#[component]
pub fn Slider(
    name: &'static str,
    label: Signal<&'static str>,
    value: Signal<String>,
    most: Signal<usize>,
    at: Signal<usize>,
    set: impl Fn(usize) + Copy + 'static,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="slider">
            // Before `output`: a label names the first control in it.
            <span>{label}</span>
            <input
                type="range"
                name=name
                min="0"
                max=move || most.get().to_string()
                step="1"
                aria-valuetext=value
                prop:value=move || {
                    // After `max`, which would cut it off.
                    most.get();
                    at.get().to_string()
                }
                disabled=disabled
                on:input=move |event| {
                    if let Ok(at) = event_target_value(&event).parse() {
                        set(at);
                    }
                }
            />
            <output>{value}</output>
        </label>
    }
}
