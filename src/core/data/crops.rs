//! Random crops: box, flip, colours, blur and solarize of each, by the rules of DINO's multi-crop augmentation.
//! Pure; the device makes the pixels. Invariant: a draw depends on (seed, step, index of the image in the
//! batch, crop) and the image's size alone, so splitting a batch changes nothing.

use crate::data::picture::Picture;
use crate::rng::{Rng, stream};
use crate::run::config::CropConfig;

/// Which row of the augmentation table a crop follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CropKind {
    /// Always blurred, never solarized.
    Global1,
    /// Seldom blurred, sometimes solarized.
    Global2,
    /// Small; blurred half of the time.
    Local,
}

/// One operation of the colour jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Brightness = 1,
    Contrast = 2,
    Saturation = 3,
    Hue = 4,
}

/// A colour jitter: the operations in their order and their factors; 1 (hue: 0) changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Jitter {
    /// At most one of each.
    pub order: Vec<Op>,
    pub brightness: f64,
    pub contrast: f64,
    pub saturation: f64,
    /// Turns of the colour circle, −0.5 to 0.5.
    pub hue: f64,
}

/// Everything random about one crop.
#[derive(Debug, Clone, PartialEq)]
pub struct CropDraw {
    pub kind: CropKind,
    /// Box in the image: top, left, height, width in pixels.
    pub frame: [usize; 4],
    /// Side of the crop after resampling, in pixels.
    pub size: usize,
    pub flip: bool,
    pub jitter: Option<Jitter>,
    pub grayscale: bool,
    /// Standard deviation of the blur in pixels of the crop.
    pub blur_sigma: Option<f64>,
    pub solarize: bool,
}

/// One augmented view of an image, for showing.
#[derive(Debug, Clone, PartialEq)]
pub struct CropView {
    /// "global 1", "global 2", "local 1" …
    pub name: String,
    pub picture: Picture,
    /// Crop box in the original: left, top, width, height.
    pub frame: [usize; 4],
    /// All that was drawn.
    pub draw: CropDraw,
}

/// Smallest standard deviation of a blur in pixels, where a larger one is allowed.
const LEAST_BLUR: f64 = 0.1;

/// Draws crop `crop` (0 and 1 global, then locals) of image `image` of the batch at `step`, for a
/// image of `picture` = (width, height) pixels.
pub fn draw(
    config: &CropConfig,
    seed: u64,
    step: u64,
    image: u32,
    picture: (usize, usize),
    crop: usize,
) -> CropDraw {
    let mut rng = Rng::new(seed, step, image, stream::CROP + crop as u32);
    let kind = match crop {
        0 => CropKind::Global1,
        1 => CropKind::Global2,
        _ => CropKind::Local,
    };
    let (size, scale, blur, solarize) = match kind {
        CropKind::Global1 => (config.global_size, config.global_scale, 1.0, 0.0),
        CropKind::Global2 => (config.global_size, config.global_scale, 0.1, 0.2),
        CropKind::Local => (config.local_size, config.local_scale, 0.5, 0.0),
    };
    CropDraw {
        kind,
        frame: random_frame(&mut rng, picture, scale),
        size,
        flip: rng.chance(0.5),
        jitter: rng.chance(0.8).then(|| random_jitter(&mut rng, config.jitter)),
        grayscale: rng.chance(0.2),
        blur_sigma: rng
            .chance(blur)
            .then(|| rng.range(LEAST_BLUR.min(config.blur), config.blur))
            .filter(|sigma| *sigma > 0.0),
        solarize: rng.chance(solarize),
    }
}

/// Draws all crops of a (micro-)batch in the order of their rows: the first crop of every image,
/// then the second … `first_image` is the index of the first image in the whole batch.
pub fn draw_batch(
    config: &CropConfig,
    seed: u64,
    step: u64,
    first_image: u32,
    pictures: &[(usize, usize)],
) -> Vec<CropDraw> {
    (0..2 + config.n_local)
        .flat_map(|crop| (first_image..).zip(pictures).map(move |(image, p)| (image, *p, crop)))
        .map(|(image, picture, crop)| draw(config, seed, step, image, picture, crop))
        .collect()
}

/// A box of random area and aspect ratio inside the image; after ten misses the central one.
fn random_frame(rng: &mut Rng, picture: (usize, usize), scale: [f64; 2]) -> [usize; 4] {
    const ASPECT: [f64; 2] = [3.0 / 4.0, 4.0 / 3.0];
    let (width, height) = (picture.0.max(1), picture.1.max(1));
    for _ in 0..10 {
        let area = (width * height) as f64 * rng.range(scale[0], scale[1]);
        let aspect = rng.range(ASPECT[0].ln(), ASPECT[1].ln()).exp();
        let w = (area * aspect).sqrt().round_ties_even() as usize;
        let h = (area / aspect).sqrt().round_ties_even() as usize;
        if (1..=width).contains(&w) && (1..=height).contains(&h) {
            return [rng.below(height - h + 1), rng.below(width - w + 1), h, w];
        }
    }
    let found = width as f64 / height as f64;
    let (w, h) = if found < ASPECT[0] {
        (width, (width as f64 / ASPECT[0]).round_ties_even() as usize)
    } else if found > ASPECT[1] {
        ((height as f64 * ASPECT[1]).round_ties_even() as usize, height)
    } else {
        (width, height)
    };
    let (w, h) = (w.clamp(1, width), h.clamp(1, height));
    [(height - h) / 2, (width - w) / 2, h, w]
}

/// At strength 1 the paper's.
fn random_jitter(rng: &mut Rng, strength: f64) -> Jitter {
    let mut order = vec![Op::Brightness, Op::Contrast, Op::Saturation, Op::Hue];
    for last in (1..order.len()).rev() {
        order.swap(last, rng.below(last + 1));
    }
    Jitter {
        order,
        brightness: rng.range(1.0 - 0.4 * strength, 1.0 + 0.4 * strength),
        contrast: rng.range(1.0 - 0.4 * strength, 1.0 + 0.4 * strength),
        saturation: rng.range(1.0 - 0.2 * strength, 1.0 + 0.2 * strength),
        hue: rng.range(-0.1 * strength, 0.1 * strength),
    }
}
