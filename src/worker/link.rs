//! The worker's side of the wire: messages in and out, the event loop, the pace of events, and what
//! wgpu does not tell about the adapter. Invariant: what cannot be understood is reported, never
//! dropped in silence.

use crate::protocol::{Event, Point, Report, Request};
use crate::trainer::Metrics;
use futures_channel::mpsc;
use js_sys::{Array, Promise, Reflect};
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent};
use web_time::{Duration, Instant};

/// Events that only show progress are sent at most so often.
const PACE: Duration = Duration::from_millis(100);

/// Images a second are counted over so long.
const WINDOW: Duration = Duration::from_secs(3);

/// A request and the files that came with it.
pub struct Message {
    pub request: Request,
    pub files: Vec<File>,
}

/// The wire to the page.
pub struct Link {
    inbox: mpsc::UnboundedReceiver<Message>,
    breath: Option<MessageChannel>,
}

impl Link {
    /// Listens from now on.
    pub fn new() -> Self {
        let (sender, inbox) = mpsc::unbounded();
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            match understand(&event.data()) {
                Ok(message) => {
                    let _ = sender.unbounded_send(message);
                }
                Err(e) => {
                    let message = format!("the worker did not understand the page: {e:?}");
                    post(&Report { reply: None, event: Event::Fatal { message } });
                }
            }
        });
        scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // The listener lives as long as the worker.
        listener.forget();
        Self { inbox, breath: MessageChannel::new().ok() }
    }

    /// Sends the text of a panic to the page: the worker is dead after it.
    pub fn report_panics(&self) {
        std::panic::set_hook(Box::new(|info| {
            console_error_panic_hook::hook(info);
            let message = info.to_string();
            post(&Report { reply: None, event: Event::Fatal { message } });
        }));
    }

    pub fn post(&self, event: Event) {
        post(&Report { reply: None, event });
    }

    pub fn reply(&self, request: u32, event: Event) {
        post(&Report { reply: Some(request), event });
    }

    /// The next message if it is there already.
    pub fn pending(&mut self) -> Option<Message> {
        self.inbox.try_recv().ok()
    }

    /// The next message.
    pub async fn next(&mut self) -> Option<Message> {
        self.inbox.recv().await.ok()
    }

    /// Lets the event loop turn once, so that messages arrive. A timer would be clamped to 4 ms.
    pub async fn breathe(&self) {
        let Some(channel) = &self.breath else { return };
        let turned = Promise::new(&mut |resolve, _| {
            channel.port1().set_onmessage(Some(&resolve));
            let _ = channel.port2().post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(turned).await;
    }
}

/// A message is an array: the request, then its files.
fn understand(data: &JsValue) -> Result<Message, JsValue> {
    let mut parts = data.dyn_ref::<Array>().ok_or("expected an array")?.iter();
    let request = serde_wasm_bindgen::from_value(parts.next().unwrap_or_default())?;
    let files = parts.map(JsCast::dyn_into::<File>).collect::<Result<_, _>>()?;
    Ok(Message { request, files })
}

fn post(report: &Report) {
    let sent = serde_wasm_bindgen::to_value(report)
        .map_err(JsValue::from)
        .and_then(|value| scope().post_message(&value));
    if let Err(e) = sent {
        web_sys::console::error_2(&"a message to the page failed".into(), &e);
    }
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

/// Vendor and architecture of the adapter; browsers leave its description, which is all that wgpu
/// passes on, empty.
pub async fn adapter_name() -> Option<String> {
    let gpu = gpu()?;
    let request = Reflect::get(&gpu, &"requestAdapter".into()).ok()?;
    let promise = request.dyn_ref::<js_sys::Function>()?.call0(&gpu).ok()?;
    let adapter = JsFuture::from(promise.dyn_into::<Promise>().ok()?).await.ok()?;
    let info = Reflect::get(&adapter, &"info".into()).ok()?;
    let field = |name: &str| Reflect::get(&info, &name.into()).ok()?.as_string();
    let words: Vec<String> = ["vendor", "architecture", "description"]
        .iter()
        .filter_map(|name| field(name))
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() { None } else { Some(words.join(" ")) }
}

/// Collects the numbers of finished steps and says when to send them.
pub struct Meter {
    waiting: Vec<Point>,
    posted: RefCell<Instant>,
    /// When how many steps were done.
    recent: VecDeque<(Instant, u64)>,
}

impl Meter {
    pub fn new() -> Self {
        let past = Instant::now();
        Self { waiting: Vec::new(), posted: RefCell::new(past), recent: VecDeque::new() }
    }

    /// Starts the clock of images a second.
    pub fn begin(&mut self, step: u64) {
        self.recent.clear();
        self.recent.push_back((Instant::now(), step));
    }

    /// Takes in finished steps.
    pub fn take(&mut self, metrics: Vec<Metrics>) {
        let now = Instant::now();
        if let Some(last) = metrics.last() {
            self.recent.push_back((now, last.step + 1));
        }
        self.waiting.extend(metrics.into_iter().map(Point::from));
        while self.recent.len() > 2
            && self.recent.front().is_some_and(|(then, _)| now.duration_since(*then) > WINDOW)
        {
            self.recent.pop_front();
        }
    }

    /// True once each [`PACE`].
    pub fn may_post(&self) -> bool {
        let mut posted = self.posted.borrow_mut();
        let due = posted.elapsed() >= PACE;
        if due {
            *posted = Instant::now();
        }
        due
    }

    /// What finished since the last time, if there is something and it is time.
    pub fn progress(&mut self, batch: usize) -> Option<Event> {
        (!self.waiting.is_empty() && self.may_post()).then(|| self.rest(batch))
    }

    /// What finished since the last time.
    pub fn rest(&mut self, batch: usize) -> Event {
        let images_per_second = match (self.recent.front(), self.recent.back()) {
            (Some((begin, from)), Some((end, to))) if end > begin => {
                to.saturating_sub(*from) as f64 * batch as f64
                    / end.duration_since(*begin).as_secs_f64()
            }
            _ => 0.0,
        };
        Event::Progress { points: std::mem::take(&mut self.waiting), images_per_second }
    }
}
