//! Layout of the parameters in memory. One layout serves five arenas (student, teacher, gradient, first and
//! second moment), so clipping, AdamW and the teacher average are a handful of dispatches over the whole model.
//! Invariants: a tensor starts at a multiple of 64 words and lies in one window; its rows are padded with zeros
//! to multiples of four words; a window never exceeds a binding.

use crate::gpu::limits::Limits;
use crate::gpu::plan::{ALIGN, Plan, Slice};
use crate::kernels::update::{BACKBONE, CHUNK, DECAYED, FIXED, LAST_LAYER};
use dino_core::error::{Bound, Error, Result};
use dino_core::run::config::Config;
use dino_core::weights::parameters;
use dino_core::weights::parameters::{Parameter, ParameterKind};

/// Words that tensors start at multiples of.
const BLOCK: usize = ALIGN / 4;

/// One parameter tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Name in the checkpoint.
    pub name: String,
    pub shape: Vec<usize>,
    /// What it is in its layer.
    pub kind: ParameterKind,
    pub rows: usize,
    pub columns: usize,
    /// Words from row to row.
    pub stride: usize,
    pub window: usize,
    /// First word in its window.
    pub start: usize,
    /// DECAYED, LAST_LAYER, FIXED, BACKBONE.
    pub flags: u32,
}

impl Tensor {
    /// Words with row padding.
    pub fn words(&self) -> usize {
        self.rows * self.stride
    }

    /// Values of the tensor as they lie in the arena.
    pub fn pack(&self, values: &[f32]) -> Vec<f32> {
        let mut words = vec![0.0; self.words()];
        for (to, from) in words.chunks_mut(self.stride).zip(values.chunks(self.columns)) {
            to[..self.columns].copy_from_slice(from);
        }
        words
    }

    /// The inverse of [`Tensor::pack`].
    pub fn unpack(&self, words: &[f32]) -> Vec<f32> {
        words
            .chunks(self.stride)
            .take(self.rows)
            .flat_map(|r| &r[..self.columns])
            .copied()
            .collect()
    }
}

/// All parameters of one network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub tensors: Vec<Tensor>,
    /// Words of each window.
    pub windows: Vec<usize>,
}

impl Layout {
    /// Lays out the network of `config`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when one tensor exceeds a binding.
    pub fn new(config: &Config, limits: Limits) -> Result<Self> {
        let mut layout = Self { tensors: Vec::new(), windows: vec![0] };
        for parameter in parameters::all(config) {
            let (rows, columns) = matrix(&parameter);
            let flags = flags(&parameter, config.head.norm_last_layer);
            let Parameter { name, shape, kind, .. } = parameter;
            let stride = columns.next_multiple_of(4);
            let words = (rows * stride).next_multiple_of(BLOCK);
            if words as u64 * 4 > limits.window() {
                return Err(Error::TooLarge {
                    tensor: name,
                    bytes: words as u64 * 4,
                    limit: limits.window(),
                    bound: Bound::Binding,
                    largest_batch: None,
                });
            }
            let mut window = layout.windows.len() - 1;
            if (layout.windows[window] + words) as u64 * 4 > limits.window() {
                layout.windows.push(0);
                window += 1;
            }
            let start = layout.windows[window];
            layout.windows[window] += words;
            layout.tensors.push(Tensor {
                name,
                shape,
                kind,
                rows,
                columns,
                stride,
                window,
                start,
                flags,
            });
        }
        Ok(layout)
    }

    /// The backbone's part, which comes first in each of its windows.
    pub fn backbone(&self) -> Self {
        let of_backbone = self.tensors.iter().filter(|t| t.flags & BACKBONE != 0);
        let tensors: Vec<_> = of_backbone.cloned().collect();
        let mut windows = vec![0; tensors.last().map_or(0, |last| last.window + 1)];
        for t in &tensors {
            windows[t.window] = windows[t.window].max(t.start + t.words());
        }
        Self { tensors, windows }
    }

    /// A tensor by its checkpoint name.
    pub fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|t| t.name == name)
    }

    /// The tensor of a layer that is one of these kinds.
    pub fn part(&self, layer: &str, kinds: &[ParameterKind]) -> Option<&Tensor> {
        let named = |t: &&Tensor| {
            let rest = t.name.strip_prefix(layer).and_then(|rest| rest.strip_prefix('.'));
            rest == Some(t.kind.suffix())
        };
        self.tensors.iter().find(|t| kinds.contains(&t.kind) && named(t))
    }

    /// Chunks of at most [`CHUNK`] words, each in one tensor, window by window: (window, start, words).
    fn chunk_list(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.tensors.iter().flat_map(|t| {
            (0..t.words())
                .step_by(CHUNK)
                .map(move |at| (t.window, t.start + at, CHUNK.min(t.words() - at)))
        })
    }

    /// (start, words) of all chunks, flat.
    pub fn chunks(&self) -> Vec<u32> {
        self.chunk_list().flat_map(|(_, start, words)| [start as u32, words as u32]).collect()
    }

    /// First chunk and number of chunks of a window.
    pub fn window_chunks(&self, window: usize) -> (usize, usize) {
        let first = self.chunk_list().position(|(w, ..)| w == window).unwrap_or(0);
        (first, self.chunk_list().filter(|(w, ..)| *w == window).count())
    }

    /// (first chunk, chunks, flags, 0) of all tensors, flat.
    pub fn table(&self) -> Vec<u32> {
        let mut first = 0;
        let mut table = Vec::with_capacity(4 * self.tensors.len());
        for t in &self.tensors {
            let chunks = t.words().div_ceil(CHUNK) as u32;
            table.extend([first, chunks, t.flags, 0]);
            first += chunks;
        }
        table
    }

    /// Tensor of every block of 64 words of a window.
    pub fn blocks(&self, window: usize) -> Vec<u32> {
        let mut blocks = vec![0; self.windows[window] / BLOCK];
        for (i, t) in self.tensors.iter().enumerate().filter(|(_, t)| t.window == window) {
            blocks[t.start / BLOCK..][..t.words().div_ceil(BLOCK)].fill(i as u32);
        }
        blocks
    }
}

/// Rows and columns of a tensor as a matrix: a row is the last axis, or the patch of a convolution.
fn matrix(parameter: &Parameter) -> (usize, usize) {
    use ParameterKind::*;
    let shape = &parameter.shape;
    let all: usize = shape.iter().product();
    let rows = match parameter.kind {
        PatchBias | Bias | NormWeight | NormBias | Length => 1,
        PatchWeight => shape[0],
        ClsToken | Positions | Weight | Direction => all / shape[shape.len() - 1],
    };
    (rows, all / rows)
}

/// Weight decay for all but biases and one-dimensional tensors, as in the official parameter groups.
fn flags(parameter: &Parameter, norm_last_layer: bool) -> u32 {
    use ParameterKind::*;
    let decayed = match parameter.kind {
        PatchBias | Bias | NormWeight | NormBias => 0,
        ClsToken | Positions | PatchWeight | Weight | Length | Direction => DECAYED,
    };
    let last = match parameter.kind {
        Length if norm_last_layer => LAST_LAYER | FIXED,
        Length | Direction => LAST_LAYER,
        _ => 0,
    };
    decayed | last | if parameter.of_backbone { BACKBONE } else { 0 }
}

/// One of the five arenas in a plan.
#[derive(Debug, Clone)]
pub struct Arena {
    pub windows: Vec<Slice>,
}

impl Arena {
    /// Adds an arena's buffers, named `role.window`.
    pub fn new(plan: &mut Plan, role: &str, layout: &Layout, external: bool) -> Self {
        let windows = layout.windows.iter().enumerate().map(|(i, words)| {
            let name = format!("{role}.{i}");
            if external { plan.external(name, *words) } else { plan.buffer(name, *words) }
        });
        Self { windows: windows.collect() }
    }

    /// The words of a tensor.
    pub fn slice(&self, tensor: &Tensor) -> Slice {
        self.windows[tensor.window].part(tensor.start, tensor.words())
    }
}
