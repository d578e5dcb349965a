//! What is to be seen, and with whose eyes.

use crate::run::network::Network;
use serde::{Deserialize, Serialize};

/// What the attention place shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub image: usize,
    pub network: Network,
    /// Block, from 0.
    pub layer: usize,
    /// Long side in pixels at which the network sees the image, at most 480.
    pub side: usize,
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
