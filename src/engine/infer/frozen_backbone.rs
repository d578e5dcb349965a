//! Frozen backbone on the device, for inference alone: no head, no optimiser and no training shader, so its
//! attention is there long before a run could be. Invariant: its parameters never change.

use crate::gpu::plan::Plan;
use crate::gpu::program::Program;
use crate::infer::attention_pass::{AttentionPass, Inference};
use crate::infer::feature_pass::{FeaturePass, FeatureSpec};
use crate::infer::pass_cache::PassCache;
use crate::kernels::gemm::Tuning;
use crate::model::layout::{Arena, Layout};
use crate::tune::TunedGpu;
use crate::tune::budget;
use crate::tune::tuner;
use dino_core::data::picture::Picture;
use dino_core::data::preprocess;
use dino_core::error::{Error, Result, TensorProblem};
use dino_core::run::config::{Config, VitConfig};
use dino_core::run::settings::Settings;
use dino_core::view::attention::AttentionMaps;
use dino_core::weights;
use dino_core::weights::Weights;
use std::rc::Rc;

/// The arena that the passes borrow from.
const ROLE: &str = "frozen";

/// Longest side of the squares for features, as in the evaluation of DINO and DINOv2; DINOv2's positions were
/// learned for 518.
const SQUARE: usize = 224;

/// A backbone on a device, for inference alone.
pub struct FrozenBackbone {
    gpu: Rc<TunedGpu>,
    vit: VitConfig,
    layout: Layout,
    program: Program,
    passes: PassCache<()>,
    features: Option<FeaturePass>,
}

impl FrozenBackbone {
    /// Uploads a backbone to the device.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a tensor that one binding cannot hold, [`Error::Tensor`] for one that is not
    /// there, [`Error::Setting`], [`Error::Device`].
    pub async fn new(gpu: Rc<TunedGpu>, weights: &Weights) -> Result<Self> {
        // The backbone's part of a run's layout, whatever the head.
        let vit = weights.vit.clone();
        let config = Config { vit, ..Settings::of(weights::PRESET, 0).config(0)? };
        let layout = Layout::new(&config, gpu.bounds())?.backbone();
        let untuned = tuner::untuned(&gpu);
        let mut plan = Plan::new(untuned.serial, untuned.lanes);
        let arena = Arena::new(&mut plan, ROLE, &layout, false);
        let program = Program::new(&gpu, plan, &[]).await?;
        for t in &layout.tensors {
            let missing = || TensorProblem::Missing { shape: t.shape.clone() };
            let tensor = weights.backbone.get(&t.name);
            let tensor = tensor.ok_or_else(|| Error::tensor(&t.name, missing()))?;
            tensor.expect(&t.name, &t.shape)?;
            program.write_f32(&gpu, arena.slice(t), &t.pack(&tensor.data));
        }
        let passes = PassCache::default();
        Ok(Self { gpu, vit: config.vit, layout, program, passes, features: None })
    }

    /// Sizes of the network.
    pub fn vit(&self) -> &VitConfig {
        &self.vit
    }

    /// An image at up to `side` pixels on its long side, as
    /// [`Trainer::infer`](crate::train::trainer::Trainer::infer) shows it.
    ///
    /// # Errors
    /// [`Error::State`] for a layer that is not there, [`Error::Image`] for an empty image,
    /// [`Error::Device`].
    pub async fn infer(
        &mut self,
        picture: &Picture,
        layer: usize,
        side: usize,
    ) -> Result<Inference> {
        let grid = preprocess::grid((picture.width, picture.height), self.vit.patch_size, side);
        self.pass(picture, layer, grid).await
    }

    /// The last layer's attention of an image whose short side is the size that positions were learned for.
    ///
    /// # Errors
    /// [`Error::Image`] for an empty image, [`Error::Device`].
    pub async fn attention(&mut self, picture: &Picture) -> Result<AttentionMaps> {
        let (side, layer) = (self.vit.grid(self.vit.img_size), self.vit.depth - 1);
        let grid = preprocess::native_grid((picture.width, picture.height), side);
        self.pass(picture, layer, grid).await.map(AttentionMaps::from)
    }

    /// Side in pixels of the squares that [`features`](Self::features) takes: what positions were learned for, in
    /// whole patches, at most [`SQUARE`].
    pub fn square(vit: &VitConfig) -> usize {
        vit.grid(vit.img_size.min(SQUARE).max(vit.patch_size)) * vit.patch_size
    }

    /// The CLS features (n, D) of images that are [squares](preprocess::square) of [`square`](Self::square)
    /// pixels. The products are measured before the first.
    ///
    /// # Errors
    /// [`Error::Image`] for another size, [`Error::TooLarge`], [`Error::Device`].
    pub async fn features(&mut self, squares: &[Picture]) -> Result<Vec<f32>> {
        let (gpu, vit) = (&self.gpu, &self.vit);
        let pass = match self.features.take() {
            Some(pass) => pass,
            None => {
                let side = Self::square(vit);
                let spec = FeatureSpec { layout: &self.layout, vit, role: ROLE, side };
                let shapes = spec.shapes(gpu, &tuner::untuned(gpu));
                let tuning = budget::tuned(gpu, &shapes).await?;
                FeaturePass::new(gpu, &self.program, spec, &tuning).await?
            }
        };
        let features = pass.all(gpu, squares, budget::budget(gpu)).await?;
        self.features = Some(pass);
        Ok(features)
    }

    async fn pass(
        &mut self,
        picture: &Picture,
        layer: usize,
        grid: [usize; 2],
    ) -> Result<Inference> {
        let (gpu, vit) = (&self.gpu, &self.vit);
        let patch = vit.patch_size;
        let picture = preprocess::resized(picture, grid[0] * patch, grid[1] * patch)?;
        let plan = match self.passes.take((), grid) {
            Some(plan) => plan,
            None => {
                // Choices that a run of the same network measured, if there was one.
                let choices = gpu.tuner.borrow().tuning.choices.clone();
                let tuning = Tuning { choices, ..tuner::untuned(gpu) };
                AttentionPass::new(gpu, &self.program, &self.layout, vit, &tuning, ROLE, grid)
                    .await?
            }
        };
        let result = plan.run(gpu, &picture, layer, budget::budget(gpu)).await?;
        self.passes.put((), grid, plan);
        Ok(Inference { grid, heads: vit.num_heads, dim: vit.embed_dim, picture, result })
    }
}
