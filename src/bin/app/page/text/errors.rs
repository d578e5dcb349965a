//! What went wrong, as sentences: errors of the engine and reasons why a file is no picture.

use dino::Error;
use dino::images::Fault;

pub struct Errors {
    pub error: fn(&Error) -> String,
    /// Why a file was skipped.
    pub fault: fn(&Fault) -> String,
    /// The same in two or three words, for a summary.
    pub fault_kind: fn(&Fault) -> String,
}

pub const EN: Errors = Errors {
    error: Error::to_string,
    fault: Fault::to_string,
    fault_kind: |fault| fault.short().to_owned(),
};

pub const ZH_HANT: Errors = Errors {
    // To be translated by kind.
    error: Error::to_string,
    fault: Fault::to_string,
    fault_kind: |fault| fault.short().to_owned(),
};
