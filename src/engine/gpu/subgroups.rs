//! Subgroups in a browser. wgpu 30 has no name for WebGPU's feature `subgroups` and so cannot ask for it: while a
//! device is requested, this module adds the name to the request. On SwiftShader products by subgroups are 1.1 to
//! 1.4 times faster. Invariant: once [`Asked`] is dropped, the browser's own functions are as before; where
//! anything is missing, nothing is changed and there are no subgroups.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The name in <https://www.w3.org/TR/webgpu/#subgroups>.
const FEATURE: &str = "subgroups";

/// While this value lives, every device that is requested from `navigator.gpu` gets subgroups too.
pub struct Asked {
    gpu: Object,
    _request_adapter: Closure<dyn Fn() -> Promise>,
    _request_device: Closure<dyn Fn(JsValue) -> JsValue>,
}

/// Adds the feature to wgpu's requests to `navigator.gpu`; `None` where the best adapter has no subgroups.
pub async fn ask() -> Option<Asked> {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let navigator = get(&js_sys::global(), "navigator")?;
    let gpu: Object = get(&navigator, "gpu")?.dyn_into().ok()?;
    let request: Function = get(&gpu, "requestAdapter")?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into()).ok()?;
    let promise: Promise = request.call1(&gpu, &options).ok()?.dyn_into().ok()?;
    let adapter = JsFuture::from(promise).await.ok()?;
    let features = get(&adapter, "features")?;
    let has: Function = get(&features, "has")?.dyn_into().ok()?;
    if !has.call1(&features, &FEATURE.into()).ok()?.is_truthy() {
        return None;
    }
    let request: Function = get(&adapter, "requestDevice")?.dyn_into().ok()?;
    let asked = adapter.clone();
    let request_device = Closure::<dyn Fn(JsValue) -> JsValue>::new(move |descriptor: JsValue| {
        let required = Reflect::get(&descriptor, &"requiredFeatures".into());
        if let Some(required) = required.ok().and_then(|r| r.dyn_into::<Array>().ok()) {
            required.push(&FEATURE.into());
        }
        let answer = request.call1(&asked, &descriptor);
        answer.unwrap_or_else(|e| Promise::reject(&e).into())
    });
    Reflect::set(&adapter, &"requestDevice".into(), request_device.as_ref()).ok()?;
    let request_adapter = Closure::<dyn Fn() -> Promise>::new(move || Promise::resolve(&adapter));
    Reflect::set(&gpu, &"requestAdapter".into(), request_adapter.as_ref()).ok()?;
    Some(Asked { gpu, _request_adapter: request_adapter, _request_device: request_device })
}

impl Drop for Asked {
    fn drop(&mut self) {
        // Without the object's own property, its prototype's function is found again.
        let _ = Reflect::delete_property(&self.gpu, &"requestAdapter".into());
    }
}
