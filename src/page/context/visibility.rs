//! Visibility of the page: a hidden one saves its run and lets the device work in longer pieces, on a phone it pauses,
//! and one that trains keeps the screen on. Invariant: what hiding paused, showing starts again, and nothing else.

use crate::client::{device, local_storage};
use crate::context::Page;
use dino_core::protocol::{Command, State};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

impl Page {
    /// Follows whether the page is seen.
    pub(super) fn follow_visibility(self) {
        let paused = StoredValue::new(false);
        let _ = window_event_listener(leptos::ev::pagehide, move |_| {
            // Whoever leaves has not crashed.
            local_storage::keep_attempt(None);
            self.save();
        });
        let _ = window_event_listener(leptos::ev::visibilitychange, move |_| {
            if document().hidden() {
                self.hide(paused);
            } else {
                self.show(paused);
            }
        });
    }

    /// Keeps the screen on while a run trains; called where there is a view, because it follows the run.
    pub fn keep_screen_on(self) {
        let trains = Memo::new(move |_| self.model.state() == State::Running);
        Effect::new(move |before: Option<bool>| {
            let trains = trains.get();
            if trains && !document().hidden() {
                spawn_local(device::keep_awake());
            } else if before == Some(true) {
                device::let_sleep();
            }
            trains
        });
    }

    /// A page that is hidden may never be shown again: the worker saves the run.
    fn save(self) {
        if self.model.adapter.with_untracked(Option::is_some) {
            self.send(Command::Hidden);
        }
    }

    fn hide(self, paused: StoredValue<bool>) {
        let trains = untrack(|| self.model.state()) == State::Running;
        if trains && device::is_touched() {
            // A phone does no graphics work for a hidden page, and may take the device away.
            paused.set_value(true);
            self.send(Command::Pause);
        }
        self.save();
    }

    fn show(self, paused: StoredValue<bool>) {
        if self.model.adapter.with_untracked(Option::is_none) {
            return;
        }
        self.send(Command::Shown);
        let was_paused = paused.get_value();
        paused.set_value(false);
        let state = untrack(|| self.model.state());
        if was_paused {
            spawn_local(async move {
                // The pause may still be on its way; a person may have decided otherwise.
                if state != State::Finished
                    && let Err(message) = self.call(Command::Start, &Array::new()).await
                {
                    self.model.complain(message);
                }
            });
        } else if state == State::Running {
            spawn_local(device::keep_awake());
        }
    }
}
