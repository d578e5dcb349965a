//! Core of a run, without a device and without a browser: settings, data, weights, evaluation, views, sharing,
//! storage, and the protocol of page and worker. Invariant: pure; everything here runs and is tested anywhere,
//! and a folder imports only folders that stand before it in this list.

pub mod error;
pub mod floats;
pub mod rng;

pub mod run;

pub mod data;

pub mod weights;

pub mod eval;

pub mod view;

pub mod share;

pub mod storage;

pub mod protocol;

pub use error::{Error, Result};
pub use run::config::Config;
