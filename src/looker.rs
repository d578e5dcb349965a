//! A backbone alone on the device, for looking: no head, no optimiser, no shader of training, so that its
//! attention is there long before a run could be. Invariant: its parameters never change.

use crate::config::{Config, VitConfig};
use crate::error::{Error, Result};
use crate::gpu::{Gpu, Program};
use crate::images::Picture;
use crate::kernels::gemm::Tuning;
use crate::layout::{Arena, Layout, Limits};
use crate::passes::Passes;
use crate::picture_plan::PicturePlan;
use crate::plan::Plan;
use crate::seen;
use crate::settings::Settings;
use crate::trainer::{AttentionMaps, Sight, fit};
use crate::tune;
use crate::weights::{self, Weights};
use std::rc::Rc;

/// The arena that the passes borrow from.
const ROLE: &str = "looker";

/// A network that only looks.
pub struct Looker {
    gpu: Rc<Gpu>,
    vit: VitConfig,
    layout: Layout,
    program: Program,
    passes: Passes<()>,
}

impl Looker {
    /// Lays a backbone on the device.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a tensor that one binding cannot hold, [`Error::Tensor`] for one that is not
    /// there, [`Error::Config`], [`Error::Device`].
    pub async fn new(gpu: Rc<Gpu>, weights: &Weights) -> Result<Self> {
        // The backbone's part of a run's layout, whatever the head.
        let vit = weights.vit.clone();
        let config = Config { vit, ..Settings::of(weights::PRESET, 0).config(0)? };
        let layout = Layout::new(&config, Limits::of(&gpu.limits))?.backbone();
        let untuned = tune::untuned(&gpu);
        let mut plan = Plan::new(untuned.serial, untuned.lanes);
        let arena = Arena::new(&mut plan, ROLE, &layout, false);
        let program = Program::new(&gpu, plan, &[]).await?;
        for t in &layout.tensors {
            let tensor = weights.backbone.get(&t.name).ok_or_else(|| Error::Tensor {
                name: t.name.clone(),
                expected: format!("{:?}", t.shape),
                found: "nothing".to_owned(),
            })?;
            tensor.expect(&t.name, &t.shape)?;
            program.write_f32(&gpu, arena.slice(t), &t.pack(&tensor.data));
        }
        Ok(Self { gpu, vit: config.vit, layout, program, passes: Passes::default() })
    }

    /// Sizes of the network.
    pub fn vit(&self) -> &VitConfig {
        &self.vit
    }

    /// A picture at up to `side` pixels on its long side, as
    /// [`Trainer::look`](crate::trainer::Trainer::look) shows it.
    ///
    /// # Errors
    /// [`Error::Config`] for a layer that is not there, [`Error::Image`] for an empty picture,
    /// [`Error::Device`].
    pub async fn look(&mut self, picture: &Picture, layer: usize, side: usize) -> Result<Sight> {
        let grid = seen::grid((picture.width, picture.height), self.vit.patch_size, side);
        self.sight(picture, layer, grid).await
    }

    /// The last layer's attention of a picture whose short side is the size that positions were learned for.
    ///
    /// # Errors
    /// [`Error::Image`] for an empty picture, [`Error::Device`].
    pub async fn attention(&mut self, picture: &Picture) -> Result<AttentionMaps> {
        let (side, layer) = (self.vit.grid(self.vit.img_size), self.vit.depth - 1);
        let grid = seen::native_grid((picture.width, picture.height), side);
        self.sight(picture, layer, grid).await.map(AttentionMaps::from)
    }

    async fn sight(&mut self, picture: &Picture, layer: usize, grid: [usize; 2]) -> Result<Sight> {
        let (gpu, vit) = (&self.gpu, &self.vit);
        let patch = vit.patch_size;
        let picture = seen::resized(picture, grid[0] * patch, grid[1] * patch)?;
        let plan = match self.passes.take((), grid) {
            Some(plan) => plan,
            None => {
                // What a run of the same network has measured, or will have.
                let choices = gpu.tuner.borrow().tuning.choices.clone();
                let tuning = Tuning { choices, ..tune::untuned(gpu) };
                PicturePlan::new(gpu, &self.program, &self.layout, vit, &tuning, ROLE, grid).await?
            }
        };
        let result = plan.run(gpu, &picture, layer, fit::budget(gpu)).await?;
        self.passes.put((), grid, plan);
        Ok(Sight { grid, heads: vit.num_heads, dim: vit.embed_dim, picture, result })
    }
}
