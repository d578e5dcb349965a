//! What the page keeps in the browser's storage between visits: the measurements of this adapter, and
//! small choices as language and theme. Invariant: a browser that keeps nothing loses nothing but the
//! seconds of measuring and choosing again.

use dino_core::protocol::Attempt;
use leptos::prelude::window;
use web_sys::Storage;

const TUNING: &str = "dino.tuning";
const ATTEMPT: &str = "dino.attempt";
const MEMORY: &str = "dino.memory";

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What was kept under this name.
pub fn read(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Keeps a text under a name.
pub fn keep(name: &str, text: &str) {
    if let Some(storage) = storage() {
        // Fails where storage is full or forbidden.
        let _ = storage.set_item(name, text);
    }
}

fn remove(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(name);
    }
}

/// What was tried last and never ended: the browser, the tab or the worker did not survive it.
pub fn attempt() -> Option<Attempt> {
    serde_json::from_str(&read(ATTEMPT)?).ok()
}

/// Notes what is tried now; `None` when it is over.
pub fn keep_attempt(attempt: Option<&Attempt>) {
    match attempt.and_then(|attempt| serde_json::to_string(attempt).ok()) {
        Some(text) => keep(ATTEMPT, &text),
        None => remove(ATTEMPT),
    }
}

/// Bytes of the device that a run may take, if a person said how many.
pub fn memory() -> Option<u64> {
    read(MEMORY)?.parse().ok()
}

/// Keeps that; `None` = as many as suit the device.
pub fn keep_memory(bytes: Option<u64>) {
    match bytes {
        Some(bytes) => keep(MEMORY, &bytes.to_string()),
        None => remove(MEMORY),
    }
}

/// What an earlier visit measured.
pub fn tuning() -> Option<String> {
    read(TUNING)
}

/// Keeps it.
pub fn keep_tuning(text: &str) {
    keep(TUNING, text);
}

/// Forgets it, so that the next visit measures again.
pub fn forget_tuning() {
    remove(TUNING);
}
