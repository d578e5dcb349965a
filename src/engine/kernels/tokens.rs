//! Token rows: moves between crops and the packed rows of all crops (`shaders/tokens.wgsl`). Invariant: the row
//! order is that of [`Rows`], here and in every other kernel.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::kernels::Rows;
use crate::params;

params! {
    /// Uniform of all four entry points. Fields as in `shaders/tokens.wgsl`.
    pub struct TokenParams {
        pub global_crops: u32,
        pub global_tokens: u32,
        pub local_crops: u32,
        pub local_tokens: u32,
        pub width: u32,
        pub scaled: u32,
    }
}

const FILE: &str = "tokens.wgsl";
const SOURCE: &str = include_str!("../../../shaders/tokens.wgsl");

macro_rules! kernel {
    ($name:ident, $entry:literal, $bindings:expr, $cpu:ident) => {
        pub static $name: Kernel = Kernel {
            name: $entry,
            file: FILE,
            source: SOURCE,
            bindings: $bindings,
            params: TokenParams::FIELDS,
            cpu: $cpu,
        };
    };
}

kernel!(EMBED, "embed", &[Read, Read, Write], embed_cpu);
kernel!(SUM_OVER_CROPS, "sum_over_crops", &[Read, Write], sum_over_crops_cpu);
kernel!(GATHER_CLS, "gather_cls", &[Read, Write], gather_cls_cpu);
kernel!(SCATTER_CLS, "scatter_cls", &[Read, Read, Write, Write], scatter_cls_cpu);

fn uniform(rows: Rows, width: usize) -> TokenParams {
    TokenParams {
        global_crops: rows.global_crops as u32,
        global_tokens: rows.global_tokens as u32,
        local_crops: rows.local_crops as u32,
        local_tokens: rows.local_tokens.max(1) as u32,
        width: width as u32,
        scaled: 0,
    }
}

fn groups(rows: usize, width: usize) -> [u32; 3] {
    grid((rows * width / 4).div_ceil(64))
}

fn push(
    plan: &mut Plan,
    name: &str,
    kernel: &'static Kernel,
    bindings: &[Slice],
    p: TokenParams,
    rows: usize,
) {
    let groups = groups(rows, p.width as usize);
    plan.push(name, kernel, Constants::default(), bindings, &p, groups);
}

/// `x = (x or cls_token) + position`: x (rows, D) holds patch embeddings and becomes tokens.
pub fn embed(plan: &mut Plan, rows: Rows, width: usize, [position, cls, x]: [Slice; 3]) {
    push(plan, "tokens", &EMBED, &[position, cls, x], uniform(rows, width), rows.rows());
}

/// `d_position` (Tg + Tl, D) from `d_x` (rows, D).
pub fn sum_over_crops(plan: &mut Plan, rows: Rows, width: usize, [d_x, d_position]: [Slice; 2]) {
    let table = rows.global_tokens + rows.local_tokens;
    push(plan, "positions.sum", &SUM_OVER_CROPS, &[d_x, d_position], uniform(rows, width), table);
}

/// CLS rows of `x` (rows, D) into `cls` (crops, D).
pub fn gather_cls(plan: &mut Plan, rows: Rows, width: usize, [x, cls]: [Slice; 2]) {
    push(plan, "cls", &GATHER_CLS, &[x, cls], uniform(rows, width), rows.crops());
}

/// The reverse of [`gather_cls`], zero elsewhere; `branch` is (scale, d_branch) where there is drop
/// path, else bound from `unused`.
pub fn scatter_cls(
    plan: &mut Plan,
    rows: Rows,
    width: usize,
    [d_cls, d_x]: [Slice; 2],
    branch: Option<(Slice, Slice)>,
    unused: (Slice, Slice),
) {
    let mut params = uniform(rows, width);
    params.scaled = u32::from(branch.is_some());
    let (scale, d_branch) = branch.unwrap_or(unused);
    push(plan, "cls", &SCATTER_CLS, &[d_cls, scale, d_x, d_branch], params, rows.rows());
}

/// Crop, token and position-table row of every packed row.
fn tokens(p: TokenParams) -> impl Iterator<Item = (usize, usize, usize)> {
    let (global, local) = (p.global_tokens as usize, p.local_tokens as usize);
    let globals = p.global_crops as usize;
    let of = move |crops: usize, tokens: usize, first: usize, table: usize| {
        (0..crops).flat_map(move |c| (0..tokens).map(move |t| (first + c, t, table + t)))
    };
    of(globals, global, 0, 0).chain(of(p.local_crops as usize, local, globals, global))
}

fn embed_cpu(call: &mut Call) {
    let p: TokenParams = call.params();
    let width = p.width as usize;
    let [position, cls, x] = call.bindings else { return };
    for (row, (_, token, at)) in tokens(p).enumerate() {
        for i in 0..width {
            let value = if token == 0 { cls[i] } else { x[row * width + i] };
            x[row * width + i] = value + position[at * width + i];
        }
    }
}

fn sum_over_crops_cpu(call: &mut Call) {
    let p: TokenParams = call.params();
    let width = p.width as usize;
    let [d_x, d_position] = call.bindings else { return };
    let table = p.global_tokens + if p.local_crops > 0 { p.local_tokens } else { 0 };
    d_position[..table as usize * width].fill(0.0);
    for (row, (_, _, at)) in tokens(p).enumerate() {
        for i in 0..width {
            d_position[at * width + i] += d_x[row * width + i];
        }
    }
}

fn gather_cls_cpu(call: &mut Call) {
    let p: TokenParams = call.params();
    let width = p.width as usize;
    let [x, cls] = call.bindings else { return };
    for (row, (crop, token, _)) in tokens(p).enumerate() {
        if token == 0 {
            cls[crop * width..][..width].copy_from_slice(&x[row * width..][..width]);
        }
    }
}

fn scatter_cls_cpu(call: &mut Call) {
    let p: TokenParams = call.params();
    let width = p.width as usize;
    let [d_cls, scale, d_x, d_branch] = call.bindings else { return };
    for (row, (crop, token, _)) in tokens(p).enumerate() {
        for i in 0..width {
            let value = if token == 0 { d_cls[crop * width + i] } else { 0.0 };
            d_x[row * width + i] = value;
            if p.scaled == 1 {
                d_branch[row * width + i] = value * scale[crop];
            }
        }
    }
}
