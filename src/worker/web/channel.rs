//! Channel to the page: messages in and out, and the event loop.
//! Invariant: a message that cannot be read is reported, never dropped in silence.

use crate::host::{Inbox, Incoming, Message};
use dino_core::error::{Error, WorkerProblem};
use dino_core::protocol::{Event, Report};
use futures_channel::mpsc;
use js_sys::{Array, Promise, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent};
use web_time::Duration;

/// The messages of the page.
pub struct Channel {
    inbox: mpsc::UnboundedReceiver<Incoming<File>>,
    outside: mpsc::UnboundedSender<Incoming<File>>,
    breath: Option<MessageChannel>,
}

impl Channel {
    /// Begins to listen.
    pub fn new() -> Self {
        let (sender, inbox) = mpsc::unbounded();
        let outside = sender.clone();
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            match understand(&event.data()) {
                Ok(message) => {
                    let _ = sender.unbounded_send(Incoming::Message(message));
                }
                Err(e) => {
                    let problem = WorkerProblem::NotUnderstood(format!("{e:?}"));
                    let error = Error::Died(problem);
                    post(&Report { reply: None, event: Event::Fatal { error } });
                }
            }
        });
        scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // The listener lives as long as the worker.
        listener.forget();
        Self { inbox, outside, breath: MessageChannel::new().ok() }
    }
}

impl Inbox<File> for Channel {
    fn pending(&mut self) -> Option<Message<File>> {
        loop {
            match self.inbox.try_recv() {
                Ok(Incoming::Message(message)) => return Some(message),
                // The wait that it should have ended is over.
                Ok(Incoming::Wake) => {}
                Err(_) => return None,
            }
        }
    }

    async fn next(&mut self, at_most: Option<Duration>) -> Option<Incoming<File>> {
        if let Some(time) = at_most {
            let sender = self.outside.clone();
            let wake = Closure::once_into_js(move || {
                let _ = sender.unbounded_send(Incoming::Wake);
            });
            call_after(&wake, time);
        }
        self.inbox.recv().await.ok()
    }

    /// A timer would be clamped to 4 ms.
    async fn breathe(&self) {
        let Some(channel) = &self.breath else { return };
        let turned = Promise::new(&mut |resolve, _| {
            channel.port1().set_onmessage(Some(&resolve));
            let _ = channel.port2().post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(turned).await;
    }
}

/// Sends the text of a panic to the page: the worker is dead after it.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let error = Error::Died(WorkerProblem::Crashed(info.to_string()));
        post(&Report { reply: None, event: Event::Fatal { error } });
    }));
}

/// A message is an array: the request, then its files.
fn understand(data: &JsValue) -> Result<Message<File>, JsValue> {
    let mut parts = data.dyn_ref::<Array>().ok_or("expected an array")?.iter();
    let request = serde_wasm_bindgen::from_value(parts.next().unwrap_or_default())?;
    let files = parts.map(JsCast::dyn_into::<File>).collect::<Result<_, _>>()?;
    Ok(Message { request, files })
}

/// Sends a report to the page.
pub fn post(report: &Report) {
    let sent = to_js(report).and_then(|value| scope().post_message(&value));
    if let Err(e) = sent {
        web_sys::console::error_2(&"a message to the page failed".into(), &e);
    }
}

/// A report as a JavaScript value. A whole number beyond 2⁵³, such as the length that a damaged file claims, makes
/// it one with `BigInt`s: without them it would not be sent.
fn to_js(report: &Report) -> Result<JsValue, JsValue> {
    let exact = Serializer::new().serialize_large_number_types_as_bigints(true);
    Ok(serde_wasm_bindgen::to_value(report).or_else(|_| report.serialize(&exact))?)
}

fn call_after(function: &JsValue, time: Duration) {
    let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    // Fails only for code in text, which the page's policy forbids.
    let _ = scope()
        .set_timeout_with_callback_and_timeout_and_arguments_0(function.unchecked_ref(), millis);
}

/// Lets time pass.
pub async fn pause(time: Duration) {
    let over = Promise::new(&mut |resolve, _| call_after(&resolve, time));
    let _ = JsFuture::from(over).await;
}

pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// True if the browser has WebGPU in workers.
pub fn has_webgpu() -> bool {
    gpu().is_some()
}

fn gpu() -> Option<JsValue> {
    let navigator = Reflect::get(&scope(), &"navigator".into()).ok()?;
    Reflect::get(&navigator, &"gpu".into()).ok().filter(JsValue::is_object)
}
