//! Refusals of a map's link, on reading and on writing. Invariant: what was expected and what was found are values; the
//! limits that a sentence names stand here.

use serde::{Deserialize, Serialize};

/// Version of the fragment.
pub(crate) const VERSION: &str = "1";

/// Longest fragment that is read, and the most bytes that one may become.
pub const LONGEST_LINK: usize = 64 * 1024;
pub const MOST_BYTES: usize = 256 * 1024;

/// Longest side in pixels of a photograph that is read.
pub(crate) const MOST_SIDE: usize = 512;

/// Why a fragment is not shown.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    #[error("the link has {bytes} bytes; at most {LONGEST_LINK} are read")]
    TooLong { bytes: usize },
    #[error("the link is of version {found}; this page reads version {VERSION}")]
    Version { found: String },
    #[error("the link is not whole: it was cut off or changed on its way")]
    Damaged,
    #[error("the link becomes more than {MOST_BYTES} bytes")]
    Bomb,
    #[error("the link ends before what it announces")]
    Short,
    #[error("{part}: expected {least} to {most}, found {found}")]
    Range { part: LinkNumber, least: usize, most: usize, found: usize },
    #[error("the values of head {head} do not lie between two numbers")]
    NotANumber { head: usize },
    #[error("expected {expected} values, found {found}")]
    Values { expected: usize, found: usize },
    #[error("the photograph in the link is no JPEG of at most {MOST_SIDE} pixels a side")]
    Photo,
}

/// A number in a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkNumber {
    Across,
    Down,
    Heads,
    Layers,
    Layer,
    Network,
}

impl std::fmt::Display for LinkNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Across => "patches across",
            Self::Down => "patches down",
            Self::Heads => "heads",
            Self::Layers => "layers",
            Self::Layer => "layer",
            Self::Network => "network",
        })
    }
}
