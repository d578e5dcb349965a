//! Tests of a session without a browser: its answers and events, with folders and images in memory and one device
//! for all. Invariant: the tests speak the protocol, as a page does.

mod device;
mod files;
mod host;
mod images;
mod stored;
mod support;
mod training;
mod views;
