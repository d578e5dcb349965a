//! Weight files, as the page and the worker name them: what a file held, what is stored. Invariant: names of
//! files are your own and go nowhere but to the page.

use crate::weights::Account;
use serde::{Deserialize, Serialize};

/// What [`Command::Save`] gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Both networks, moments, centre, step: all that going on takes.
    Run,
    /// The teacher's backbone.
    Backbone,
}

/// What came of a file of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    pub name: String,
    /// Steps done.
    pub step: u64,
    /// A whole run, not a backbone alone.
    pub run: bool,
    /// Of a backbone: what of the file was taken.
    pub account: Account,
    /// Heads of a block, and the width that they share.
    pub heads: usize,
    pub dim: usize,
}

/// A checkpoint of the run (`step`), whose name is its preset's, or a file of weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredFile {
    pub name: String,
    pub step: Option<u64>,
    pub bytes: u64,
    /// Milliseconds since 1970.
    pub saved: f64,
}
