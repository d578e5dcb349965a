//! Compute entry points. One small Rust file per shader file: bindings, uniform, grid, and the slow
//! CPU twin of every entry point beside it. Invariant: a kernel knows shapes, never a model.

/// The text of shader files, one after the other.
macro_rules! shader {
    ($($file:literal),+) => { concat!($(include_str!(concat!("../../shaders/", $file))),+) };
}

pub mod attention;
pub mod attention_map;
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
pub mod params;
pub mod reduce;
mod rows;
pub mod sparse;
mod specialise;
pub mod tokens;
pub mod update;

pub use params::{Constants, Field, Params};

/// How an entry point uses a storage binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `var<storage, read>`
    Read,
    /// `var<storage, read_write>`
    Write,
}

/// One WGSL entry point. Its storage bindings are `@binding(0..n)` in order, its uniform struct
/// `Params` is `@binding(n)`.
#[derive(Debug)]
pub struct Kernel {
    /// Name of the entry point, unique in the project.
    pub name: &'static str,
    /// File name below `shaders/`, for messages.
    pub file: &'static str,
    /// The WGSL text.
    pub source: &'static str,
    /// Access of each storage binding.
    pub bindings: &'static [Access],
    /// Fields of the uniform struct, compared with the WGSL by a test.
    pub params: &'static [Field],
    /// The slow, readable twin: same bindings, same uniform.
    pub cpu: fn(&mut Call),
}

/// What a CPU twin gets: the words of the uniform and the bindings as `f32` (bit patterns of `u32`
/// where the shader says `u32`), whole binding ranges, writable in place.
pub struct Call<'a> {
    /// Uniform as words.
    pub params: &'a [u32],
    /// Constants that specialise the shader.
    pub constants: &'a Constants,
    /// Storage bindings in order.
    pub bindings: &'a mut [Vec<f32>],
}

impl Call<'_> {
    /// The uniform as the kernel's struct.
    pub fn params<P: Params>(&self) -> P {
        P::from_words(self.params)
    }

    /// Takes a binding out, so that it can be written while others are read; put it back after.
    pub fn take(&mut self, binding: usize) -> Vec<f32> {
        std::mem::take(&mut self.bindings[binding])
    }
}

/// Splits a count of workgroups over x and y, because one axis ends at 65 535. Shaders recover the
/// linear index as `id.x + id.y * 32768` and must leave when it is past the end.
pub fn grid(workgroups: usize) -> [u32; 3] {
    const ROW: usize = 32768;
    if workgroups <= ROW {
        [workgroups as u32, 1, 1]
    } else {
        [ROW as u32, workgroups.div_ceil(ROW) as u32, 1]
    }
}

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
    /// Rows that belong to no crops: one crop of all of them.
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
