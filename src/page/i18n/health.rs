//! Text of the health line: how the run is going, the numbers that decided, and what to change.

use dino_core::eval::health::{Diagnosis, Health};

pub struct HealthText {
    pub word: fn(Health) -> &'static str,
    /// The numbers that decided.
    pub because: fn(&Diagnosis) -> String,
    /// What to change; empty where nothing is.
    pub advice: fn(Health) -> &'static str,
}
