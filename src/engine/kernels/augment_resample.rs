//! Pillow's antialiased bicubic: its weights (`shaders/augment_weights.wgsl`) and the two passes that apply them
//! (`shaders/augment_resample.wgsl`). Invariant: sums are of integers, and each pass rounds to 8 bit, as in
//! Pillow.

use crate::gpu::kernel::{Access, Call, Kernel};
use crate::gpu::params::Params;
use crate::kernels::augment::{AugmentParams, bits, channels, pixel};

/// Weights of both axes of every crop: `crops`, `weights`.
pub static AUGMENT_WEIGHTS: Kernel = Kernel {
    name: "augment_weights",
    file: "augment_weights.wgsl",
    source: shader!("augment_weights.wgsl", "augment_common.wgsl"),
    bindings: &[Access::Read, Access::Write],
    params: AugmentParams::FIELDS,
    cpu: augment_weights,
};

/// Resizes every row of a crop's box to the crop's width: `crops`, `pictures`, `weights`, `rows`.
pub static AUGMENT_ACROSS: Kernel = Kernel {
    name: "augment_across",
    file: "augment_resample.wgsl",
    source: shader!("augment_resample.wgsl", "augment_common.wgsl"),
    bindings: &[Access::Read, Access::Read, Access::Read, Access::Write],
    params: AugmentParams::FIELDS,
    cpu: augment_across,
};

/// Resizes every column to the crop's height: `crops`, `rows`, `weights`, `pixels`.
pub static AUGMENT_DOWN: Kernel = Kernel {
    name: "augment_down",
    file: "augment_resample.wgsl",
    source: shader!("augment_resample.wgsl", "augment_common.wgsl"),
    bindings: &[Access::Read, Access::Read, Access::Read, Access::Write],
    params: AugmentParams::FIELDS,
    cpu: augment_down,
};

fn bicubic(distance: f32) -> f32 {
    match distance.abs() {
        x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
        x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5,
        _ => 0.0,
    }
}

fn augment_weights(call: &mut Call) {
    for crop in call.params::<AugmentParams>().drawn(&call.bindings[0]) {
        for i in 0..2 * crop.size {
            let at = (i % crop.size) as i32;
            let input = if i < crop.size { crop.width } else { crop.height } as i32;
            let output = crop.size as i32;
            let center = (2 * at + 1) * input;
            let reach = input.max(output);
            let first = (center - 4 * reach + output).max(0) / (2 * output);
            let last = ((center + 4 * reach + output) / (2 * output)).min(input);
            let count = (last - first).min(crop.taps as i32);
            let weights: Vec<f32> = (first..first + count)
                .map(|j| bicubic(((2 * j + 1) * output - center) as f32 / (2 * reach) as f32))
                .collect();
            let sum: f32 = weights.iter().sum();
            let base = (crop.weights + i * (crop.taps + 2)) as usize;
            let target = &mut call.bindings[1][base..];
            target[0] = f32::from_bits(first as u32);
            target[1] = f32::from_bits(count as u32);
            for (target, weight) in target[2..].iter_mut().zip(weights) {
                let fixed = (weight / sum * 4_194_304.0).round() as i32;
                *target = f32::from_bits(fixed as u32);
            }
        }
    }
}

/// The weighted sum of the words at `start`, `start + step` …, by the weights at `weight`.
fn resample(input: &[u32], start: usize, step: usize, weights: &[u32], weight: usize) -> u32 {
    let mut sum = [1 << 21; 3];
    let first = weights[weight] as usize;
    for k in 0..weights[weight + 1] as usize {
        let color = channels(input[start + (first + k) * step]);
        for (sum, value) in sum.iter_mut().zip(color) {
            *sum += weights[weight + 2 + k] as i32 * value as i32;
        }
    }
    pixel(sum.map(|sum: i32| (sum >> 22).clamp(0, 255) as u32))
}

fn augment_across(call: &mut Call) {
    let (pictures, weights) = (bits(&call.bindings[1]), bits(&call.bindings[2]));
    for crop in call.params::<AugmentParams>().drawn(&call.bindings[0]) {
        for i in 0..crop.height * crop.size {
            let row = crop.top + i / crop.size;
            let start = (crop.picture + row * crop.picture_width + crop.left) as usize;
            let weight = (crop.weights + i % crop.size * (crop.taps + 2)) as usize;
            let word = resample(&pictures, start, 1, &weights, weight);
            call.bindings[3][(crop.rows + i) as usize] = f32::from_bits(word);
        }
    }
}

fn augment_down(call: &mut Call) {
    let (rows, weights) = (bits(&call.bindings[1]), bits(&call.bindings[2]));
    for crop in call.params::<AugmentParams>().drawn(&call.bindings[0]) {
        let size = crop.size;
        for i in 0..size * size {
            let (x, y) = (i % size, i / size);
            let weight = (crop.weights + (size + y) * (crop.taps + 2)) as usize;
            let word = resample(&rows, (crop.rows + x) as usize, size as usize, &weights, weight);
            let mirrored = if crop.flip == 0 { x } else { size - 1 - x };
            call.bindings[3][(crop.pixels + y * size + mirrored) as usize] = f32::from_bits(word);
        }
    }
}
