//! The projection head: three linears, L2-normalise, and K prototypes with weight norm. Invariant:
//! `weight_g` gets no gradient while `norm_last_layer` fixes it.

use crate::error::Result;
use crate::layers::{Linear, Reader};
use crate::settings::Settings;
use burn::module::{Module, Param};
use burn::nn::Gelu;
use burn::tensor::Tensor;

/// The head. Fields are the checkpoint's names after `head.`; the tuple counts as PyTorch's
/// `Sequential` does, activations included: `mlp.0`, `mlp.2`, `mlp.4`.
#[derive(Module, Debug)]
pub struct DinoHead {
    mlp: (Linear, Gelu, Linear, Gelu, Linear),
    last_layer: WeightNorm,
}

#[derive(Module, Debug)]
struct WeightNorm {
    weight_g: Param<Tensor<2>>, // (K, 1)
    weight_v: Param<Tensor<2>>, // (K, bottleneck)
}

impl DinoHead {
    pub fn read(reader: &Reader, settings: &Settings) -> Result<Self> {
        let (width, head) = (settings.vit.embed_dim, &settings.head);
        let (hidden, bottleneck, prototypes) = (head.hidden_dim, head.bottleneck_dim, head.out_dim);
        let weight_g = reader.read("head.last_layer.weight_g", [prototypes, 1])?;
        Ok(Self {
            mlp: (
                Linear::read(reader, "head.mlp.0", width, hidden)?,
                Gelu::new(),
                Linear::read(reader, "head.mlp.2", hidden, hidden)?,
                Gelu::new(),
                Linear::read(reader, "head.mlp.4", hidden, bottleneck)?,
            ),
            last_layer: WeightNorm {
                weight_g: weight_g.set_require_grad(!head.norm_last_layer),
                weight_v: reader.read("head.last_layer.weight_v", [prototypes, bottleneck])?,
            },
        })
    }

    /// CLS features (M, D) to logits (M, K): `⟨x/‖x‖, g_k v_k/‖v_k‖⟩`.
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        let (fc0, gelu1, fc2, gelu3, fc4) = &self.mlp;
        let x = gelu1.forward(fc0.forward(features));
        let x = fc4.forward(gelu3.forward(fc2.forward(x)));
        let x = x.clone() / row_norms(x).clamp_min(1e-12);
        let v = self.last_layer.weight_v.val();
        let weight = self.last_layer.weight_g.val() * (v.clone() / row_norms(v));
        x.matmul(weight.transpose())
    }
}

/// ‖row‖₂ of (M, N) as (M, 1).
fn row_norms(x: Tensor<2>) -> Tensor<2> {
    x.square().sum_dim(1).sqrt()
}
