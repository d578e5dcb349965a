//! Value of a setting: a number, or a choice by its word. Invariant: a word is one of the table's, and a value
//! is written and read as what it is, a number or a word, wherever settings are kept.

use crate::run::settings::table::{Setting, by_key, rows};
use crate::run::settings::{Kind, Row, SettingProblem};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What a setting is set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    Number(f64),
    /// A word of the row's [`Kind::Choice`].
    Choice(&'static str),
}

impl Value {
    /// The number; not a number for a word.
    pub fn number(self) -> f64 {
        match self {
            Self::Number(number) => number,
            Self::Choice(_) => f64::NAN,
        }
    }

    /// Reads what somebody wrote for a row; `None` if it is neither a number nor one of the row's words.
    pub fn parse(row: &Row, text: &str) -> Option<Self> {
        match row.kind {
            Kind::Choice(words) => find(words, text).map(Self::Choice),
            Kind::Number(_) | Kind::Whole(_) => text.parse().ok().map(Self::Number),
        }
    }
}

fn find(words: &[&'static str], text: &str) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

/// Reads `key=value`, as on the command line.
///
/// # Errors
/// [`SettingProblem`] with the keys, or the words of a choice, that there are.
pub fn change(text: &str) -> std::result::Result<(Setting, Value), SettingProblem> {
    let pair = text.split_once('=');
    let (key, value) = pair.ok_or_else(|| SettingProblem::NoPair { found: text.to_owned() })?;
    let row = by_key(key).ok_or_else(|| {
        let keys: Vec<&str> = rows().iter().map(|row| row.key).collect();
        SettingProblem::choice(&keys, key)
    })?;
    let read = Value::parse(row, value).ok_or_else(|| match row.kind {
        Kind::Choice(words) => SettingProblem::choice(words, value),
        Kind::Number(_) | Kind::Whole(_) => SettingProblem::NotANumber { found: value.to_owned() },
    })?;
    Ok((row.setting, read))
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// As in links and on the command line.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Choice(word) => f.write_str(word),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Choice(word) => serializer.serialize_str(word),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrWord)
    }
}

struct NumberOrWord;

impl Visitor<'_> for NumberOrWord {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or the word of a choice")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    // A number without a fraction may arrive as a whole one.
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Value, E> {
        let found = rows().iter().find_map(|row| match row.kind {
            Kind::Choice(words) => find(words, word),
            _ => None,
        });
        found.map(Value::Choice).ok_or_else(|| E::invalid_value(Unexpected::Str(word), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::settings::Settings;

    #[test]
    fn settings_of_before_there_were_choices_are_read_and_written_alike() {
        let text = r#"{"preset":"spark","seed":7,"steps":500,"changed":{"Batch":16.0,"LearningRate":0.001}}"#;
        let settings: Settings = serde_json::from_str(text).unwrap();
        assert_eq!(settings.changed[&Setting::Batch], Value::Number(16.0));
        assert_eq!(serde_json::to_string(&settings).unwrap(), text);
        let whole: Settings = serde_json::from_str(&text.replace("16.0", "16")).unwrap();
        assert_eq!(whole, settings);
    }

    #[test]
    fn a_choice_is_stored_by_its_word() {
        let mut settings = Settings::of("spark", 7);
        settings.set(Setting::LastLayer, Value::Choice("trained"));
        let text = serde_json::to_string(&settings).unwrap();
        assert!(text.contains(r#""LastLayer":"trained""#), "{text}");
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        let unknown = serde_json::from_str::<Settings>(&text.replace("trained", "melted"));
        assert!(unknown.unwrap_err().to_string().contains("melted"));
    }

    #[test]
    fn a_change_on_the_command_line_is_read_or_refused_with_what_there_is() {
        let read = |text: &str| change(text).map_err(|problem| problem.to_string());
        assert_eq!(read("lr=0.001"), Ok((Setting::LearningRate, Value::Number(0.001))));
        assert_eq!(read("last_layer=trained"), Ok((Setting::LastLayer, Value::Choice("trained"))));
        let refused = |text: &str| read(text).unwrap_err();
        assert_eq!(refused("last_layer=melted"), "expected one of fixed, trained, found `melted`");
        assert_eq!(refused("lr=fixed"), "expected a number, found `fixed`");
        assert_eq!(refused("lr"), "expected key=value, found `lr`");
        let unknown = refused("rate=1");
        assert!(unknown.starts_with("expected one of batch, lr, "), "{unknown}");
        assert!(unknown.ends_with(", last_layer, found `rate`"), "{unknown}");
    }

    #[test]
    fn what_is_written_for_a_row_is_of_its_kind() {
        let (lr, layer) = (by_key("lr").unwrap(), by_key("last_layer").unwrap());
        assert_eq!(Value::parse(lr, "1e-3"), Some(Value::Number(1e-3)));
        assert_eq!(Value::parse(lr, "fixed"), None);
        assert_eq!(Value::parse(layer, "fixed"), Some(Value::Choice("fixed")));
        assert_eq!(Value::parse(layer, "1"), None);
        assert_eq!(Value::parse(layer, "Fixed"), None);
    }
}
