//! Configuration of a run: sizes, presets, the recipe, the settings a person may change, schedules, sampling. Invariant: plain data and
//! pure functions of seed and step.

pub mod config;
pub mod network;
pub mod presets;
pub mod recipe;
pub mod sampling;
pub mod schedule;
pub mod settings;
