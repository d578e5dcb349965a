//! Second pass of two-pass sums (`shaders/reduce.wgsl`). Invariant: parts are added in their order,
//! so the same run gives the same bits.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::params;

params! {
    /// Uniform of the entry point. Fields as in `shaders/reduce.wgsl`.
    pub struct ReduceParams {
        pub parts: u32,
        pub stride: u32,
        pub first: u32,
        pub second: u32,
        pub offset: u32,
    }
}

pub static REDUCE: Kernel = Kernel {
    name: "reduce",
    file: "reduce.wgsl",
    source: include_str!("../../../shaders/reduce.wgsl"),
    bindings: &[Read, Write, Write],
    params: ReduceParams::FIELDS,
    cpu: reduce_cpu,
};

/// Adds the sum over `params.parts` of `partial` to `one` and `two`.
pub fn reduce(
    plan: &mut Plan,
    name: &str,
    params: ReduceParams,
    partial: Slice,
    one: Slice,
    two: Slice,
) {
    let groups = grid(((params.first + params.second) as usize).div_ceil(64));
    plan.push(name, &REDUCE, Constants::default(), &[partial, one, two], &params, groups);
}

fn reduce_cpu(call: &mut Call) {
    let p: ReduceParams = call.params();
    let [partial, one, two] = call.bindings else { return };
    let sum = |at: usize| -> f32 {
        (0..p.parts as usize).map(|part| partial[part * p.stride as usize + at]).sum()
    };
    for (i, out) in one.iter_mut().enumerate().take(p.first as usize) {
        *out += sum(i);
    }
    for (i, out) in two.iter_mut().enumerate().take(p.second as usize) {
        *out += sum(p.offset as usize + i);
    }
}
