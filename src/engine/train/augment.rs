//! Augmentation as seven lines of a plan, whatever the number of crops, and the words to upload for it.
//! Invariant: every buffer stays within WebGPU's default binding limit of 128 MiB, or planning fails with the
//! largest batch that would fit.

use crate::gpu::kernel::grid;
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Phase, Plan, Slice};
use crate::kernels::augment::{AugmentParams, CropWords, LINE_WORDS, box_blur};
use crate::kernels::augment_blur::AUGMENT_BLUR;
use crate::kernels::augment_color::AUGMENT_COLOR;
use crate::kernels::augment_patches::AUGMENT_PATCHES;
use crate::kernels::augment_resample::{AUGMENT_ACROSS, AUGMENT_DOWN, AUGMENT_WEIGHTS};
use dino_core::data::crops::CropDraw;
use dino_core::data::picture::Picture;
use dino_core::error::{Bound, Error, ImageProblem, Result, TensorProblem};
use dino_core::run::config::{CropConfig, VitConfig};
use dino_core::run::settings::SettingProblem;

/// WebGPU's default `maxStorageBufferBindingSize`.
const MAX_BYTES: u64 = 128 << 20;

/// The crops that one run of the lines makes: two groups of one size each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Images of one run; crop v of image i has index v·batch + i.
    pub batch: usize,
    /// Crops of the first group and their side in pixels.
    pub globals: usize,
    pub global_size: usize,
    /// Crops of the second group and their side in pixels.
    pub locals: usize,
    pub local_size: usize,
    /// Side of a patch; it divides the sides of the crops.
    pub patch: usize,
    /// Longest side of a crop's box in its image.
    pub max_side: usize,
    /// Pixels of all images together.
    pub picture_words: usize,
}

/// Place of a crop: its side, and its first words in the buffers (`token`: its first row in the patches).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub size: usize,
    pub weights: usize,
    pub rows: usize,
    pub pixels: usize,
    pub token: usize,
}

/// Buffers of a planned augmentation, for its input and its results.
#[derive(Debug, Clone)]
pub struct AugmentIo {
    pub geometry: Geometry,
    /// Images, one after the other, a word a pixel (rgba8, red in the low byte).
    pub pictures: Slice,
    /// Draws, (crops, [`CropWords`]).
    pub crops: Slice,
    /// Crops as words (rgba8) right before normalisation: (size, size) each.
    pub pixels: Slice,
    /// The lines of the plan.
    pub lines: std::ops::Range<usize>,
}

/// Words for the beginning of `pictures` and of `crops`, from [`AugmentIo::pack`].
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    pub pictures: Vec<u32>,
    pub crops: Vec<u32>,
}

/// Plans the augmentation of `batch` images of at most `max_side` pixels a side into `patches`:
/// (tokens of all crops, 3·p²), crops in the order `[g1; g2; l1; …; lL]` of `batch` crops each; each
/// crop has a row of zeros for CLS, then its patches row-major; a row is ordered (channel, y, x).
///
/// # Errors
/// [`Error::TooLarge`] when a buffer would pass 128 MiB, [`Error::Setting`] for sizes that no crop
/// can have, [`Error::Tensor`] when `patches` is too short.
pub fn plan(
    plan: &mut Plan,
    vit: &VitConfig,
    crops: &CropConfig,
    batch: usize,
    max_side: usize,
    patches: Slice,
) -> Result<AugmentIo> {
    let geometry = Geometry {
        batch,
        globals: 2 * batch,
        global_size: crops.global_size,
        locals: crops.n_local * batch,
        local_size: if crops.n_local == 0 { crops.global_size } else { crops.local_size },
        patch: vit.patch_size,
        max_side,
        picture_words: batch * max_side * max_side,
    };
    geometry.plan(plan, patches)
}

impl Geometry {
    /// Adds the buffers and lines.
    ///
    /// # Errors
    /// See [`plan`].
    pub fn plan(self, plan: &mut Plan, patches: Slice) -> Result<AugmentIo> {
        self.validate()?;
        let needed = self.patch_words();
        if patches.len < needed {
            let problem = TensorProblem::Count { expected: needed, found: patches.len };
            return Err(Error::tensor("augment.patches", problem));
        }
        let crops = self.globals + self.locals;
        let end = self.place(crops);
        // Not scratch: lines are also timed alone, and another buffer's values would be senseless draws.
        let draws = plan.buffer("augment.crops", crops * CropWords::FIELDS.len());
        let mut buffer = |name, words| self.buffer(plan, name, words);
        let pictures = buffer("augment.pictures", self.picture_words)?;
        let weights = buffer("augment.weights", end.weights)?;
        let rows = buffer("augment.rows", end.rows)?;
        let pixels = buffer("augment.pixels", end.pixels)?;
        let blurred = buffer("augment.blurred", pixels.len)?;

        plan.phase(Phase::Augment);
        plan.scope("augment.");
        let first = plan.mark();
        let mut push = |name,
                        kernel,
                        constants: &dyn Fn(bool) -> Constants,
                        bindings: &[Slice],
                        tiles: &dyn Fn(usize) -> usize| {
            let tiles = [tiles(self.global_size), tiles(self.local_size)];
            let workgroups = self.globals * tiles[0] + self.locals * tiles[1];
            let how = |serial| (constants(serial), grid(workgroups));
            plan.push_shared(name, kernel, how, bindings, &self.params(tiles));
        };
        let plain: &dyn Fn(bool) -> Constants = &|_| Constants::default();
        let axis = |axis| {
            move |serial| {
                // 16 lines of 64 pixels fit in a workgroup's memory.
                let group = if serial { 16 } else { 256 };
                Constants(vec![("AXIS", axis), ("SERIAL", u32::from(serial)), ("GROUP", group)])
            }
        };
        // Workgroups loop, because on a software adapter starting one costs more than another round.
        let area = |size: usize| (size * size + self.patch * self.patch).div_ceil(256);
        let eight_rows = |size: usize| size.div_ceil(8);
        let lines = |size: usize| size.div_ceil(LINE_WORDS / size);
        push("weights", &AUGMENT_WEIGHTS, plain, &[draws, weights], &|size| {
            (2 * size).div_ceil(64)
        });
        push("across", &AUGMENT_ACROSS, plain, &[draws, pictures, weights, rows], &eight_rows);
        push("down", &AUGMENT_DOWN, plain, &[draws, rows, weights, pixels], &eight_rows);
        push("color", &AUGMENT_COLOR, plain, &[draws, pixels], &|_| 1);
        push("blur.across", &AUGMENT_BLUR, &axis(0), &[draws, pixels, blurred], &lines);
        push("blur.down", &AUGMENT_BLUR, &axis(1), &[draws, blurred, pixels], &lines);
        push("patches", &AUGMENT_PATCHES, plain, &[draws, pixels, patches], &area);
        plan.scope("");
        Ok(AugmentIo { geometry: self, pictures, crops: draws, pixels, lines: first..plan.mark() })
    }

    /// Values of all patch rows, CLS rows included.
    pub fn patch_words(&self) -> usize {
        self.place(self.globals + self.locals).token * 3 * self.patch * self.patch
    }

    /// Place of the crop at `index`; with the number of crops as index, the lengths of the buffers.
    pub fn place(&self, index: usize) -> Place {
        let globals = self.globals.min(index);
        let locals = index - globals;
        let start = |f: &dyn Fn(usize) -> usize| {
            globals * f(self.global_size) + locals * f(self.local_size)
        };
        Place {
            size: if index < self.globals { self.global_size } else { self.local_size },
            weights: start(&|size| 2 * size * (self.taps(size) + 2)),
            rows: start(&|size| size * self.max_side),
            pixels: start(&|size| size * size),
            token: start(&|size| (size / self.patch).pow(2) + 1),
        }
    }

    /// Most source pixels that weigh in one pixel of a crop of `size` pixels: the support of Pillow's
    /// bicubic is 2 pixels to each side, stretched by the factor of the reduction.
    fn taps(&self, size: usize) -> usize {
        2 * (2 * self.max_side).div_ceil(size).max(2) + 1
    }

    fn params(&self, tiles: [usize; 2]) -> AugmentParams {
        AugmentParams {
            globals: self.globals as u32,
            global_tiles: tiles[0] as u32,
            locals: self.locals as u32,
            local_tiles: tiles[1] as u32,
            patch_size: self.patch as u32,
        }
    }

    fn validate(&self) -> Result<()> {
        for (field, size) in [("global_size", self.global_size), ("local_size", self.local_size)] {
            if !(1..=LINE_WORDS).contains(&size) || !size.is_multiple_of(self.patch.max(1)) {
                let (patch, most) = (self.patch, LINE_WORDS);
                let problem = SettingProblem::Patches { patch, most, found: size };
                return Err(Error::setting(field, problem));
            }
        }
        if !(1..=8192).contains(&self.max_side) {
            let found = self.max_side as f64;
            let problem = SettingProblem::Range { range: [1.0, 8192.0], whole: true, found };
            return Err(Error::setting("max_side", problem));
        }
        if self.batch == 0 || self.globals == 0 || self.patch == 0 {
            let range = [1.0, f64::INFINITY];
            let problem = SettingProblem::Range { range, whole: true, found: 0.0 };
            return Err(Error::setting("batch", problem));
        }
        Ok(())
    }

    fn buffer(&self, plan: &mut Plan, name: &str, words: usize) -> Result<Slice> {
        let bytes = words as u64 * 4;
        if bytes > MAX_BYTES {
            return Err(Error::TooLarge {
                tensor: name.to_owned(),
                bytes,
                limit: MAX_BYTES,
                bound: Bound::Binding,
                largest_batch: Some((MAX_BYTES * self.batch as u64 / bytes) as usize),
            });
        }
        Ok(plan.scratch(name, words))
    }
}

impl AugmentIo {
    /// The words to upload for a batch: `draws` in the order of [`dino_core::data::crops::draw_batch`].
    ///
    /// # Errors
    /// [`Error::Image`] for an image that does not fit the plan or a box outside of its image,
    /// [`Error::Tensor`] for another number of images or draws than planned.
    pub fn pack(&self, pictures: &[&Picture], draws: &[CropDraw]) -> Result<Packed> {
        let batch = self.geometry.batch;
        if pictures.len() != batch {
            let problem = TensorProblem::Count { expected: batch, found: pictures.len() };
            return Err(Error::tensor("augment.pictures", problem));
        }
        let picks: Vec<_> = draws.iter().enumerate().map(|(i, d)| (i % batch, d)).collect();
        self.pack_picks(pictures, &picks)
    }

    /// Like [`AugmentIo::pack`], with the index of each crop's image given.
    ///
    /// # Errors
    /// See [`AugmentIo::pack`].
    pub fn pack_picks(
        &self,
        pictures: &[&Picture],
        picks: &[(usize, &CropDraw)],
    ) -> Result<Packed> {
        let geometry = &self.geometry;
        let expected = geometry.globals + geometry.locals;
        if picks.len() != expected {
            let problem = TensorProblem::Count { expected, found: picks.len() };
            return Err(Error::tensor("augment.crops", problem));
        }
        let mut words = Vec::with_capacity(pictures.iter().map(|p| p.rgba.len() / 4).sum());
        let mut starts = Vec::with_capacity(pictures.len());
        for (i, picture) in pictures.iter().enumerate() {
            let pixels = picture.width * picture.height;
            if pixels == 0 || picture.rgba.len() != 4 * pixels {
                let (width, height, bytes) = (picture.width, picture.height, picture.rgba.len());
                return Err(refused(i, ImageProblem::NotFilled { width, height, bytes }));
            }
            if words.len() + pixels > geometry.picture_words {
                let room = geometry.picture_words - words.len();
                return Err(refused(i, ImageProblem::NoRoom { room, pixels }));
            }
            starts.push(words.len());
            let pixel =
                |c: &[u8]| c.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
            words.extend(picture.rgba.chunks_exact(4).map(pixel));
        }
        let mut crops = Vec::with_capacity(expected * CropWords::FIELDS.len());
        for (index, (pick, draw)) in picks.iter().enumerate() {
            let (Some(picture), Some(start)) = (pictures.get(*pick), starts.get(*pick)) else {
                let (count, found) = (pictures.len(), *pick);
                let problem = TensorProblem::NoSuchImage { count, found, crop: index };
                return Err(Error::tensor("augment.crops", problem));
            };
            self.fits(index, draw).map_err(|problem| refused(*pick, problem))?;
            let [top, left, height, width] = draw.frame;
            if top.saturating_add(height) > picture.height
                || left.saturating_add(width) > picture.width
            {
                return Err(refused(*pick, ImageProblem::BoxOutside { frame: draw.frame }));
            }
            crops.extend(self.words(index, draw, *start, picture.width).words());
        }
        Ok(Packed { pictures: words, crops })
    }

    /// The pixels of crop `crop` (0 and 1 global, then locals) of image `image`: (size, size) words.
    pub fn crop_pixels(&self, crop: usize, image: usize) -> Slice {
        let place = self.geometry.place(crop * self.geometry.batch + image);
        self.pixels.part(place.pixels, place.size * place.size)
    }

    /// Whether a draw has the size and reach of the crop at `index`.
    fn fits(&self, index: usize, draw: &CropDraw) -> std::result::Result<(), ImageProblem> {
        let planned = self.geometry.place(index).size;
        if draw.size != planned {
            let (crop, found) = (index, draw.size);
            return Err(ImageProblem::CropSize { crop, planned, found });
        }
        let [_, _, height, width] = draw.frame;
        let sides = 1..=self.geometry.max_side;
        if !sides.contains(&height) || !sides.contains(&width) {
            let (most, found) = (self.geometry.max_side, [width, height]);
            return Err(ImageProblem::BoxTooLarge { most, found });
        }
        Ok(())
    }

    /// A draw as the shaders read it.
    fn words(
        &self,
        index: usize,
        draw: &CropDraw,
        picture: usize,
        picture_width: usize,
    ) -> CropWords {
        let place = self.geometry.place(index);
        let [top, left, height, width] = draw.frame.map(|v| v as u32);
        let jitter = draw.jitter.as_ref();
        let ops = jitter.map_or(&[][..], |j| &j.order);
        let order = ops.iter().take(4).rev().fold(0, |word, op| word << 4 | *op as u32);
        let factor = |f: fn(&dino_core::data::crops::Jitter) -> f64| jitter.map_or(1.0, f) as f32;
        let (box_radius, box_weight, box_edge) =
            draw.blur_sigma.map_or((0, 0, 0), |sigma| box_blur(sigma as f32));
        CropWords {
            size: place.size as u32,
            taps: self.geometry.taps(place.size) as u32,
            weights: place.weights as u32,
            rows: place.rows as u32,
            pixels: place.pixels as u32,
            token: place.token as u32,
            picture: picture as u32,
            picture_width: picture_width as u32,
            top,
            left,
            height,
            width,
            flip: u32::from(draw.flip),
            order,
            brightness: factor(|j| j.brightness),
            contrast: factor(|j| j.contrast),
            saturation: factor(|j| j.saturation),
            // Truncated towards zero, then an 8-bit number.
            hue: (jitter.map_or(0.0, |j| j.hue) * 255.0) as i32 as u32 & 255,
            grayscale: u32::from(draw.grayscale),
            box_radius,
            box_weight,
            box_edge,
            solarize: u32::from(draw.solarize),
        }
    }
}

fn refused(index: usize, problem: ImageProblem) -> Error {
    Error::image(format!("#{index}"), problem)
}
