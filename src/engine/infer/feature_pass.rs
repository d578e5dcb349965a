//! Feature pass: a forward pass over several square images at once, for their CLS features. Invariant: it owns
//! its activations and borrows the parameters, so training is not disturbed.

use crate::gpu::device::Gpu;
use crate::gpu::limits::Limits;
use crate::gpu::plan::{ALIGN, Plan, Slice};
use crate::gpu::program::Program;
use crate::infer::attention_pass::{Network, network, tuned};
use crate::kernels::gemm::{Shape, Tuning};
use crate::model::layers::Builder;
use crate::model::layout::Layout;
use crate::tune::tuner;
use dino_core::data::picture::Picture;
use dino_core::data::preprocess;
use dino_core::error::{Error, ImageProblem, Result};
use dino_core::run::config::VitConfig;

/// A forward pass for some images of `side` × `side` pixels.
pub struct FeaturePass {
    program: Program,
    patches: Slice,
    /// (count, D) CLS tokens after the final LayerNorm.
    features: Slice,
    /// Images of one run of the pass.
    count: usize,
    side: usize,
    patch: usize,
    width: usize,
}

/// The pass as data.
struct FeatureList {
    plan: Plan,
    patches: Slice,
    features: Slice,
    /// Words to write once.
    uploads: Vec<(Slice, Vec<u32>)>,
}

/// The network, the arena and the image size of a pass.
#[derive(Clone, Copy)]
pub struct FeatureSpec<'a> {
    pub layout: &'a Layout,
    pub vit: &'a VitConfig,
    /// The arena whose parameters are borrowed.
    pub role: &'a str,
    /// Side in pixels of the images.
    pub side: usize,
}

impl FeatureSpec<'_> {
    fn list(&self, tuning: &Tuning, count: usize) -> FeatureList {
        let mut b = Builder::new(self.layout, tuning, ALIGN / 4);
        let grid = self.vit.grid(self.side);
        let Network { vit: network, arena, positions, patches } =
            network(&mut b, self.vit, self.role, [grid, grid], count);
        network.forward(&mut b, &arena, &positions);
        let mut plan: Plan = b.plan;
        // The results are read after the last line.
        plan.buffers[network.features.buffer].scratch = false;
        plan.share();
        FeatureList { plan, patches, features: network.features, uploads: positions.uploads }
    }

    /// How many images at once a device of these limits can hold, at most [`FeaturePass::COUNT`].
    fn count(&self, tuning: &Tuning, limits: Limits) -> usize {
        let mut count = FeaturePass::COUNT;
        while count > 1 && limits.check(&self.list(tuning, count).plan).is_err() {
            count /= 2;
        }
        count
    }

    /// The products of the pass, to be measured.
    pub fn shapes(&self, gpu: &Gpu, tuning: &Tuning) -> Vec<Shape> {
        tuner::shapes(&self.list(tuning, self.count(tuning, gpu.bounds())).plan)
    }
}

impl FeaturePass {
    /// Images of one run, unless the device is too small: enough rows to keep a device busy.
    pub const COUNT: usize = 16;

    /// Plans and builds the pass; parameters are `owner`'s.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where not even one image fits, and what [`Program::new`] reports.
    pub async fn new(
        gpu: &Gpu,
        owner: &Program,
        spec: FeatureSpec<'_>,
        tuning: &Tuning,
    ) -> Result<Self> {
        let limits = gpu.bounds();
        let count = spec.count(tuning, limits);
        let shapes = spec.list(tuning, count);
        let tuning = tuned(tuning, shapes.plan.dispatches.iter().filter_map(Shape::of));
        let FeatureList { plan, patches, features, uploads } = spec.list(&tuning, count);
        limits.check(&plan)?;
        let program = Program::new(gpu, plan, &[owner]).await?;
        for (slice, words) in &uploads {
            program.write(gpu, *slice, words);
        }
        let (patch, width) = (spec.vit.patch_size, spec.vit.embed_dim);
        Ok(Self { program, patches, features, count, side: spec.side, patch, width })
    }

    /// Features (n, D) of any number of images, in submits of at most `budget` multiply-adds.
    ///
    /// # Errors
    /// [`Error::Image`] for another size, [`Error::Device`] when the device fails.
    pub async fn all(&self, gpu: &Gpu, pictures: &[Picture], budget: u64) -> Result<Vec<f32>> {
        let mut features = Vec::with_capacity(pictures.len() * self.width);
        for pictures in pictures.chunks(self.count) {
            features.extend(self.run(gpu, pictures, budget).await?);
        }
        Ok(features)
    }

    /// Features of at most as many images as the pass was built for.
    async fn run(&self, gpu: &Gpu, pictures: &[Picture], budget: u64) -> Result<Vec<f32>> {
        let side = self.side;
        let wrong = pictures.iter().find(|p| (p.width, p.height) != (side, side));
        if let Some(picture) = wrong {
            let (expected, found) = ([side, side], [picture.width, picture.height]);
            return Err(Error::image("", ImageProblem::Size { expected, found }));
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
