//! Patch rows of crops, solarized and normalised (`shaders/augment_patches.wgsl`). Invariant: every crop begins
//! with a row of zeros for CLS; its patches follow row-major, each ordered (channel, y, x).

use crate::gpu::kernel::{Access, Call, Kernel};
use crate::gpu::params::Params;
use crate::kernels::augment::{AugmentParams, channels, pixel};
use dino_core::data::preprocess::{DEVIATION, MEAN};

/// `crops`, `pixels` (solarized in place), `patches`.
pub static AUGMENT_PATCHES: Kernel = Kernel {
    name: "augment_patches",
    file: "augment_patches.wgsl",
    source: shader!("augment_patches.wgsl", "augment_common.wgsl"),
    bindings: &[Access::Read, Access::Write, Access::Write],
    params: AugmentParams::FIELDS,
    cpu: augment_patches,
};

fn augment_patches(call: &mut Call) {
    let params: AugmentParams = call.params();
    let patch = params.patch_size as usize;
    let plane = patch * patch;
    for crop in params.drawn(&call.bindings[0]) {
        let size = crop.size as usize;
        let cls = crop.token as usize * 3 * plane;
        call.bindings[2][cls..cls + 3 * plane].fill(0.0);
        for i in 0..size * size {
            let word = crop.pixels as usize + i;
            let mut color = channels(call.bindings[1][word].to_bits());
            if crop.solarize != 0 {
                color = color.map(|v| if v < 128 { v } else { 255 - v });
                call.bindings[1][word] = f32::from_bits(pixel(color));
            }
            let (x, y) = (i % size, i / size);
            let token = 1 + y / patch * (size / patch) + x / patch;
            let at = cls + token * 3 * plane + y % patch * patch + x % patch;
            for c in 0..3 {
                let value = (color[c] as f32 / 255.0 - MEAN[c]) / DEVIATION[c];
                call.bindings[2][at + c * plane] = value;
            }
        }
    }
}
