//! Text of the settings: name, meaning and unit of each, what is wrong with a value, and which parts of a link
//! were not used.

use dino_core::run::settings::{Group, Notice, Setting, SettingProblem};

/// A setting in words.
pub struct Named {
    pub label: &'static str,
    pub about: &'static str,
    pub unit: &'static str,
    /// Of a choice: the words' labels, in the order of the table.
    pub choices: &'static [&'static str],
}

pub const fn named(label: &'static str, about: &'static str, unit: &'static str) -> Named {
    Named { label, about, unit, choices: &[] }
}

/// A choice in words, with a label for each of the table's words.
#[allow(dead_code, reason = "no setting is a choice yet")]
pub const fn choice(
    label: &'static str,
    about: &'static str,
    choices: &'static [&'static str],
) -> Named {
    Named { label, about, unit: "", choices }
}

pub struct SettingsText {
    pub title: &'static str,
    pub about: &'static str,
    pub group: fn(Group) -> &'static str,
    /// So many settings differ from the preset.
    pub changed: fn(usize) -> String,
    pub of: fn(Setting) -> Named,
    pub steps: Named,
    pub seed: Named,
    pub new_seed: &'static str,
    /// The paper's value.
    pub paper: fn(&str) -> String,
    /// Button of one field, and what a screen reader hears: the field's name.
    pub as_preset: fn(&str) -> String,
    pub as_preset_label: fn(&str) -> String,
    pub problem: fn(&SettingProblem) -> String,
    pub waiting: &'static str,
    pub faulty: &'static str,
    pub apply: &'static str,
    pub undo: &'static str,
    pub copy_link: &'static str,
    pub copied: &'static str,
    pub copy_yourself: &'static str,
    pub notices: &'static str,
    pub notice: fn(&Notice) -> String,
    pub from_link: &'static str,
}

/// A field by its name in links.
pub fn label(of: fn(Setting) -> Named, key: &str) -> String {
    dino_core::run::settings::by_key(key).map_or(key, |row| of(row.setting).label).to_owned()
}
