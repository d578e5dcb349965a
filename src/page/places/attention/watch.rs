//! Attention views from the worker: asks for the one that is wanted. Invariant: at most one request is under way; when its
//! answer comes, the newest wish is next, so that a slider can be dragged over any number of them.

use crate::context::Page;
use crate::state::request;
use crate::state::request::Wanted;
use dino_core::protocol::{Command, Event};
use js_sys::Array;
use leptos::prelude::*;

/// Follows what is wanted from now on.
pub fn follow(page: Page) {
    let wanted = Memo::new(move |_| request::wanted(page.model));
    Effect::new(move || {
        page.model.attention.moved.track();
        if wanted.get().is_none() {
            // Whatever comes next is of another run.
            page.model.attention.asked.set_value(None);
        }
        ask(page, wanted);
    });
}

fn ask(page: Page, wanted: Memo<Wanted>) {
    let attention = page.model.attention;
    let view = wanted.get_untracked().map(|(_, view)| view);
    let Some(view) = attention.next(view) else { return };
    wasm_bindgen_futures::spawn_local(async move {
        match page.call(Command::Watch { view }, &Array::new()).await {
            Ok(Event::AttentionView(answer)) => attention.take(answer),
            Ok(_) => {}
            Err(message) => page.model.complain(message),
        }
        attention.busy.set(false);
        ask(page, wanted);
    });
}
