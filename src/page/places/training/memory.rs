//! Choice of how much of the device a run may take. Invariant: it is this browser's, not the run's, so no link and no
//! checkpoint carries it.

use crate::client::local_storage;
use crate::context::Page;
use dino_core::protocol::Command;
use leptos::prelude::*;

/// What may be chosen, in gigabytes.
const GIGABYTES: [u64; 4] = [1, 2, 4, 8];

#[component]
pub fn MemoryChoice(page: Page) -> impl IntoView {
    let text = move || &page.words.get().device;
    let chosen = RwSignal::new(local_storage::memory());
    let choose = move |value: String| {
        let bytes = value.parse::<u64>().ok().map(|gigabytes| gigabytes << 30);
        chosen.set(bytes);
        local_storage::keep_memory(bytes);
        if page.model.adapter.with_untracked(Option::is_some) {
            page.send(Command::Memory { bytes });
            let settings = page.draft.settings.get_untracked();
            page.send(Command::Estimate { settings });
        }
    };
    let is = move |gigabytes: u64| move || chosen.get() == Some(gigabytes << 30);
    view! {
        <div class="field">
            <label for="device-memory">{move || text().memory}</label>
            <select
                id="device-memory"
                aria-describedby="about-device-memory"
                on:change=move |event| choose(event_target_value(&event))
            >
                <option value="" selected=move || chosen.get().is_none()>{move || text().memory_automatic}</option>
                {GIGABYTES.map(|gigabytes| view! {
                    <option value=gigabytes.to_string() selected=is(gigabytes)>{format!("{gigabytes} GB")}</option>
                })}
            </select>
            <p class="hint" id="about-device-memory">{move || text().memory_about}</p>
        </div>
    }
}
