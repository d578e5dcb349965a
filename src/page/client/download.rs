//! Files that the browser saves: the one way to the downloads. Invariant: an address that was made for it is
//! given back.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// The browser has taken a file when the click returns; its address is freed a little later.
const FREED_AFTER: Duration = Duration::from_secs(60);

/// Lets the browser save what an address of this tab has.
///
/// # Errors
/// What the browser threw.
pub fn address(url: &str, name: &str) -> Result<(), JsValue> {
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(url);
    link.set_download(name);
    link.click();
    Ok(())
}

/// Lets the browser save bytes of a kind, such as `text/csv`.
///
/// # Errors
/// What the browser threw.
pub fn bytes(contents: &[u8], kind: &str, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(&Uint8Array::from(contents));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let saved = address(&url, name);
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        FREED_AFTER,
    );
    saved
}
