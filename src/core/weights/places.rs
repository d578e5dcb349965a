//! Places of foreign tensors: other people's names of a Vision Transformer's parameters, as ours. Invariant: a name
//! has a place by its end alone; what stands before it, wrappers and dictionaries, is the network's prefix.

use crate::weights::wrappers;

/// Where a foreign tensor goes; names without `backbone.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The whole parameter of this name.
    Whole(&'static str),
    /// A part of a block.
    InBlock(BlockNumber, Part),
}

/// A part of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Whole(String),
    /// Rows of q, k or v (0, 1, 2) of this parameter.
    Third(String, usize),
    /// Layer scale: multiplies the rows of this linear layer.
    Scale(&'static str),
    /// A part of another model.
    Foreign,
}

/// Number of a block as the file has it: alone, or in a chunk of blocks as in DINOv2's own training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockNumber {
    pub chunk: Option<usize>,
    pub block: usize,
}

/// Parameters outside the blocks: a name's end, and ours. The longer ends stand first.
const WHOLE: [(&str, &str); 22] = [
    ("embeddings.cls_token", "cls_token"),
    ("cls_token", "cls_token"),
    ("class_token", "cls_token"),
    ("embeddings.position_embeddings", "pos_embed"),
    ("encoder.pos_embedding", "pos_embed"),
    ("pos_embed", "pos_embed"),
    ("embeddings.patch_embeddings.projection.weight", "patch_embed.proj.weight"),
    ("embeddings.patch_embeddings.projection.bias", "patch_embed.proj.bias"),
    ("patch_embed.proj.weight", "patch_embed.proj.weight"),
    ("patch_embed.proj.bias", "patch_embed.proj.bias"),
    ("conv_proj.weight", "patch_embed.proj.weight"),
    ("conv_proj.bias", "patch_embed.proj.bias"),
    ("norm.weight", "norm.weight"),
    ("norm.bias", "norm.bias"),
    ("layernorm.weight", "norm.weight"),
    ("layernorm.bias", "norm.bias"),
    ("ln.weight", "norm.weight"),
    ("ln.bias", "norm.bias"),
    ("encoder.ln.weight", "norm.weight"),
    ("encoder.ln.bias", "norm.bias"),
    ("encoder.layernorm.weight", "norm.weight"),
    ("encoder.layernorm.bias", "norm.bias"),
];

/// What a block's number follows.
const BLOCKS: [&str; 7] = [
    "encoder.layers.encoder_layer_",
    "encoder.layer.",
    "encoder.layers.",
    "blocks.",
    "layers.",
    "layer.",
    "encoder.blocks.",
];

/// Ends of names by which a network is found, one for each of its parts.
const ANCHORS: [&[&str]; 4] = [
    &["embeddings.cls_token", "cls_token", "class_token"],
    &["embeddings.position_embeddings", "encoder.pos_embedding", "pos_embed"],
    &[
        "embeddings.patch_embeddings.projection.weight",
        "patch_embed.proj.weight",
        "conv_proj.weight",
    ],
    &[
        "encoder.layers.encoder_layer_0.ln_1.weight",
        "encoder.layer.0.layernorm_before.weight",
        "encoder.layer.0.norm1.weight",
        "encoder.layers.0.layernorm_before.weight",
        "encoder.layers.0.norm1.weight",
        "blocks.0.0.norm1.weight",
        "blocks.0.norm1.weight",
        "layers.0.layernorm_before.weight",
        "layers.0.norm1.weight",
        "layer.0.norm1.weight",
    ],
];

/// The part of a network (0 to 3: CLS token, positions, patch embedding, first block) that a name ends with, and what
/// stands before it.
pub fn anchor(name: &str) -> Option<(&str, usize)> {
    let bare = wrappers::bare(name);
    ANCHORS.iter().enumerate().find_map(|(part, ends)| {
        let end = ends.iter().find(|end| bare.ends_with(**end))?;
        let before = &bare[..bare.len() - end.len()];
        (before.is_empty() || before.ends_with(['.', '_']))
            .then(|| (wrappers::before(name, end.len()), part))
    })
}

/// What stands before a part of any network, known here or not: the names up to the first block or other part, and at
/// least without the tensor's own name.
pub fn owner(name: &str) -> &str {
    const PARTS: [&str; 12] = [
        "blocks",
        "layers",
        "layer",
        "embeddings",
        "patch_embed",
        "stages",
        "stem",
        "features",
        "norm",
        "_modules",
        "_parameters",
        "resblocks",
    ];
    let is_part = |part: &str| {
        PARTS.contains(&part) || part.chars().all(|c| c.is_ascii_digit()) && !part.is_empty()
    };
    let mut end = 0;
    for part in name.split_inclusive('.') {
        if !part.ends_with('.') || is_part(part.trim_end_matches('.')) {
            break;
        }
        end += part.len();
    }
    &name[..end]
}

/// The place of a name without its network's prefix; nothing if it is no part of a backbone.
pub fn place(name: &str) -> Option<Place> {
    let name = &*wrappers::bare(name);
    if let Some((_, ours)) = WHOLE.iter().find(|(theirs, _)| *theirs == name) {
        return Some(Place::Whole(ours));
    }
    let inner = BLOCKS.iter().find_map(|before| name.strip_prefix(before))?;
    let (first, rest) = number(inner)?;
    let (number, part) = match number(rest) {
        Some((block, part)) => (BlockNumber { chunk: Some(first), block }, part),
        None => (BlockNumber { chunk: None, block: first }, rest),
    };
    Some(Place::InBlock(number, in_block(part)))
}

/// `12.rest` as the number and the rest.
fn number(name: &str) -> Option<(usize, &str)> {
    let (digits, rest) = name.split_once('.')?;
    let digit = |c: char| c.is_ascii_digit();
    (!digits.is_empty() && digits.chars().all(digit))
        .then(|| (digits.parse().unwrap_or(usize::MAX), rest))
}

/// A part of a block, in any of the notations.
fn in_block(part: &str) -> Part {
    match part {
        "ls1.gamma" | "layer_scale1.lambda1" | "gamma_1" => return Part::Scale("attn.proj"),
        "ls2.gamma" | "layer_scale2.lambda1" | "gamma_2" => return Part::Scale("mlp.fc2"),
        "self_attention.in_proj_weight" => return Part::Whole("attn.qkv.weight".to_owned()),
        "self_attention.in_proj_bias" => return Part::Whole("attn.qkv.bias".to_owned()),
        _ => {}
    }
    let Some((part, end @ ("weight" | "bias"))) = part.rsplit_once('.') else {
        return Part::Foreign;
    };
    let third = |i| Part::Third(format!("attn.qkv.{end}"), i);
    let ours = match part {
        "attention.attention.query" | "attention.q_proj" | "attn.q_proj" => return third(0),
        "attention.attention.key" | "attention.k_proj" | "attn.k_proj" => return third(1),
        "attention.attention.value" | "attention.v_proj" | "attn.v_proj" => return third(2),
        "norm1" | "layernorm_before" | "ln_1" => "norm1",
        "norm2" | "layernorm_after" | "ln_2" => "norm2",
        "attn.qkv" => "attn.qkv",
        "attn.proj"
        | "attention.output.dense"
        | "attention.o_proj"
        | "attn.o_proj"
        | "self_attention.out_proj" => "attn.proj",
        "mlp.fc1" | "intermediate.dense" | "mlp.linear_1" | "mlp.0" => "mlp.fc1",
        "mlp.fc2" | "output.dense" | "mlp.linear_2" | "mlp.3" => "mlp.fc2",
        _ => return Part::Foreign,
    };
    Part::Whole(format!("{ours}.{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_found_by_the_ends_of_names() {
        assert_eq!(anchor("teacher.backbone.cls_token"), Some(("teacher.backbone.", 0)));
        assert_eq!(anchor("vit.embeddings.cls_token"), Some(("vit.", 0)));
        assert_eq!(anchor("ema_pos_embed"), Some(("ema_", 1)));
        assert_eq!(anchor("blocks.0.0.norm1.weight"), Some(("", 3)));
        assert_eq!(anchor("x.blocks.0.norm1.weight"), Some(("x.", 3)));
        assert_eq!(anchor("xcls_token"), None);
    }

    #[test]
    fn blocks_are_numbered_alone_or_in_chunks() {
        let at = |name: &str| match place(name) {
            Some(Place::InBlock(number, Part::Whole(part))) => {
                Some((number.chunk, number.block, part))
            }
            _ => None,
        };
        assert_eq!(at("blocks.3.norm1.bias"), Some((None, 3, "norm1.bias".to_owned())));
        assert_eq!(at("blocks.1.3.norm1.bias"), Some((Some(1), 3, "norm1.bias".to_owned())));
        assert_eq!(
            at("encoder.layers.encoder_layer_2.mlp.3.weight"),
            Some((None, 2, "mlp.fc2.weight".to_owned()))
        );
        assert_eq!(place("blocks.x.norm1.bias"), None);
        let part = Part::Foreign;
        let number = BlockNumber { chunk: None, block: 0 };
        assert_eq!(place("blocks.0.attn.q_norm.weight"), Some(Place::InBlock(number, part)));
    }
}
