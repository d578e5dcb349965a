//! State of the page: signals, and the transitions between their values. Invariant: only core, the words and other state
//! modules are imported here, no component and nothing of a browser, so that all of it is tested without one.

pub mod attention;
pub mod device;
pub mod draft;
pub mod intake;
pub mod model;
pub mod recovery;
pub mod request;
pub mod share;
pub mod storage;
pub mod tour;
pub mod training;
pub mod weights;

#[cfg(test)]
mod tests;
