//! Worker: the session that trains and shows, and what it needs from a browser. Invariant: a command in, an event
//! out; only `web` names a type of a browser.

mod estimate;
pub mod host;
mod imports;
mod observe;
pub mod outbox;
mod run;
mod scratch;
pub mod session;
mod starter;
mod store;
pub mod web;
mod weight_files;
