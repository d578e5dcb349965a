//! LayerNorm and its backward pass (`shaders/layer_norm.wgsl`). Invariant: mean and 1/σ are saved by
//! the forward pass and never recomputed.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::kernels::Rows;
use crate::kernels::rows::shared;
use crate::params;

params! {
    /// Uniform of all three entry points. Fields as in `shaders/layer_norm.wgsl`.
    pub struct LayerNormParams {
        pub rows: u32,
        pub width: u32,
        pub rows_per_part: u32,
        pub scaled: u32,
        pub accumulate: u32,
        pub global_rows: u32,
        pub global_tokens: u32,
        pub local_tokens: u32,
        pub global_crops: u32,
    }
}

const FILE: &str = "layer_norm.wgsl";
const SOURCE: &str = shader!("layer_norm.wgsl", "row_sum.wgsl");
const EPSILON: f32 = 1e-6;
/// Invocations that share a row.
const LANES: u32 = 16;
const GROUP: u32 = 64;
/// Parts that the affine gradients are summed in: enough workgroups for a GPU at any width.
const MOST_PARTS: usize = 64;

pub static LAYER_NORM: Kernel = Kernel {
    name: "layer_norm",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Write, Write],
    params: LayerNormParams::FIELDS,
    cpu: forward_cpu,
};

pub static LAYER_NORM_BACKWARD: Kernel = Kernel {
    name: "layer_norm_backward",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Read, Read, Write, Write],
    params: LayerNormParams::FIELDS,
    cpu: backward_cpu,
};

pub static LAYER_NORM_BACKWARD_AFFINE: Kernel = Kernel {
    name: "layer_norm_backward_affine",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Write],
    params: LayerNormParams::FIELDS,
    cpu: affine_cpu,
};

/// Weight and bias of one LayerNorm.
#[derive(Debug, Clone, Copy)]
pub struct Affine {
    pub weight: Slice,
    pub bias: Slice,
}

fn uniform(rows: usize, width: usize, map: Rows) -> LayerNormParams {
    LayerNormParams {
        rows: rows as u32,
        width: width as u32,
        rows_per_part: rows.div_ceil(parts(rows)) as u32,
        scaled: 0,
        accumulate: 0,
        global_rows: map.global_rows() as u32,
        global_tokens: map.global_tokens as u32,
        local_tokens: map.local_tokens.max(1) as u32,
        global_crops: map.global_crops as u32,
    }
}

/// Number of partial sums of the affine gradients.
pub fn parts(rows: usize) -> usize {
    let per_part = rows.div_ceil(MOST_PARTS).max(16);
    rows.div_ceil(per_part)
}

/// Constants and workgroups of an entry point whose invocations share a row.
fn how(serial: bool, rows: usize) -> (Constants, [u32; 3]) {
    let (constants, groups) = shared(serial, LANES, GROUP, rows);
    (constants, grid(groups))
}

/// `y = layer_norm(x)`; x and y are (rows, D), stats is (rows, 2).
pub fn forward(
    plan: &mut Plan,
    name: &str,
    (rows, width): (usize, usize),
    x: Slice,
    affine: Affine,
    y: Slice,
    stats: Slice,
) {
    let params = uniform(rows, width, Rows::single(rows));
    let bindings = [x, affine.weight, affine.bias, y, stats];
    plan.push_shared(name, &LAYER_NORM, |serial| how(serial, rows), &bindings, &params);
}

/// Buffers of the backward pass to the input.
pub struct Backward {
    pub x: Slice,
    pub stats: Slice,
    pub weight: Slice,
    pub d_y: Slice,
    /// Drop-path scale of each crop and the place for `scale · d_x`, where there is drop path.
    pub branch: Option<(Slice, Slice)>,
    pub d_x: Slice,
    /// Add to d_x instead of assigning it.
    pub accumulate: bool,
    /// Bound when `branch` is `None`.
    pub unused: (Slice, Slice),
}

/// `d_x = … (or +=); d_branch = scale · d_x`.
pub fn backward(plan: &mut Plan, name: &str, width: usize, map: Rows, b: &Backward) {
    let rows = map.rows();
    let mut params = uniform(rows, width, map);
    params.scaled = u32::from(b.branch.is_some());
    params.accumulate = u32::from(b.accumulate);
    let (scale, d_branch) = b.branch.unwrap_or(b.unused);
    let bindings = [b.x, b.stats, b.weight, b.d_y, scale, b.d_x, d_branch];
    plan.push_shared(name, &LAYER_NORM_BACKWARD, |serial| how(serial, rows), &bindings, &params);
}

/// Partial sums of the gradients of weight and bias into `partial`: (parts, 2 D).
pub fn backward_affine(
    plan: &mut Plan,
    name: &str,
    (rows, width): (usize, usize),
    [x, stats, d_y, partial]: [Slice; 4],
) {
    let params = uniform(rows, width, Rows::single(rows));
    let groups = [parts(rows) as u32, width.div_ceil(64) as u32, 1];
    plan.push(
        name,
        &LAYER_NORM_BACKWARD_AFFINE,
        Constants::default(),
        &[x, stats, d_y, partial],
        &params,
        groups,
    );
}

fn forward_cpu(call: &mut Call) {
    let p: LayerNormParams = call.params();
    let (width, rows) = (p.width as usize, p.rows as usize);
    let [x, weight, bias, y, stats] = call.bindings else { return };
    for row in 0..rows {
        let x = &x[row * width..][..width];
        let mean = x.iter().sum::<f32>() / width as f32;
        let variance = x.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / width as f32;
        let inverse = 1.0 / (variance + EPSILON).sqrt();
        for i in 0..width {
            y[row * width + i] = (x[i] - mean) * inverse * weight[i] + bias[i];
        }
        stats[2 * row] = mean;
        stats[2 * row + 1] = inverse;
    }
}

fn backward_cpu(call: &mut Call) {
    let p: LayerNormParams = call.params();
    let width = p.width as usize;
    let [x, stats, weight, d_y, scale, d_x, d_branch] = call.bindings else { return };
    for row in 0..p.rows as usize {
        let (mean, inverse) = (stats[2 * row], stats[2 * row + 1]);
        let at = |i: usize| row * width + i;
        let x_hat = |i: usize| (x[at(i)] - mean) * inverse;
        let g = |i: usize| d_y[at(i)] * weight[i];
        let mean_g = (0..width).map(g).sum::<f32>() / width as f32;
        let mean_gx = (0..width).map(|i| g(i) * x_hat(i)).sum::<f32>() / width as f32;
        for i in 0..width {
            let before = if p.accumulate == 1 { d_x[at(i)] } else { 0.0 };
            d_x[at(i)] = before + (g(i) - mean_g - x_hat(i) * mean_gx) * inverse;
            if p.scaled == 1 {
                let crop = if row < p.global_rows as usize {
                    row / p.global_tokens as usize
                } else {
                    p.global_crops as usize
                        + (row - p.global_rows as usize) / p.local_tokens as usize
                };
                d_branch[at(i)] = d_x[at(i)] * scale[crop];
            }
        }
    }
}

fn affine_cpu(call: &mut Call) {
    let p: LayerNormParams = call.params();
    let (width, rows) = (p.width as usize, p.rows as usize);
    let per_part = p.rows_per_part as usize;
    let [x, stats, d_y, partial] = call.bindings else { return };
    for part in 0..partial.len() / (2 * width) {
        for column in 0..width {
            let (mut d_weight, mut d_bias) = (0.0, 0.0);
            for row in part * per_part..((part + 1) * per_part).min(rows) {
                let d = d_y[row * width + column];
                d_weight += d * (x[row * width + column] - stats[2 * row]) * stats[2 * row + 1];
                d_bias += d;
            }
            partial[part * 2 * width + column] = d_weight;
            partial[part * 2 * width + width + column] = d_bias;
        }
    }
}
