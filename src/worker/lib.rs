//! The worker: where engine and browser meet. Invariant: a command in, an event out; the page never touches the device.

mod observe;
pub mod session;
mod store;
mod web;
