//! Recorded augmentation cases: reading one, running it through the very lines that a training step uses,
//! comparing. The format and the tolerances are those of `tests/golden/README.md`. Invariant: a case that was
//! read is complete and its draws fit its images.

use crate::gpu::device::Gpu;
use crate::gpu::plan::{Plan, Slice};
use crate::gpu::program::Program;
use crate::kernels::augment::LINE_WORDS;
use crate::train::augment::{AugmentIo, Geometry};
use crate::verify::report::{Report, ReportRow};
use dino_core::data::crops::{CropDraw, CropKind, Jitter, Op};
use dino_core::data::picture;
use dino_core::data::picture::Picture;
use dino_core::data::preprocess::{DEVIATION, MEAN};
use dino_core::error::{Error, FileProblem, Result};
use dino_core::weights::tensors;
use dino_core::weights::tensors::Tensors;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const CASE: &str = "augment.json";
const EXPECT: &str = "expect.safetensors";
/// Largest mean difference of a crop, in 8-bit levels.
const MEAN_DIFFERENCE: f64 = 0.6;
/// Largest share of values that may be off by more than [`FAR`] levels.
const FAR_SHARE: f64 = 0.01;
const FAR: f64 = 4.0;
/// Most crops planned together: 16 of 1024 pixels from boxes of 2048 rows just fit 128 MiB.
const CROPS_A_RUN: usize = 16;

#[derive(Deserialize)]
struct Header {
    mean: [f64; 3],
    std: [f64; 3],
    crops: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Entry {
    image: String,
    kind: String,
    crop: [usize; 4],
    size: usize,
    flip: bool,
    jitter: Option<JitterEntry>,
    grayscale: bool,
    blur_sigma: Option<f64>,
    solarize: bool,
}

#[derive(Deserialize)]
struct JitterEntry {
    order: Vec<String>,
    brightness: Option<f64>,
    contrast: Option<f64>,
    saturation: Option<f64>,
    hue: Option<f64>,
}

/// One recorded case.
#[derive(Debug, Clone)]
pub struct AugmentCase {
    pictures: Vec<Picture>,
    /// Index of its image and draw of every crop.
    crops: Vec<(usize, CropDraw)>,
    /// The recorded pixels of every crop: (3, size, size) in 8-bit levels.
    expect: Vec<Vec<f64>>,
}

/// Crops of one size, planned together.
pub struct Run {
    pub plan: Plan,
    pub io: AugmentIo,
    pub patches: Slice,
    /// The words to upload.
    pub packed: crate::train::augment::Packed,
    /// Index in the case of every crop.
    members: Vec<usize>,
}

/// Reads a case from its files (by name: `augment.json`, `expect.safetensors` and the images that
/// the first names), makes its crops on the device and compares them with the recorded ones.
///
/// # Errors
/// [`Error::File`], [`Error::Image`] or [`Error::Tensor`] for a malformed case, naming what is wrong;
/// the device's errors.
pub async fn run(gpu: &Gpu, files: &BTreeMap<String, Vec<u8>>) -> Result<Report> {
    let case = AugmentCase::read(files)?;
    let mut found = BTreeMap::new();
    for run in case.runs()? {
        let program = Program::new(gpu, run.plan.clone(), &[]).await?;
        program.write(gpu, run.io.pictures, &run.packed.pictures);
        program.write(gpu, run.io.crops, &run.packed.crops);
        program.run_all(gpu);
        let patches = program.read(gpu, run.patches).await?;
        gpu.check()?;
        found.extend(run.levels(&patches));
    }
    Ok(case.compare(found))
}

impl AugmentCase {
    /// Reads and checks a case.
    ///
    /// # Errors
    /// See [`run`].
    pub fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let get = |name: &str| {
            files.get(name).map(Vec::as_slice).ok_or_else(|| {
                let found = files.keys().cloned().collect();
                Error::file(name, FileProblem::Missing { found })
            })
        };
        let header: Header = serde_json::from_slice(get(CASE)?)
            .map_err(|e| Error::file(CASE, FileProblem::Content(e.to_string())))?;
        let wrong = |words: &str| Error::file(CASE, FileProblem::Content(words.to_owned()));
        if header.crops.is_empty() {
            return Err(wrong("expected at least one crop, found none"));
        }
        if header.std.iter().chain(&header.mean).any(|v| !(0.0..=10.0).contains(v)) {
            return Err(wrong("expected `mean` and `std` from 0 to 10"));
        }
        let recorded = tensors::read(EXPECT, get(EXPECT)?)?.0;
        let mut names: Vec<String> = Vec::new();
        let mut pictures = Vec::new();
        let mut crops = Vec::new();
        let mut expect = Vec::new();
        for (i, entry) in header.crops.into_iter().enumerate() {
            let wrong = |words: String| {
                Error::file(CASE, FileProblem::Content(format!("crop {i}: {words}")))
            };
            let entry: Entry = serde_json::from_value(entry).map_err(|e| wrong(e.to_string()))?;
            let picture = match names.iter().position(|name| *name == entry.image) {
                Some(known) => known,
                None => {
                    pictures.push(picture::decode(&entry.image, get(&entry.image)?, usize::MAX)?);
                    names.push(entry.image.clone());
                    names.len() - 1
                }
            };
            let Picture { width, height, .. } = pictures[picture];
            let draw = entry.draw(width, height).map_err(wrong)?;
            expect.push(levels(&recorded, i, draw.size, header.mean, header.std)?);
            crops.push((picture, draw));
        }
        Ok(Self { pictures, crops, expect })
    }

    /// Plans of all crops: one for each size, or several where one would need too much memory.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for an image that no device with the default limits can hold.
    pub fn runs(&self) -> Result<Vec<Run>> {
        let mut runs = Vec::new();
        let sizes: BTreeSet<usize> = self.crops.iter().map(|(_, draw)| draw.size).collect();
        for size in sizes {
            let members: Vec<usize> =
                (0..self.crops.len()).filter(|i| self.crops[*i].1.size == size).collect();
            for members in members.chunks(CROPS_A_RUN) {
                runs.push(self.run_of(size, members.to_vec())?);
            }
        }
        Ok(runs)
    }

    fn run_of(&self, size: usize, members: Vec<usize>) -> Result<Run> {
        let crops: Vec<_> = members.iter().map(|i| &self.crops[*i]).collect();
        let sides = crops.iter().flat_map(|(_, draw)| &draw.frame[2..]).copied();
        let mut used: Vec<usize> = crops.iter().map(|(picture, _)| *picture).collect();
        used.sort_unstable();
        used.dedup();
        let pictures: Vec<_> = used.iter().map(|i| &self.pictures[*i]).collect();
        let geometry = Geometry {
            batch: 1,
            globals: members.len(),
            global_size: size,
            locals: 0,
            local_size: size,
            // Any patch size will do, because `levels` undoes the division into patches.
            patch: [8, 4].into_iter().find(|p| size.is_multiple_of(*p)).unwrap_or(size),
            max_side: sides.max().unwrap_or(1),
            picture_words: pictures.iter().map(|p| p.width * p.height).sum(),
        };
        let mut plan = Plan::default();
        let patches = plan.buffer("patches", geometry.patch_words());
        let io = geometry.plan(&mut plan, patches)?;
        let picks: Vec<_> = crops
            .iter()
            .map(|(picture, draw)| (used.partition_point(|used| used < picture), draw))
            .collect();
        let packed = io.pack_picks(&pictures, &picks)?;
        Ok(Run { plan, io, patches, packed, members })
    }

    /// Compares crops in 8-bit levels, by index in the case, with the recorded ones.
    pub fn compare(&self, found: BTreeMap<usize, Vec<f64>>) -> Report {
        let mut worst = [(0, f64::NEG_INFINITY); 2];
        for (i, expected) in self.expect.iter().enumerate() {
            let differences: Vec<f64> = match found.get(&i) {
                Some(found) => found.iter().zip(expected).map(|(a, b)| (a - b).abs()).collect(),
                None => vec![f64::NAN],
            };
            let n = differences.len().max(1) as f64;
            let mean = differences.iter().sum::<f64>() / n;
            // A NaN counts as far off.
            let near = differences.iter().filter(|d| **d <= FAR).count();
            let far = (differences.len() - near) as f64 / n;
            for (worst, error) in worst.iter_mut().zip([mean, far]) {
                if !(error <= worst.1 || worst.1.is_nan()) {
                    *worst = (i, error);
                }
            }
        }
        let row = |quantity: &str, (crop, error): (usize, f64), tolerance| ReportRow {
            quantity: quantity.to_owned(),
            worst: format!("crop{crop}"),
            error,
            tolerance,
        };
        Report {
            rows: vec![
                row("mean difference, 8-bit levels", worst[0], MEAN_DIFFERENCE),
                row("share off by more than 4 levels", worst[1], FAR_SHARE),
            ],
        }
    }
}

impl Run {
    /// From rows of patches back to (3, size, size) of each crop in 8-bit levels, by index in the case.
    pub fn levels(&self, patches: &[f32]) -> BTreeMap<usize, Vec<f64>> {
        let geometry = &self.io.geometry;
        let (size, patch) = (geometry.global_size, geometry.patch);
        let one = |place: usize| {
            let value = |i: usize| {
                let (channel, y, x) = (i / (size * size), i / size % size, i % size);
                let token = place + 1 + y / patch * (size / patch) + x / patch;
                let at = ((token * 3 + channel) * patch + y % patch) * patch + x % patch;
                f64::from(patches.get(at).copied().unwrap_or(f32::NAN))
                    * f64::from(DEVIATION[channel])
                    + f64::from(MEAN[channel])
            };
            (0..3 * size * size).map(|i| 255.0 * value(i)).collect()
        };
        let place = |k| geometry.place(k).token;
        self.members.iter().enumerate().map(|(k, member)| (*member, one(place(k)))).collect()
    }
}

impl Entry {
    /// The draw, checked, for an image of this size.
    fn draw(self, width: usize, height: usize) -> std::result::Result<CropDraw, String> {
        let [top, left, box_height, box_width] = self.crop;
        if box_height == 0
            || box_width == 0
            || top.saturating_add(box_height) > height
            || left.saturating_add(box_width) > width
        {
            return Err(format!(
                "expected `crop` [top, left, height, width] inside of `{}`, {width}×{height} \
                 pixels; found {:?}",
                self.image, self.crop
            ));
        }
        if !(1..=LINE_WORDS).contains(&self.size) {
            return Err(format!("expected `size` from 1 to {LINE_WORDS}, found {}", self.size));
        }
        if let Some(sigma) = self.blur_sigma.filter(|s| !(0.0..=100.0).contains(s)) {
            return Err(format!("expected `blur_sigma` from 0 to 100 pixels, found {sigma}"));
        }
        Ok(CropDraw {
            kind: match self.kind.as_str() {
                "global1" => CropKind::Global1,
                "global2" => CropKind::Global2,
                _ => CropKind::Local,
            },
            frame: self.crop,
            size: self.size,
            flip: self.flip,
            jitter: self.jitter.map(JitterEntry::jitter).transpose()?,
            grayscale: self.grayscale,
            blur_sigma: self.blur_sigma,
            solarize: self.solarize,
        })
    }
}

impl JitterEntry {
    fn jitter(self) -> std::result::Result<Jitter, String> {
        let mut order = Vec::new();
        for name in &self.order {
            let op = match name.as_str() {
                "brightness" => Op::Brightness,
                "contrast" => Op::Contrast,
                "saturation" => Op::Saturation,
                "hue" => Op::Hue,
                _ => {
                    return Err(format!(
                        "expected brightness, contrast, saturation or hue in `order`, found `{name}`"
                    ));
                }
            };
            if order.contains(&op) {
                return Err(format!("`order` names `{name}` twice"));
            }
            order.push(op);
        }
        let factor = |name, op, value: Option<f64>, low, high, neutral| match value {
            Some(v) if (low..=high).contains(&v) => Ok(v),
            Some(v) => Err(format!("expected `{name}` from {low} to {high}, found {v}")),
            None if order.contains(&op) => Err(format!("`order` names `{name}`, which is missing")),
            None => Ok(neutral),
        };
        Ok(Jitter {
            brightness: factor("brightness", Op::Brightness, self.brightness, 0.0, 100.0, 1.0)?,
            contrast: factor("contrast", Op::Contrast, self.contrast, 0.0, 100.0, 1.0)?,
            saturation: factor("saturation", Op::Saturation, self.saturation, 0.0, 100.0, 1.0)?,
            hue: factor("hue", Op::Hue, self.hue, -0.5, 0.5, 0.0)?,
            order,
        })
    }
}

/// The recorded crop `i` with its normalisation undone.
fn levels(
    recorded: &Tensors,
    i: usize,
    size: usize,
    mean: [f64; 3],
    std: [f64; 3],
) -> Result<Vec<f64>> {
    let tensor = tensors::find(EXPECT, recorded, &format!("crop{i}"), &[3, size, size])?;
    let planes = tensor.data.chunks_exact(size * size).zip(mean.into_iter().zip(std));
    Ok(planes
        .flat_map(|(plane, (mean, std))| {
            plane.iter().map(move |v| 255.0 * (f64::from(*v) * std + mean))
        })
        .collect())
}
