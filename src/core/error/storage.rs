//! Storage errors: the browser keeps nothing, or nothing more. Invariant: no room left is told apart from all else, since
//! a person can do something about it.

use serde::{Deserialize, Serialize};

/// Why the storage failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum StorageError {
    #[error("there is no room left")]
    Full,
    #[error("this browser gives the page no files")]
    NoFiles,
    #[error("this browser cannot write files in a worker")]
    NoWriting,
    #[error("`{0}` cannot be created")]
    NotCreated(String),
    #[error("`{0}` is not the name of a part")]
    BadName(String),
    #[error("`{name}`: {written} bytes were written, {read} or other bytes were read back")]
    NotAsWritten { name: String, written: usize, read: usize },
    /// The browser's words.
    #[error("{0}")]
    Other(String),
}
