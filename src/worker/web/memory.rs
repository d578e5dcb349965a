//! Memory of the device, as far as the browser tells. Invariant: what it does not tell is guessed from the words that
//! every phone's browser says of itself.

use crate::web::channel::scope;
use dino_core::data::picture::Room;
use dino_core::protocol::device_memory;
use js_sys::Reflect;

/// Memory for the pixels of images.
pub fn room() -> Room {
    let (gigabytes, phone) = said();
    Room::of_device(gigabytes, phone)
}

/// Bytes that a run may take on the graphics device.
pub fn of_device(largest_buffer: u64) -> u64 {
    let (gigabytes, phone) = said();
    device_memory(gigabytes, phone, largest_buffer)
}

/// Gigabytes of memory, if the browser says so, and whether it is a phone's.
fn said() -> (Option<f64>, bool) {
    let navigator = scope().navigator();
    let gigabytes = Reflect::get(&navigator, &"deviceMemory".into()).ok().and_then(|v| v.as_f64());
    let words = navigator.user_agent().unwrap_or_default();
    let phone = ["Mobile", "Android", "iPhone", "iPad"].iter().any(|word| words.contains(word));
    (gigabytes, phone)
}
