//! The Vision Transformer, pre-norm, as burn modules. Invariant: positions of any crop size come from
//! the one learned `pos_embed`, and its gradient flows back through the interpolation.

use crate::error::Result;
use crate::layers::{LayerNorm, Linear, Reader};
use crate::position::interpolation;
use crate::settings::Settings;
use burn::module::{Module, Param};
use burn::tensor::activation::{gelu, softmax};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorCreationOptions, TensorData, module::conv2d};

/// The backbone. Fields are the checkpoint's names after `backbone.`.
#[derive(Module, Debug)]
pub struct VisionTransformer {
    cls_token: Param<Tensor<3>>, // (1, 1, D)
    pos_embed: Param<Tensor<3>>, // (1, N+1, D)
    patch_embed: PatchEmbed,
    blocks: Vec<Block>,
    norm: LayerNorm,
}

/// Results of a forward pass.
pub struct Encoded {
    /// CLS rows after the last LayerNorm (M, D).
    pub features: Tensor<2>,
    /// Softmaxed attention of the last block (M, heads, T, T).
    pub attention: Option<Tensor<4>>,
}

impl VisionTransformer {
    /// The backbone of `backbone.*`.
    ///
    /// # Errors
    /// [`Error::Tensor`](crate::Error::Tensor) for a parameter that is missing or of another shape.
    pub fn read(reader: &Reader, settings: &Settings) -> Result<Self> {
        let vit = &settings.vit;
        let (width, grid) = (vit.embed_dim, settings.grid(vit.img_size));
        let blocks = (0..vit.depth)
            .map(|i| Block::read(reader, &format!("backbone.blocks.{i}"), width, vit.num_heads));
        Ok(Self {
            cls_token: reader.read("backbone.cls_token", [1, 1, width])?,
            pos_embed: reader.read("backbone.pos_embed", [1, grid * grid + 1, width])?,
            patch_embed: PatchEmbed::read(reader, width, vit.patch_size)?,
            blocks: blocks.collect::<Result<_>>()?,
            norm: LayerNorm::read(reader, "backbone.norm", width)?,
        })
    }

    /// Encodes crops (M, 3, S, S). `drop_path` scales both branches of every block per crop:
    /// `[attention, mlp]`, each (M, 1, 1); none scales by 1.
    pub fn forward(&self, crops: Tensor<4>, drop_path: Option<&[[Tensor<3>; 2]]>) -> Encoded {
        self.encode(self.patch_embed.forward(crops), drop_path)
    }

    /// CLS features (M, D) of crops that are already cut into patches (M, N, 3·patch²), each in the
    /// order of the convolution's kernel.
    #[cfg(feature = "peer-wgpu")]
    pub fn forward_patches(&self, patches: Tensor<3>) -> Tensor<2> {
        self.encode(self.patch_embed.project(patches), None).features
    }

    /// Encodes embedded patches (M, N, D).
    fn encode(&self, patches: Tensor<3>, drop_path: Option<&[[Tensor<3>; 2]]>) -> Encoded {
        let [count, tokens, width] = patches.dims();
        let cls = self.cls_token.val().expand([count, 1, width]);
        let grid = tokens.isqrt();
        let mut x = Tensor::cat(vec![cls, patches], 1) + self.positions(grid);
        let mut attention = None;
        for (i, block) in self.blocks.iter().enumerate() {
            let scales = drop_path.and_then(|scales| scales.get(i));
            let (next, weights) = block.forward(x, scales);
            (x, attention) = (next, Some(weights));
        }
        let features = self.norm.forward(x.narrow(1, 0, 1)).squeeze_dim(1);
        Encoded { features, attention }
    }

    /// Positions (1, grid² + 1, D) of a square grid of patches.
    pub fn positions(&self, grid: usize) -> Tensor<3> {
        let learned = self.pos_embed.val();
        let [_, tokens, _] = learned.dims();
        let old = (tokens - 1).isqrt();
        if grid == old {
            return learned;
        }
        let data = TensorData::new(interpolation(old, grid), [1, grid * grid, old * old]);
        let options = TensorCreationOptions::new(learned.device()).with_dtype(learned.dtype());
        let matrix = Tensor::<3>::from_data(data, options);
        let patches = matrix.matmul(learned.clone().narrow(1, 1, old * old));
        Tensor::cat(vec![learned.narrow(1, 0, 1), patches], 1)
    }
}

/// A convolution whose kernel and stride are the patch.
#[derive(Module, Debug)]
struct PatchEmbed {
    proj: Convolution,
}

#[derive(Module, Debug)]
struct Convolution {
    weight: Param<Tensor<4>>, // (D, 3, patch, patch)
    bias: Param<Tensor<1>>,   // (D)
}

impl PatchEmbed {
    fn read(reader: &Reader, width: usize, patch: usize) -> Result<Self> {
        let weight = reader.read("backbone.patch_embed.proj.weight", [width, 3, patch, patch])?;
        let bias = reader.read("backbone.patch_embed.proj.bias", [width])?;
        Ok(Self { proj: Convolution { weight, bias } })
    }

    /// (M, 3, S, S) to (M, (S/patch)², D), patches row-major.
    fn forward(&self, crops: Tensor<4>) -> Tensor<3> {
        let (weight, bias) = (self.proj.weight.val(), self.proj.bias.val());
        let [_, _, patch, _] = weight.dims();
        let options = ConvOptions::new([patch, patch], [0, 0], [1, 1], 1);
        conv2d(crops, weight, Some(bias), options).flatten::<3>(2, 3).swap_dims(1, 2)
    }

    /// The same for patches (M, N, 3·patch²).
    #[cfg(feature = "peer-wgpu")]
    fn project(&self, patches: Tensor<3>) -> Tensor<3> {
        let weight = self.proj.weight.val().flatten::<2>(1, 3).transpose();
        burn::tensor::module::linear(patches, weight, Some(self.proj.bias.val()))
    }
}

/// `x += attn(norm1(x)); x += mlp(norm2(x))`.
#[derive(Module, Debug)]
struct Block {
    norm1: LayerNorm,
    attn: Attention,
    norm2: LayerNorm,
    mlp: Mlp,
}

impl Block {
    fn read(reader: &Reader, name: &str, width: usize, heads: usize) -> Result<Self> {
        let mlp = format!("{name}.mlp");
        Ok(Self {
            norm1: LayerNorm::read(reader, &format!("{name}.norm1"), width)?,
            attn: Attention::read(reader, &format!("{name}.attn"), width, heads)?,
            norm2: LayerNorm::read(reader, &format!("{name}.norm2"), width)?,
            mlp: Mlp {
                fc1: Linear::read(reader, &format!("{mlp}.fc1"), width, 4 * width)?,
                fc2: Linear::read(reader, &format!("{mlp}.fc2"), 4 * width, width)?,
            },
        })
    }

    /// (M, T, D) to (M, T, D), and the attention (M, heads, T, T).
    fn forward(&self, x: Tensor<3>, scales: Option<&[Tensor<3>; 2]>) -> (Tensor<3>, Tensor<4>) {
        let scale = |branch: Tensor<3>, i: usize| match scales {
            Some(scales) => branch * scales[i].clone(),
            None => branch,
        };
        let (branch, attention) = self.attn.forward(self.norm1.forward(x.clone()));
        let x = x + scale(branch, 0);
        let branch = self.mlp.forward(self.norm2.forward(x.clone()));
        (x + scale(branch, 1), attention)
    }
}

/// Multi-head self-attention.
#[derive(Module, Debug)]
struct Attention {
    qkv: Linear, // rows: q, k, v; each heads × head_dim
    proj: Linear,
    #[module(skip)]
    heads: usize,
}

impl Attention {
    fn read(reader: &Reader, name: &str, width: usize, heads: usize) -> Result<Self> {
        Ok(Self {
            qkv: Linear::read(reader, &format!("{name}.qkv"), width, 3 * width)?,
            proj: Linear::read(reader, &format!("{name}.proj"), width, width)?,
            heads,
        })
    }

    /// (M, T, D) to (M, T, D), and the softmaxed attention (M, heads, T, T).
    fn forward(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<4>) {
        let [count, tokens, width] = x.dims();
        let head_dim = width / self.heads;
        let qkv = self.qkv.forward(x).reshape([count, tokens, 3 * self.heads, head_dim]);
        let part = |i| qkv.clone().narrow(2, i * self.heads, self.heads).swap_dims(1, 2);
        let scores = part(0).matmul(part(1).transpose()) / (head_dim as f64).sqrt();
        let attention = softmax(scores, 3);
        let mixed = attention.clone().matmul(part(2)); // (M, heads, T, head_dim)
        let mixed = mixed.swap_dims(1, 2).reshape([count, tokens, width]);
        (self.proj.forward(mixed), attention)
    }
}

/// `fc2(GELU(fc1(x)))`, four times as wide in between.
#[derive(Module, Debug)]
struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

impl Mlp {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.fc2.forward(gelu(self.fc1.forward(x)))
    }
}
