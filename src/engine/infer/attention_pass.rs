//! Attention pass: a forward pass over one image of any aspect ratio, for attention, queries and keys of any
//! layer and features of the last. It borrows the parameters, so it shows a network as it is now. Invariant: it
//! owns its activations, so training is not disturbed.

use crate::gpu::device::Gpu;
use crate::gpu::plan::{ALIGN, Phase, Plan, Slice};
use crate::gpu::program::Program;
use crate::kernels::attention_map::{Crop, attention_map};
use crate::kernels::copy::copy;
use crate::kernels::gemm::{Shape, Tuning};
use crate::kernels::sparse::Planned;
use crate::kernels::{Rows, layer_norm, normalize};
use crate::model::layers::Builder;
use crate::model::layout::{Arena, Layout};
use crate::model::positions::interpolation;
use crate::model::vit::{Keep, Vit};
use dino_core::data::picture::Picture;
use dino_core::data::preprocess;
use dino_core::error::{Error, ImageProblem, Result, StateError};
use dino_core::run::config::VitConfig;
use dino_core::view::attention::AttentionMaps;
use std::ops::Range;

/// A forward pass for images of `grid` = (across, down) patches.
pub struct AttentionPass {
    program: Program,
    /// Its plan has moved into `program`.
    list: PictureList,
}

/// The pass as data; the CPU twins can run it too.
pub struct PictureList {
    pub plan: Plan,
    /// (T, 3 p²) normalised patches, zero in the CLS row.
    pub patches: Slice,
    /// All results, read at once: map, qkv, tokens.
    pub out: Slice,
    /// Words to write once.
    pub uploads: Vec<(Slice, Vec<u32>)>,
    grid: [usize; 2],
    patch: usize,
    heads: usize,
    width: usize,
    /// The end of each block's lines; from there to the end of the next block's, its attention can be read.
    blocks: Vec<usize>,
    /// Lines that copy the attention of the last block that ran to the results.
    shown: Range<usize>,
    /// Words of `out` before qkv and before the tokens.
    starts: [usize; 2],
}

/// Results of a forward pass over an image; N patches, T = N + 1 tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionResult {
    /// (heads, N): the layer's CLS row, CLS column dropped.
    pub attention: Vec<f32>,
    /// (heads, T, D / heads), scaled by (D / heads)^-½.
    pub queries: Vec<f32>,
    /// (heads, T, D / heads)
    pub keys: Vec<f32>,
    /// (N, D): patch tokens of the last layer after the final LayerNorm, L2-normalised.
    pub features: Vec<f32>,
    /// (D): the CLS token, likewise.
    pub cls: Vec<f32>,
}

/// The network of a pass over `count` images of one grid, its buffers and its positions.
pub(crate) struct Network {
    pub vit: Vit,
    pub arena: Arena,
    pub positions: Planned,
    pub patches: Slice,
}

/// Adds a network whose parameters are `role`'s, owned by another program.
pub(crate) fn network(
    b: &mut Builder,
    vit: &VitConfig,
    role: &str,
    [across, down]: [usize; 2],
    count: usize,
) -> Network {
    b.plan.phase(Phase::Picture);
    let tokens = across * down + 1;
    let rows = Rows { global_crops: count, global_tokens: tokens, local_crops: 0, local_tokens: 0 };
    let arena = Arena::new(&mut b.plan, role, b.layout, true);
    let patches = b.plan.buffer("picture.patches", rows.rows() * vit.patch_values());
    let matrix = interpolation(vit.grid(vit.img_size), down, across);
    let positions = Planned::new(&mut b.plan, "picture.interpolation", &matrix);
    let vit = Vit::new(&mut b.plan, "picture", vit, rows, patches, Keep::Nothing, false);
    Network { vit, arena, positions, patches }
}

/// The choices of a run, extended to the products of a pass. A run's products are measured and their shaders
/// compiled; those of a pass have other numbers of rows and take the choice of the nearest.
pub(crate) fn tuned(tuning: &Tuning, shapes: impl Iterator<Item = Shape>) -> Tuning {
    let mut tuning = tuning.clone();
    for shape in shapes {
        let nearest = (tuning.choices.iter())
            .filter(|(s, _)| (s.form, s.n, s.k) == (shape.form, shape.n, shape.k))
            .min_by_key(|(s, _)| s.m.abs_diff(shape.m))
            .map(|(_, choice)| *choice);
        if let Some(choice) = nearest {
            tuning.choices.entry(shape).or_insert(choice);
        }
    }
    tuning
}

impl PictureList {
    /// Plans the pass. `role` is the arena: "student", "teacher" or another that `layout` describes.
    pub fn new(
        layout: &Layout,
        vit: &VitConfig,
        tuning: &Tuning,
        role: &str,
        grid: [usize; 2],
    ) -> Self {
        let mut b = Builder::new(layout, tuning, ALIGN / 4);
        let Network { vit: network, arena, positions, patches } =
            network(&mut b, vit, role, grid, 1);
        let (tokens, d, heads) = (network.rows.rows(), vit.embed_dim, vit.num_heads);
        let sizes = [heads * tokens, 3 * tokens * d, tokens * d];
        let [map, qkv, units] = sizes.map(|words| words.next_multiple_of(ALIGN / 4));
        let out = b.plan.buffer("picture.out", map + qkv + units);
        let starts = [map, map + qkv];
        let normed = b.plan.scratch("picture.normed", tokens * d);
        let stats = b.plan.scratch("picture.normed.stats", 2 * tokens);
        let inverse = b.plan.scratch("picture.inverse", tokens);

        let blocks = network.forward(&mut b, &arena, &positions);
        let norm = b.affine(&arena, "backbone.norm");
        let shape = (tokens, d);
        layer_norm::forward(&mut b.plan, "tokens", shape, network.last(), norm, normed, stats);
        let shape = normalize::RowShape { rows: tokens, width: d, stride: d };
        let units = [normed, out.part(starts[1], sizes[2]), inverse];
        normalize::l2_normalize(&mut b.plan, "units", shape, units);
        let end = b.plan.mark();
        // All blocks share their buffers, so these lines show the block that has just run.
        let (qkv, lse) = network.attention_of(0);
        let crop = Crop { first_row: 0, tokens, heads, width: d };
        let map = out.part(0, sizes[0]);
        attention_map(&mut b.plan, "map", crop, 0..1, [qkv, lse, map]);
        copy(&mut b.plan, "qkv", qkv, out.part(starts[0], sizes[1]));
        Self {
            shown: end..b.plan.mark(),
            plan: b.plan,
            patches,
            out,
            uploads: positions.uploads,
            grid,
            patch: vit.patch_size,
            heads,
            width: d,
            blocks,
            starts,
        }
    }

    /// The lines that show a layer, in the order in which they run.
    ///
    /// # Errors
    /// [`Error::State`] for a layer that is not there.
    pub fn lines(&self, layer: usize) -> Result<[Range<usize>; 3]> {
        let Some(end) = self.blocks.get(layer).copied() else {
            let last = self.blocks.len().saturating_sub(1);
            return Err(StateError::NoLayer { last, found: layer }.into());
        };
        Ok([0..end, self.shown.clone(), end..self.shown.start])
    }

    /// The words of [`patches`](Self::patches) for an image.
    ///
    /// # Errors
    /// [`Error::Image`] for another size than the grid's.
    pub fn input(&self, picture: &Picture) -> Result<Vec<f32>> {
        let [width, height] = self.grid.map(|patches| patches * self.patch);
        if (picture.width, picture.height) != (width, height) {
            let (expected, found) = ([width, height], [picture.width, picture.height]);
            return Err(Error::image("", ImageProblem::Size { expected, found }));
        }
        Ok(preprocess::patches(picture, self.patch))
    }

    /// The words of [`out`](Self::out) as a result.
    pub fn result(&self, out: &[f32]) -> AttentionResult {
        let [across, down] = self.grid;
        let (tokens, d, dim) = (across * down + 1, self.width, self.width / self.heads);
        let (map, qkv) = (&out[..self.heads * tokens], &out[self.starts[0]..][..3 * tokens * d]);
        let units = &out[self.starts[1]..][..tokens * d];
        let scale = (dim as f32).powf(-0.5);
        let part = |first: usize, scale: f32| -> Vec<f32> {
            let mut values = Vec::with_capacity(tokens * d);
            for head in 0..self.heads {
                for row in qkv.chunks(3 * d) {
                    let of_head = &row[first + head * dim..][..dim];
                    values.extend(of_head.iter().map(|v| v * scale));
                }
            }
            values
        };
        AttentionResult {
            attention: map.chunks(tokens).flat_map(|row| &row[1..]).copied().collect(),
            queries: part(0, scale),
            keys: part(d, 1.0),
            features: units[d..].to_vec(),
            cls: units[..d].to_vec(),
        }
    }
}

/// Results of a pass over an image, with the image and the sizes of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Inference {
    /// Patches across and down.
    pub grid: [usize; 2],
    pub heads: usize,
    /// D
    pub dim: usize,
    /// The image at the size of whole patches.
    pub picture: Picture,
    pub result: AttentionResult,
}

impl From<Inference> for AttentionMaps {
    fn from(inference: Inference) -> Self {
        let Inference { heads, grid, result, .. } = inference;
        Self { heads, grid, values: result.attention }
    }
}

impl AttentionPass {
    /// Plans and builds the pass; parameters are `owner`'s.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a grid that this device cannot hold, and what [`Program::new`] reports.
    pub async fn new(
        gpu: &Gpu,
        owner: &Program,
        layout: &Layout,
        vit: &VitConfig,
        tuning: &Tuning,
        role: &str,
        grid: [usize; 2],
    ) -> Result<Self> {
        let list = |tuning: &Tuning| PictureList::new(layout, vit, tuning, role, grid);
        let shapes = list(tuning);
        let tuning = tuned(tuning, shapes.plan.dispatches.iter().filter_map(Shape::of));
        let mut list = list(&tuning);
        gpu.bounds().check(&list.plan)?;
        let program = Program::new(gpu, std::mem::take(&mut list.plan), &[owner]).await?;
        for (slice, words) in &list.uploads {
            program.write(gpu, *slice, words);
        }
        Ok(Self { program, list })
    }

    /// Bytes of device memory that it holds.
    pub fn bytes(&self) -> u64 {
        self.program.plan.bytes()
    }

    /// The results for a layer and an image whose sides are the grid's patches, in submits of at most `budget`
    /// multiply-adds.
    ///
    /// # Errors
    /// [`Error::Image`] for another size, [`Error::State`] for a layer that is not there,
    /// [`Error::Device`] when the device fails.
    pub async fn run(
        &self,
        gpu: &Gpu,
        picture: &Picture,
        layer: usize,
        budget: u64,
    ) -> Result<AttentionResult> {
        let lines = self.list.lines(layer)?;
        let input = self.list.input(picture)?;
        self.program.write_f32(gpu, self.list.patches, &input);
        for lines in lines {
            for submit in self.program.plan.submits(lines, budget) {
                self.program.run(gpu, submit);
            }
        }
        let out = self.program.read(gpu, self.list.out).await?;
        Ok(self.list.result(&out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::limits::Limits;
    use crate::verify::checks::tiny;

    fn list() -> PictureList {
        let config = tiny::config();
        let layout = Layout::new(&config, Limits::DEFAULT).unwrap();
        PictureList::new(&layout, &config.vit, &Tuning::default(), "teacher", [5, 3])
    }

    #[test]
    fn every_layer_runs_every_line_of_the_network_once() {
        let list = list();
        for layer in 0..3 {
            let [before, shown, after] = list.lines(layer).unwrap();
            assert_eq!((before.start, before.end), (0, after.start));
            assert_eq!((after.end, shown.end), (shown.start, list.plan.dispatches.len()));
            let last = &list.plan.dispatches[before.end - 1].name;
            assert_eq!(*last, format!("backbone.blocks.{layer}.mlp.fc2"));
        }
        assert!(list.lines(3).is_err());
        for d in &list.plan.dispatches {
            assert_eq!(d.conflict(), None, "{}", d.name);
            assert!(d.bindings.iter().all(|s| s.start * 4 % ALIGN == 0), "{}", d.name);
        }
    }

    #[test]
    fn products_take_the_choice_of_the_nearest_rows() {
        use crate::kernels::gemm::{Choice, Form, VARIANTS};
        let shape = |m, n| Shape { form: Form::Nt, m, n, k: 12 };
        let choice = |i: usize| Choice { variant: VARIANTS[i], parts: 1 };
        let mut tuning = Tuning::default();
        tuning.choices.extend([(shape(40, 36), choice(1)), (shape(9, 36), choice(2))]);
        let tuned = tuned(&tuning, [shape(16, 36), shape(90, 36), shape(9, 48)].into_iter());
        assert_eq!(tuned.choice(shape(16, 36)), choice(2));
        assert_eq!(tuned.choice(shape(90, 36)), choice(1));
        assert_eq!(tuned.choices.len(), 4, "nothing is known of 48 columns");
    }

    #[test]
    fn another_size_is_refused() {
        let picture = Picture { width: 20, height: 12, rgba: vec![9; 20 * 12 * 4] };
        assert_eq!(list().input(&picture).unwrap().len(), 16 * 48);
        let picture = Picture { width: 12, height: 20, rgba: vec![9; 20 * 12 * 4] };
        assert!(list().input(&picture).is_err());
    }
}
