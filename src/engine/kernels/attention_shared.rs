//! Attention whose lanes share rows (`shaders/attention_shared.wgsl`), for GPUs: the same bindings, uniform and CPU twins
//! as [`attention`](crate::kernels::attention). Invariant: an invocation keeps at most four times 16 floats.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::kernels::attention::{
    AttentionParams, Sequences, forward_cpu, key_value_cpu, query_cpu,
};

const FILE: &str = "attention_shared.wgsl";
const SOURCE: &str = shader!("attention_shared.wgsl");

pub static ATTENTION_SHARED: Kernel = Kernel {
    name: "attention_shared",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Write, Write],
    params: AttentionParams::FIELDS,
    cpu: forward_cpu,
};

pub static ATTENTION_SHARED_QUERY: Kernel = Kernel {
    name: "attention_shared_query",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Read, Write, Write],
    params: AttentionParams::FIELDS,
    cpu: query_cpu,
};

pub static ATTENTION_SHARED_KEY_VALUE: Kernel = Kernel {
    name: "attention_shared_key_value",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Read, Write],
    params: AttentionParams::FIELDS,
    cpu: key_value_cpu,
};

/// Invocations of a workgroup.
const GROUP: usize = 64;
/// vec4s of a row that a lane owns: 16 floats, of which the backward pass keeps four times as many.
const HELD: usize = 4;
/// Heads of so many vec4s are shared whatever their tokens: alone, an invocation's share of them goes to memory (148
/// registers of an AMD GPU, by `cargo xtask bench registers`).
const WIDE: usize = 16;
/// Smaller heads are shared from so many tokens on: with fewer, most rows of a workgroup would be empty.
const LONG: usize = 64;

/// Constants and workgroups where lanes should share the rows of these sequences.
pub(super) fn how(s: &Sequences) -> Option<(Constants, [u32; 3])> {
    let head4 = s.width / s.heads / 4;
    let split = head4 / HELD;
    let divides = split > 0 && head4.is_multiple_of(HELD) && GROUP.is_multiple_of(split);
    if !divides || (head4 < WIDE && s.tokens < LONG) {
        return None;
    }
    let constants = [("HEAD4", head4), ("SPLIT", split), ("HELD", HELD), ("GROUP", GROUP)];
    let constants = Constants(constants.map(|(name, value)| (name, value as u32)).to_vec());
    let groups = s.crops * s.heads * s.tokens.div_ceil(GROUP / split);
    Some((constants, grid(groups)))
}
