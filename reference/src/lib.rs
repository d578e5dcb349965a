//! The referee: the training step of DINO a second time, as burn modules whose gradients burn's
//! automatic differentiation finds, in float64 on the CPU. It shares no code with the engine, so
//! what both agree on is unlikely to be wrong in both.
//!
//! ```text
//! settings ─► shapes (seeded parameters and crops) ─► training ─► files (a golden case)
//!                                                        │
//!                       referee: vit + head + loss ◄─────┘  one step: loss, gradients
//! ```
//! Invariant: names are the checkpoint's (`backbone.blocks.3.attn.qkv.weight`), because every
//! module's field is called as the checkpoint calls it.

mod array;
pub mod compare;
mod error;
pub mod files;
mod head;
mod layers;
mod position;
mod referee;
mod settings;
pub mod shapes;
mod training;
mod vit;

pub use array::{Array, Tensors};
pub use error::{Error, Result};
pub use referee::{Case, Outcome, Referee};
pub use settings::{Crops, Head, Schedule, Settings, Vit};
pub use training::{Step, Training};
