//! Outbox: events on their way to the page. Invariant: an answer carries the id of its request, other events
//! carry none.

use dino_core::protocol::{Event, Report};
use std::rc::Rc;

/// The way to the page.
#[derive(Clone)]
pub struct Outbox {
    send: Rc<dyn Fn(&Report)>,
}

impl Outbox {
    /// An outbox that gives its reports to `send`, in order.
    pub fn new(send: impl Fn(&Report) + 'static) -> Self {
        Self { send: Rc::new(send) }
    }

    /// Sends an event that no request asked for.
    pub fn post(&self, event: Event) {
        (self.send)(&Report { reply: None, event });
    }

    /// Answers a request.
    pub fn reply(&self, request: u32, event: Event) {
        (self.send)(&Report { reply: Some(request), event });
    }
}
