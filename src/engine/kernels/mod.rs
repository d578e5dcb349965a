//! Kernels, WebGPU's compute entry points. One small Rust file per shader file: bindings, uniform, grid, and the
//! slow CPU twin of every entry point beside it. Invariant: a kernel knows shapes, never a model.

/// The text of shader files, one after the other.
macro_rules! shader {
    ($($file:literal),+) => { concat!($(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shaders/", $file))),+) };
}

pub mod attention;
pub mod attention_map;
pub mod attention_shared;
pub mod augment;
pub mod augment_blur;
pub mod augment_color;
pub mod augment_patches;
pub mod augment_resample;
pub mod copy;
pub mod dino_loss;
pub mod gemm;
pub mod layer_norm;
pub mod metrics;
pub mod normalize;
pub mod reduce;
mod rows;
pub mod sparse;
pub mod step;
pub mod subgroup;
pub mod tokens;
pub mod update;

pub use crate::gpu::kernel::{Access, Call, Kernel, grid};
pub use crate::gpu::params::{Constants, Field, Params};

/// How the packed token rows of a network divide into crops: all global crops first, then all local
/// ones, each crop CLS first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    pub global_crops: usize,
    pub global_tokens: usize,
    pub local_crops: usize,
    pub local_tokens: usize,
}

impl Rows {
    /// Rows that do not belong to crops, as one crop of all of them.
    pub fn single(rows: usize) -> Self {
        Self { global_crops: 1, global_tokens: rows, local_crops: 0, local_tokens: 0 }
    }

    /// Rows of the global crops.
    pub fn global_rows(&self) -> usize {
        self.global_crops * self.global_tokens
    }

    /// All rows.
    pub fn rows(&self) -> usize {
        self.global_rows() + self.local_crops * self.local_tokens
    }

    /// All crops.
    pub fn crops(&self) -> usize {
        self.global_crops + self.local_crops
    }
}

/// Every entry point of the library.
pub fn all() -> Vec<&'static Kernel> {
    vec![
        &attention::ATTENTION,
        &attention::ATTENTION_BACKWARD_QUERY,
        &attention::ATTENTION_BACKWARD_KEY_VALUE,
        &attention_map::ATTENTION_MAP,
        &attention_shared::ATTENTION_SHARED,
        &attention_shared::ATTENTION_SHARED_QUERY,
        &attention_shared::ATTENTION_SHARED_KEY_VALUE,
        &augment_blur::AUGMENT_BLUR,
        &augment_color::AUGMENT_COLOR,
        &augment_patches::AUGMENT_PATCHES,
        &augment_resample::AUGMENT_WEIGHTS,
        &augment_resample::AUGMENT_ACROSS,
        &augment_resample::AUGMENT_DOWN,
        &dino_loss::TEACHER_PROBABILITY,
        &dino_loss::STUDENT_LOSS,
        &dino_loss::CENTER_SUM,
        &gemm::GEMM_REGISTERS,
        &gemm::GEMM_LANES,
        &gemm::GEMM_TILES,
        &layer_norm::LAYER_NORM,
        &layer_norm::LAYER_NORM_BACKWARD,
        &layer_norm::LAYER_NORM_BACKWARD_AFFINE,
        &metrics::ACCUMULATE_METRICS,
        &metrics::FINISH_METRICS,
        &normalize::L2_NORMALIZE,
        &normalize::L2_NORMALIZE_BACKWARD,
        &normalize::WEIGHT_NORM,
        &normalize::WEIGHT_NORM_BACKWARD,
        &copy::COPY,
        &reduce::REDUCE,
        &sparse::SPARSE,
        &subgroup::SUBGROUP_PROBE,
        &tokens::EMBED,
        &tokens::SUM_OVER_CROPS,
        &tokens::GATHER_CLS,
        &tokens::SCATTER_CLS,
        &update::SQUARED_NORM,
        &update::CLIP,
        &update::ADAMW,
        &update::CENTER_UPDATE,
    ]
}
