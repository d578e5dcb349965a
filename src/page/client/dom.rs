//! Document and JavaScript values: the focus, and errors in words. Invariant: nothing here knows the page's state.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Puts the focus on the element of this id, which brings it into view.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only detached elements refuse it.
        let _ = element.focus();
    }
}

/// A JavaScript error in words.
pub fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}
