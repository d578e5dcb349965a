//! What is to be seen, and with whose eyes.

use serde::{Deserialize, Serialize};

/// What the attention place shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub image: usize,
    pub seer: Seer,
    /// Block, from 0.
    pub layer: usize,
    /// Long side in pixels at which the network sees the image, at most 480.
    pub side: usize,
    /// Step of a kept [snapshot](crate::protocol::Event::Snapshots) of the teacher, whatever `seer` says; `None` = the
    /// network as it is now.
    pub moment: Option<u64>,
}

impl View {
    /// What is seen changes while a run trains.
    pub fn moves(&self) -> bool {
        self.moment.is_none() && self.seer != Seer::Starter
    }
}

/// Whose eyes a picture is seen with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seer {
    Teacher,
    Student,
    /// The model that comes with the page, which no training changes.
    Starter,
}

/// The model that comes with the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Starter {
    pub parameters: usize,
    /// Blocks, heads of a block, width D.
    pub layers: usize,
    pub heads: usize,
    pub dim: usize,
    /// Pixels that its positions were learned for.
    pub side: usize,
}
