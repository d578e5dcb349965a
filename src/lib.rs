//! DINO self-distillation trained by WebGPU compute shaders.

pub mod config;
pub mod error;
pub mod golden;
pub mod gpu;
pub mod images;
pub mod kernels;
pub mod names;
pub mod plan;
pub mod report;
pub mod rng;
pub mod schedule;
pub mod tensors;
pub mod trainer;

pub use config::Config;
pub use error::{Error, Result};
