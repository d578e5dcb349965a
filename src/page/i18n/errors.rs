//! Errors as sentences: those of the engine, and why a file is not an image. What a driver, a decoder or a file
//! says of itself stays in its own words.

use dino_core::Error;
use dino_core::data::picture::Rejected;

pub struct Errors {
    pub error: fn(&Error) -> String,
    /// Why a file was skipped.
    pub fault: fn(&Rejected) -> String,
    /// The same in two or three words, for a summary.
    pub fault_kind: fn(&Rejected) -> String,
}
