//! Text of the training section.

use dino_core::protocol::Estimate;

pub struct Training {
    pub title: &'static str,
    pub presets: &'static str,
    /// Name and purpose of a preset; `None` for one that has no words yet.
    pub preset: fn(&str) -> Option<(&'static str, &'static str)>,
    /// Time and memory.
    pub estimate: fn(&Estimate) -> String,
    pub measuring: &'static str,
    pub refused: fn(&str) -> String,
    pub start: &'static str,
    /// Start, while the form holds other settings than the run.
    pub go_on: &'static str,
    pub pause: &'static str,
    pub step: &'static str,
    pub reset: &'static str,
    /// Steps that would be lost.
    pub reset_question: fn(u64) -> String,
    pub reset_comfort: &'static str,
    pub reset_not: &'static str,
    /// Start begins with random weights although the map is the starter's.
    pub begins_at_random: &'static str,
    /// The step until which the backbone is frozen.
    pub head_first: fn(u64) -> String,
    pub software: &'static str,
    pub steps: &'static str,
    pub loss: &'static str,
    pub entropy: &'static str,
    pub speed: &'static str,
    pub elapsed: &'static str,
    pub left: &'static str,
    pub memory: &'static str,
    pub adapter: &'static str,
    pub health: &'static str,
    pub duration: fn(f64) -> String,
    pub repeating: fn(usize, usize) -> String,
    pub step_of: fn(u64, u64) -> String,
    pub entropy_of: fn(f32, usize) -> String,
    /// What a screen reader hears: the state's word and the step.
    pub announce: fn(&str, u64) -> String,
}
