//! Every error of the library, typed, each a sentence that names the thing, what was expected and
//! what came. Invariant: whatever a person, a file, a URL or a GPU can cause ends here, never in a
//! panic.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Anything that can go wrong in the engine. It travels from the worker to the page as it is, so that the
/// page can say it in its own language.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum Error {
    /// A setting out of range or two settings that contradict each other.
    #[error("setting `{field}`: {message}")]
    Config { field: String, message: String },
    /// No adapter, no device, or a limit of the adapter that is too small.
    #[error("{0}")]
    NoGpu(String),
    /// A shader or pipeline that the driver refused.
    #[error("shader `{kernel}` was refused by the graphics driver: {message}")]
    Shader { kernel: String, message: String },
    /// The device reported an error or was lost.
    #[error("the graphics device failed: {0}")]
    Device(String),
    /// The memory plan is over a limit of the adapter.
    #[error(
        "`{tensor}` needs {bytes} bytes but this adapter allows {limit} ({which}); the largest \
         batch that would fit is {largest_batch}"
    )]
    TooLarge {
        tensor: String,
        bytes: u64,
        limit: u64,
        which: Cow<'static, str>,
        largest_batch: usize,
    },
    /// A checkpoint or golden case that does not hold what it should.
    #[error("{file}: {message}")]
    File { file: String, message: String },
    /// A tensor of the wrong shape, type or content.
    #[error("tensor `{name}`: expected {expected}, found {found}")]
    Tensor { name: String, expected: String, found: String },
    /// An image that cannot be used; training goes on with the rest.
    #[error("{name}: {reason}")]
    Image { name: String, reason: String },
    /// The loss stopped being a number.
    #[error("the loss was {loss} at step {step}: training stopped; lower the learning rate")]
    NotFinite { step: u64, loss: f32 },
    /// The browser keeps nothing, or nothing more.
    #[error("this browser's storage failed: {0}")]
    Storage(String),
    /// A bug: the worker's program ended.
    #[error("the program came to an end that it was not made for: {0}")]
    Died(String),
    /// A training run without any image.
    #[error("there are no images to train on: add at least one")]
    NoImages,
}

/// Result with the library's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A [`Error::Config`] from anything that can be shown.
    pub fn config(field: &str, message: impl Into<String>) -> Self {
        Self::Config { field: field.to_owned(), message: message.into() }
    }

    /// A [`Error::File`] from anything that can be shown.
    pub fn file(file: impl std::fmt::Display, message: impl std::fmt::Display) -> Self {
        Self::File { file: file.to_string(), message: message.to_string() }
    }
}
