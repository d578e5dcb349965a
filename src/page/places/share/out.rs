//! Ways out: a file to the downloads, a picture to the clipboard, a file or an address to another program.
//! Invariant: a file is named after the run and what it shows, never after a person's file.

use crate::client::dom::describe;
use crate::context::Page;
use dino_core::run::network::Network;
use js_sys::{Array, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ClipboardItem, File, ShareData};

/// A name for a file of a map, without its ending: the starter's is of no run.
pub fn name_of_map(page: Page, what: &str) -> String {
    let shown = page.model.attention.shown.get_untracked();
    match shown.is_some_and(|shown| shown.answer.view.network == Network::Starter) {
        true => format!("dino-starter-{what}"),
        false => name(page, what),
    }
}

/// A name for a file of the run as it stands, without its ending.
pub fn name(page: Page, what: &str) -> String {
    let run = page.model.run.with_untracked(|run| run.as_ref().map(|run| run.settings.clone()));
    let about = run.map_or_else(String::new, |s| format!("-{}-seed{}", s.preset, s.seed));
    format!("dino{about}-step{}-{what}", page.model.step_untracked())
}

/// True if pictures can be copied here.
pub fn can_copy() -> bool {
    let has = |of: &JsValue, name: &str| Reflect::has(of, &name.into()).unwrap_or(false);
    has(&window(), "ClipboardItem") && has(&window().navigator(), "clipboard")
}

/// Copies a PNG.
///
/// # Errors
/// The browser's, if it refuses.
pub async fn copy(png: &Blob) -> Result<(), JsValue> {
    let parts = Object::new();
    Reflect::set(&parts, &"image/png".into(), &Promise::resolve(png))?;
    let item = ClipboardItem::new_with_record_from_str_to_blob_promise(&parts)?;
    JsFuture::from(window().navigator().clipboard().write(&Array::of1(&item))).await.map(drop)
}

/// Copies words.
///
/// # Errors
/// The browser's, if it refuses.
pub async fn copy_text(text: &str) -> Result<(), JsValue> {
    JsFuture::from(window().navigator().clipboard().write_text(text)).await.map(drop)
}

/// What is sent to another program.
pub fn parcel(file: Option<&File>, address: Option<&str>) -> ShareData {
    let data = ShareData::new();
    if let Some(file) = file {
        data.set_files(&Array::of1(file));
    }
    if let Some(address) = address {
        data.set_url(address);
    }
    data
}

/// True if this browser can hand it to another program.
pub fn can_send(parcel: &ShareData) -> bool {
    let navigator = window().navigator();
    let has = |name: &str| Reflect::has(&navigator, &name.into()).unwrap_or(false);
    has("share") && has("canShare") && navigator.can_share_with_data(parcel)
}

/// Sends it; a person who closes the system's dialog is no error.
///
/// # Errors
/// The browser's words.
pub async fn send(parcel: &ShareData) -> Result<(), String> {
    match JsFuture::from(window().navigator().share_with_data(parcel)).await {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .dyn_ref::<web_sys::DomException>()
                .is_some_and(|e| e.name() == "AbortError") =>
        {
            Ok(())
        }
        Err(error) => Err(describe(&error)),
    }
}
