//! L2 normalisation of rows and weight norm (`shaders/normalize.wgsl`). Invariant: the normalised
//! last layer is never stored; its scale g/‖v‖ is applied to columns of the logits and to their
//! gradient.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::Params;
use crate::gpu::plan::{Plan, Slice};
use crate::kernels::rows::shared;
use crate::params;

params! {
    /// Uniform of all four entry points. Fields as in `shaders/normalize.wgsl`.
    pub struct NormalizeParams {
        pub rows: u32,
        pub width: u32,
        pub stride: u32,
        pub trainable: u32,
    }
}

const FILE: &str = "normalize.wgsl";
const SOURCE: &str = shader!("normalize.wgsl", "row_sum.wgsl");
/// Invocations that share a row, and invocations of a workgroup.
const LANES: u32 = 16;
const GROUP: u32 = 64;
const EPSILON: f32 = 1e-12;

macro_rules! kernel {
    ($name:ident, $entry:literal, $bindings:expr, $cpu:ident) => {
        pub static $name: Kernel = Kernel {
            name: $entry,
            file: FILE,
            source: SOURCE,
            bindings: $bindings,
            params: NormalizeParams::FIELDS,
            cpu: $cpu,
        };
    };
}

kernel!(L2_NORMALIZE, "l2_normalize", &[Read, Write, Write], l2_normalize_cpu);
kernel!(
    L2_NORMALIZE_BACKWARD,
    "l2_normalize_backward",
    &[Read, Read, Read, Write],
    l2_normalize_backward_cpu
);
kernel!(WEIGHT_NORM, "weight_norm", &[Read, Read, Write], weight_norm_cpu);
kernel!(
    WEIGHT_NORM_BACKWARD,
    "weight_norm_backward",
    &[Read, Read, Write, Write],
    weight_norm_backward_cpu
);

/// Rows of a padded matrix.
#[derive(Debug, Clone, Copy)]
pub struct RowShape {
    pub rows: usize,
    pub width: usize,
    /// Words from row to row; values beyond `width` are zero.
    pub stride: usize,
}

fn push(
    plan: &mut Plan,
    name: &str,
    kernel: &'static Kernel,
    bindings: &[Slice],
    s: RowShape,
    trainable: bool,
) {
    let params = NormalizeParams {
        rows: s.rows as u32,
        width: s.width as u32,
        stride: s.stride as u32,
        trainable: u32::from(trainable),
    };
    let how = |serial| {
        let (constants, groups) = shared(serial, LANES, GROUP, s.rows);
        (constants, grid(groups))
    };
    plan.push_shared(name, kernel, how, bindings, &params);
}

/// `y = x / max(‖x‖, 1e-12)`; inverse (rows) is kept for the backward pass.
pub fn l2_normalize(plan: &mut Plan, name: &str, s: RowShape, [x, y, inverse]: [Slice; 3]) {
    push(plan, name, &L2_NORMALIZE, &[x, y, inverse], s, false);
}

/// `d_x = (d_y − y (y·d_y)) / ‖x‖`.
pub fn l2_normalize_backward(
    plan: &mut Plan,
    name: &str,
    s: RowShape,
    [y, inverse, d_y, d_x]: [Slice; 4],
) {
    push(plan, name, &L2_NORMALIZE_BACKWARD, &[y, inverse, d_y, d_x], s, false);
}

/// `scale_k = g_k / ‖v_k‖`.
pub fn weight_norm(plan: &mut Plan, name: &str, s: RowShape, [v, g, scale]: [Slice; 3]) {
    push(plan, name, &WEIGHT_NORM, &[v, g, scale], s, false);
}

/// Turns `scale · dL/dw` in `d_v` into dL/dv, in place, and writes dL/dg where `g` is trained.
pub fn weight_norm_backward(
    plan: &mut Plan,
    name: &str,
    s: RowShape,
    [v, scale, d_v, d_g]: [Slice; 4],
    trainable: bool,
) {
    push(plan, name, &WEIGHT_NORM_BACKWARD, &[v, scale, d_v, d_g], s, trainable);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn l2_normalize_cpu(call: &mut Call) {
    let p: NormalizeParams = call.params();
    let stride = p.stride as usize;
    let [x, y, inverse] = call.bindings else { return };
    for row in 0..p.rows as usize {
        let x = &x[row * stride..][..stride];
        inverse[row] = 1.0 / dot(x, x).sqrt().max(EPSILON);
        for (y, x) in y[row * stride..].iter_mut().zip(x) {
            *y = x * inverse[row];
        }
    }
}

fn l2_normalize_backward_cpu(call: &mut Call) {
    let p: NormalizeParams = call.params();
    let stride = p.stride as usize;
    let [y, inverse, d_y, d_x] = call.bindings else { return };
    for row in 0..p.rows as usize {
        let (y, d_y) = (&y[row * stride..][..stride], &d_y[row * stride..][..stride]);
        let along = dot(y, d_y);
        for i in 0..stride {
            d_x[row * stride + i] = (d_y[i] - y[i] * along) * inverse[row];
        }
    }
}

fn weight_norm_cpu(call: &mut Call) {
    let p: NormalizeParams = call.params();
    let stride = p.stride as usize;
    let [v, g, scale] = call.bindings else { return };
    for row in 0..p.rows as usize {
        let v = &v[row * stride..][..stride];
        scale[row] = g[row] / dot(v, v).sqrt();
    }
}

fn weight_norm_backward_cpu(call: &mut Call) {
    let p: NormalizeParams = call.params();
    let stride = p.stride as usize;
    let [v, scale, d_v, d_g] = call.bindings else { return };
    for row in 0..p.rows as usize {
        let (v, d) = (&v[row * stride..][..stride], &mut d_v[row * stride..][..stride]);
        let inverse = 1.0 / dot(v, v).sqrt();
        let along = dot(v, d) * inverse;
        for (d, v) in d.iter_mut().zip(v) {
            *d -= v * inverse * along;
        }
        if p.trainable == 1 {
            d_g[row] = along / scale[row];
        }
    }
}
