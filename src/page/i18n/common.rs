//! Text used by the whole page.

use dino_core::protocol::{NoGpu, State};

pub struct Common {
    pub not_here: &'static str,
    pub reload: &'static str,
    pub other_build: &'static str,
    pub worker_gone: &'static str,
    pub not_a_file: &'static str,
    pub dismiss: &'static str,
    /// Where there is no number yet.
    pub none: &'static str,
    pub no_worker: fn(&str) -> String,
    /// What is missing, and what to do.
    pub no_gpu: fn(&NoGpu) -> (&'static str, &'static str),
    /// The driver's own words.
    pub driver: fn(&str) -> String,
    pub state: fn(State) -> &'static str,
    pub at_step: fn(u64) -> String,
    pub megabytes: fn(u64) -> String,
    pub not_whole: fn(Option<f64>) -> String,
}
