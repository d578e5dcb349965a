//! Text of the neighbours section.

use dino_core::eval::knn::Verdict;

pub struct NeighboursText {
    pub title: &'static str,
    pub about: &'static str,
    pub waits: &'static str,
    pub alone: &'static str,
    pub working: &'static str,
    pub refresh: &'static str,
    pub nearest: &'static str,
    pub query: &'static str,
    /// The thumbnail of an image that is near, to be chosen.
    pub choose: fn(&str) -> String,
    pub similarity: fn(f32) -> String,
    pub similarity_about: &'static str,
    pub agrees: fn(&str) -> String,
    pub differs: fn(&str) -> String,
    /// So many of so many neighbours have the image's label.
    pub agreeing: fn(usize, usize) -> String,
    pub accuracy: &'static str,
    /// Share of right answers in percent, images, labels.
    pub accuracy_of: fn(f32, usize, usize) -> String,
    pub verdict: fn(Verdict) -> &'static str,
    pub knn: &'static str,
    pub pixels: &'static str,
    pub chance: &'static str,
    pub percent: fn(f32) -> String,
    pub no_labels: &'static str,
}
