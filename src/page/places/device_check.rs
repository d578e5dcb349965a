//! Check of this device, a dialog: every kernel against its CPU twin, rates and limits, and a report that fits into a bug
//! report. Invariant: nothing is sent anywhere; a person copies the report.

use crate::context::Page;
use crate::ui::dialog::{DialogHead, follow};
use dino_core::protocol::{BUILD, Command, Event};
use js_sys::Array;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[component]
pub fn DeviceCheckDialog(page: Page) -> impl IntoView {
    let (words, check) = (page.words, page.device);
    let text = move || &words.get().device;
    let dialog = NodeRef::<Dialog>::new();
    follow(dialog, check.open);
    let copied = RwSignal::new(false);
    let no_device = move || page.model.adapter.with(Option::is_none);
    let begin = move |_| {
        copied.set(false);
        check.begin();
        spawn_local(async move {
            match page.call(Command::CheckDevice, &Array::new()).await {
                Ok(Event::DeviceFacts(facts)) => check.end(Some(facts)),
                Ok(_) => check.end(None),
                Err(message) => {
                    check.end(None);
                    page.model.complain(message);
                }
            }
        });
    };
    let copy = move |_| {
        let report = report(page);
        spawn_local(async move {
            let written = window().navigator().clipboard().write_text(&report);
            copied.set(JsFuture::from(written).await.is_ok());
        });
    };
    let progress =
        move || (text().checked)(check.checks.with(Vec::len), check.total.get(), check.failed());
    let some = move || check.checks.with(|checks| !checks.is_empty());
    view! {
        <dialog
            class="device-check"
            node_ref=dialog
            aria-labelledby="device-check"
            on:close=move |_| check.open.set(false)
        >
            <DialogHead page id="device-check" title=Signal::derive(move || text().check) open=check.open />
            <p>{move || text().check_about}</p>
            {move || no_device().then(|| view! { <p class="note">{text().check_no_device}</p> })}
            <p class="buttons">
                <button class="main" disabled=move || no_device() || check.runs.get() on:click=begin>
                    {move || text().check_begin}
                </button>
                <button
                    disabled=move || !check.runs.get()
                    on:click=move |_| page.send(Command::StopChecks)
                >{move || text().check_stop}</button>
                <button disabled=move || check.runs.get() on:click=copy>
                    {move || if copied.get() { words.get().storage.copied } else { words.get().storage.copy }}
                </button>
            </p>
            <div role="status">{move || some().then(|| view! { <p class="result">{progress}</p> })}</div>
            {move || check.runs.get().then(|| view! {
                <progress
                    max=move || check.total.get().max(1)
                    value=move || check.checks.with(Vec::len)
                    aria-label=move || text().check
                ></progress>
            })}
            {move || some().then(|| view! { <pre tabindex="0" lang="en">{report(page)}</pre> })}
        </dialog>
    }
}

/// What a person copies.
fn report(page: Page) -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let about = [
        ("DINO in the browser, build".to_owned(), BUILD.to_owned()),
        ("browser".to_owned(), agent),
        (
            "adapter of the page".to_owned(),
            page.model.adapter.get().map_or_else(|| "none".to_owned(), |a| a.name),
        ),
    ];
    let facts = page.device.facts.get().unwrap_or_default();
    page.device.checks.with(|checks| facts.report(&about, checks))
}
