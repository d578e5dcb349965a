//! DINO self-distillation trained by WebGPU compute shaders.
//!
//! ```text
//! files ─► images (rgba8) ─► augment ─► patches ─► tokens ─► [block]×depth ─► CLS ─► head ─► loss
//!             student: all crops, teacher: globals                         │
//!         AdamW + teacher average ◄─ clip ◄─ the same list, upward ◄───────┘
//! ```
//!
//! A step has fixed shapes, so it is planned once ([`train::step`], [`model::vit`], [`model::head`]) as a list of
//! dispatches ([`gpu::plan`]) over named memory ([`model::layout`]), built on a device ([`gpu`]) and replayed by the
//! [`train::trainer`]. Every compute entry point has a slow CPU twin of the same name ([`kernels`]). Invariant: no
//! browser (the device request in [`gpu`] aside), and a folder imports only folders that stand before it in this list.

pub mod gpu;

pub mod kernels;

pub mod tune;

pub mod model;

pub mod infer;

pub mod train;

pub mod verify;

pub mod bench;

pub use dino_core::error::{Error, Result};
