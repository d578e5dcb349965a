//! English text of errors and of skipped files: the sentences of the library, with a setting called as in the form.

use crate::i18n::english::settings;
use crate::i18n::errors::Errors;
use crate::i18n::settings::label;
use dino_core::Error;
use dino_core::data::picture::Rejected;

pub const TEXT: Errors =
    Errors { error, fault: Rejected::to_string, fault_kind: |fault| fault.short().to_owned() };

fn error(error: &Error) -> String {
    match error {
        Error::Setting(error) => {
            let name = label(settings::TEXT.of, &error.key);
            format!("{name}: {}", (settings::TEXT.problem)(&error.problem))
        }
        error => error.to_string(),
    }
}
