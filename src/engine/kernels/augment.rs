//! Augmentation uniform, the words of a crop, and Pillow's numbers for the box blur, which the augmentation's
//! shaders share. Invariant: [`CropWords`] has the fields of the struct in `shaders/augment_common.wgsl`, in the
//! same order.

use crate::gpu::params::Params;
use crate::params;

/// Longest side of a crop in pixels: a workgroup of the blur holds this many words.
pub const LINE_WORDS: usize = 1024;

params! {
    /// Uniform of all entry points of the augmentation: the numbers of crops in the two groups, the workgroups
    /// ("tiles") of each crop of a group, and the side of a patch.
    pub struct AugmentParams {
        pub globals: u32,
        pub global_tiles: u32,
        pub locals: u32,
        pub local_tiles: u32,
        pub patch_size: u32,
    }
}

params! {
    /// One crop; an element of the storage array `crops`, not a uniform. `top`, `left`, `height` and `width` are the
    /// crop's box in its image; `flip`, `grayscale` and `solarize` are 0 or 1.
    pub struct CropWords {
        /// Side in pixels.
        pub size: u32,
        /// Most source pixels that weigh in one pixel.
        pub taps: u32,
        /// First words in `weights`, `rows` and `pixels`, first row in `patches`.
        pub weights: u32,
        pub rows: u32,
        pub pixels: u32,
        pub token: u32,
        /// First word of its image, and that image's width.
        pub picture: u32,
        pub picture_width: u32,
        pub top: u32,
        pub left: u32,
        pub height: u32,
        pub width: u32,
        pub flip: u32,
        /// Jitter operations, four bits each, the first in the lowest bits; 0 ends the list.
        pub order: u32,
        pub brightness: f32,
        pub contrast: f32,
        pub saturation: f32,
        /// Added to an 8-bit hue.
        pub hue: u32,
        pub grayscale: u32,
        /// Box blur: whole radius, weight of the inner pixels and of the two outermost, times 2²⁴. A
        /// `box_weight` of 0 means no blur.
        pub box_radius: u32,
        pub box_weight: u32,
        pub box_edge: u32,
        pub solarize: u32,
    }
}

impl AugmentParams {
    /// The crops behind the binding `crops`.
    pub(crate) fn drawn(&self, crops: &[f32]) -> Vec<CropWords> {
        bits(crops)
            .chunks_exact(CropWords::FIELDS.len())
            .take((self.globals + self.locals) as usize)
            .map(CropWords::from_words)
            .collect()
    }
}

/// Extended box blur whose three passes come closest to a Gaussian of `sigma`, in Pillow's single
/// precision: whole radius, inner weight and edge weight times 2²⁴. All zero for a sigma of 0.
pub fn box_blur(sigma: f32) -> (u32, u32, u32) {
    let variance = sigma * sigma / 3.0;
    let length = (12.0 * variance + 1.0).sqrt();
    let whole = ((length - 1.0) / 2.0).floor();
    let next = (whole + 1.0) * (whole + 1.0);
    let fraction =
        (2.0 * whole + 1.0) * (whole * (whole + 1.0) - 3.0 * variance) / (6.0 * (variance - next));
    let radius = whole + fraction;
    if radius.is_nan() || radius <= 0.0 {
        return (0, 0, 0);
    }
    let whole = radius as u32;
    let weight = (16_777_216.0 / (radius * 2.0 + 1.0)) as u32;
    (whole, weight, 16_777_216_u32.saturating_sub((2 * whole + 1) * weight) / 2)
}

/// The words behind a binding of `u32` or `i32`.
pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// Red, green, blue of a word.
pub(crate) fn channels(word: u32) -> [u32; 3] {
    [word & 255, word >> 8 & 255, word >> 16 & 255]
}

/// An opaque pixel.
pub(crate) fn pixel([red, green, blue]: [u32; 3]) -> u32 {
    255 << 24 | blue << 16 | green << 8 | red
}
