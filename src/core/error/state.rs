//! State errors: the program's state does not allow what was asked for. Invariant: no setting is wrong and no
//! file damaged; in another state the same request would be carried out.

use crate::error::list;
use serde::{Deserialize, Serialize};

/// Why something cannot be done now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum StateError {
    #[error("another tab trains: this one only reads")]
    OtherTab,
    #[error("another tab owns what this browser has stored")]
    OtherTabStores,
    #[error("the starter has not been loaded")]
    NoStarter,
    #[error("the starter is not a network of a run")]
    StarterNotInRun,
    #[error("there is no graphics device yet")]
    NoDevice,
    #[error("there is no run yet: add images first")]
    NoRun,
    #[error("no run is stored here")]
    NoSavedRun,
    #[error("the stored image is damaged")]
    NoStoredImage,
    #[error("this browser stores no files for this page")]
    NoStorage,
    #[error("the file that was to be read did not arrive")]
    NoFile,
    #[error("the run of {steps} steps is complete: reset to begin another")]
    Complete { steps: u64 },
    #[error(
        "nothing is left to train: {done} of {total} steps are done; ask for more with --steps or --until"
    )]
    NothingLeft { done: u64, total: u64 },
    #[error("there is no layer {found}: expected 0 to {last}")]
    NoLayer { last: usize, found: usize },
    #[error("there is no snapshot of step {found}: expected one of {}", list(&numbers(steps)))]
    NoSnapshot { steps: Vec<u64>, found: u64 },
    #[error("there is no image {found}: expected 0 to {last}")]
    NoImage { last: usize, found: usize },
    #[error("{found} images are too many: the limit is {most}")]
    TooManyImages { most: usize, found: usize },
}

fn numbers(steps: &[u64]) -> Vec<String> {
    steps.iter().map(u64::to_string).collect()
}
