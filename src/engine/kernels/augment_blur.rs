//! Pillow's GaussianBlur along one axis: three extended box blurs, each rounded to 8 bit
//! (`shaders/augment_blur.wgsl`). Invariant: no pixel of a crop without blur is written.

use crate::gpu::kernel::{Access, Call, Kernel};
use crate::gpu::params::Params;
use crate::kernels::augment::{AugmentParams, CropWords, bits, channels, pixel};

/// `crops`, pixels read, pixels written; `AXIS` 0 blurs rows, 1 columns. A crop without blur is not written: two
/// runs, there and back, leave it in the first buffer.
pub static AUGMENT_BLUR: Kernel = Kernel {
    name: "augment_blur",
    file: "augment_blur.wgsl",
    source: shader!("augment_blur.wgsl", "augment_common.wgsl"),
    bindings: &[Access::Read, Access::Read, Access::Write],
    params: AugmentParams::FIELDS,
    cpu: augment_blur,
};

/// One box blur of a line; the pixels just outside of the whole radius weigh `box_edge`.
fn box_blur(line: &[[u32; 3]], crop: &CropWords) -> Vec<[u32; 3]> {
    let at = |i: isize| line[i.clamp(0, line.len() as isize - 1) as usize];
    let radius = crop.box_radius as isize;
    let one = |i: isize, c: usize| {
        let sum: u32 = (i - radius..=i + radius).map(|j| at(j)[c]).sum();
        let edges = at(i - radius - 1)[c] + at(i + radius + 1)[c];
        (sum * crop.box_weight + edges * crop.box_edge + (1 << 23)) >> 24
    };
    (0..line.len() as isize).map(|i| [one(i, 0), one(i, 1), one(i, 2)]).collect()
}

fn augment_blur(call: &mut Call) {
    let down = call.constants.get("AXIS") == Some(1);
    let input = bits(&call.bindings[1]);
    for crop in call.params::<AugmentParams>().drawn(&call.bindings[0]) {
        if crop.box_weight == 0 {
            continue;
        }
        let size = crop.size as usize;
        for n in 0..size {
            let index =
                |k: usize| crop.pixels as usize + if down { k * size + n } else { n * size + k };
            let mut line: Vec<_> = (0..size).map(|k| channels(input[index(k)])).collect();
            for _ in 0..3 {
                line = box_blur(&line, &crop);
            }
            for (k, color) in line.into_iter().enumerate() {
                call.bindings[2][index(k)] = f32::from_bits(pixel(color));
            }
        }
    }
}
