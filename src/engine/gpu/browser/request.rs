//! Request of a device in a browser. wgpu 30 has no name for WebGPU's feature `subgroups` and so cannot ask for it: the
//! name is added to the request; on SwiftShader products by subgroups are 1.1 to 1.4 times faster. wgpu ends the worker
//! where an adapter tells nothing of itself: empty words are put in. And wgpu passes on only the adapter's description,
//! which browsers leave empty: all its words are kept. Invariant: once [`Asked`] is dropped, the browser's own functions
//! are as before.

use crate::gpu::browser::get;
use crate::gpu::device::AdapterWords;
use js_sys::{Array, Function, Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// The name in <https://www.w3.org/TR/webgpu/#subgroups>.
const FEATURE: &str = "subgroups";

/// Words that an adapter's information has.
const WORDS: [&str; 4] = ["vendor", "architecture", "device", "description"];
/// Numbers that it has.
const NUMBERS: [&str; 2] = ["subgroupMinSize", "subgroupMaxSize"];

/// While this value lives, every device that is requested from `navigator.gpu` is this adapter's, and gets subgroups too,
/// if there are any.
pub struct Asked {
    /// The adapter has subgroups.
    pub subgroups: bool,
    /// What the adapter says of itself.
    pub words: AdapterWords,
    device: Rc<RefCell<Option<Object>>>,
    gpu: Object,
    _request_adapter: Closure<dyn Fn() -> Promise>,
    _request_device: Closure<dyn Fn(JsValue) -> Promise>,
}

impl Asked {
    /// The device that was requested, as the browser gave it.
    pub fn device(&self) -> Option<Object> {
        self.device.borrow().clone()
    }
}

/// Takes part in wgpu's requests to `navigator.gpu`; `None` where there is no adapter to be had.
pub async fn ask() -> Option<Asked> {
    let gpu: Object = get(&get(&js_sys::global(), "navigator"), "gpu").dyn_into().ok()?;
    let request: Function = get(&gpu, "requestAdapter").dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into()).ok()?;
    let promise: Promise = request.call1(&gpu, &options).ok()?.dyn_into().ok()?;
    let adapter = JsFuture::from(promise).await.ok()?;
    let features = get(&adapter, "features");
    let has: Function = get(&features, "has").dyn_into().ok()?;
    let subgroups = has.call1(&features, &FEATURE.into()).ok()?.is_truthy();
    complete(&adapter);
    let info = get(&adapter, "info");
    let [vendor, architecture, device, description] =
        WORDS.map(|name| get(&info, name).as_string().unwrap_or_default());
    let words = AdapterWords { vendor, architecture, device, description };
    let request: Function = get(&adapter, "requestDevice").dyn_into().ok()?;
    let (asked, given) = (adapter.clone(), Rc::new(RefCell::new(None)));
    let kept = given.clone();
    let request_device = Closure::<dyn Fn(JsValue) -> Promise>::new(move |descriptor: JsValue| {
        let required = get(&descriptor, "requiredFeatures").dyn_into::<Array>().ok();
        if let Some(required) = required.filter(|_| subgroups) {
            required.push(&FEATURE.into());
        }
        let answer = request.call1(&asked, &descriptor);
        let kept = kept.clone();
        future_to_promise(async move {
            let device = JsFuture::from(answer?.dyn_into::<Promise>()?).await?;
            kept.replace(device.dyn_ref().cloned());
            Ok(device)
        })
    });
    Reflect::set(&adapter, &"requestDevice".into(), request_device.as_ref()).ok()?;
    let request_adapter = Closure::<dyn Fn() -> Promise>::new(move || Promise::resolve(&adapter));
    Reflect::set(&gpu, &"requestAdapter".into(), request_adapter.as_ref()).ok()?;
    Some(Asked {
        subgroups,
        words,
        device: given,
        gpu,
        _request_adapter: request_adapter,
        _request_device: request_device,
    })
}

/// Gives an adapter information of the kind that it should have, with empty words where it has none.
fn complete(adapter: &JsValue) {
    let info = get(adapter, "info");
    // Of anything but an object no field can be read.
    let field = |name: &str| get(&info, name);
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
