//! The page's side of the worker and of the browser: messages, recovery, tabs, stored values, the address. Invariant: nothing is drawn here.

pub mod console;
pub mod local_storage;
pub mod recovery;
pub mod tabs;
pub mod url;
pub mod worker_client;
