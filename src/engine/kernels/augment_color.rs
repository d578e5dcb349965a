//! Colour jitter in the crop's own order, then greyscale (`shaders/augment_color.wgsl`). Invariant: a pixel is 8
//! bit a channel after every operation, as in Pillow.

use crate::gpu::kernel::{Access, Call, Kernel};
use crate::gpu::params::Params;
use crate::kernels::augment::{AugmentParams, CropWords, channels, pixel};

/// `crops`, `pixels` (changed in place).
pub static AUGMENT_COLOR: Kernel = Kernel {
    name: "augment_color",
    file: "augment_color.wgsl",
    source: shader!("augment_color.wgsl", "augment_common.wgsl"),
    bindings: &[Access::Read, Access::Write],
    params: AugmentParams::FIELDS,
    cpu: augment_color,
};

type Color = [u32; 3];

fn luma([red, green, blue]: Color) -> u32 {
    (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
}

fn blend(base: f32, factor: f32, color: Color) -> Color {
    color.map(|v| (base + factor * (v as f32 - base)).clamp(0.0, 255.0) as u32)
}

/// To 8-bit HSV, `shift` added to H modulo 256, and back.
fn turn(color: Color, shift: u32) -> Color {
    let [red, green, blue] = color.map(|v| v as i32);
    let value = red.max(green).max(blue);
    let chroma = value - red.min(green).min(blue);
    let hue = if chroma == 0 {
        0
    } else {
        let sixths = match value {
            v if v == red => green - blue,
            v if v == green => 2 * chroma + blue - red,
            _ => 4 * chroma + red - green,
        };
        (sixths + 6 * chroma) % (6 * chroma) * 255 / (6 * chroma)
    };
    let saturation = chroma * 255 / value.max(1);
    let hue = (hue + shift as i32) & 255;
    let (sector, part) = (hue * 6 / 255, hue * 6 % 255);
    let p = (2 * value * (255 - saturation) + 255) / 510;
    let q = (2 * value * (65025 - saturation * part) + 65025) / 130_050;
    let t = (2 * value * (65025 - saturation * (255 - part)) + 65025) / 130_050;
    match sector % 6 {
        0 => [value, t, p],
        1 => [q, value, p],
        2 => [p, value, t],
        3 => [p, q, value],
        4 => [t, p, value],
        _ => [value, p, q],
    }
    .map(|v| v as u32)
}

fn apply(op: u32, color: Color, crop: &CropWords, mean: f32) -> Color {
    match op {
        1 => blend(0.0, crop.brightness, color),
        2 => blend(mean, crop.contrast, color),
        3 => blend(luma(color) as f32, crop.saturation, color),
        4 => turn(color, crop.hue),
        _ => color,
    }
}

fn augment_color(call: &mut Call) {
    for crop in call.params::<AugmentParams>().drawn(&call.bindings[0]) {
        let start = crop.pixels as usize;
        let pixels = &mut call.bindings[1][start..start + (crop.size * crop.size) as usize];
        let mut colors: Vec<Color> = pixels.iter().map(|v| channels(v.to_bits())).collect();
        for op in (0..4).map(|k| crop.order >> (4 * k) & 15) {
            let sum: u32 = colors.iter().map(|c| luma(*c)).sum();
            let area = crop.size * crop.size;
            let mean = ((2 * sum + area) / (2 * area)) as f32;
            for color in &mut colors {
                *color = apply(op, *color, &crop, mean);
            }
        }
        for (word, color) in pixels.iter_mut().zip(colors) {
            let color = if crop.grayscale == 0 { color } else { [luma(color); 3] };
            *word = f32::from_bits(pixel(color));
        }
    }
}
