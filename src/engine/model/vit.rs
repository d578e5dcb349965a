//! The Vision Transformer as a forward list and, mirrored below it, a backward list. Token-wise work
//! runs once over the packed tokens of all crops; only attention is per resolution. Invariant: names
//! are the checkpoint's, `d_x` is dL/dx, and a backward line undoes the forward line of its name.

use crate::gpu::plan::{Plan, Slice};
use crate::kernels::attention;
use crate::kernels::attention::Sequences;
use crate::kernels::gemm::Epilogue;
use crate::kernels::layer_norm;
use crate::kernels::sparse::Planned;
use crate::kernels::{Rows, tokens};
use crate::model::layers::{Builder, Linear};
use crate::model::layout::Arena;
use dino_core::run::config::{MLP_RATIO, VitConfig};

/// Activations of one block. Without a backward pass all blocks share them.
#[derive(Clone, Copy)]
struct Block {
    x: Slice,         // (R, D) residual stream in
    norm1: Slice,     // (R, D)
    stats1: Slice,    // (R, 2)
    qkv: Slice,       // (R, 3 D)
    attention: Slice, // (R, D)
    lse: Slice,       // (R, heads)
    middle: Slice,    // (R, D) residual stream between the branches
    norm2: Slice,     // (R, D)
    stats2: Slice,    // (R, 2)
    hidden: Slice,    // (R, 4 D) after GELU
    slope: Slice,     // (R, 4 D) GELU's derivative
    out: Slice,       // (R, D) residual stream out
}

/// Activations that a forward pass keeps for its backward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// For features only: all blocks share their buffers.
    Nothing,
    /// The residual stream: the backward pass runs each block again before it goes through it.
    Inputs,
    /// All that the backward pass reads.
    Everything,
}

/// A network's forward pass in a plan, with the buffers that its backward pass and the attention maps read.
pub struct Vit {
    config: VitConfig,
    pub rows: Rows,
    /// (R, 3 p²) normalised patches, zero in CLS rows.
    pub patches: Slice,
    /// (Tg + Tl, D) interpolated positions.
    pub positions: Slice,
    blocks: Vec<Block>,
    cls: Slice,
    cls_stats: Slice,
    /// (crops, D) CLS rows after the final LayerNorm.
    pub features: Slice,
    /// (2 · depth, stride) drop-path scale of each crop for each branch.
    drop_path: Option<(Slice, usize)>,
    keep: Keep,
}

impl Vit {
    /// Adds buffers named `prefix.*`; with `drop_path` also one of scales, because this network drops branches.
    pub fn new(
        plan: &mut Plan,
        prefix: &str,
        config: &VitConfig,
        rows: Rows,
        patches: Slice,
        keep: Keep,
        drop_path: bool,
    ) -> Self {
        let (r, d, heads) = (rows.rows(), config.embed_dim, config.num_heads);
        let hidden = MLP_RATIO * d;
        // What no backward pass reads is scratch.
        let mut buffer = |name: &str, words| {
            let name = format!("{prefix}.{name}");
            if keep == Keep::Nothing { plan.scratch(name, words) } else { plan.buffer(name, words) }
        };
        let positions = buffer("positions", (rows.global_tokens + rows.local_tokens) * d);
        let mut x = buffer("x", r * d);
        let mut blocks: Vec<Block> = Vec::new();
        for i in 0..config.depth {
            let mut add = |name: &str, words| buffer(&format!("blocks.{i}.{name}"), words);
            let block = match blocks.first() {
                // The residual stream goes x → middle → x; everything else is overwritten.
                Some(first) if keep == Keep::Nothing => *first,
                Some(first) if keep == Keep::Inputs => {
                    Block { x, out: add("out", r * d), ..*first }
                }
                _ => {
                    let kept = keep != Keep::Nothing;
                    let norm1 = add("norm1", r * d);
                    Block {
                        x,
                        norm1,
                        stats1: add("norm1.stats", 2 * r),
                        qkv: add("qkv", 3 * r * d),
                        // Each is read for the last time before the next is written.
                        attention: if kept { add("attention", r * d) } else { norm1 },
                        lse: add("lse", r * heads),
                        middle: add("middle", r * d),
                        norm2: if kept { add("norm2", r * d) } else { norm1 },
                        stats2: add("norm2.stats", 2 * r),
                        hidden: add("hidden", r * hidden),
                        slope: if kept { add("slope", r * hidden) } else { x },
                        out: if kept { add("out", r * d) } else { x },
                    }
                }
            };
            x = block.out;
            blocks.push(block);
        }
        let crops = rows.crops();
        let stride = crops.next_multiple_of(64);
        let drop_path = (drop_path && config.drop_path_rate > 0.0)
            .then(|| (buffer("drop_path", 2 * config.depth * stride), stride));
        Self {
            config: config.clone(),
            rows,
            patches,
            positions,
            blocks,
            cls: buffer("cls", crops * d),
            cls_stats: buffer("cls.stats", 2 * crops),
            features: buffer("features", crops * d),
            drop_path,
            keep,
        }
    }

    /// The buffer of drop-path scales and its words from branch to branch.
    pub fn drop_path(&self) -> Option<(Slice, usize)> {
        self.drop_path
    }

    /// Scales of branch 0 (attention) or 1 (MLP) of a block.
    fn scale(&self, block: usize, branch: usize) -> Option<Slice> {
        let (slice, stride) = self.drop_path?;
        Some(slice.part((2 * block + branch) * stride, self.rows.crops()))
    }

    fn sequences(&self) -> Vec<Sequences> {
        let make = |first_row, crops, tokens| Sequences {
            first_row,
            crops,
            tokens,
            heads: self.config.num_heads,
            width: self.config.embed_dim,
        };
        let r = self.rows;
        let mut all = vec![make(0, r.global_crops, r.global_tokens)];
        if r.local_crops > 0 {
            all.push(make(r.global_rows(), r.local_crops, r.local_tokens));
        }
        all
    }

    /// q, k, v and log-sum-exp of a block's attention, for attention maps. Where blocks share their buffers, the next
    /// block overwrites them.
    pub fn attention_of(&self, block: usize) -> (Slice, Slice) {
        (self.blocks[block].qkv, self.blocks[block].lse)
    }

    /// (R, D): the residual stream after the last block.
    pub fn last(&self) -> Slice {
        self.blocks[self.blocks.len() - 1].out
    }

    /// patches → features. Parameters come from `arena`; `positions` interpolates `pos_embed`. Returns the end of
    /// each block's lines.
    pub fn forward(&self, b: &mut Builder, arena: &Arena, positions: &Planned) -> Vec<usize> {
        let (rows, r, d) = (self.rows, self.rows.rows(), self.config.embed_dim);
        let pos_embed = arena.slice(b.tensor("backbone.pos_embed"));
        positions.apply(&mut b.plan, "pos_embed", d, pos_embed, self.positions, false);
        let first = self.blocks[0].x;
        b.linear(
            arena,
            "backbone.patch_embed.proj",
            r,
            self.patches,
            Linear::to(Epilogue::Bias, first),
        );
        let cls_token = arena.slice(b.tensor("backbone.cls_token"));
        tokens::embed(&mut b.plan, rows, d, [self.positions, cls_token, first]);
        let last = self.blocks.len() - 1;
        let mut ends = Vec::with_capacity(self.blocks.len());
        for i in 0..=last {
            let derivative = match self.keep {
                Keep::Nothing => false,
                Keep::Inputs => i == last,
                Keep::Everything => true,
            };
            self.block_forward(b, arena, i, derivative);
            let to = self.residual(i, 1);
            let name = format!("backbone.blocks.{i}.mlp.fc2");
            b.linear(arena, &name, r, self.blocks[i].hidden, to);
            ends.push(b.plan.mark());
        }
        let out = self.last();
        tokens::gather_cls(&mut b.plan, rows, d, [out, self.cls]);
        let norm = b.affine(arena, "backbone.norm");
        let shape = (rows.crops(), d);
        layer_norm::forward(
            &mut b.plan,
            "backbone.norm",
            shape,
            self.cls,
            norm,
            self.features,
            self.cls_stats,
        );
        ends
    }

    /// One block up to its hidden layer: everything that its backward pass reads, and GELU's derivative if
    /// `derivative` is set.
    fn block_forward(&self, b: &mut Builder, arena: &Arena, i: usize, derivative: bool) {
        let (r, d) = (self.rows.rows(), self.config.embed_dim);
        let name = |part: &str| format!("backbone.blocks.{i}.{part}");
        let block = &self.blocks[i];
        let norm1 = b.affine(arena, &name("norm1"));
        layer_norm::forward(
            &mut b.plan,
            &name("norm1"),
            (r, d),
            block.x,
            norm1,
            block.norm1,
            block.stats1,
        );
        b.linear(arena, &name("attn.qkv"), r, block.norm1, Linear::to(Epilogue::Bias, block.qkv));
        for s in self.sequences() {
            attention::forward(
                &mut b.plan,
                &name("attn"),
                s,
                block.qkv,
                block.attention,
                block.lse,
            );
        }
        let to_middle = self.residual(i, 0);
        b.linear(arena, &name("attn.proj"), r, block.attention, to_middle);
        let norm2 = b.affine(arena, &name("norm2"));
        layer_norm::forward(
            &mut b.plan,
            &name("norm2"),
            (r, d),
            block.middle,
            norm2,
            block.norm2,
            block.stats2,
        );
        let gelu = if derivative { Epilogue::BiasGeluDerivative } else { Epilogue::BiasGelu };
        let derivative = derivative.then_some(block.slope);
        let to_hidden = Linear { derivative, ..Linear::to(gelu, block.hidden) };
        b.linear(arena, &name("mlp.fc1"), r, block.norm2, to_hidden);
    }

    /// The linear layer at which branch 0 (attention) or 1 (MLP) of a block joins the residual stream.
    fn residual(&self, i: usize, branch: usize) -> Linear {
        let block = &self.blocks[i];
        let (out, other) =
            if branch == 0 { (block.middle, block.x) } else { (block.out, block.middle) };
        Linear {
            other: Some(other),
            scale: self.scale(i, branch).map(|s| (s, self.rows)),
            ..Linear::to(Epilogue::BiasResidual, out)
        }
    }

    /// d_features → gradients of all backbone parameters, added to the `gradient` arena. It mirrors the forward list
    /// above.
    pub fn backward(&self, b: &mut Builder, student: &Arena, gradient: &Arena, d: &Gradients) {
        let (rows, r, width) = (self.rows, self.rows.rows(), self.config.embed_dim);
        let crops = rows.crops();
        let norm = student.slice(b.tensor("backbone.norm.weight"));
        b.affine_gradient(gradient, "backbone.norm", crops, [self.cls, self.cls_stats, d.features]);
        let unused = b.unused;
        // LayerNorm's gradient is added to the residual stream's, which, scaled, enters the branch below.
        let backward =
            |plan: &mut Plan, name: &str, [x, stats, weight]: [Slice; 3], scale: Option<Slice>| {
                let branch = scale.map(|s| (s, d.branch));
                let (d_y, d_x) = (d.norm, d.x);
                let buffers = layer_norm::Backward {
                    x,
                    stats,
                    weight,
                    d_y,
                    branch,
                    d_x,
                    accumulate: true,
                    unused,
                };
                layer_norm::backward(plan, name, width, rows, &buffers);
            };
        let buffers = layer_norm::Backward {
            x: self.cls,
            stats: self.cls_stats,
            weight: norm,
            d_y: d.features,
            branch: None,
            d_x: d.cls,
            accumulate: false,
            unused,
        };
        layer_norm::backward(&mut b.plan, "backbone.norm", width, Rows::single(crops), &buffers);
        let last = self.blocks.len() - 1;
        let branch = self.scale(last, 1).map(|s| (s, d.branch));
        tokens::scatter_cls(&mut b.plan, rows, width, [d.cls, d.x], branch, unused);
        // Without drop path the branch's gradient is the stream's.
        let d_branch = if self.drop_path.is_some() { d.branch } else { d.x };
        for (i, block) in self.blocks.iter().enumerate().rev() {
            if self.keep == Keep::Inputs && i + 1 < self.blocks.len() {
                self.block_forward(b, student, i, true);
            }
            let name = |part: &str| format!("backbone.blocks.{i}.{part}");
            b.linear_gradient(gradient, &name("mlp.fc2"), r, block.hidden, d_branch);
            b.linear_backward(
                student,
                &name("mlp.fc2"),
                r,
                (d_branch, d.hidden),
                Some(block.slope),
            );
            b.linear_gradient(gradient, &name("mlp.fc1"), r, block.norm2, d.hidden);
            b.linear_backward(student, &name("mlp.fc1"), r, (d.hidden, d.norm), None);
            b.affine_gradient(gradient, &name("norm2"), r, [block.middle, block.stats2, d.norm]);
            let weight = student.slice(b.tensor(&name("norm2.weight")));
            let saved = [block.middle, block.stats2, weight];
            backward(&mut b.plan, &name("norm2"), saved, self.scale(i, 0));
            b.linear_gradient(gradient, &name("attn.proj"), r, block.attention, d_branch);
            b.linear_backward(student, &name("attn.proj"), r, (d_branch, d.norm), None);
            let buffers = attention::Backward {
                qkv: block.qkv,
                out: block.attention,
                lse: block.lse,
                d_out: d.norm,
                d_qkv: d.qkv,
                delta: d.delta,
            };
            for s in self.sequences() {
                attention::backward(&mut b.plan, &name("attn"), s, &buffers);
            }
            b.linear_gradient(gradient, &name("attn.qkv"), r, block.norm1, d.qkv);
            b.linear_backward(student, &name("attn.qkv"), r, (d.qkv, d.norm), None);
            b.affine_gradient(gradient, &name("norm1"), r, [block.x, block.stats1, d.norm]);
            let weight = student.slice(b.tensor(&name("norm1.weight")));
            let below = i.checked_sub(1).and_then(|below| self.scale(below, 1));
            backward(&mut b.plan, &name("norm1"), [block.x, block.stats1, weight], below);
        }
        b.linear_gradient(gradient, "backbone.patch_embed.proj", r, self.patches, d.x);
        tokens::sum_over_crops(&mut b.plan, rows, width, [d.x, d.positions]);
        for (name, matrix) in [
            ("backbone.pos_embed", &d.to_pos_embed),
            ("backbone.cls_token", &d.to_cls_token),
            ("backbone.patch_embed.proj.bias", &d.to_patch_bias),
        ] {
            let to = gradient.slice(b.tensor(name));
            matrix.apply(&mut b.plan, name, width, d.positions, to, true);
        }
    }
}

/// Scratch of the backward pass and the matrices that lead from position gradients to parameters.
pub struct Gradients {
    pub features: Slice,  // (crops, D)
    pub cls: Slice,       // (crops, D)
    pub x: Slice,         // (R, D) residual stream
    pub branch: Slice,    // (R, D) the stream's gradient times the branch's drop-path scale
    pub norm: Slice,      // (R, D)
    pub hidden: Slice,    // (R, 4 D)
    pub qkv: Slice,       // (R, 3 D)
    pub delta: Slice,     // (R, heads)
    pub positions: Slice, // (Tg + Tl, D)
    pub to_pos_embed: Planned,
    pub to_cls_token: Planned,
    pub to_patch_bias: Planned,
}
