//! DINO self-distillation trained by WebGPU compute shaders.

pub mod checkpoint;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod config;
pub mod dino;
pub mod error;
pub mod golden;
pub mod gpu;
pub mod images;
pub mod init;
pub mod kernels;
pub mod layout;
pub mod names;
pub mod pictures;
pub mod plan;
pub mod positions;
pub mod presets;
pub mod replay;
pub mod report;
pub mod rng;
pub mod schedule;
pub mod tensors;
pub mod trainer;
pub mod vit;

pub use config::Config;
pub use error::{Error, Result};
