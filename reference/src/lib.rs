//! The referee: the training step of DINO a second time, as burn modules whose gradients burn's
//! automatic differentiation finds, in float64 on the CPU. It shares no code with the engine, so
//! what both agree on is unlikely to be wrong in both.
//!
//! ```text
//! settings ─► shapes (seeded parameters and crops) ─► training ─► files (a golden case)
//!                                                        │
//!                       referee: vit + head + loss ◄─────┘  one step: loss, gradients
//! ```
//! The same modules on burn-wgpu are a peer that the benchmark times beside the engine: `peer` does
//! the `work` of the peers, with the feature `peer-wgpu`.
//!
//! Invariant: names are the checkpoint's (`backbone.blocks.3.attn.qkv.weight`), because every
//! module's field is called as the checkpoint calls it.

mod array;
pub mod compare;
mod error;
#[cfg(feature = "flex")]
pub mod files;
mod head;
mod layers;
#[cfg(feature = "peer-wgpu")]
pub mod peer;
mod position;
mod referee;
mod settings;
#[cfg(feature = "flex")]
pub mod shapes;
#[cfg(feature = "flex")]
mod training;
mod vit;
pub mod work;

pub use array::{Array, Tensors};
pub use error::{Error, Result};
pub use referee::{Case, Outcome, Referee};
pub use settings::{Crops, Head, Schedule, Settings, Vit};
#[cfg(feature = "flex")]
pub use training::{Step, Training};
