//! Compute kernels as data: a WGSL entry point, its bindings, its uniform and its CPU twin. Invariant: a kernel
//! knows shapes, never a model.

use crate::gpu::params::{Constants, Field, Params};

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

/// Splits a count of workgroups over x and y, because an axis has at most 65 535. Shaders compute the linear index
/// as `id.x + id.y * 32768` and must return when it is past the end.
pub fn grid(workgroups: usize) -> [u32; 3] {
    const ROW: usize = 32768;
    if workgroups <= ROW {
        [workgroups as u32, 1, 1]
    } else {
        [ROW as u32, workgroups.div_ceil(ROW) as u32, 1]
    }
}
