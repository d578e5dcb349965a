//! DINO's loss and its gradient (`shaders/dino_loss.wgsl`). Invariants: the loss uses the centre of
//! earlier steps; the centre's sum is of raw logits, before temperature.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::kernels::rows::shared;
use crate::kernels::step::Step;
use crate::params;

params! {
    /// Uniform of all three entry points. Fields as in `shaders/dino_loss.wgsl`.
    pub struct LossParams {
        pub images: u32,
        pub views: u32,
        pub prototypes: u32,
        pub stride: u32,
        pub student_temp: f32,
        pub weight: f32,
    }
}

const FILE: &str = "dino_loss.wgsl";
const SOURCE: &str = shader!("dino_loss.wgsl", "row_sum.wgsl", "step.wgsl");
/// Invocations that share a row of K logits: a whole workgroup.
const LANES: u32 = 256;

macro_rules! kernel {
    ($name:ident, $entry:literal, $bindings:expr, $cpu:ident) => {
        pub static $name: Kernel = Kernel {
            name: $entry,
            file: FILE,
            source: SOURCE,
            bindings: $bindings,
            params: LossParams::FIELDS,
            cpu: $cpu,
        };
    };
}

kernel!(
    TEACHER_PROBABILITY,
    "teacher_probability",
    &[Read, Read, Read, Write, Write],
    teacher_probability_cpu
);
kernel!(STUDENT_LOSS, "student_loss", &[Read, Read, Write, Write], student_loss_cpu);
kernel!(CENTER_SUM, "center_sum", &[Read, Write], center_sum_cpu);

/// Buffers of the loss; n = views · images.
pub struct Loss {
    /// (2 b, stride): the teacher's logits, before centring.
    pub teacher_logits: Slice,
    /// (n, stride): student logits, replaced by scale · dL/dlogits.
    pub student_logits: Slice,
    /// (K)
    pub center: Slice,
    /// (K) accumulated over micro-batches.
    pub center_sum: Slice,
    pub step: Slice,
    /// (2 b, stride)
    pub q: Slice,
    /// (2 b)
    pub entropy: Slice,
    /// (K) g / ‖v‖ of the student's last layer.
    pub scale: Slice,
    /// (n)
    pub row_loss: Slice,
}

/// Adds teacher probabilities, centre sum, loss and gradient to the plan.
pub fn loss(plan: &mut Plan, params: LossParams, l: &Loss) {
    let how = |rows: usize| {
        move |serial| {
            let (constants, groups) = shared(serial, LANES, LANES, rows);
            (constants, [groups as u32, 1, 1])
        }
    };
    let teachers = how(2 * params.images as usize);
    let bindings = [l.teacher_logits, l.center, l.step, l.q, l.entropy];
    plan.push_shared("teacher_probability", &TEACHER_PROBABILITY, teachers, &bindings, &params);
    let columns = [params.prototypes.div_ceil(64), 1, 1];
    let bindings = [l.teacher_logits, l.center_sum];
    plan.push("center_sum", &CENTER_SUM, Constants::default(), &bindings, &params, columns);
    let rows = (params.views * params.images) as usize;
    let bindings = [l.q, l.scale, l.student_logits, l.row_loss];
    plan.push_shared("student_loss", &STUDENT_LOSS, how(rows), &bindings, &params);
}

fn highest(row: impl Iterator<Item = f32>) -> f32 {
    row.fold(f32::NEG_INFINITY, f32::max)
}

fn teacher_probability_cpu(call: &mut Call) {
    let p: LossParams = call.params();
    let [logits, center, step, q, entropy] = call.bindings else { return };
    let step = Step::from_words(&step.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
    let (classes, stride) = (p.prototypes as usize, p.stride as usize);
    for row in 0..2 * p.images as usize {
        let z: Vec<f32> = (0..classes)
            .map(|k| (logits[row * stride + k] - center[k]) / step.teacher_temp)
            .collect();
        let top = highest(z.iter().copied());
        let sum: f32 = z.iter().map(|z| (z - top).exp()).sum();
        for (k, z) in z.iter().enumerate() {
            q[row * stride + k] = (z - top).exp() / sum;
        }
        let expected: f32 = z.iter().map(|z| (z - top).exp() / sum * (z - top)).sum();
        entropy[row] = sum.ln() - expected;
    }
}

fn student_loss_cpu(call: &mut Call) {
    let p: LossParams = call.params();
    let [q, scale, logits, row_loss] = call.bindings else { return };
    let (classes, stride, images) = (p.prototypes as usize, p.stride as usize, p.images as usize);
    for row in 0..p.views as usize * images {
        let (view, image) = (row / images, row % images);
        let z: Vec<f32> = (0..classes).map(|k| logits[row * stride + k] / p.student_temp).collect();
        let top = highest(z.iter().copied());
        let lse = top + z.iter().map(|z| (z - top).exp()).sum::<f32>().ln();
        let teachers: Vec<usize> =
            (0..2).filter(|u| *u != view).map(|u| (u * images + image) * stride).collect();
        let target = |k: usize| -> f32 { teachers.iter().map(|t| q[t + k]).sum() };
        let mass: f32 = (0..classes).map(target).sum();
        row_loss[row] = p.weight * (0..classes).map(|k| target(k) * (lse - z[k])).sum::<f32>();
        for (k, z) in z.iter().enumerate() {
            let gradient = p.weight / p.student_temp * ((z - lse).exp() * mass - target(k));
            logits[row * stride + k] = gradient * scale[k];
        }
        logits[row * stride + classes..(row + 1) * stride].fill(0.0);
    }
}

fn center_sum_cpu(call: &mut Call) {
    let p: LossParams = call.params();
    let [logits, sum] = call.bindings else { return };
    for (k, sum) in sum.iter_mut().enumerate().take(p.prototypes as usize) {
        for row in 0..2 * p.images as usize {
            *sum += logits[row * p.stride as usize + k];
        }
    }
}
