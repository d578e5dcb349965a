//! What a session answers and tells, without a browser: folders in memory, images from memory, one device for all tests.
//! Invariant: the tests speak the protocol, as a page does.

mod files;
mod host;
mod images;
mod stored;
mod support;
mod training;
mod views;
