//! Device that the browser runs on: its system, whether it is held in a hand, and its screen. Invariant: what a browser does
//! not tell is taken for a desktop's, and a screen that cannot be kept on goes off as always.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

fn agent() -> String {
    window().navigator().user_agent().unwrap_or_default()
}

/// Chrome, or a relative of it, on a desktop's Linux, where it leaves most graphics cards off.
pub fn is_linux_chrome() -> bool {
    let agent = agent();
    agent.contains("Linux") && !agent.contains("Android") && !agent.contains("Firefox")
}

pub fn is_windows() -> bool {
    agent().contains("Windows")
}

/// A phone or a tablet, which stops what is hidden: by its words, or because the first pointer is a finger.
pub fn is_touched() -> bool {
    let coarse = window().match_media("(pointer: coarse)").ok().flatten();
    let agent = agent();
    let phone = ["Mobile", "Android", "iPhone", "iPad"].iter().any(|word| agent.contains(word));
    phone || coarse.is_some_and(|coarse| coarse.matches())
}

thread_local! {
    /// The lock that keeps the screen on.
    static LOCK: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}

/// Keeps the screen on until [`let_sleep`]; browsers give the lock back by themselves when the page is hidden.
pub async fn keep_awake() {
    let Some(lock) = request().await else { return };
    // Another may have come in the meantime.
    if let Some(before) = LOCK.replace(Some(lock)) {
        release(&before);
    }
}

async fn request() -> Option<JsValue> {
    let navigator = window().navigator();
    let wake_lock = Reflect::get(&navigator, &"wakeLock".into()).ok().filter(JsValue::is_object)?;
    let promise = method(&wake_lock, "request")?.call1(&wake_lock, &"screen".into()).ok()?;
    // Refused when the battery is low, or while the page is hidden.
    JsFuture::from(promise.dyn_into::<Promise>().ok()?).await.ok()
}

/// Lets the screen go off again.
pub fn let_sleep() {
    if let Some(lock) = LOCK.take() {
        release(&lock);
    }
}

fn release(lock: &JsValue) {
    if let Some(release) = method(lock, "release") {
        let _ = release.call0(lock);
    }
}
