//! Update at the end of a step: clipping, AdamW, teacher average, centre (`shaders/update.wgsl`). Invariants:
//! each tensor is clipped on its own; the gradient arena is zero again afterwards; a step whose loss is not
//! finite changes nothing.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::kernels::step::{self, Step};
use crate::params;

params! {
    /// Uniform of all four entry points. Fields as in `shaders/update.wgsl`.
    pub struct UpdateParams {
        pub words: u32,
        pub first_chunk: u32,
        pub chunks: u32,
        pub tensors: u32,
        pub clip: f32,
        pub center_momentum: f32,
        pub center_rows: f32,
        pub prototypes: u32,
    }
}

/// Flag of a tensor: weight decay applies.
pub const DECAYED: u32 = 1;
/// Flag of a tensor: frozen at the start of a run.
pub const LAST_LAYER: u32 = 2;
/// Flag of a tensor: never trained.
pub const FIXED: u32 = 4;
/// Flag of a tensor: frozen while a fresh head warms up.
pub const BACKBONE: u32 = 8;
/// Words that one workgroup sums: long enough to fill it, short enough for many of them.
pub const CHUNK: usize = 16384;

const FILE: &str = "update.wgsl";
const SOURCE: &str = shader!("update.wgsl", "row_sum.wgsl", "step.wgsl");
const BETA1: f32 = step::BETA1 as f32;
const REST1: f32 = (1.0 - step::BETA1) as f32;
const BETA2: f32 = step::BETA2 as f32;
const REST2: f32 = (1.0 - step::BETA2) as f32;
const EPSILON: f32 = 1e-8;
/// Factor of a tensor that is not trained in this step.
const STILL: f32 = -1.0;
/// Factor of all tensors when the loss is not finite: not even the teacher's average changes.
const REFUSED: f32 = -2.0;

macro_rules! kernel {
    ($name:ident, $entry:literal, $bindings:expr, $cpu:ident) => {
        pub static $name: Kernel = Kernel {
            name: $entry,
            file: FILE,
            source: SOURCE,
            bindings: $bindings,
            params: UpdateParams::FIELDS,
            cpu: $cpu,
        };
    };
}

kernel!(SQUARED_NORM, "squared_norm", &[Read, Read, Write], squared_norm_cpu);
kernel!(CLIP, "clip", &[Read, Read, Read, Read, Write], clip_cpu);
kernel!(ADAMW, "adamw", &[Read, Read, Read, Write, Write, Write, Write, Write], adamw_cpu);
kernel!(CENTER_UPDATE, "center_update", &[Read, Write, Write], center_update_cpu);

/// The five arenas of one window and its table of blocks.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub student: Slice,
    pub gradient: Slice,
    pub first_moment: Slice,
    pub second_moment: Slice,
    pub teacher: Slice,
    /// (words / 64) tensor of each block.
    pub blocks: Slice,
    pub words: usize,
    /// Chunks of this window: first and count.
    pub first_chunk: usize,
    pub chunks: usize,
}

/// Buffers of the update beside the arenas.
pub struct Update<'a> {
    pub windows: &'a [Window],
    /// (chunks) start and length in words.
    pub chunks: Slice,
    /// (chunks) scratch.
    pub squares: Slice,
    /// (tensors) first chunk, chunks, flags, unused.
    pub tensors: Slice,
    /// (tensors, 4) scratch.
    pub updates: Slice,
    pub step: Slice,
    /// The step's sums; word 0 is the loss.
    pub sums: Slice,
    pub center: Slice,
    pub center_sum: Slice,
}

/// Adds clipping, AdamW, teacher average and centre to the plan.
pub fn update(plan: &mut Plan, params: UpdateParams, u: &Update) {
    let none = Constants::default;
    for w in u.windows {
        let (first_chunk, chunks) = (w.first_chunk as u32, w.chunks as u32);
        let params = UpdateParams { first_chunk, chunks, ..params };
        let bindings = [w.gradient, u.chunks, u.squares];
        let groups = [chunks, 1, 1];
        let constants = Constants(vec![("LANES", 64), ("GROUP", 64)]);
        plan.push("squared_norm", &SQUARED_NORM, constants, &bindings, &params, groups);
    }
    let bindings = [u.squares, u.tensors, u.step, u.sums, u.updates];
    plan.push("clip", &CLIP, none(), &bindings, &params, [params.tensors.div_ceil(64), 1, 1]);
    for w in u.windows {
        let params = UpdateParams { words: w.words as u32, ..params };
        let arenas = [w.student, w.gradient, w.first_moment, w.second_moment, w.teacher];
        let bindings = [&[w.blocks, u.updates, u.step], &arenas[..]].concat();
        let groups = grid((w.words / 4).div_ceil(64));
        plan.push("adamw", &ADAMW, none(), &bindings, &params, groups);
    }
    let bindings = [u.sums, u.center, u.center_sum];
    let groups = [params.prototypes.div_ceil(64), 1, 1];
    plan.push("center", &CENTER_UPDATE, none(), &bindings, &params, groups);
}

/// The step's scalars from their words in a binding.
fn step(words: &[f32]) -> Step {
    Step::from_words(&words.iter().map(|v| v.to_bits()).collect::<Vec<_>>())
}

fn word(value: f32) -> usize {
    value.to_bits() as usize
}

fn squared_norm_cpu(call: &mut Call) {
    let p: UpdateParams = call.params();
    let [gradient, chunks, squares] = call.bindings else { return };
    for index in p.first_chunk as usize..(p.first_chunk + p.chunks) as usize {
        let (start, words) = (word(chunks[2 * index]), word(chunks[2 * index + 1]));
        squares[index] = gradient[start..start + words].iter().map(|g| g * g).sum();
    }
}

fn clip_cpu(call: &mut Call) {
    let p: UpdateParams = call.params();
    let [squares, tensors, scalars, sums, updates] = call.bindings else { return };
    let s = step(scalars);
    for t in 0..p.tensors as usize {
        let (first, chunks) = (word(tensors[4 * t]), word(tensors[4 * t + 1]));
        let flags = tensors[4 * t + 2].to_bits();
        let sum: f32 = squares[first..first + chunks].iter().sum();
        let last = flags & LAST_LAYER != 0;
        let backbone = flags & BACKBONE != 0;
        let still = flags & FIXED != 0
            || (last && s.freeze_last_layer > 0.0)
            || (backbone && s.freeze_backbone > 0.0);
        let factor = if !sums[0].is_finite() {
            REFUSED
        } else if still || !sum.is_finite() {
            STILL
        } else if p.clip > 0.0 {
            (p.clip / (sum.sqrt() + 1e-6)).min(1.0)
        } else {
            1.0
        };
        updates[4 * t] = factor;
        updates[4 * t + 1] = if flags & DECAYED != 0 { s.weight_decay } else { 0.0 };
        (updates[4 * t + 2], updates[4 * t + 3]) = if last {
            (s.last_first_correction, s.last_second_correction)
        } else if backbone {
            (s.backbone_first_correction, s.backbone_second_correction)
        } else {
            (s.first_correction, s.second_correction)
        };
    }
}

fn adamw_cpu(call: &mut Call) {
    let p: UpdateParams = call.params();
    let [blocks, updates, scalars, student, gradient, first, second, teacher] = call.bindings
    else {
        return;
    };
    let s = step(scalars);
    for i in 0..p.words as usize {
        let t = 4 * word(blocks[i / 64]);
        let [factor, decay, correction1, correction2] =
            [updates[t], updates[t + 1], updates[t + 2], updates[t + 3]];
        if factor >= 0.0 {
            let g = gradient[i] * factor;
            student[i] *= 1.0 - s.lr * decay;
            first[i] = BETA1 * first[i] + REST1 * g;
            second[i] = BETA2 * second[i] + REST2 * g * g;
            let denominator = second[i].sqrt() / correction2.sqrt() + EPSILON;
            student[i] -= s.lr / correction1 * first[i] / denominator;
        }
        gradient[i] = 0.0;
        if factor != REFUSED {
            teacher[i] = s.momentum * teacher[i] + (1.0 - s.momentum) * student[i];
        }
    }
}

fn center_update_cpu(call: &mut Call) {
    let p: UpdateParams = call.params();
    let [sums, center, sum] = call.bindings else { return };
    let m = p.center_momentum;
    for k in 0..p.prototypes as usize {
        if sums[0].is_finite() {
            center[k] = m * center[k] + (1.0 - m) * sum[k] / p.center_rows;
        }
        sum[k] = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shader_has_the_constants_of_adamw() {
        for (name, value) in
            [("BETA1", BETA1), ("REST1", REST1), ("BETA2", BETA2), ("REST2", REST2)]
        {
            assert!(SOURCE.contains(&format!("const {name}: f32 = {value};")), "{name} = {value}");
        }
    }
}
