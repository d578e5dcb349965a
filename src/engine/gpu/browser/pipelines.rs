//! Pipelines made beside each other: `createComputePipelineAsync`, for which wgpu 30 has no name. wgpu's own call is made
//! twice: the first time its description is kept and the browser begins, the second time it is answered with what the
//! browser has made. Invariant: without a pending pipeline the device's own function is called.

use crate::gpu::browser::{get, message};
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// What the next call of `createComputePipeline` does.
#[derive(Default)]
enum Next {
    #[default]
    Create,
    /// Keeps the description.
    Keep,
    Kept(JsValue),
    /// Answers with this pipeline.
    Answer(JsValue),
}

/// The functions of a device that make pipelines.
pub struct Pipelines {
    device: Object,
    make: Function,
    next: Rc<RefCell<Next>>,
    _hook: Closure<dyn Fn(JsValue) -> JsValue>,
}

/// A pipeline on its way.
pub struct Begun(JsFuture);

impl Pipelines {
    /// Takes the place of the device's own function; `None` where the browser makes none beside each other.
    pub fn of(device: &Object) -> Option<Self> {
        let make = get(device, "createComputePipelineAsync").dyn_into::<Function>().ok()?;
        let create = get(device, "createComputePipeline").dyn_into::<Function>().ok()?;
        let next = Rc::new(RefCell::new(Next::Create));
        let (own, state) = (device.clone(), next.clone());
        let hook = Closure::<dyn Fn(JsValue) -> JsValue>::new(move |description: JsValue| {
            match state.take() {
                Next::Answer(pipeline) => pipeline,
                Next::Keep => {
                    state.replace(Next::Kept(description.clone()));
                    // wgpu keeps what it is given and asks nothing of it.
                    description
                }
                Next::Create | Next::Kept(_) => {
                    create.call1(&own, &description).unwrap_or_default()
                }
            }
        });
        Reflect::set(device, &"createComputePipeline".into(), hook.as_ref()).ok()?;
        Some(Self { device: device.clone(), make, next, _hook: hook })
    }

    /// Begins the pipeline that `create` asks wgpu for.
    pub fn begin<T>(&self, create: impl FnOnce() -> T) -> Option<Begun> {
        self.next.replace(Next::Keep);
        create();
        let Next::Kept(description) = self.next.take() else { return None };
        let promise = self.make.call1(&self.device, &description).ok()?;
        let promise = promise.dyn_into::<Promise>().ok()?;
        // It listens from now on: a refusal that nobody hears would be the page's error.
        Some(Begun(JsFuture::from(promise)))
    }

    /// The pipeline that was begun, by the same call.
    ///
    /// # Errors
    /// The browser's words, if it could not be made.
    pub async fn end<T>(&self, begun: Begun, create: impl FnOnce() -> T) -> Result<T, String> {
        let pipeline = begun.0.await.map_err(|error| message(&error))?;
        self.next.replace(Next::Answer(pipeline));
        let made = create();
        self.next.take();
        Ok(made)
    }
}
