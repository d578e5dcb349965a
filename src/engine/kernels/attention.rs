//! Attention forward and backward without a T × T matrix (`shaders/attention.wgsl`). Invariant: the
//! log-sum-exp of every row is saved; memory is linear in tokens.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Alternative, Dispatch, Plan, Slice};
use crate::kernels::attention_shared;
use crate::kernels::attention_shared::{
    ATTENTION_SHARED, ATTENTION_SHARED_KEY_VALUE, ATTENTION_SHARED_QUERY,
};
use crate::params;

params! {
    /// Uniform of all three entry points. Fields as in `shaders/attention.wgsl`.
    pub struct AttentionParams {
        pub first_row: u32,
        pub crops: u32,
        pub tokens: u32,
        pub heads: u32,
        pub width: u32,
        pub scale: f32,
    }
}

const FILE: &str = "attention.wgsl";
const SOURCE: &str = include_str!("../../../shaders/attention.wgsl");

pub static ATTENTION: Kernel = Kernel {
    name: "attention",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Write, Write],
    params: AttentionParams::FIELDS,
    cpu: forward_cpu,
};

pub static ATTENTION_BACKWARD_QUERY: Kernel = Kernel {
    name: "attention_backward_query",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Read, Write, Write],
    params: AttentionParams::FIELDS,
    cpu: query_cpu,
};

pub static ATTENTION_BACKWARD_KEY_VALUE: Kernel = Kernel {
    name: "attention_backward_key_value",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Read, Write],
    params: AttentionParams::FIELDS,
    cpu: key_value_cpu,
};

/// Tokens that an invocation of a serial plan owns; it loads each token of the other side once for all of them. Four
/// were no faster than two, and SwiftShader compiled two seconds longer.
const OWNED: usize = 2;

/// The crops of one resolution inside the packed rows.
#[derive(Debug, Clone, Copy)]
pub struct Sequences {
    pub first_row: usize,
    pub crops: usize,
    pub tokens: usize,
    pub heads: usize,
    /// D, all heads together.
    pub width: usize,
}

impl Sequences {
    fn params(&self) -> AttentionParams {
        AttentionParams {
            first_row: self.first_row as u32,
            crops: self.crops as u32,
            tokens: self.tokens as u32,
            heads: self.heads as u32,
            width: self.width as u32,
            scale: ((self.width / self.heads) as f32).powf(-0.5),
        }
    }

    /// Constants and workgroups. In a serial plan an invocation owns [`OWNED`] tokens, or the lanes
    /// of a subgroup one each.
    fn shared(&self, serial: bool, lanes: Option<u32>) -> (Constants, [u32; 3]) {
        let head4 = self.width / self.heads / 4;
        let (own, lanes, group) = match lanes {
            Some(lanes) if serial => {
                (if self.tokens > 32 { 2 } else { 1 }, lanes as usize, lanes as usize)
            }
            _ if serial => (OWNED, 1, 16),
            _ => (1, 1, 64),
        };
        let held = head4.div_ceil(lanes);
        let constants =
            [("HEAD4", head4), ("OWN", own), ("GROUP", group), ("LANES", lanes), ("HELD", held)];
        let constants = Constants(constants.map(|(name, value)| (name, value as u32)).to_vec());
        let blocks = self.crops * self.heads * self.tokens.div_ceil(own * lanes);
        (constants, grid((blocks * lanes).div_ceil(group)))
    }

    /// Multiply-adds of `products` passes over all pairs of tokens.
    fn macs(&self, products: usize) -> u64 {
        (products * self.crops * self.tokens * self.tokens * self.width) as u64
    }
}

/// `out = softmax(q kᵀ / √head_dim) v`: qkv (rows, 3 D) → out (rows, D), lse (rows, heads).
pub fn forward(plan: &mut Plan, name: &str, s: Sequences, qkv: Slice, out: Slice, lse: Slice) {
    let bindings = [qkv, out, lse];
    push(plan, name, [&ATTENTION, &ATTENTION_SHARED], s, &bindings).macs = s.macs(2);
}

/// Buffers of the backward pass.
pub struct Backward {
    pub qkv: Slice,
    pub out: Slice,
    pub lse: Slice,
    pub d_out: Slice,
    /// (rows, 3 D), assigned.
    pub d_qkv: Slice,
    /// (rows, heads), scratch.
    pub delta: Slice,
}

/// Gradient of q, k and v from the gradient of the output.
pub fn backward(plan: &mut Plan, name: &str, s: Sequences, b: &Backward) {
    let query = [b.qkv, b.out, b.lse, b.d_out, b.d_qkv, b.delta];
    let kernels = [&ATTENTION_BACKWARD_QUERY, &ATTENTION_SHARED_QUERY];
    push(plan, &format!("{name}.query"), kernels, s, &query).macs = s.macs(3);
    let key_value = [b.qkv, b.lse, b.d_out, b.delta, b.d_qkv];
    let kernels = [&ATTENTION_BACKWARD_KEY_VALUE, &ATTENTION_SHARED_KEY_VALUE];
    push(plan, &format!("{name}.key_value"), kernels, s, &key_value).macs = s.macs(4);
}

/// Adds a line by the first of two kernels or, on hardware and where it pays, by the second.
fn push<'a>(
    plan: &'a mut Plan,
    name: &str,
    [alone, shared]: [&'static Kernel; 2],
    s: Sequences,
    bindings: &[Slice],
) -> &'a mut Dispatch {
    let (lanes, params) = (plan.lanes, s.params());
    let how = |serial| s.shared(serial, lanes);
    match attention_shared::how(&s).filter(|_| !plan.serial) {
        None => plan.push_shared(name, alone, how, bindings, &params),
        Some((constants, grid)) => {
            let line = plan.push(name, shared, constants, bindings, &params, grid);
            let (constants, grid) = how(true);
            line.instead = Some(Alternative { kernel: alone, constants, grid });
            line
        }
    }
}

/// Place of one head of one crop in the packed buffers; shared by the twins.
struct Head {
    first: usize,
    tokens: usize,
    heads: usize,
    head: usize,
    width: usize,
    dim: usize,
    scale: f32,
}

impl Head {
    fn all(p: AttentionParams) -> impl Iterator<Item = Head> {
        let (width, heads, tokens) = (p.width as usize, p.heads as usize, p.tokens as usize);
        (0..p.crops as usize).flat_map(move |crop| {
            (0..heads).map(move |head| Head {
                first: p.first_row as usize + crop * tokens,
                tokens,
                heads,
                head,
                width,
                dim: width / heads,
                scale: p.scale,
            })
        })
    }

    /// Index of the first value of part 0 (q), 1 (k) or 2 (v) of a token.
    fn qkv(&self, token: usize, part: usize) -> usize {
        ((self.first + token) * 3 + part) * self.width + self.head * self.dim
    }

    /// Index of the first value of a token in a (rows, D) buffer.
    fn out(&self, token: usize) -> usize {
        (self.first + token) * self.width + self.head * self.dim
    }

    /// Index in a (rows, heads) buffer.
    fn stat(&self, token: usize) -> usize {
        (self.first + token) * self.heads + self.head
    }

    fn score(&self, qkv: &[f32], query: usize, key: usize) -> f32 {
        let (q, k) = (self.qkv(query, 0), self.qkv(key, 1));
        self.scale * dot(&qkv[q..q + self.dim], &qkv[k..k + self.dim])
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(super) fn forward_cpu(call: &mut Call) {
    let p: AttentionParams = call.params();
    let [qkv, out, lse] = call.bindings else { return };
    for h in Head::all(p) {
        for query in 0..h.tokens {
            let scores: Vec<f32> = (0..h.tokens).map(|key| h.score(qkv, query, key)).collect();
            let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = scores.iter().map(|s| (s - highest).exp()).sum();
            lse[h.stat(query)] = highest + sum.ln();
            for i in 0..h.dim {
                out[h.out(query) + i] = (0..h.tokens)
                    .map(|key| (scores[key] - highest).exp() / sum * qkv[h.qkv(key, 2) + i])
                    .sum();
            }
        }
    }
}

pub(super) fn query_cpu(call: &mut Call) {
    let p: AttentionParams = call.params();
    let [qkv, out, lse, d_out, d_qkv, delta] = call.bindings else { return };
    for h in Head::all(p) {
        for query in 0..h.tokens {
            let d_o = &d_out[h.out(query)..][..h.dim];
            let d = dot(d_o, &out[h.out(query)..][..h.dim]);
            delta[h.stat(query)] = d;
            let mut d_q = vec![0.0; h.dim];
            for key in 0..h.tokens {
                let probability = (h.score(qkv, query, key) - lse[h.stat(query)]).exp();
                let d_p = dot(d_o, &qkv[h.qkv(key, 2)..][..h.dim]);
                let d_s = probability * (d_p - d) * h.scale;
                for (i, d_q) in d_q.iter_mut().enumerate() {
                    *d_q += d_s * qkv[h.qkv(key, 1) + i];
                }
            }
            d_qkv[h.qkv(query, 0)..][..h.dim].copy_from_slice(&d_q);
        }
    }
}

pub(super) fn key_value_cpu(call: &mut Call) {
    let p: AttentionParams = call.params();
    let [qkv, lse, d_out, delta, d_qkv] = call.bindings else { return };
    for h in Head::all(p) {
        for key in 0..h.tokens {
            let (mut d_k, mut d_v) = (vec![0.0; h.dim], vec![0.0; h.dim]);
            for query in 0..h.tokens {
                let probability = (h.score(qkv, query, key) - lse[h.stat(query)]).exp();
                let d_o = &d_out[h.out(query)..][..h.dim];
                let d_p = dot(d_o, &qkv[h.qkv(key, 2)..][..h.dim]);
                let d_s = probability * (d_p - delta[h.stat(query)]) * h.scale;
                for i in 0..h.dim {
                    d_k[i] += d_s * qkv[h.qkv(query, 0) + i];
                    d_v[i] += probability * d_o[i];
                }
            }
            d_qkv[h.qkv(key, 1)..][..h.dim].copy_from_slice(&d_k);
            d_qkv[h.qkv(key, 2)..][..h.dim].copy_from_slice(&d_v);
        }
    }
}
