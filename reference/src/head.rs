//! The projection head: three linears, L2-normalise, and K prototypes with weight norm. Invariant:
//! `weight_g` gets no gradient while `norm_last_layer` fixes it.

use crate::error::Result;
use crate::layers::{Linear, Reader};
use crate::settings::Settings;
use burn::module::{Module, Param};
use burn::nn::Gelu;
use burn::tensor::Tensor;

/// The linears up to the bottleneck, counted as PyTorch's `Sequential` does, activations included:
/// `mlp.0`, `mlp.2`, `mlp.4`.
pub type Mlp = (Linear, Gelu, Linear, Gelu, Linear);

/// The head. Fields are the checkpoint's names after `head.`.
#[derive(Module, Debug)]
pub struct DinoHead {
    mlp: Mlp,
    last_layer: WeightNorm,
}

#[derive(Module, Debug)]
struct WeightNorm {
    weight_g: Param<Tensor<2>>, // (K, 1)
    weight_v: Param<Tensor<2>>, // (K, bottleneck)
}

impl DinoHead {
    /// The head of `head.*`.
    ///
    /// # Errors
    /// [`Error::Tensor`](crate::Error::Tensor) for a parameter that is missing or of another shape.
    pub fn read(reader: &Reader, settings: &Settings) -> Result<Self> {
        let head = &settings.head;
        let (bottleneck, prototypes) = (head.bottleneck_dim, head.out_dim);
        let weight_g = reader.read("head.last_layer.weight_g", [prototypes, 1])?;
        Ok(Self {
            mlp: read_mlp(reader, settings)?,
            last_layer: WeightNorm {
                weight_g: weight_g.set_require_grad(!head.norm_last_layer),
                weight_v: reader.read("head.last_layer.weight_v", [prototypes, bottleneck])?,
            },
        })
    }

    /// CLS features (M, D) to logits (M, K): `⟨x/‖x‖, g_k v_k/‖v_k‖⟩`.
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        let x = embed(&self.mlp, features);
        let v = self.last_layer.weight_v.val();
        let weight = self.last_layer.weight_g.val() * (v.clone() / row_norms(v));
        x.matmul(weight.transpose())
    }
}

/// The linears up to the bottleneck, `head.mlp.*`.
///
/// # Errors
/// [`Error::Tensor`](crate::Error::Tensor) for a parameter that is missing or of another shape.
pub fn read_mlp(reader: &Reader, settings: &Settings) -> Result<Mlp> {
    let (width, head) = (settings.vit.embed_dim, &settings.head);
    let (hidden, bottleneck) = (head.hidden_dim, head.bottleneck_dim);
    Ok((
        Linear::read(reader, "head.mlp.0", width, hidden)?,
        Gelu::new(),
        Linear::read(reader, "head.mlp.2", hidden, hidden)?,
        Gelu::new(),
        Linear::read(reader, "head.mlp.4", hidden, bottleneck)?,
    ))
}

/// CLS features (M, D) to rows (M, bottleneck) of length 1.
pub fn embed((fc0, gelu1, fc2, gelu3, fc4): &Mlp, features: Tensor<2>) -> Tensor<2> {
    let x = gelu1.forward(fc0.forward(features));
    let x = fc4.forward(gelu3.forward(fc2.forward(x)));
    x.clone() / row_norms(x).clamp_min(1e-12)
}

/// ‖row‖₂ of (M, N) as (M, 1).
fn row_norms(x: Tensor<2>) -> Tensor<2> {
    x.square().sum_dim(1).sqrt()
}
