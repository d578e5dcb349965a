//! DINO self-distillation trained by WebGPU compute shaders.

pub mod config;
pub mod error;
pub mod gpu;
pub mod images;
pub mod kernels;
pub mod plan;
pub mod rng;
pub mod trainer;

pub use config::Config;
pub use error::{Error, Result};
