//! Checks: test bodies that run natively and, the same, in a browser. Invariant: a check needs nothing but a
//! device, and says in a sentence what was expected and what was found.

pub mod attention;
pub mod augment;
pub mod estimate;
pub mod gradients;
pub mod inference;
pub mod kernels;
pub mod products;
#[cfg(not(target_arch = "wasm32"))]
pub mod recorded_case;
pub mod runs;
pub mod step;
pub mod tiny;
pub mod twins;
pub mod updates;

use crate::tune::TunedGpu;
use std::pin::Pin;
use std::rc::Rc;

/// Result of a check; the error is the sentence that it fails with.
pub type Outcome = std::result::Result<(), String>;

/// A check under way.
pub type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// A test body.
pub struct Check {
    pub name: &'static str,
    pub run: fn(&Rc<TunedGpu>) -> Running<'_>,
}

/// All checks, the quick ones first.
pub fn all() -> Vec<Check> {
    [
        kernels::checks(),
        updates::checks(),
        attention::checks(),
        products::checks(),
        augment::checks(),
        #[cfg(not(target_arch = "wasm32"))]
        recorded_case::checks(),
        step::checks(),
        gradients::checks(),
        inference::checks(),
        runs::checks(),
        estimate::checks(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An error of the engine as the sentence that a check fails with.
fn text(error: dino_core::Error) -> String {
    error.to_string()
}
