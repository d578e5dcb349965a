//! Setting problems: a value that a setting cannot have. Invariant: the key is the setting's name in links, and what was
//! expected is a value, so that each language can say it.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[error("setting `{key}`: {problem}")]
pub struct SettingError {
    /// Name in links: a row's of the table, `steps`, `seed` or `preset`; or a field of a configuration that no row sets.
    pub key: Cow<'static, str>,
    pub problem: SettingProblem,
}

/// What was expected and found.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum SettingProblem {
    /// Out of range, or with a fraction where there must be none.
    #[error("expected a {}number from {} to {}, found {found}", if *whole { "whole " } else { "" }, range[0], range[1])]
    Range { range: [f64; 2], whole: bool, found: f64 },
    /// Words where a number is expected.
    #[error("expected a number, found `{found}`")]
    NotANumber { found: String },
    /// No name with its value.
    #[error("expected key=value, found `{found}`")]
    NoPair { found: String },
    /// None of the words of a choice, or no name of a preset.
    #[error("expected one of {}, found `{found}`", choices.join(", "))]
    Choice { choices: Vec<Cow<'static, str>>, found: String },
    /// A probability that must not reach 1.
    #[error("expected 0 ≤ rate < 1, found {found}")]
    Rate { found: f64 },
    /// None of the patch sizes.
    #[error("expected 4, 8, 14 or 16 pixels, found {found}")]
    Patch { found: usize },
    /// The width cannot be divided into heads of 4, 8, … 64.
    #[error(
        "a width of {width} cannot be divided into {heads} heads: width over heads must be a multiple of 4 up to 64"
    )]
    Heads { width: usize, heads: usize },
    /// A size that is not a whole number of patches.
    #[error("expected a multiple of the patch size {patch} up to {most} pixels, found {found}")]
    Patches { patch: usize, most: usize, found: usize },
    /// The lower end of a range above the upper one.
    #[error("expected at most the upper end {high}, found {found}")]
    Above { high: f64, found: f64 },
    /// The ends of a range of areas.
    #[error("expected 0 < low ≤ high ≤ 1, found {low} and {high}")]
    Areas { low: f64, high: f64 },
    /// Another value than the weights that a run begins with have.
    #[error("expected {expected}, as the weights have it, found {found}")]
    OfWeights { expected: f64, found: f64 },
    /// A file of weights that does not say how many heads it has.
    #[error(
        "expected a width of whole heads of 64, found {width}: the file does not say how many heads it has, so this \
         must be said"
    )]
    HeadsUnknown { width: usize },
    /// A setting of the network that is that of the checkpoint.
    #[error("only crops and training can change: the checkpoint's network stays")]
    OfCheckpoint,
    /// Not a divisor of the batch.
    #[error("expected a divisor of the batch {batch}, found {found}")]
    Divisor { batch: usize, found: usize },
    /// Half precision for a run.
    #[error("only a backbone can be written in half precision: a run resumes from full precision")]
    OnlyBackbone,
}

impl SettingProblem {
    /// None of these words.
    pub fn choice(choices: &[&'static str], found: &str) -> Self {
        let choices = choices.iter().copied().map(Cow::Borrowed).collect();
        Self::Choice { choices, found: found.to_owned() }
    }
}
