//! Source of foreign tensors: a file of any format as a list of names, of which those that are wanted are read.
//! Invariant: what is not wanted is never read, so its type and its values cannot be wrong.

use crate::error::{Plain, Result};
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
    /// Something inside an object that only this Python code could make.
    Inside(String),
    /// A value of Python where a tensor may be expected.
    Plain(Plain),
}

/// A name of a file, with what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub what: What,
    /// Where in the name the first key begins that is no text, such as a number of an optimiser's state.
    pub numbered: Option<usize>,
}

impl Listed {
    /// The name as it is told among those that are not used: of numbered ones what they have in common.
    pub fn told(&self) -> String {
        match self.numbered.and_then(|end| self.name.get(..end)).filter(|name| !name.is_empty()) {
            Some(common) => format!("{common}.…"),
            None => self.name.clone(),
        }
    }
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
