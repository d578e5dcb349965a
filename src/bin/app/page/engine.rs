//! The page's side of the wire: starts the worker, sends requests, hands answers to who asked and
//! everything else to the model.

use super::{describe, model::Model};
use dino::protocol::{BUILD, Command, Event, Report, Request};
use futures_channel::oneshot;
use js_sys::{Array, Reflect};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, File, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

type Waiting = Rc<RefCell<HashMap<u32, oneshot::Sender<Event>>>>;

/// Messages that wait for the worker's first one: what is sent earlier is lost. `None` after it.
type Outbox = Rc<RefCell<Option<Vec<JsValue>>>>;

/// The worker and the requests that it has not answered yet.
pub struct Engine {
    model: Model,
    worker: Worker,
    outbox: Outbox,
    waiting: Waiting,
    next: Cell<u32>,
}

impl Engine {
    /// Starts the worker. Its script is a blob that imports the real one: only so does the page's
    /// Content-Security-Policy hold for it. The address carries the build, because caches may keep
    /// the worker of an older page.
    ///
    /// # Errors
    /// What the browser threw.
    pub fn new(model: Model) -> Result<Self, JsValue> {
        let base = document().base_uri()?.unwrap_or_default();
        let address = |file: &str| -> Result<JsValue, JsValue> {
            let url = Url::new_with_base(&format!("{file}?v={BUILD}"), &base)?.href();
            Ok(js_sys::JSON::stringify(&url.into())?.into())
        };
        let (script, wasm) = (address("worker.js")?, address("worker_bg.wasm")?);
        let (script, wasm) = (script.as_string(), wasm.as_string());
        let source = format!(
            "import init from {};\nawait init({{ module_or_path: {} }});\n",
            script.unwrap_or_default(),
            wasm.unwrap_or_default()
        );
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let parts = Array::of1(&source.into());
        let blob = Blob::new_with_str_sequence_and_options(&parts, &kind)?;
        let url = Url::create_object_url_with_blob(&blob)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("dino");
        let worker = Worker::new_with_options(&url, &options)?;

        let waiting = Waiting::default();
        let (for_messages, for_errors) = (waiting.clone(), waiting.clone());
        let outbox = Outbox::new(RefCell::new(Some(Vec::new())));
        let (held, to) = (outbox.clone(), worker.clone());
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            for message in held.take().unwrap_or_default() {
                if let Err(error) = to.post_message(&message) {
                    model.fatal.set(Some(describe(&error)));
                }
            }
            receive(model, &for_messages, event.data());
        });
        let on_error = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
            let message = Reflect::get(&event, &"message".into()).ok();
            let message = message.and_then(|m| m.as_string()).unwrap_or_default();
            // A panic has told its own story before.
            if model.fatal.with_untracked(Option::is_none) {
                model.fatal.set(Some((model.words.now().common.no_worker)(&message)));
            }
            for_errors.borrow_mut().clear();
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // They live as long as the worker, and that as long as the page.
        on_message.forget();
        on_error.forget();
        Ok(Self { model, worker, outbox, waiting, next: Cell::new(0) })
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// The sentence with which the worker refused it, or that the worker is gone.
    pub async fn call(&self, command: Command, files: &Array) -> Result<Event, String> {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().insert(id, sender);
        let sent = serde_wasm_bindgen::to_value(&Request { id, command })
            .map_err(JsValue::from)
            .and_then(|request| self.post(Array::of1(&request).concat(files).into()));
        if let Err(error) = sent {
            self.waiting.borrow_mut().remove(&id);
            return Err(describe(&error));
        }
        let text = self.model.words.now();
        match receiver.await {
            Ok(Event::Error { error } | Event::Fatal { error }) => Err((text.errors.error)(&error)),
            Ok(event) => Ok(event),
            Err(_) => Err(text.common.worker_gone.to_owned()),
        }
    }

    fn post(&self, message: JsValue) -> Result<(), JsValue> {
        match self.outbox.borrow_mut().as_mut() {
            Some(held) => held.push(message),
            None => self.worker.post_message(&message)?,
        }
        Ok(())
    }
}

fn receive(model: Model, waiting: &Waiting, data: JsValue) {
    let report: Report = match serde_wasm_bindgen::from_value(data) {
        Ok(report) => report,
        // Only a worker of another build can say what this page does not understand.
        Err(_) => {
            return model.fatal.set(Some(model.words.now().common.other_build.to_owned()));
        }
    };
    let Some(id) = report.reply else { return model.apply(report.event) };
    // Pictures and refusals are for who asked; the rest everybody may know.
    if !matches!(
        report.event,
        Event::Crops { .. } | Event::Attention(_) | Event::Look(_) | Event::Error { .. }
    ) {
        model.apply(report.event.clone());
    }
    if let Some(sender) = waiting.borrow_mut().remove(&id) {
        let _ = sender.send(report.event);
    }
}

/// Names of files, with their folder where they came with one.
///
/// `None` if something else is among them.
pub fn names(files: &Array) -> Option<Vec<String>> {
    files
        .iter()
        .map(|file| {
            let file = file.dyn_ref::<File>()?;
            let path = Reflect::get(file, &"webkitRelativePath".into()).ok();
            let path = path.and_then(|p| p.as_string()).filter(|p| !p.is_empty());
            Some(path.unwrap_or_else(|| file.name()))
        })
        .collect()
}
