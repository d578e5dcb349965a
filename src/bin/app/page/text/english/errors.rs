//! English text of errors and of skipped files.

use super::super::errors::Errors;
use dino::Error;
use dino::images::Fault;

pub const TEXT: Errors = Errors {
    error: Error::to_string,
    fault: Fault::to_string,
    fault_kind: |fault| fault.short().to_owned(),
};
