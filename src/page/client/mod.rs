//! Client of the worker and of the browser: messages, tabs, stored values, downloads, the address. Invariant: nothing is drawn
//! here, and nothing here knows the page's state.

pub mod blob;
pub mod device;
pub mod dom;
pub mod download;
pub mod local_storage;
pub mod preferences;
pub mod tabs;
pub mod transfer;
pub mod url;
pub mod worker_client;
