//! WebGPU of a browser, where wgpu 30 has no name for what it offers: the feature `subgroups`, what an adapter says of
//! itself, pipelines that are made beside each other, errors that are the driver's own, and a queue that answers late.
//! Invariant: wgpu finds the same objects as without it, and where anything is missing, everything works as it does
//! without.

mod errors;
mod pipelines;
mod request;
mod turn;

pub use errors::{InternalScope, listen};
pub use pipelines::{Begun, Pipelines};
pub use request::{Asked, ask};
pub use turn::{rest, turn};

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A property of an object; `undefined` where it has none.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// The words of an error of the browser.
fn message(error: &JsValue) -> String {
    get(error, "message").as_string().unwrap_or_else(|| format!("{error:?}"))
}
