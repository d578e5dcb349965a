//! Test bodies that run natively and, the same, in a browser. Invariant: a check needs nothing but a
//! device, and says in a sentence what was expected and what came.

pub mod augment;

use crate::gpu::Gpu;
use std::pin::Pin;

/// What a check ends with.
pub type Outcome = std::result::Result<(), String>;

/// A test body.
pub struct Check {
    pub name: &'static str,
    pub run: fn(&Gpu) -> Pin<Box<dyn Future<Output = Outcome> + '_>>,
}
