//! Draft of the settings, as they stand in the form: those of the run until something is changed. Invariant: the text of a field
//! that holds no number stays as it was typed and changes no setting.

use dino_core::run::settings::{Notice, Row, Setting, Settings, Value};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The form's state.
#[derive(Clone, Copy)]
pub struct Draft {
    pub settings: RwSignal<Settings>,
    /// What was typed and is no number, by the name in links.
    pub typed: RwSignal<BTreeMap<&'static str, String>>,
    /// What of a link was not taken.
    pub notices: RwSignal<Vec<Notice>>,
    /// The form was filled by a link while a run was under way.
    pub linked: RwSignal<bool>,
}

impl Draft {
    pub fn new() -> Self {
        Self {
            settings: RwSignal::new(Settings::of("", 0)),
            typed: RwSignal::new(BTreeMap::new()),
            notices: RwSignal::new(Vec::new()),
            linked: RwSignal::new(false),
        }
    }

    /// Fills the form.
    pub fn begin(self, settings: Settings) {
        self.typed.set(BTreeMap::new());
        self.linked.set(false);
        self.settings.set(settings);
    }

    /// Takes what was typed into a setting's field.
    pub fn type_in(self, setting: Setting, text: &str) {
        let key = setting.row().key;
        self.number(key, text, |settings, value| settings.set(setting, value));
    }

    /// Takes the word of a setting's choice.
    pub fn choose(self, row: &Row, word: &str) {
        if let Some(value) = Value::parse(row, word) {
            self.settings.update(|settings| settings.set(row.setting, value));
        }
    }

    /// The same for steps and seed, which are whole.
    pub fn type_whole(self, key: &'static str, text: &str, set: impl Fn(&mut Settings, u64)) {
        let whole = |value: &f64| *value >= 0.0 && value.fract() == 0.0;
        if text.trim().parse().ok().is_some_and(|value| whole(&value)) {
            self.number(key, text, |settings, value| set(settings, value as u64));
        } else {
            self.typed.update(|typed| {
                typed.insert(key, text.to_owned());
            });
        }
    }

    fn number(self, key: &'static str, text: &str, set: impl FnOnce(&mut Settings, f64)) {
        match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => {
                self.typed.update(|typed| {
                    typed.remove(key);
                });
                self.settings.update(|settings| set(settings, value));
            }
            _ => self.typed.update(|typed| {
                typed.insert(key, text.to_owned());
            }),
        }
    }

    /// Another preset: steps and seed stay, what was changed of the preset before does not.
    pub fn choose_preset(self, name: String) {
        self.settings.update(|settings| {
            settings.preset = name;
            settings.changed.clear();
        });
        self.typed.update(BTreeMap::clear);
    }

    /// A setting as in the preset again.
    pub fn leave(self, setting: Setting) {
        self.typed.update(|typed| {
            typed.remove(setting.row().key);
        });
        self.settings.update(|settings| {
            settings.changed.remove(&setting);
        });
    }
}
