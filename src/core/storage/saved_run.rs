//! Saved run, as the page is told of it. Invariant: it names what is needed to ask a person, and nothing of the files.

use crate::run::settings::Settings;
use serde::{Deserialize, Serialize};

/// A run in this browser's storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedRun {
    pub settings: Settings,
    pub step: u64,
    pub total_steps: u64,
    pub images: usize,
    /// Milliseconds since 1970.
    pub saved: f64,
    pub bytes: u64,
}
