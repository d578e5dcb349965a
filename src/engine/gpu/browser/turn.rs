//! Turns of the event loop: without them nothing that was awaited is answered. Invariant: who waits lets messages in.

use crate::gpu::browser::get;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

/// Lets the event loop turn once. A timer would be clamped to 4 ms.
pub async fn turn() {
    let Ok(channel) = MessageChannel::new() else { return rest(0).await };
    let turned = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        let _ = channel.port2().post_message(&JsValue::NULL);
    });
    let _ = JsFuture::from(turned).await;
    // An open port keeps its channel.
    channel.port1().close();
}

/// Lets so many milliseconds pass; browsers make at least 4 of them once a few timers followed each other.
pub async fn rest(millis: i32) {
    let over = Promise::new(&mut |resolve, _| {
        let timer = get(&js_sys::global(), "setTimeout").dyn_into::<Function>();
        let started =
            timer.and_then(|timer| timer.call2(&JsValue::UNDEFINED, &resolve, &millis.into()));
        if started.is_err() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = JsFuture::from(over).await;
}
