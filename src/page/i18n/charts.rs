//! Text of the charts, their table and their downloads.

use dino_core::eval::metrics::{Column, Unit};

pub struct ChartsText {
    pub title: &'static str,
    pub waits: &'static str,
    pub schedules: &'static str,
    /// Name and meaning of each column.
    pub column: fn(Column) -> (&'static str, &'static str),
    /// Empty where there is none, or where the name says it.
    pub unit: fn(Unit) -> &'static str,
    /// Name and meaning of the chart of accuracies.
    pub accuracy: (&'static str, &'static str),
    pub step: &'static str,
    pub each_step: &'static str,
    pub smoothed: &'static str,
    pub chance: &'static str,
    pub pixels: &'static str,
    /// What a screen reader hears of a chart: its name and last value.
    pub label: fn(&str, &str) -> String,
    pub no_script: &'static str,
    pub table: &'static str,
    pub rows: &'static str,
    pub last_rows: fn(usize) -> String,
    pub spread_rows: fn(usize) -> String,
    pub caption: fn(usize, usize) -> String,
    pub csv: &'static str,
    pub json: &'static str,
}
