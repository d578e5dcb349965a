//! A forward pass over one picture of any aspect ratio, for attention maps and features. It borrows
//! the trainer's parameters, so it shows the network as it is now. Invariant: training is not
//! disturbed: it owns its activations.

use crate::builder::Builder;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::gpu::{Gpu, Program};
use crate::images::Picture;
use crate::kernels::Rows;
use crate::kernels::attention_map::{Crop, attention_map};
use crate::kernels::augment_patches::{DEVIATION, MEAN};
use crate::kernels::gemm::Tuning;
use crate::kernels::sparse::Planned;
use crate::layout::{Arena, Layout};
use crate::plan::{Phase, Slice};
use crate::positions::interpolation;
use crate::vit::{Keep, Vit};

/// A forward pass for pictures of `grid` = (across, down) patches.
pub struct PicturePlan {
    program: Program,
    patches: Slice,
    /// (heads, T): CLS row of the last block's attention.
    map: Slice,
    /// (D) CLS after the final LayerNorm.
    features: Slice,
    grid: [usize; 2],
    heads: usize,
}

/// What a forward pass over a picture gives.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureResult {
    /// (heads, down · across), CLS column dropped.
    pub attention: Vec<f32>,
    /// (D)
    pub features: Vec<f32>,
}

impl PicturePlan {
    /// Plans and builds the pass. `role` is the arena: "student" or "teacher".
    ///
    /// # Errors
    /// What [`Program::new`] reports.
    pub async fn new(
        gpu: &Gpu,
        owner: &Program,
        layout: &Layout,
        config: &Config,
        tuning: &Tuning,
        role: &str,
        grid: [usize; 2],
    ) -> Result<Self> {
        let [across, down] = grid;
        let vit = &config.vit;
        let tokens = across * down + 1;
        let rows = Rows { global_crops: 1, global_tokens: tokens, local_crops: 0, local_tokens: 0 };
        let mut b = Builder::new(layout, tuning, 64);
        b.plan.phase(Phase::Picture);
        let arena = Arena::new(&mut b.plan, role, layout, true);
        let patches = b.plan.buffer("picture.patches", tokens * vit.patch_values());
        let matrix = interpolation(vit.grid(vit.img_size), down, across);
        let positions = Planned::new(&mut b.plan, "picture.interpolation", &matrix);
        let network = Vit::new(&mut b.plan, "picture", vit, rows, patches, Keep::Nothing, false);
        let map = b.plan.buffer("picture.map", vit.num_heads * tokens);
        network.forward(&mut b, &arena, &positions);
        let (qkv, lse) = network.attention_of(vit.depth - 1);
        let crop = Crop { first_row: 0, tokens, heads: vit.num_heads, width: vit.embed_dim };
        attention_map(&mut b.plan, "map", crop, 0..1, [qkv, lse, map]);
        let program = Program::new(gpu, b.plan, &[owner]).await?;
        for (slice, words) in &positions.uploads {
            program.write(gpu, *slice, words);
        }
        let features = network.features;
        Ok(Self { program, patches, map, features, grid, heads: vit.num_heads })
    }

    /// Runs a picture whose sides are `grid` · patch size.
    ///
    /// # Errors
    /// [`Error::Image`] for another size, [`Error::Device`] when the device fails.
    pub async fn run(&self, gpu: &Gpu, picture: &Picture, patch: usize) -> Result<PictureResult> {
        let [across, down] = self.grid;
        if (picture.width, picture.height) != (across * patch, down * patch) {
            let reason = format!("expected {} × {} pixels", across * patch, down * patch);
            return Err(Error::Image { name: "the picture".to_owned(), reason });
        }
        self.program.write_f32(gpu, self.patches, &patches(picture, patch));
        self.program.run_all(gpu);
        let map = self.program.read(gpu, self.map).await?;
        let features = self.program.read(gpu, self.features).await?;
        let tokens = across * down + 1;
        let attention =
            map.chunks(tokens).take(self.heads).flat_map(|row| row[1..].to_vec()).collect();
        Ok(PictureResult { attention, features })
    }
}

/// Normalised patches (T, 3 p²) of a picture, with a zero row for CLS.
fn patches(picture: &Picture, patch: usize) -> Vec<f32> {
    let (across, down) = (picture.width / patch, picture.height / patch);
    let values = 3 * patch * patch;
    let mut rows = vec![0.0; values];
    for token in 0..across * down {
        let (top, left) = (token / across * patch, token % across * patch);
        for i in 0..values {
            let (channel, y, x) = (i / (patch * patch), i / patch % patch, i % patch);
            let byte = picture.rgba[((top + y) * picture.width + left + x) * 4 + channel];
            rows.push((f32::from(byte) / 255.0 - MEAN[channel]) / DEVIATION[channel]);
        }
    }
    rows
}

/// A picture at another size, without regard to its aspect ratio.
///
/// # Errors
/// [`Error::Image`] for an empty picture or one whose bytes do not fill it.
pub fn resized(picture: &Picture, width: usize, height: usize) -> Result<Picture> {
    let refused = |reason: &str| Error::Image {
        name: format!("picture of {} × {}", picture.width, picture.height),
        reason: reason.to_owned(),
    };
    let (w, h) = (picture.width as u32, picture.height as u32);
    let image = image::RgbaImage::from_raw(w, h, picture.rgba.clone())
        .ok_or_else(|| refused("its pixels do not fill it"))?;
    if w == 0 || h == 0 || width == 0 || height == 0 {
        return Err(refused("it has no pixels"));
    }
    let filter = image::imageops::FilterType::CatmullRom;
    let rgba = image::imageops::resize(&image, width as u32, height as u32, filter).into_raw();
    Ok(Picture { width, height, rgba })
}
