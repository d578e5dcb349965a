//! Metrics of a step that people see (`shaders/metrics.wgsl`). Invariant: cross-entropy = entropy + KL, so KL is
//! loss − entropy: each teacher row takes part in equally many pairs.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::kernels::rows::alone;
use crate::params;
use dino_core::eval::metrics::Column;

params! {
    /// Uniform of both entry points. Fields as in `shaders/metrics.wgsl`.
    pub struct MetricsParams {
        pub loss_rows: u32,
        pub teacher_rows: u32,
        pub width: u32,
        pub samples: f32,
        pub prototypes: u32,
    }
}

/// First word of the feature moments in the buffer of sums.
pub const MOMENTS: usize = 64;
/// The record that is read back, word by word.
pub const RECORD: [Column; 5] =
    [Column::Loss, Column::Entropy, Column::Kl, Column::FeatureStd, Column::CenterNorm];

const FILE: &str = "metrics.wgsl";
const SOURCE: &str = shader!("metrics.wgsl", "row_sum.wgsl");

pub static ACCUMULATE_METRICS: Kernel = Kernel {
    name: "accumulate_metrics",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Read, Read, Write],
    params: MetricsParams::FIELDS,
    cpu: accumulate_cpu,
};

pub static FINISH_METRICS: Kernel = Kernel {
    name: "finish_metrics",
    file: FILE,
    source: SOURCE,
    bindings: &[Read, Write, Write],
    params: MetricsParams::FIELDS,
    cpu: finish_cpu,
};

/// Adds a micro-batch's losses (rows), entropies (rows) and normalised features to `sums`.
pub fn accumulate(
    plan: &mut Plan,
    params: MetricsParams,
    [loss, entropy, features, sums]: [Slice; 4],
) {
    let bindings = [loss, entropy, features, sums];
    plan.push("metrics", &ACCUMULATE_METRICS, Constants::default(), &bindings, &params, [1, 1, 1]);
}

/// Writes the step's record and zeroes `sums`.
pub fn finish(plan: &mut Plan, params: MetricsParams, [center, sums, record]: [Slice; 3]) {
    let bindings = [center, sums, record];
    let how = |serial| (alone(serial), [1, 1, 1]);
    plan.push_shared("metrics", &FINISH_METRICS, how, &bindings, &params);
}

fn accumulate_cpu(call: &mut Call) {
    let p: MetricsParams = call.params();
    let width = p.width as usize;
    let [loss, entropy, features, sums] = call.bindings else { return };
    for row in 0..p.teacher_rows as usize {
        for i in 0..width {
            let f = features[row * width + i];
            sums[MOMENTS + i] += f;
            sums[MOMENTS + width + i] += f * f;
        }
    }
    sums[0] += loss[..p.loss_rows as usize].iter().sum::<f32>();
    sums[1] += entropy[..p.teacher_rows as usize].iter().sum::<f32>();
}

fn finish_cpu(call: &mut Call) {
    let p: MetricsParams = call.params();
    let width = p.width as usize;
    let [center, sums, record] = call.bindings else { return };
    let mut std = 0.0;
    for i in 0..width {
        let mean = sums[MOMENTS + i] / p.samples;
        let squares = sums[MOMENTS + width + i];
        let variance = (squares - p.samples * mean * mean) / (p.samples - 1.0).max(1.0);
        std += variance.max(0.0).sqrt() / width as f32;
    }
    let (loss, entropy) = (sums[0], sums[1] / p.samples);
    let norm = center[..p.prototypes as usize].iter().map(|c| c * c).sum::<f32>().sqrt();
    record[..RECORD.len()].copy_from_slice(&[loss, entropy, loss - entropy, std, norm]);
    sums[..2].fill(0.0);
    sums[MOMENTS..MOMENTS + 2 * width].fill(0.0);
}
