//! Inspection of a run between steps: the crops of an image, what a network sees of it, and its features.
//! Invariant: showing changes nothing of the run.

use crate::infer::attention_pass::{AttentionPass, Inference};
use crate::infer::feature_pass::{FeaturePass, FeatureSpec};
use crate::train::executor::Engine;
use crate::train::trainer::Trainer;
use dino_core::data::crops;
use dino_core::data::crops::{CropKind, CropView};
use dino_core::data::picture::Picture;
use dino_core::data::preprocess;
use dino_core::error::{Result, StateError};
use dino_core::rng::{Rng, stream};
use dino_core::run::network::Network;
use dino_core::view::attention::AttentionMaps;

/// The network whose parameters a pass borrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Student,
    Teacher,
    /// The snapshot that was uploaded last.
    Snapshot,
}

impl Trainer {
    /// The crops of an image. Draw 0 is the next step's, if the image were the first of its batch; others are other
    /// draws by the same rules.
    ///
    /// # Errors
    /// [`Error::Image`], [`Error::Device`].
    pub async fn crops(
        &mut self,
        picture: &Picture,
        image: usize,
        draw: u32,
    ) -> Result<Vec<CropView>> {
        let (micro, crops) = (self.engine.step.micro_batch, self.engine.config.crops.clone());
        let size = (picture.width, picture.height);
        let index = image as u32;
        let seed = match draw {
            0 => self.seed,
            draw => Rng::new(self.seed, u64::from(draw), index, stream::AGAIN).next_u64(),
        };
        let draws = crops::draw_batch(&crops, seed, self.next, index, &vec![size; micro]);
        // One image serves all crops, so only its pixels are uploaded.
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

    /// Attention maps of an image, resized to whole patches so that its short side has the size that `pos_embed` was
    /// learned for.
    ///
    /// # Errors
    /// [`Error::Image`] for an empty image, [`Error::Device`].
    pub async fn attention(
        &mut self,
        picture: &Picture,
        network: Network,
    ) -> Result<AttentionMaps> {
        let vit = &self.engine.config.vit;
        let (side, layer) = (vit.grid(vit.img_size), vit.depth - 1);
        let grid = preprocess::native_grid((picture.width, picture.height), side);
        self.pass(picture, network, layer, grid).await.map(AttentionMaps::from)
    }

    /// An image through a network at up to `side` pixels on its long side, at most
    /// [`preprocess::MOST_SIDE`], in its own aspect ratio: attention, queries and keys of a layer, from 0, and
    /// the last layer's features.
    ///
    /// # Errors
    /// [`Error::State`] for a layer or a snapshot that is not there, or for the starter, which is no network of
    /// a run; [`Error::Image`] for an empty image, [`Error::Device`].
    pub async fn infer(
        &mut self,
        picture: &Picture,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Inference> {
        let patch = self.engine.config.vit.patch_size;
        let grid = preprocess::grid((picture.width, picture.height), patch, side);
        self.pass(picture, network, layer, grid).await
    }

    /// The teacher's CLS features (n, D) of images that are [squares](preprocess::square) of a global crop's
    /// size.
    ///
    /// # Errors
    /// [`Error::Image`] for another size, [`Error::Device`].
    pub async fn features(&mut self, squares: &[Picture]) -> Result<Vec<f32>> {
        let Engine { gpu, config, program, step } = &self.engine;
        let plan = match self.features.take() {
            Some(plan) => plan,
            None => {
                let (layout, vit) = (&step.layout, &config.vit);
                let side = config.crops.global_size;
                let spec = FeatureSpec { layout, vit, role: "teacher", side };
                FeaturePass::new(gpu, program, spec, &self.tuning).await?
            }
        };
        let features = plan.all(gpu, squares, self.budget).await?;
        self.features = Some(plan);
        Ok(features)
    }

    async fn pass(
        &mut self,
        picture: &Picture,
        network: Network,
        layer: usize,
        grid: [usize; 2],
    ) -> Result<Inference> {
        let source = match network {
            Network::Student => Source::Student,
            Network::Teacher => Source::Teacher,
            Network::Snapshot(step) => {
                self.shelve(step).await?;
                Source::Snapshot
            }
            Network::Starter => return Err(StateError::StarterNotInRun.into()),
        };
        let Engine { gpu, config, program, step } = &self.engine;
        let vit = &config.vit;
        let picture =
            preprocess::resized(picture, grid[0] * vit.patch_size, grid[1] * vit.patch_size)?;
        let plan = match self.pictures.take(source, grid) {
            Some(plan) => plan,
            None => {
                let (owner, layout, role) = match (source, &self.shelf) {
                    (Source::Student, _) => (program, &step.layout, "student"),
                    (Source::Snapshot, Some(shelf)) => (&shelf.program, &shelf.layout, "snapshot"),
                    _ => (program, &step.layout, "teacher"),
                };
                AttentionPass::new(gpu, owner, layout, vit, &self.tuning, role, grid).await?
            }
        };
        let result = plan.run(gpu, &picture, layer, self.budget).await?;
        let (heads, dim) = (vit.num_heads, vit.embed_dim);
        self.pictures.put(source, grid, plan);
        Ok(Inference { grid, heads, dim, picture, result })
    }
}
