//! Copy kernel (`shaders/copy.wgsl`), which is not part of a step: attention passes save with it what the next
//! block overwrites, and the benchmark measures memory bandwidth with it. Invariant: whole `vec4`s are copied.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::params;

params! {
    /// Uniform of the entry point: the number of `vec4`s to copy.
    pub struct CopyParams {
        pub vectors: u32,
    }
}

pub static COPY: Kernel = Kernel {
    name: "copy",
    file: "copy.wgsl",
    source: include_str!("../../../shaders/copy.wgsl"),
    bindings: &[Read, Write],
    params: CopyParams::FIELDS,
    cpu: copy_cpu,
};

/// Copies the whole `vec4`s of `from` to the beginning of `to`.
pub fn copy(plan: &mut Plan, name: &str, from: Slice, to: Slice) {
    let vectors = from.len / 4;
    let params = CopyParams { vectors: vectors as u32 };
    let groups = grid(vectors.div_ceil(64));
    plan.push(name, &COPY, Constants::default(), &[from, to], &params, groups);
}

fn copy_cpu(call: &mut Call) {
    let p: CopyParams = call.params();
    let [from, to] = call.bindings else { return };
    let words = 4 * p.vectors as usize;
    to[..words].copy_from_slice(&from[..words]);
}
