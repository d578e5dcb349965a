//! What a run can show between steps: the crops of a picture, and attention. Invariant: showing
//! changes nothing of the run.

use super::Trainer;
use crate::augment::{self, CropDraw, CropKind};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::images::Picture;
use crate::picture_plan::{PicturePlan, resized};
use serde::{Deserialize, Serialize};

/// Attention passes of different shapes that are kept.
const PICTURE_PLANS: usize = 4;

/// Which of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Network {
    Student,
    Teacher,
}

/// Attention of the last layer: CLS row, CLS column dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionMaps {
    pub heads: usize,
    /// Patches across and down.
    pub grid: [usize; 2],
    /// (heads, grid[1], grid[0]); each head sums to at most 1.
    pub values: Vec<f32>,
}

/// One augmented view of a picture, for showing.
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

impl Trainer {
    /// The crops that the next step would draw from a picture, were it the first of the batch.
    ///
    /// # Errors
    /// [`Error::Image`] for an index or a picture out of range, [`Error::Device`].
    pub async fn crops(&mut self, images: &[Picture], image: usize) -> Result<Vec<CropView>> {
        let Some(picture) = images.get(image) else {
            let reason = format!("there are only {} pictures", images.len());
            return Err(Error::Image { name: format!("picture {image}"), reason });
        };
        let (micro, crops) = (self.engine.step.micro_batch, self.engine.config.crops.clone());
        let size = (picture.width, picture.height);
        let index = image as u32;
        let draws = augment::draw_batch(&crops, self.seed, self.next, index, &vec![size; micro]);
        // One picture serves all crops, so only its pixels are uploaded.
        let picks: Vec<_> = draws.iter().map(|d| (0, d)).collect();
        let packed = self.augment.pack_picks(&[picture], &picks)?;
        let (gpu, program) = (&self.engine.gpu, &self.engine.program);
        program.write(gpu, self.augment.pictures, &packed.pictures);
        program.write(gpu, self.augment.crops, &packed.crops);
        program.run(gpu, self.augment.lines.clone());
        let mut views = Vec::new();
        for (crop, draw) in draws.iter().step_by(micro).enumerate() {
            let pixels = program.read(gpu, self.augment.crop_pixels(crop, 0)).await?;
            let rgba = pixels.iter().flat_map(|p| p.to_bits().to_le_bytes()).collect();
            let [top, left, height, width] = draw.frame;
            views.push(CropView {
                name: match draw.kind {
                    CropKind::Global1 => "global 1".to_owned(),
                    CropKind::Global2 => "global 2".to_owned(),
                    CropKind::Local => format!("local {}", crop - 1),
                },
                picture: Picture { width: draw.size, height: draw.size, rgba },
                frame: [left, top, width, height],
                draw: draw.clone(),
            });
        }
        Ok(views)
    }

    /// Attention maps of a picture, resized so that its short side is the size that `pos_embed` was
    /// made for, to whole patches.
    ///
    /// # Errors
    /// [`Error::Image`] for an empty picture, [`Error::Device`].
    pub async fn attention(
        &mut self,
        picture: &Picture,
        network: Network,
    ) -> Result<AttentionMaps> {
        let vit = &self.engine.config.vit;
        let (patch, side) = (vit.patch_size, vit.grid(vit.img_size));
        let short = picture.width.min(picture.height).max(1) as f64;
        // A strip of 1 × 1000 pixels would be thousands of patches: at most four squares long.
        let patches = |pixels: usize| {
            ((pixels as f64 / short * side as f64).round() as usize).clamp(1, 4 * side)
        };
        let grid = [patches(picture.width), patches(picture.height)];
        let resized = resized(picture, grid[0] * patch, grid[1] * patch)?;
        let heads = vit.num_heads;
        let at = self.picture_plan(network, grid).await?;
        let result = self.pictures[at].2.run(&self.engine.gpu, &resized, patch).await?;
        Ok(AttentionMaps { heads, grid, values: result.attention })
    }

    /// Index of the pass for this network and grid, built if it is not there.
    async fn picture_plan(&mut self, network: Network, grid: [usize; 2]) -> Result<usize> {
        let found = self.pictures.iter().position(|(n, g, _)| (*n, *g) == (network, grid));
        if let Some(at) = found {
            return Ok(at);
        }
        let role = match network {
            Network::Student => "student",
            Network::Teacher => "teacher",
        };
        let Engine { gpu, config, program, step } = &self.engine;
        let pass =
            PicturePlan::new(gpu, program, &step.layout, config, &self.tuning, role, grid).await?;
        if self.pictures.len() >= PICTURE_PLANS {
            self.pictures.remove(0);
        }
        self.pictures.push((network, grid, pass));
        Ok(self.pictures.len() - 1)
    }
}
