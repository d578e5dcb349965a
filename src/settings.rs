//! What a person can choose of a run: a preset, and numbers that differ from it. Invariant: settings are
//! plain data that fit into a link; [`Settings::config`] is the only way from them to a run.

use crate::config::Config;
use crate::error::{Error, Result};
use crate::presets;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps of a run unless another number is chosen.
pub const STEPS: u64 = 1000;

/// A number of a run that may differ from its preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Setting {
    Batch,
    LearningRate,
    TeacherTemp,
    CenterMomentum,
}

/// A run as it is chosen on the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub preset: String,
    pub seed: u64,
    pub steps: u64,
    /// Only what differs from the preset.
    pub changed: BTreeMap<Setting, f64>,
}

impl Settings {
    /// A preset as it is.
    pub fn of(preset: &str, seed: u64) -> Self {
        Self { preset: preset.to_owned(), seed, steps: STEPS, changed: BTreeMap::new() }
    }

    /// The run on so many images.
    ///
    /// # Errors
    /// [`Error::Config`] for an unknown preset or a number out of range.
    pub fn config(&self, images: usize) -> Result<Config> {
        let preset = presets::by_name(&self.preset).ok_or_else(|| {
            let names: Vec<&str> = presets::all().iter().map(|preset| preset.name).collect();
            let message = format!("expected one of {}, found `{}`", names.join(", "), self.preset);
            Error::config("preset", message)
        })?;
        let config = preset.config(images, self.steps as usize, None);
        config.validate()?;
        Ok(config)
    }
}
