//! DINO self-distillation trained by WebGPU compute shaders.

pub mod augment;
pub mod augment_case;
pub mod checks;
pub mod config;
pub mod dino;
pub mod engine;
pub mod error;
pub mod golden;
pub mod gpu;
pub mod head;
pub mod images;
pub mod kernels;
pub mod layout;
pub mod names;
pub mod plan;
pub mod positions;
pub mod replay;
pub mod report;
pub mod rng;
pub mod schedule;
pub mod tensors;
pub mod trainer;
pub mod vit;

pub use config::Config;
pub use error::{Error, Result};
