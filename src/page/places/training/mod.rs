//! Training place: what for, the buttons, how it goes, and the settings. Invariant: a run under way is only thrown
//! away by a button that says so.

mod device_hints;
mod health;
mod memory;
mod presets;
mod progress;
mod settings;
mod start_notice;
pub mod storage;

use self::settings::AdvancedSettings;
use crate::context::Page;
use crate::state::training;
use crate::ui::dialog::Question;
use crate::ui::start::START;
use device_hints::DeviceHints;
use dino_core::protocol::{Command, State};
use dino_core::run::settings::SettingError;
use health::HealthLine;
use leptos::html::Dialog;
use leptos::prelude::*;
use presets::Presets;
use progress::Progress;
use start_notice::StartNotice;
use std::time::Duration;

/// A run of so many steps is not thrown away without a question.
const ASK: u64 = 100;

#[component]
pub fn Training(page: Page) -> impl IntoView {
    let (model, words, draft) = (page.model, page.words, page.draft);
    let text = move || &words.get().training;
    let state = Memo::new(move |_| model.state());
    let unready = Signal::derive(move || training::unready(model));
    let running = move || state.get() == State::Running;
    let over = move || matches!(state.get(), State::Finished | State::Stopped);
    let faults = Memo::new(move |_| training::faults(model, draft));
    let applied = Memo::new(move |_| training::applied(model));
    // The form follows the run.
    Effect::new(move |_| {
        if let Some(settings) = applied.get() {
            draft.begin(settings);
        }
    });
    estimate(page, state, faults);
    let faulty = Signal::derive(move || faults.with(|all| training::is_faulty(all, draft)));
    let differs = Memo::new(move |_| {
        applied.with(|run| training::differs(run.as_ref(), draft, faulty.get()))
    });
    // A run that began with weights would lose them.
    let fresh = move || training::is_fresh(model);
    let start = move |_| {
        if running() {
            return page.send(Command::Pause);
        }
        // Where there is nothing to lose, what is chosen is what starts.
        if differs.get_untracked() && !faulty.get_untracked() && untrack(fresh) {
            page.begin_anew();
        }
        page.send(Command::Start);
    };
    let dialog = NodeRef::<Dialog>::new();
    let reset = move |_| match dialog.get_untracked().filter(|_| untrack(|| model.step()) >= ASK) {
        // Fails if it is open, which it then is.
        Some(dialog) => {
            let _ = dialog.show_modal();
        }
        None => page.begin_anew(),
    };
    let old = move || differs.get() && (!fresh() || faulty.get());
    view! {
        <section aria-labelledby="training">
            <header>
                <h2 id="training">{move || text().title}</h2>
                {move || model.compiling.get().filter(|(done, total)| done < total).map(|(done, total)| view! {
                    <span class="compiling" role="status">{(words.get().device.compiling)(done + 1, total)}</span>
                })}
                <span class="state" data-state=move || state.get().word()>
                    {move || (words.get().common.state)(state.get())}
                </span>
            </header>
            <Notices page />
            <Presets page unready />
            <DeviceHints page />
            <Waiting page applied differs faults faulty />
            <p class="buttons">
                <button
                    id=START
                    class="main"
                    disabled=move || unready.get() || over()
                    on:click=start
                >
                    {move || match (running(), old()) {
                        (true, _) => text().pause,
                        (false, true) => text().go_on,
                        (false, false) => text().start,
                    }}
                </button>
                <button
                    disabled=move || unready.get() || running() || over()
                    on:click=move |_| page.send(Command::Step { steps: 1 })
                >{move || text().step}</button>
                <button
                    disabled=move || unready.get() || faulty.get()
                    on:click=reset
                >{move || text().reset}</button>
            </p>
            <Question
                page
                dialog
                title=Signal::derive(move || (text().reset_question)(model.step()))
                about=Signal::derive(move || text().reset_comfort)
                yes=Signal::derive(move || text().reset)
                no=Signal::derive(move || text().reset_not)
                answered=move || page.begin_anew()
            />
            <StartNotice page />
            {move || model.too_few().map(|(images, batch)| view! {
                <p class="notice" role="status">{(text().repeating)(images, batch)}</p>
            })}
            <Progress page state />
            <HealthLine page />
            <AdvancedSettings page faults />
        </section>
    }
}

/// Measuring the device waits so long for the first picture of attention, which it would delay by a second.
const FIRST: Duration = Duration::from_secs(3);

/// Asks what the presets would take: when there is a device, when its products are tuned, and when the
/// form was changed.
fn estimate(page: Page, state: Memo<State>, faults: Memo<Vec<SettingError>>) {
    let late = RwSignal::new(false);
    set_timeout(move || late.set(true), FIRST);
    let there = Memo::new(move |_| {
        let shown = page.model.attention.shown.with(Option::is_some);
        page.model.adapter.with(Option::is_some) && (shown || late.get())
    });
    let prepared = Memo::new(move |_| state.get() == State::Paused && page.model.step() == 0);
    Effect::new(move |before: Option<bool>| {
        let (prepared, settings) = (prepared.get(), page.draft.settings.get());
        // A run that begins tells nothing new.
        let begun = before == Some(true) && !prepared;
        if there.get() && faults.with(Vec::is_empty) && !begun {
            page.send(Command::Estimate { settings });
        }
        prepared
    });
}

/// What of a link was not taken.
#[component]
fn Notices(page: Page) -> impl IntoView {
    let (words, draft) = (page.words, page.draft);
    let text = move || &words.get().settings;
    view! {
        <div role="status">
            {move || (!draft.notices.with(Vec::is_empty)).then(|| view! {
                <div class="note from-link">
                    <p>{text().notices}</p>
                    <ul>
                        {draft.notices.get().iter().map(|notice| view! {
                            <li>{(text().notice)(notice)}</li>
                        }).collect_view()}
                    </ul>
                    <button class="quiet" on:click=move |_| draft.notices.set(Vec::new())>
                        {words.get().common.dismiss}
                    </button>
                </div>
            })}
            {move || draft.linked.get().then(|| view! { <p class="note">{text().from_link}</p> })}
        </div>
    }
}

/// Says that the form differs from the run, and applies it.
#[component]
fn Waiting(
    page: Page,
    applied: Memo<Option<dino_core::run::settings::Settings>>,
    differs: Memo<bool>,
    faults: Memo<Vec<SettingError>>,
    faulty: Signal<bool>,
) -> impl IntoView {
    let (words, draft) = (page.words, page.draft);
    let text = move || &words.get().settings;
    let undo = move |_| {
        if let Some(settings) = applied.get_untracked() {
            draft.begin(settings);
        }
    };
    let sentence = move || {
        faults.track();
        if faulty.get() { text().faulty } else { text().waiting }
    };
    view! {
        <div role="status">
            {move || differs.get().then(|| view! {
                <div class="note waiting">
                    <p>{sentence}</p>
                    <p class="buttons">
                        <button disabled=faulty on:click=move |_| page.begin_anew()>{move || text().apply}</button>
                        <button class="quiet" on:click=undo>{move || text().undo}</button>
                    </p>
                </div>
            })}
        </div>
    }
}
