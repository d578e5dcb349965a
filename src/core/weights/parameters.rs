//! Table of all parameters: layer, kind and shape of each, as in the official checkpoint and in its order.
//! Invariant: this is the only list of parameters; layout, initialisation and checkpoints all follow it, and
//! what a tensor is, is read from its kind, never from its name.

use crate::run::config::{Config, MLP_RATIO, VitConfig};

/// What a tensor is in its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// The CLS token, (1, 1, D).
    ClsToken,
    /// The position embedding, (1, tokens, D).
    Positions,
    /// Weight of the patch embedding, a convolution: (D, 3, p, p).
    PatchWeight,
    /// Bias of the patch embedding, which the CLS token does not get.
    PatchBias,
    /// Weight of a linear layer, (out, in).
    Weight,
    /// Bias of a linear layer.
    Bias,
    /// Weight of a LayerNorm.
    NormWeight,
    /// Bias of a LayerNorm.
    NormBias,
    /// Length of each row of the weight-normed last layer, (K, 1).
    Length,
    /// Direction of each row of the weight-normed last layer, (K, bottleneck).
    Direction,
}

impl ParameterKind {
    /// The end of the tensor's name.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::ClsToken => "cls_token",
            Self::Positions => "pos_embed",
            Self::PatchWeight | Self::Weight | Self::NormWeight => "weight",
            Self::PatchBias | Self::Bias | Self::NormBias => "bias",
            Self::Length => "weight_g",
            Self::Direction => "weight_v",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name in the checkpoint, `layer.suffix`.
    pub name: String,
    pub shape: Vec<usize>,
    pub kind: ParameterKind,
    /// Whether it is the backbone's; the head's otherwise.
    pub of_backbone: bool,
}

impl Parameter {
    /// Name of its layer.
    pub fn layer(&self) -> &str {
        let end = self.name.len() - self.kind.suffix().len();
        self.name[..end].trim_end_matches('.')
    }
}

/// One network's parameters: `backbone.*`, then `head.*`.
pub fn all(config: &Config) -> Vec<Parameter> {
    let (d, head) = (config.vit.embed_dim, &config.head);
    let mut table = of_backbone(&config.vit);
    table.of_backbone = false;
    table.linear("head.mlp.0", head.hidden_dim, d);
    table.linear("head.mlp.2", head.hidden_dim, head.hidden_dim);
    table.linear("head.mlp.4", head.bottleneck_dim, head.hidden_dim);
    table.add("head.last_layer", ParameterKind::Length, &[head.out_dim, 1]);
    table.add("head.last_layer", ParameterKind::Direction, &[head.out_dim, head.bottleneck_dim]);
    table.rows
}

/// Names and shapes of one network's parameters.
pub fn shapes(config: &Config) -> Vec<(String, Vec<usize>)> {
    all(config).into_iter().map(|row| (row.name, row.shape)).collect()
}

/// Names and shapes of a backbone's parameters.
pub fn backbone(vit: &VitConfig) -> Vec<(String, Vec<usize>)> {
    of_backbone(vit).rows.into_iter().map(|row| (row.name, row.shape)).collect()
}

fn of_backbone(vit: &VitConfig) -> Table {
    let (d, p) = (vit.embed_dim, vit.patch_size);
    let mut table = Table { rows: Vec::new(), of_backbone: true };
    table.add("backbone", ParameterKind::ClsToken, &[1, 1, d]);
    table.add("backbone", ParameterKind::Positions, &[1, vit.tokens(vit.img_size), d]);
    table.add("backbone.patch_embed.proj", ParameterKind::PatchWeight, &[d, 3, p, p]);
    table.add("backbone.patch_embed.proj", ParameterKind::PatchBias, &[d]);
    for block in 0..vit.depth {
        let name = |part: &str| format!("backbone.blocks.{block}.{part}");
        table.layer_norm(&name("norm1"), d);
        table.linear(&name("attn.qkv"), 3 * d, d);
        table.linear(&name("attn.proj"), d, d);
        table.layer_norm(&name("norm2"), d);
        table.linear(&name("mlp.fc1"), MLP_RATIO * d, d);
        table.linear(&name("mlp.fc2"), d, MLP_RATIO * d);
    }
    table.layer_norm("backbone.norm", d);
    table
}

struct Table {
    rows: Vec<Parameter>,
    of_backbone: bool,
}

impl Table {
    fn add(&mut self, layer: &str, kind: ParameterKind, shape: &[usize]) {
        let name = format!("{layer}.{}", kind.suffix());
        let of_backbone = self.of_backbone;
        self.rows.push(Parameter { name, shape: shape.to_vec(), kind, of_backbone });
    }

    /// Weight (out, in) and bias (out).
    fn linear(&mut self, layer: &str, out: usize, input: usize) {
        self.add(layer, ParameterKind::Weight, &[out, input]);
        self.add(layer, ParameterKind::Bias, &[out]);
    }

    fn layer_norm(&mut self, layer: &str, width: usize) {
        self.add(layer, ParameterKind::NormWeight, &[width]);
        self.add(layer, ParameterKind::NormBias, &[width]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::presets;

    #[test]
    fn a_layer_has_each_kind_once_and_says_its_name() {
        let table = all(&presets::all()[0].config(9, 9, None));
        for (i, row) in table.iter().enumerate() {
            assert_eq!(format!("{}.{}", row.layer(), row.kind.suffix()), row.name);
            assert_eq!(row.of_backbone, row.name.starts_with("backbone."), "{}", row.name);
            let twin = |other: &&Parameter| (other.layer(), other.kind) == (row.layer(), row.kind);
            assert_eq!(table.iter().position(|other| twin(&other)), Some(i), "{}", row.name);
        }
        let kind = |name: &str| table.iter().find(|row| row.name == name).map(|row| row.kind);
        assert_eq!(kind("backbone.pos_embed"), Some(ParameterKind::Positions));
        assert_eq!(kind("backbone.blocks.1.norm2.bias"), Some(ParameterKind::NormBias));
        assert_eq!(kind("backbone.patch_embed.proj.bias"), Some(ParameterKind::PatchBias));
        assert_eq!(kind("head.last_layer.weight_g"), Some(ParameterKind::Length));
    }
}
