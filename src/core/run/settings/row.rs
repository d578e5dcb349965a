//! Row of the table of settings: what a setting is called, what it may be, and where it stands in a
//! [`Config`]. Invariant: what a row sets, it gets.

use crate::run::config::Config;
use crate::run::settings::{Setting, Value};

/// What belongs together on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Optimiser,
    Teacher,
    Crops,
    Head,
    Network,
}

impl Group {
    pub const ALL: [Self; 5] =
        [Self::Optimiser, Self::Teacher, Self::Crops, Self::Head, Self::Network];
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A number from the smallest to the largest.
    Number([f64; 2]),
    /// A whole number from the smallest to the largest.
    Whole([f64; 2]),
    /// One of these words, as in links and on the command line.
    Choice(&'static [&'static str]),
}

/// A setting as it is looked up.
pub struct Row {
    pub setting: Setting,
    /// Name in links and on the command line.
    pub key: &'static str,
    pub group: Group,
    pub kind: Kind,
    /// The paper's value, for ViT-S/16 on ImageNet.
    pub paper: Value,
    /// What [`Config::validate`] calls it.
    pub field: &'static str,
    pub(super) place: Place,
}

/// Where a setting stands in a [`Config`].
#[derive(Clone, Copy)]
pub(super) enum Place {
    Number {
        get: fn(&Config) -> f64,
        set: fn(&mut Config, f64),
    },
    #[allow(dead_code, reason = "the only choice is the tests'")]
    Choice {
        get: fn(&Config) -> Option<&'static str>,
        set: fn(&mut Config, &str),
    },
}

impl Row {
    /// The value in a run.
    pub fn get(&self, config: &Config) -> Value {
        match self.place {
            Place::Number { get, .. } => Value::Number(get(config)),
            Place::Choice { get, .. } => get(config).map_or(self.paper, Value::Choice),
        }
    }

    /// Sets the value in a run; a value of another kind leaves the run as it is.
    pub fn set(&self, config: &mut Config, value: Value) {
        match (self.place, value) {
            (Place::Number { set, .. }, Value::Number(number)) => set(config, number),
            (Place::Choice { set, .. }, Value::Choice(word)) => set(config, word),
            _ => {}
        }
    }
}
