//! The keyboard: Space runs and pauses, `.` makes a step, 1 to 9 show a head and 0 the mean of all, `?`
//! helps. Invariant: a key means nothing here while somebody types, while a dialog is open, or together
//! with Ctrl, Alt or Meta.

use crate::context::Page;
use dino_core::protocol::{Command, State};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// Where keys are text.
const TYPING: &str = "textarea, select, [contenteditable], input:not([type=range], [type=checkbox], \
                      [type=radio], [type=file], [type=button])";

/// Where Space presses something already.
const PRESSED: &str = "button, a, summary, input, label, [role=button], [role=switch], [role=tab], \
                       [role=slider], [role=checkbox], [role=radio], [role=menuitem]";

/// Listens as long as the page lives.
pub fn listen(page: Page) {
    // Its handle does not stop it when it is dropped.
    let _ = window_event_listener(ev::keydown, move |event| press(page, &event));
}

fn press(page: Page, event: &KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let at = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within = |what: &str| {
        at.as_ref().is_some_and(|element| element.closest(what).ok().flatten().is_some())
    };
    let dialog = document().query_selector("dialog[open]").ok().flatten().is_some();
    if event.is_composing() || dialog || within(TYPING) {
        return;
    }
    match event.key().as_str() {
        "?" if page.arrived.with_untracked(Option::is_none) => page.help.set(true),
        " " if !within(PRESSED) => {
            // It would scroll the page.
            event.prevent_default();
            if !event.repeat() {
                run(page);
            }
        }
        "." if state(page) == Some(State::Paused) => page.send(Command::Step { steps: 1 }),
        key => {
            if let Some(digit @ 0..=9) = key.parse::<usize>().ok().filter(|_| key.len() == 1) {
                page.head_key.set(Some(digit));
            }
        }
    }
}

fn run(page: Page) {
    match state(page) {
        Some(State::Running) => page.send(Command::Pause),
        Some(State::Paused) => page.send(Command::Start),
        _ => {}
    }
}

/// The run's state, if there is something to train on and with.
fn state(page: Page) -> Option<State> {
    let model = page.model;
    let ready = model.adapter.with_untracked(Option::is_some)
        && model.fatal.with_untracked(Option::is_none)
        && !model.images.with_untracked(Vec::is_empty);
    ready.then(|| untrack(|| model.state()))
}
