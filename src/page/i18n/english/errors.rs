//! English text of errors and of skipped files.

use crate::i18n::errors::Errors;
use dino_core::Error;
use dino_core::data::picture::Rejected;

pub const TEXT: Errors = Errors {
    error: Error::to_string,
    fault: Rejected::to_string,
    fault_kind: |fault| fault.short().to_owned(),
};
