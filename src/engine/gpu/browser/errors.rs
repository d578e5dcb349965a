//! Errors that wgpu 30 does not know: a driver's own, such as a pipeline that it refuses (`GPUInternalError`). wgpu ends
//! the program at one. Invariant: no such error reaches wgpu, and none is lost.

use crate::gpu::browser::{get, message};
use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Errors that wgpu can take.
const KNOWN: [&str; 2] = ["[object GPUValidationError]", "[object GPUOutOfMemoryError]"];

/// Hands errors that wgpu does not know, and that no scope caught, to `hear` instead of to wgpu. To be called before wgpu
/// listens: who listens first is told first.
pub fn listen(device: &Object, hear: impl Fn(String) + 'static) {
    let listener = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let error = get(&event, "error");
        let kind = error.dyn_ref::<Object>().map(|error| String::from(error.to_string()));
        if kind.is_none_or(|kind| !KNOWN.contains(&kind.as_str())) {
            if let Ok(stop) = get(&event, "stopImmediatePropagation").dyn_into::<Function>() {
                let _ = stop.call0(&event);
            }
            hear(message(&error));
        }
    });
    if let Ok(add) = get(device, "addEventListener").dyn_into::<Function>() {
        let _ = add.call2(device, &"uncapturederror".into(), listener.as_ref());
    }
    // It lives as long as the device.
    listener.forget();
}

/// A scope of the driver's own errors. Scopes are a stack: it must enclose those of wgpu that are opened after it.
pub struct InternalScope(Object);

impl InternalScope {
    /// Opens it.
    pub fn open(device: &Object) -> Option<Self> {
        let push = get(device, "pushErrorScope").dyn_into::<Function>().ok()?;
        push.call1(device, &"internal".into()).ok()?;
        Some(Self(device.clone()))
    }

    /// Closes it now; the driver's words come later, if there was an error.
    pub fn close(self) -> impl Future<Output = Option<String>> {
        let pop = get(&self.0, "popErrorScope").dyn_into::<Function>();
        let error = pop.and_then(|pop| pop.call0(&self.0)).and_then(JsCast::dyn_into::<Promise>);
        async move {
            let error = JsFuture::from(error.ok()?).await.ok()?;
            error.is_object().then(|| message(&error))
        }
    }
}
