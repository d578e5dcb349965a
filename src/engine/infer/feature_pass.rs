//! A forward pass over some square pictures at once, for their CLS features. Invariant: training is not
//! disturbed: it owns its activations, and borrows the parameters.

use crate::gpu::device::Gpu;
use crate::gpu::plan::{ALIGN, Plan, Slice};
use crate::gpu::program::Program;
use crate::infer::attention_pass::{Network, network, tuned};
use crate::kernels::gemm::{Shape, Tuning};
use crate::model::layers::Builder;
use crate::model::layout::Layout;
use dino_core::data::picture::Picture;
use dino_core::data::preprocess;
use dino_core::error::{Error, ImageProblem, Result, StateError};
use dino_core::run::config::Config;

/// A forward pass for [`COUNT`](Self::COUNT) pictures of `side` × `side` pixels.
pub struct FeaturePass {
    program: Program,
    patches: Slice,
    /// (COUNT, D) CLS tokens after the final LayerNorm.
    features: Slice,
    side: usize,
    patch: usize,
    width: usize,
}

impl FeaturePass {
    /// Pictures of one run: enough rows to keep a device busy.
    pub const COUNT: usize = 16;

    /// Plans and builds the pass; parameters are `owner`'s arena `role`.
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
    ) -> Result<Self> {
        let (vit, side) = (&config.vit, config.crops.global_size);
        let grid = vit.grid(side);
        let plan = |tuning: &Tuning| {
            let mut b = Builder::new(layout, tuning, ALIGN / 4);
            let Network { vit: network, arena, positions, patches } =
                network(&mut b, vit, role, [grid, grid], Self::COUNT);
            network.forward(&mut b, &arena, &positions);
            let mut plan: Plan = b.plan;
            // The results are read after the last line.
            plan.buffers[network.features.buffer].scratch = false;
            plan.share();
            (plan, positions.uploads, patches, network.features)
        };
        let (shapes, ..) = plan(tuning);
        let tuning = tuned(tuning, shapes.dispatches.iter().filter_map(Shape::of));
        let (plan, uploads, patches, features) = plan(&tuning);
        let program = Program::new(gpu, plan, &[owner]).await?;
        for (slice, words) in &uploads {
            program.write(gpu, *slice, words);
        }
        Ok(Self { program, patches, features, side, patch: vit.patch_size, width: vit.embed_dim })
    }

    /// Features (n, D) of at most [`COUNT`](Self::COUNT) pictures, in submits of at most `budget`
    /// multiply-adds.
    ///
    /// # Errors
    /// [`Error::Image`] for another size, [`Error::State`] for too many, [`Error::Device`] when the device fails.
    pub async fn run(&self, gpu: &Gpu, pictures: &[Picture], budget: u64) -> Result<Vec<f32>> {
        let side = self.side;
        let wrong = pictures.iter().find(|p| (p.width, p.height) != (side, side));
        if let Some(picture) = wrong {
            let (expected, found) = ([side, side], [picture.width, picture.height]);
            return Err(Error::image("", ImageProblem::Size { expected, found }));
        }
        if pictures.len() > Self::COUNT {
            let (most, found) = (Self::COUNT, pictures.len());
            return Err(StateError::TooManyImages { most, found }.into());
        }
        let rows: Vec<f32> =
            pictures.iter().flat_map(|picture| preprocess::patches(picture, self.patch)).collect();
        self.program.write_f32(gpu, self.patches, &rows);
        for submit in self.program.plan.submits(0..self.program.plan.mark(), budget) {
            self.program.run(gpu, submit);
        }
        let features = self.features.part(0, pictures.len() * self.width);
        self.program.read(gpu, features).await
    }
}
