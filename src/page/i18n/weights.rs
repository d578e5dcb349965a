//! Text on files of weights: saving and loading checkpoints, official weights.

use dino_core::protocol::Loaded;

pub struct WeightsText {
    pub title: &'static str,
    pub about: &'static str,
    pub save: &'static str,
    pub save_backbone: &'static str,
    pub load: &'static str,
    pub official: &'static str,
    /// A file is read; so many more wait.
    pub busy: fn(usize) -> String,
    pub loaded: fn(&Loaded) -> String,
    /// Of several files one was taken, the others were left.
    pub one_of: fn(&str, &[String]) -> String,
    /// Take another network of the file, by what stands before its names.
    pub take_instead: fn(&str) -> String,
    pub heads: &'static str,
    pub kept: &'static str,
    /// A checkpoint of a run: its preset, its step.
    pub at_step: fn(&str, u64) -> String,
    pub size_and_time: fn(u64, &str) -> String,
    pub open: &'static str,
    pub delete: &'static str,
    pub delete_of: fn(&str) -> String,
    pub official_title: &'static str,
    pub official_about: &'static str,
    /// The address that is asked.
    pub official_request: fn(&str) -> String,
    /// A model's name and bytes.
    pub fetch: fn(&str, u64) -> String,
    pub from_kept: fn(&str) -> String,
    pub asking: &'static str,
    pub progress: fn(u64, u64) -> String,
    pub stop: &'static str,
    pub close: &'static str,
    pub stopped: &'static str,
    pub offline: fn(&str) -> String,
    pub status: fn(u16) -> String,
    pub unlisted: &'static str,
    pub length: fn(u64, u64) -> String,
    pub checksum: &'static str,
}
