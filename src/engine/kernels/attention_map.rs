//! Attention probabilities of some query rows of one crop (`shaders/attention_map.wgsl`), for attention maps and
//! for the golden cases. Invariant: no other kernel stores T values a row.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::params;
use std::ops::Range;

params! {
    /// Uniform of the entry point. Fields as in `shaders/attention_map.wgsl`.
    pub struct AttentionMapParams {
        pub first_row: u32,
        pub tokens: u32,
        pub first_query: u32,
        pub queries: u32,
        pub heads: u32,
        pub width: u32,
        pub scale: f32,
    }
}

pub static ATTENTION_MAP: Kernel = Kernel {
    name: "attention_map",
    file: "attention_map.wgsl",
    source: include_str!("../../../shaders/attention_map.wgsl"),
    bindings: &[Read, Read, Write],
    params: AttentionMapParams::FIELDS,
    cpu: attention_map_cpu,
};

/// The crop whose attention is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Crop {
    pub first_row: usize,
    pub tokens: usize,
    pub heads: usize,
    pub width: usize,
}

/// `map[head][query][token]` for the query tokens of `queries`.
pub fn attention_map(
    plan: &mut Plan,
    name: &str,
    crop: Crop,
    queries: Range<usize>,
    [qkv, lse, map]: [Slice; 3],
) {
    let params = AttentionMapParams {
        first_row: crop.first_row as u32,
        tokens: crop.tokens as u32,
        first_query: queries.start as u32,
        queries: queries.len() as u32,
        heads: crop.heads as u32,
        width: crop.width as u32,
        scale: ((crop.width / crop.heads) as f32).powf(-0.5),
    };
    let groups = grid((crop.heads * queries.len() * crop.tokens).div_ceil(64));
    plan.push(name, &ATTENTION_MAP, Constants::default(), &[qkv, lse, map], &params, groups);
}

fn attention_map_cpu(call: &mut Call) {
    let p: AttentionMapParams = call.params();
    let (tokens, queries, width) = (p.tokens as usize, p.queries as usize, p.width as usize);
    let (first, heads) = (p.first_row as usize, p.heads as usize);
    let dim = width / heads;
    let [qkv, lse, map] = call.bindings else { return };
    for head in 0..heads {
        for query in 0..queries {
            let row = first + p.first_query as usize + query;
            for token in 0..tokens {
                let q = row * 3 * width + head * dim;
                let k = ((first + token) * 3 + 1) * width + head * dim;
                let score: f32 = (0..dim).map(|i| qkv[q + i] * qkv[k + i]).sum();
                map[(head * queries + query) * tokens + token] =
                    (score * p.scale - lse[row * heads + head]).exp();
            }
        }
    }
}
