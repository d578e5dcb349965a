//! Errors of the referee. Invariant: whatever a case's files can cause ends here, never in a panic
//! inside burn, whose shape checks panic.

/// Reason why a case cannot be read, run or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A file that cannot be read or written, or does not hold what it should.
    #[error("{file}: {message}")]
    File { file: String, message: String },
    /// A tensor that is missing or of the wrong shape.
    #[error("tensor `{name}`: expected {expected}, found {found}")]
    Tensor { name: String, expected: String, found: String },
    /// Settings that contradict each other.
    #[error("setting `{field}`: {message}")]
    Settings { field: &'static str, message: String },
    /// A device that is missing or failed.
    #[error("the device: {0}")]
    Device(String),
}

/// Result with the referee's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(feature = "flex")]
impl Error {
    pub(crate) fn file(file: impl std::fmt::Display, message: impl std::fmt::Display) -> Self {
        Self::File { file: file.to_string(), message: message.to_string() }
    }
}
