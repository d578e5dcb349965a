//! Hints on the device: a software adapter, integrated graphics, a preset that is too slow here. Invariant: a hint says what
//! a person can do.

use crate::client::device;
use crate::context::Page;
use dino_core::run::presets;
use leptos::prelude::*;

/// Seconds of a step that are too long on a phone or a laptop: a hundred steps are a minute. An adapter of 2·10¹⁰
/// multiply-adds a second takes as long for "small".
const SLOW: f64 = 0.6;

#[component]
pub fn DeviceHints(page: Page) -> impl IntoView {
    let (model, words, draft) = (page.model, page.words, page.draft);
    let adapter = move || model.adapter.get();
    let software = move || adapter().is_some_and(|adapter| adapter.software);
    let integrated = move || {
        let intel = |name: &str| name.to_lowercase().starts_with("intel");
        adapter().is_some_and(|a| !a.software && intel(&a.name)) && device::is_windows()
    };
    let smallest = presets::all().first().map_or("", |preset| preset.name);
    // A step of the chosen preset takes long, and the smallest does not.
    let slow = Memo::new(move |_| {
        let chosen = draft.settings.with(|settings| settings.preset.clone());
        let seconds = |name: &str| {
            model.estimates.with(|all| all.iter().find(|e| e.preset == name).map(|e| e.seconds))
        };
        let (own, least) = (seconds(&chosen), seconds(smallest));
        chosen != smallest
            && own
                .zip(least)
                .is_some_and(|(own, least)| own > SLOW && least > 0.0 && least < own / 4.0)
    });
    let quick = move || (words.get().training.preset)(smallest).map_or(smallest, |(name, _)| name);
    view! {
        {move || software().then(|| view! {
            <p class="hint">
                {words.get().training.software}
                {device::is_linux_chrome().then(|| format!(" {}", words.get().device.linux))}
            </p>
        })}
        {move || integrated().then(|| view! { <p class="hint">{words.get().device.integrated}</p> })}
        {move || slow.get().then(|| view! { <p class="hint slow">{(words.get().device.slow)(quick())}</p> })}
    }
}
