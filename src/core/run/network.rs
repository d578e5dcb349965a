//! Networks of a run, by the paper's names. Invariant: one type for whoever asks whose attention, features or weights.

use serde::{Deserialize, Serialize};

/// A network that an image can go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Network {
    Student,
    Teacher,
    /// The teacher as it was after that step.
    Snapshot(u64),
    /// The model that comes with the page, which no training changes.
    Starter,
}

impl Network {
    /// Whether its maps change while a run trains.
    pub fn trains(self) -> bool {
        matches!(self, Self::Student | Self::Teacher)
    }
}
