//! Notices on the safety of the run: it can go on, it is not kept, another tab has it, the worker
//! died. Each is a sentence with what can be done.

use crate::context::Page;
use crate::state::recovery::{Accident, Outcome};
use crate::ui::check_button::CheckButton;
use dino_core::Error;
use dino_core::protocol::{BUILD, Command};
use dino_core::storage::SavedRun;
use dino_core::storage::StorageError;
use js_sys::{Array, Date};
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[component]
pub fn Notices(page: Page) -> impl IntoView {
    let (storage, words) = (page.model.storage, page.words);
    let text = move || &words.get().storage;
    let close = move || text().close;
    view! {
        <div class="notices">
            <AccidentAlert page />
            {move || storage.reader.get().then(|| view! {
                <p class="notice reader" role="status">{text().reader}</p>
            })}
            <Offer page />
            {move || storage.not_saved.get().map(|error| view! {
                <p class="alert not-saved" role="alert">
                    <span>{not_saved(page, &error)}</span>
                    <button
                        class="quiet"
                        aria-label=close
                        on:click=move |_| storage.not_saved.set(None)
                    >"×"</button>
                </p>
            })}
            {move || storage.damaged.get().map(|(step, reason)| view! {
                <p class="alert damaged" role="alert">
                    <span>{(text().damaged)(step)}<small>{(page.words.get().errors.error)(&reason)}</small></span>
                    <button
                        class="quiet"
                        aria-label=close
                        on:click=move |_| storage.damaged.set(None)
                    >"×"</button>
                </p>
            })}
            {move || storage.other_images.get().map(|(kept, found)| view! {
                <p class="alert other-images" role="status">
                    <span>{(text().other_images)(kept, found)}</span>
                    <button
                        class="quiet"
                        aria-label=close
                        on:click=move |_| storage.other_images.set(None)
                    >"×"</button>
                </p>
            })}
        </div>
    }
}

fn not_saved(page: Page, error: &Error) -> String {
    let text = page.words.get();
    match error {
        Error::Storage(StorageError::Full) => text.storage.full.to_owned(),
        error => (text.storage.not_saved)(&(text.errors.error)(error)),
    }
}

/// The run of an earlier visit.
#[component]
fn Offer(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().storage;
    let offer = model.storage.offer;
    let sentence = move |kept: &SavedRun| {
        let title = model.presets.with(|all| {
            let preset = all.iter().find(|preset| preset.name == kept.settings.preset);
            preset.map_or_else(|| kept.settings.preset.clone(), |preset| preset.title.clone())
        });
        let when = Date::new(&kept.saved.into());
        let when = String::from(when.to_locale_string(words.0.get().tag(), &Array::new()));
        (text().offer)(&title, kept.step, kept.total_steps, &when)
    };
    let busy = RwSignal::new(false);
    let closed = move || model.adapter.with(Option::is_none) || busy.get();
    let go_on = move |_| {
        busy.set(true);
        spawn_local(async move {
            match page.call(Command::Resume, &Array::new()).await {
                Ok(_) => offer.set(None),
                Err(message) => {
                    // What could not be used was set aside.
                    offer.set(None);
                    model.complain(message);
                }
            }
        });
    };
    let anew = move |_| {
        offer.set(None);
        page.send(Command::Forget);
    };
    move || {
        offer.get().map(|kept| {
            view! {
                <div class="notice offer" role="status">
                    <p>{move || sentence(&kept)}</p>
                    <p class="buttons">
                        <button class="main" disabled=closed on:click=go_on>
                            {move || if busy.get() { text().restoring } else { text().go_on }}
                        </button>
                        <button disabled=closed on:click=anew>{move || text().anew}</button>
                    </p>
                </div>
            }
        })
    }
}

/// The worker died or its device was lost.
#[component]
fn AccidentAlert(page: Page) -> impl IntoView {
    let (recovery, words) = (page.recovery, page.words);
    let text = move || &words.get().storage;
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let Some(accident) = recovery.accident.get_untracked() else { return };
        let report = report(page, &accident);
        spawn_local(async move {
            let written = window().navigator().clipboard().write_text(&report);
            copied.set(JsFuture::from(written).await.is_ok());
        });
    };
    move || {
        let accident = recovery.accident.get()?;
        let what = match &accident.error {
            Error::Device(_) => text().lost_device,
            _ => text().died,
        };
        let outcome = match &accident.outcome {
            Outcome::Recovering => text().recovering.to_owned(),
            Outcome::Recovered { step } => {
                (text().recovered)(*step, accident.step.saturating_sub(*step))
            }
            Outcome::Asks => text().asks.to_owned(),
            Outcome::Failed(message) => (text().failed)(message),
        };
        let stuck = matches!(accident.outcome, Outcome::Asks | Outcome::Failed(_));
        let over = matches!(accident.outcome, Outcome::Recovered { .. });
        copied.set(false);
        Some(view! {
            <div class="alert accident" class:grave=stuck role="alert">
                <div>
                    <p><strong>{what}</strong>" "{outcome}</p>
                    <p class="buttons">
                        {stuck.then(|| view! {
                            <button class="main" on:click=move |_| page.recover()>
                                {move || text().recover}
                            </button>
                        })}
                        <CheckButton page />
                        <button class="quiet" on:click=copy>
                            {move || if copied.get() { text().copied } else { text().copy }}
                        </button>
                    </p>
                    <details>
                        <summary>{move || text().report}</summary>
                        <pre>{report(page, &accident)}</pre>
                    </details>
                </div>
                {over.then(|| view! {
                    <button
                        class="quiet"
                        aria-label=move || text().close
                        on:click=move |_| recovery.accident.set(None)
                    >"×"</button>
                })}
            </div>
        })
    }
}

/// What somebody who is asked for help wants to know. In English, as programs' errors are.
fn report(page: Page, accident: &Accident) -> String {
    let settings = page.model.run.with_untracked(|run| {
        run.as_ref().and_then(|run| serde_json::to_string(&run.settings).ok()).unwrap_or_default()
    });
    let agent = window().navigator().user_agent().unwrap_or_default();
    format!(
        "DINO in the browser, build {BUILD}\nerror: {}\nstep: {}\nadapter: {}\nsettings: {settings}\n\
         browser: {agent}",
        accident.error, accident.step, accident.adapter,
    )
}
