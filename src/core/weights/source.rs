//! Source of foreign tensors: a file of any format as a list of names, of which those that are wanted are read.
//! Invariant: what is not wanted is never read, so its type and its values cannot be wrong.

use crate::error::Result;
use crate::weights::tensors::Tensor;

/// What stands under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// More than one float.
    Weights,
    /// One number, none, or numbers that are no floats.
    Number,
    /// Something that only this Python code could make.
    Code(String),
}

/// A name of a file, with what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub what: What,
}

/// A file of tensors.
pub trait Source {
    /// All names, those of dictionaries within dictionaries joined by dots.
    fn list(&self) -> Vec<Listed>;

    /// Reads a tensor whole.
    ///
    /// # Errors
    /// [`Error::File`](crate::error::Error::File) or [`Error::Tensor`](crate::error::Error::Tensor): damaged, no
    /// floats, not finite.
    fn tensor(&mut self, name: &str) -> Result<Tensor>;

    /// Names of Python code that was not run.
    fn passed_over(&self) -> Vec<String> {
        Vec::new()
    }
}
