//! Time of a line on an adapter, predicted from what it computes and binds. Invariant: nothing is measured here.
//!
//! A product takes the time of its multiply-adds plus [`PRODUCTS`] times that of a copy of all that it binds;
//! attention takes the longer of its multiply-adds and that copy; any other line takes that copy times the factor
//! that was measured for its kernel.

use crate::gpu::device::Gpu;
use crate::gpu::plan::Dispatch;
use crate::kernels::gemm::Shape;
use crate::tune::calibration::Calibration;

/// Time of a kernel as a multiple of the time of a copy of all that it binds: on GPUs and lavapipe, and on
/// SwiftShader, where every load of four values costs. Measured by `bench kernels spark` with both; kernels that are
/// not named take [`OTHERS`].
const WEIGHTS: [(&str, [f64; 2]); 14] = [
    ("augment_weights", [2.0, 2.5]),
    ("augment_across", [5.0, 7.0]),
    ("augment_down", [4.0, 5.0]),
    // Few bytes, much arithmetic.
    ("augment_color", [60.0, 300.0]),
    ("augment_blur", [5.0, 16.0]),
    ("augment_patches", [4.0, 3.0]),
    ("layer_norm", [2.0, 3.0]),
    ("layer_norm_backward", [2.5, 3.0]),
    ("teacher_probability", [15.0, 20.0]),
    ("student_loss", [15.0, 20.0]),
    ("squared_norm", [1.8, 5.0]),
    ("adamw", [2.2, 2.2]),
    ("weight_norm", [1.0, 1.0]),
    ("weight_norm_backward", [1.5, 2.5]),
];
const OTHERS: [f64; 2] = [3.0, 2.5];
/// The same multiple for products, in addition to the time of their multiply-adds.
const PRODUCTS: [f64; 2] = [1.5, 1.3];

/// Rate of attention's backward pass over that of its forward pass: it does more with what it loads.
const BACKWARD: f64 = 1.8;

/// Seconds of a line.
pub fn line_seconds(gpu: &Gpu, c: &Calibration, line: &Dispatch) -> f64 {
    let bytes: usize = line.bindings.iter().map(|slice| 4 * slice.len).sum();
    let (copied, macs) = (bytes as f64 / c.bytes, line.macs as f64);
    let adapter = usize::from(gpu.prefers_loops());
    if Shape::of(line).is_some() {
        return c.line + macs / c.product + PRODUCTS[adapter] * copied;
    }
    let name = line.kernel.name;
    if name.starts_with("attention") {
        let forward = ["attention", "attention_shared"].contains(&name);
        let rate = if forward { c.attention } else { BACKWARD * c.attention };
        return c.line + (macs / rate).max(copied);
    }
    let weights = WEIGHTS.iter().find(|(kernel, _)| *kernel == name).map_or(OTHERS, |(_, w)| *w);
    c.line + weights[adapter] * copied
}
