//! Request of a device in a browser, where it needs help. wgpu 30 has no name for WebGPU's feature `subgroups` and so
//! cannot ask for it: this module adds the name to the request; on SwiftShader products by subgroups are 1.1 to 1.4
//! times faster. And wgpu ends the worker where an adapter tells nothing of itself: empty words are put in. Invariant:
//! once [`Asked`] is dropped, the browser's own functions are as before; where anything is missing, nothing is
//! changed and there are no subgroups.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The name in <https://www.w3.org/TR/webgpu/#subgroups>.
const FEATURE: &str = "subgroups";

/// Words that an adapter's information has.
const WORDS: [&str; 4] = ["vendor", "architecture", "device", "description"];
/// Numbers that it has.
const NUMBERS: [&str; 2] = ["subgroupMinSize", "subgroupMaxSize"];

/// While this value lives, every device that is requested from `navigator.gpu` gets subgroups too, if there are any.
pub struct Asked {
    /// The adapter has subgroups.
    pub subgroups: bool,
    gpu: Object,
    _request_adapter: Closure<dyn Fn() -> Promise>,
    _request_device: Closure<dyn Fn(JsValue) -> JsValue>,
}

/// Adds the feature to wgpu's requests to `navigator.gpu`; `None` where there is no adapter to be had.
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
    let subgroups = has.call1(&features, &FEATURE.into()).ok()?.is_truthy();
    complete(&adapter);
    let request: Function = get(&adapter, "requestDevice")?.dyn_into().ok()?;
    let asked = adapter.clone();
    let request_device = Closure::<dyn Fn(JsValue) -> JsValue>::new(move |descriptor: JsValue| {
        let required = Reflect::get(&descriptor, &"requiredFeatures".into());
        let required = required.ok().and_then(|r| r.dyn_into::<Array>().ok());
        if let Some(required) = required.filter(|_| subgroups) {
            required.push(&FEATURE.into());
        }
        let answer = request.call1(&asked, &descriptor);
        answer.unwrap_or_else(|e| Promise::reject(&e).into())
    });
    Reflect::set(&adapter, &"requestDevice".into(), request_device.as_ref()).ok()?;
    let request_adapter = Closure::<dyn Fn() -> Promise>::new(move || Promise::resolve(&adapter));
    Reflect::set(&gpu, &"requestAdapter".into(), request_adapter.as_ref()).ok()?;
    Some(Asked {
        subgroups,
        gpu,
        _request_adapter: request_adapter,
        _request_device: request_device,
    })
}

/// Gives an adapter information of the kind that it should have, with empty words where it has none.
fn complete(adapter: &JsValue) {
    let info = Reflect::get(adapter, &"info".into()).unwrap_or_default();
    // Of anything but an object no field can be read.
    let field = |name: &str| Reflect::get(&info, &name.into()).unwrap_or_default();
    let whole = WORDS.iter().all(|name| field(name).is_string())
        && NUMBERS.iter().all(|name| field(name).as_f64().is_some());
    if whole {
        return;
    }
    let full = Object::new();
    for name in WORDS {
        let word = field(name).as_string().unwrap_or_default();
        let _ = Reflect::set(&full, &name.into(), &word.into());
    }
    for name in NUMBERS {
        let _ = Reflect::set(&full, &name.into(), &field(name).as_f64().unwrap_or(0.0).into());
    }
    let fallback = field("isFallbackAdapter").is_truthy();
    let _ = Reflect::set(&full, &"isFallbackAdapter".into(), &fallback.into());
    // An own property, because the interface's own has no setter.
    let property = Object::new();
    let _ = Reflect::set(&property, &"value".into(), &full);
    if let Some(adapter) = adapter.dyn_ref::<Object>() {
        let _ = Reflect::define_property(adapter, &"info".into(), &property);
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // Without the object's own property, its prototype's function is found again.
        let _ = Reflect::delete_property(&self.gpu, &"requestAdapter".into());
    }
}
