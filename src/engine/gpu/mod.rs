//! Device: kernels as data, plans of dispatches, compiled programs. Invariant: the folder knows buffers and entry
//! points, never a model.

mod alias;
#[cfg(target_arch = "wasm32")]
mod browser;
mod compile;
pub mod device;
pub mod kernel;
pub mod limits;
pub mod params;
pub mod plan;
pub mod program;
mod specialize;
pub mod wait;
