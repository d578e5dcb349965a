//! Worker client, the page's side of the channel: starts a worker, sends requests, hands answers to who asked and everything
//! else to its [`Listener`]. Invariant: whatever becomes of the worker, every request is answered.

use crate::client::dom::describe;
use crate::i18n::Words;
use dino_core::Error;
use dino_core::error::WorkerProblem;
use dino_core::protocol::{BUILD, Command, Event, Report, Request};
use futures_channel::oneshot;
use js_sys::{Array, Reflect};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

/// Who hears what a worker says.
pub trait Listener {
    fn words(&self) -> Words;
    /// The worker is alive.
    fn heard(&self);
    /// A worker of another build speaks, which nobody here understands.
    fn foreign(&self);
    /// Every message, before it is taken in or answers a request.
    fn note(&self, report: &Report);
    /// What everybody may know.
    fn apply(&self, event: Event);
    fn crashed(&self, error: Error);
}

/// Why a request was not carried out.
pub struct Refused {
    /// In the person's language.
    pub sentence: String,
    /// The worker's error, if the worker refused it.
    pub error: Option<Error>,
}

impl Refused {
    /// Without a word from the worker.
    pub fn by_browser(sentence: String) -> Self {
        Self { sentence, error: None }
    }
}

/// Who waits for an answer, and if it is for steps.
struct Waiting {
    sender: oneshot::Sender<Event>,
    steps: bool,
}

/// What the worker's messages and the requests share.
struct Wire {
    listener: Rc<dyn Listener>,
    /// Messages that wait for the worker's first one: what is sent earlier is lost. `None` after it.
    outbox: RefCell<Option<Vec<JsValue>>>,
    waiting: RefCell<HashMap<u32, Waiting>>,
    /// Nothing counts any more that a worker says which was ended.
    ended: Cell<bool>,
}

/// A worker and the requests that it has not answered yet.
pub struct Engine {
    worker: Worker,
    wire: Rc<Wire>,
    next: Cell<u32>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(JsValue)>,
}

impl Engine {
    /// Starts a worker. Its script is a blob that imports the real one: only so does the page's
    /// Content-Security-Policy hold for it. The address carries the build, because caches may keep
    /// the worker of an older page.
    ///
    /// # Errors
    /// What the browser threw.
    pub fn new(listener: Rc<dyn Listener>) -> Result<Self, JsValue> {
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

        let wire = Rc::new(Wire {
            listener,
            outbox: RefCell::new(Some(Vec::new())),
            waiting: RefCell::default(),
            ended: Cell::new(false),
        });
        let (to, shared) = (worker.clone(), wire.clone());
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            shared.receive(&to, event.data());
        });
        let shared = wire.clone();
        let on_error = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
            let message = Reflect::get(&event, &"message".into()).ok();
            let message = message.and_then(|m| m.as_string()).unwrap_or_default();
            shared.die(Error::Died(WorkerProblem::Crashed(message)));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let next = Cell::new(0);
        Ok(Self { worker, wire, next, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a command; the answer may be waited for.
    ///
    /// # Errors
    /// The answer is the sentence with which the worker refused it, or that the worker is gone.
    pub fn request(
        &self,
        command: Command,
        files: &Array,
    ) -> impl Future<Output = Result<Event, Refused>> + use<> {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        let (sender, receiver) = oneshot::channel();
        let steps = matches!(command, Command::Step { .. });
        let sent = if self.has_ended() {
            // Nobody will answer: without its sender the request fails at once.
            drop(sender);
            Ok(())
        } else {
            self.wire.waiting.borrow_mut().insert(id, Waiting { sender, steps });
            serde_wasm_bindgen::to_value(&Request { id, command })
                .map_err(JsValue::from)
                .and_then(|request| self.post(Array::of1(&request).concat(files).into()))
        };
        if sent.is_err() {
            self.wire.waiting.borrow_mut().remove(&id);
        }
        let words = self.wire.listener.words();
        async move {
            sent.map_err(|error| Refused::by_browser(describe(&error)))?;
            let answer = receiver.await;
            let text = words.now();
            match answer {
                Ok(Event::Error { error } | Event::Fatal { error }) => {
                    Err(Refused { sentence: (text.errors.error)(&error), error: Some(error) })
                }
                Ok(event) => Ok(event),
                Err(_) => Err(Refused::by_browser(text.common.worker_gone.to_owned())),
            }
        }
    }

    fn post(&self, message: JsValue) -> Result<(), JsValue> {
        match self.wire.outbox.borrow_mut().as_mut() {
            Some(held) => held.push(message),
            None => self.worker.post_message(&message)?,
        }
        Ok(())
    }

    /// True if the worker was ended or has died.
    pub fn has_ended(&self) -> bool {
        self.wire.ended.get()
    }

    /// Ends the worker; who waits for it is told. True if somebody waited for steps.
    pub fn end(&self) -> bool {
        self.wire.ended.set(true);
        // What is on its way already must not meet listeners that are gone.
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        let waiting = self.wire.waiting.take();
        waiting.values().any(|waiting| waiting.steps)
    }
}

impl Wire {
    fn receive(&self, worker: &Worker, data: JsValue) {
        if self.ended.get() {
            return;
        }
        self.listener.heard();
        for message in self.outbox.take().unwrap_or_default() {
            if let Err(error) = worker.post_message(&message) {
                return self.die(Error::Died(WorkerProblem::NotUnderstood(describe(&error))));
            }
        }
        let report: Report = match serde_wasm_bindgen::from_value(data) {
            Ok(report) => report,
            // Only a worker of another build can say what this page does not understand.
            Err(_) => return self.listener.foreign(),
        };
        if let Event::Fatal { error } = report.event {
            return self.die(error);
        }
        self.listener.note(&report);
        let Some(id) = report.reply else { return self.listener.apply(report.event) };
        // Pictures and refusals are for who asked; the rest everybody may know.
        if !matches!(
            report.event,
            Event::Crops { .. }
                | Event::Attention(_)
                | Event::AttentionView(_)
                | Event::Frame(_)
                | Event::File { .. }
                | Event::Error { .. }
        ) {
            self.listener.apply(report.event.clone());
        }
        let waiting = self.waiting.borrow_mut().remove(&id);
        if let Some(waiting) = waiting {
            let _ = waiting.sender.send(report.event);
        }
    }

    /// The worker is of no use any more. Its first word on that counts: a panic is followed by an error.
    fn die(&self, error: Error) {
        if !self.ended.replace(true) {
            self.listener.crashed(error);
        }
    }
}
