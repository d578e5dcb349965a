//! Settings of a run: a preset, and numbers and choices that differ from it. Invariant: settings are plain
//! data that fit into a link; [`Settings::config`] is the only way from them to a run.

mod check;
mod query;
mod row;
mod table;
mod value;

use crate::error::Result;
pub use crate::error::{SettingError, SettingProblem};
use crate::run::config::Config;
use crate::run::presets;
use crate::run::presets::Preset;
use crate::run::recipe::Scale;
pub use check::alone;
pub use query::{LONGEST_LINK, Notice};
pub use row::{Group, Kind, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
pub use table::{Setting, by_key, rows};
pub use value::{Value, change};

/// Steps of a run unless another number is chosen: with the presets' 32 images a step it sees 96,000, from
/// which on attention finds objects (docs/LEARNING.md).
pub const STEPS: u64 = 3000;

/// Most steps of a run.
pub const MOST_STEPS: u64 = 1_000_000;

/// Largest seed: numbers on the wire are exact below 2⁵³.
pub const MOST_SEED: u64 = (1 << 53) - 1;

/// A run as it is chosen on the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub preset: String,
    pub seed: u64,
    pub steps: u64,
    /// Only what differs from the preset.
    pub changed: BTreeMap<Setting, Value>,
}

impl Settings {
    /// A preset as it is.
    pub fn of(preset: &str, seed: u64) -> Self {
        Self { preset: preset.to_owned(), seed, steps: STEPS, changed: BTreeMap::new() }
    }

    /// Settings that describe a run which was made elsewhere: the nearest preset's name and every value that
    /// differs from it. Positions for another size than the crops' cannot be said so.
    pub fn describing(config: &Config, seed: u64, images: usize) -> Self {
        let steps = (config.total_steps() as u64).clamp(1, MOST_STEPS);
        let of = |preset: &Preset| {
            let mut settings = Self::of(preset.name, seed.min(MOST_SEED));
            settings.steps = steps;
            // Twice: the rate follows from the width, which stands below it.
            for row in rows().iter().chain(rows()) {
                let value = row.get(config);
                if settings.otherwise(row.setting, images) == value {
                    settings.changed.remove(&row.setting);
                } else {
                    settings.changed.insert(row.setting, value);
                }
            }
            settings
        };
        let all = presets::all().iter().map(of);
        let nearest = all.min_by_key(|settings| settings.changed.len());
        nearest.unwrap_or_else(|| Self::of("", seed))
    }

    /// The run on so many images.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::error::Error::Setting) for an unknown preset or a value out of range, its field the name in links.
    pub fn config(&self, images: usize) -> Result<Config> {
        let preset = self.preset()?;
        match self.check(images).into_iter().next() {
            Some(fault) => Err(fault.into()),
            None => Ok(self.assembled(preset, images)),
        }
    }

    /// Changes a setting.
    pub fn set(&mut self, setting: Setting, value: impl Into<Value>) {
        self.changed.insert(setting, value.into());
    }

    /// The value of a setting in this run.
    pub fn value(&self, setting: Setting, images: usize) -> Value {
        match self.changed.get(&setting) {
            Some(value) => *value,
            None => self.otherwise(setting, images),
        }
    }

    /// What the value of a setting would be if it were not changed.
    pub fn otherwise(&self, setting: Setting, images: usize) -> Value {
        let Ok(preset) = self.preset() else { return Value::Number(f64::NAN) };
        let mut rest = self.clone();
        rest.changed.remove(&setting);
        // Wrong values elsewhere decide nothing here.
        rest.changed.retain(|s, v| check::alone(s.row(), *v).is_none());
        rest.steps = self.steps.clamp(1, MOST_STEPS);
        setting.row().get(&rest.assembled(preset, images))
    }

    fn preset(&self) -> std::result::Result<&'static Preset, SettingError> {
        presets::by_name(&self.preset).ok_or_else(|| presets::unknown(&self.preset))
    }

    /// Preset and changes put together, unchecked: what is changed of the run's scale decides the numbers
    /// that follow from it, too.
    fn assembled(&self, preset: &Preset, images: usize) -> Config {
        let whole = |setting, otherwise| match self.changed.get(&setting) {
            Some(value) => value.number() as usize,
            None => otherwise,
        };
        let mut config = preset.at(&Scale {
            images,
            steps: self.steps as usize,
            batch: whole(Setting::Batch, preset.batch),
            side: whole(Setting::GlobalSize, preset.vit.img_size),
            width: whole(Setting::Width, preset.vit.embed_dim),
        });
        for (setting, value) in &self.changed {
            setting.row().set(&mut config, *value);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_described_by_what_differs_from_the_nearest_preset() {
        for changes in [
            &[][..],
            &[(Setting::Width, 192.0)],
            &[(Setting::Batch, 5.0), (Setting::GlobalSize, 48.0), (Setting::LearningRate, 0.5)],
            &[(Setting::GlobalSize, 224.0), (Setting::Blur, 1.0), (Setting::Heads, 2.0)],
        ] {
            let chosen = Settings {
                changed: changes.iter().map(|(s, v)| (*s, Value::Number(*v))).collect(),
                steps: 700,
                ..Settings::of("small", 7)
            };
            let config = chosen.config(300).unwrap();
            let found = Settings::describing(&config, 7, 300);
            assert_eq!(found.changed, chosen.changed);
            assert_eq!(found.preset, "small");
            assert_eq!(found.config(300).unwrap(), config);
        }
    }
}
