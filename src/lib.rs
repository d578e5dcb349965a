//! DINO self-distillation trained by WebGPU compute shaders.
//!
//! ```text
//! files ─► pictures (rgba8) ─► augment ─► patches ─► tokens ─► [block]×depth ─► CLS ─► head ─► loss
//!             student: all crops, teacher: globals                         │
//!         AdamW + teacher average ◄─ clip ◄─ the same list, upward ◄───────┘
//! ```
//!
//! A step has fixed shapes, so it is planned once ([`dino`], [`vit`], [`head`]) as a list of
//! dispatches ([`plan`]) over named memory ([`layout`]), made real on a device ([`gpu`]) and replayed
//! by the [`trainer`]. Every compute entry point has a slow CPU twin of the same name ([`kernels`]).

pub mod augment;
pub mod augment_case;
pub mod bench;
pub mod bilinear;
pub mod builder;
pub mod checkpoint;
pub mod checks;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod config;
pub mod dino;
pub mod engine;
pub mod error;
pub mod estimate;
pub mod feature_plan;
pub mod golden;
pub mod gpu;
pub mod head;
pub mod health;
pub mod history;
pub mod hover;
pub mod images;
pub mod init;
pub mod kept;
pub mod kernels;
pub mod knn;
pub mod layout;
pub mod looker;
pub mod mass;
pub mod moments;
pub mod names;
pub mod overlay;
pub mod passes;
pub mod pca;
pub mod picture_plan;
pub mod pictures;
pub mod plan;
pub mod positions;
pub mod presets;
pub mod probe;
pub mod protocol;
pub mod quality;
pub mod recipe;
pub mod replay;
pub mod report;
pub mod rng;
pub mod sampling;
pub mod schedule;
pub mod seen;
pub mod settings;
pub mod share;
pub mod tensors;
pub mod tiles;
pub mod timelapse;
pub mod trainer;
pub mod tune;
pub mod vit;
pub mod weights;
#[cfg(target_arch = "wasm32")]
pub mod worker;

pub use config::Config;
pub use error::{Error, Result};
