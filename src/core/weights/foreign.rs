//! Foreign checkpoints: other people's names of a Vision Transformer's parameters, and their tensors as ours.
//! Invariant: a tensor that would change the result is never passed over: it is used, or the file is refused.

use crate::error::{Error, FileProblem, Result, TensorProblem};
use crate::run::config::VitConfig;
use crate::run::settings::SettingProblem;
use crate::weights::parameters;
use crate::weights::tensors::{Tensor, Tensors};
use crate::weights::{Origin, Weights};
use std::collections::BTreeMap;

/// What wrappers put before names.
const PREFIXES: [&str; 7] =
    ["module.", "_orig_mod.", "backbone.", "teacher.", "student.", "vit.", "dinov2."];

/// Blocks that are looked for; more than any network that we run.
const MOST_BLOCKS: usize = 48;

/// Where a foreign tensor goes; names without `backbone.`.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Whole(String),
    /// Part 0, 1 or 2 of the rows of q, k, v.
    Third(String, usize),
    /// Layer scale: multiplies the rows of this linear layer.
    Scale(String),
    /// A part of another model, which ours has not.
    Alien,
}

/// True if a tensor of this name is, or stands in the way of, a backbone.
pub(super) fn is_backbone(name: &str) -> bool {
    place(name).is_some()
}

fn place(name: &str) -> Option<Place> {
    let mut name = name;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        name = rest;
    }
    let whole = |name: &str| Some(Place::Whole(name.to_owned()));
    match name {
        "cls_token" | "embeddings.cls_token" => return whole("cls_token"),
        "pos_embed" | "embeddings.position_embeddings" => return whole("pos_embed"),
        "dist_token"
        | "reg_token"
        | "register_tokens"
        | "embeddings.register_tokens"
        | "embeddings.distillation_token" => return Some(Place::Alien),
        _ => {}
    }
    if name.starts_with("norm_pre.") {
        return Some(Place::Alien);
    }
    for (theirs, ours) in [
        ("patch_embed.proj.", "patch_embed.proj."),
        ("embeddings.patch_embeddings.projection.", "patch_embed.proj."),
        ("norm.", "norm."),
        ("layernorm.", "norm."),
    ] {
        if let Some(end) = name.strip_prefix(theirs).filter(|end| ["weight", "bias"].contains(end))
        {
            return whole(&format!("{ours}{end}"));
        }
    }
    let inner = name.strip_prefix("blocks.").or_else(|| name.strip_prefix("encoder.layer."))?;
    let Some((block, part)) = inner.split_once('.') else { return Some(Place::Alien) };
    let Ok(block) = block.parse::<usize>() else { return Some(Place::Alien) };
    Some(in_block(block, part))
}

/// The place of a part of a block, in any of the notations.
fn in_block(block: usize, part: &str) -> Place {
    let name = |part: &str| format!("blocks.{block}.{part}");
    match part {
        "ls1.gamma" | "layer_scale1.lambda1" => return Place::Scale(name("attn.proj")),
        "ls2.gamma" | "layer_scale2.lambda1" => return Place::Scale(name("mlp.fc2")),
        _ => {}
    }
    let Some((part, end @ ("weight" | "bias"))) = part.rsplit_once('.') else {
        return Place::Alien;
    };
    let third = |i| Place::Third(name(&format!("attn.qkv.{end}")), i);
    let ours = match part {
        "attention.attention.query" => return third(0),
        "attention.attention.key" => return third(1),
        "attention.attention.value" => return third(2),
        "norm1" | "layernorm_before" => "norm1",
        "norm2" | "layernorm_after" => "norm2",
        "attn.qkv" => "attn.qkv",
        "attn.proj" | "attention.output.dense" => "attn.proj",
        "mlp.fc1" | "intermediate.dense" => "mlp.fc1",
        "mlp.fc2" | "output.dense" => "mlp.fc2",
        _ => return Place::Alien,
    };
    Place::Whole(name(&format!("{ours}.{end}")))
}

/// Puts a backbone together.
pub(super) fn assemble(
    file: &str,
    origin: Origin,
    tensors: Tensors,
    mut unused: Vec<String>,
    heads: Option<usize>,
) -> Result<Weights> {
    let mut backbone = Tensors::new();
    let mut thirds: BTreeMap<String, [Option<Tensor>; 3]> = BTreeMap::new();
    let mut scales = Vec::new();
    let seen = tensors.len();
    for (theirs, tensor) in tensors {
        match place(&theirs) {
            None => unused.push(theirs),
            Some(Place::Whole(name)) => {
                if backbone.insert(format!("backbone.{name}"), tensor).is_some() {
                    return Err(wrong(file, &theirs, TensorProblem::Twice));
                }
            }
            Some(Place::Third(name, i)) => {
                thirds.entry(format!("backbone.{name}")).or_default()[i] = Some(tensor);
            }
            Some(Place::Scale(name)) => scales.push((theirs, format!("backbone.{name}"), tensor)),
            Some(Place::Alien) => {
                return Err(wrong(file, &theirs, TensorProblem::Foreign));
            }
        }
    }
    for (name, parts) in thirds {
        if let [Some(q), Some(k), Some(v)] = parts {
            backbone.insert(name.clone(), join(file, &name, [q, k, v])?);
        }
    }
    if backbone.is_empty() {
        let names = unused.into_iter().take(6).collect();
        return Err(Error::file(file, FileProblem::NoBackbone { found: seen, names }));
    }
    let vit = sizes(file, &backbone, heads)?;
    complete(file, &vit, &mut backbone)?;
    for (theirs, linear, scale) in scales {
        fold(file, &theirs, &mut backbone, &linear, &scale)?;
    }
    unused.sort();
    Ok(Weights { origin, vit, backbone, unused })
}

fn wrong(file: &str, name: &str, problem: TensorProblem) -> Error {
    Error::tensor_in(file, name, problem)
}

/// q, k and v as one tensor, rows after rows.
fn join(file: &str, name: &str, parts: [Tensor; 3]) -> Result<Tensor> {
    let shape = parts[0].shape.clone();
    let mut joined = Tensor { shape: shape.clone(), data: Vec::new() };
    for part in parts {
        part.expect_in(file, &format!("{name} (its q, k and v)"), &shape)?;
        joined.data.extend(part.data);
    }
    if let Some(rows) = joined.shape.first_mut() {
        *rows = rows.saturating_mul(3);
    }
    Ok(joined)
}

/// The network's sizes from the shapes.
fn sizes(file: &str, backbone: &Tensors, heads: Option<usize>) -> Result<VitConfig> {
    // One that is not there has no sizes.
    let shape = |name: &str| backbone.get(name).map_or(&[][..], |tensor| tensor.shape.as_slice());
    let name = "backbone.patch_embed.proj.weight";
    let found = shape(name).to_vec();
    let [width, 3, patch, down] = found[..] else {
        return Err(wrong(file, name, TensorProblem::PatchShape { found }));
    };
    if patch != down || patch == 0 || width == 0 {
        return Err(wrong(file, name, TensorProblem::NotSquare { found }));
    }
    let name = "backbone.pos_embed";
    let positions = shape(name);
    let side = match positions {
        [1, tokens, d] if *d == width && *tokens > 1 => {
            let side = (*tokens - 1).isqrt();
            (side * side + 1 == *tokens).then_some(side)
        }
        _ => None,
    };
    let Some(img_size) = side.and_then(|side| side.checked_mul(patch)) else {
        let problem = TensorProblem::Positions { width, found: positions.to_vec() };
        return Err(wrong(file, name, problem));
    };
    let block = |name: &String| {
        let rest = name.strip_prefix("backbone.blocks.")?;
        rest.split_once('.')?.0.parse::<usize>().ok()
    };
    let depth = backbone.keys().filter_map(block).max().map_or(0, |last| last.saturating_add(1));
    if !(1..=MOST_BLOCKS).contains(&depth) {
        return Err(Error::file(file, FileProblem::Blocks { most: MOST_BLOCKS, found: depth }));
    }
    let num_heads = match heads {
        Some(heads) => heads,
        None if width % 64 == 0 => width / 64,
        None => {
            return Err(Error::setting("heads", SettingProblem::HeadsUnknown { width }));
        }
    };
    let vit = VitConfig {
        img_size,
        patch_size: patch,
        embed_dim: width,
        depth,
        num_heads,
        drop_path_rate: 0.0,
    };
    vit.validate()?;
    Ok(vit)
}

/// Checks that every tensor is there with its shape; all that are missing are named.
fn complete(file: &str, vit: &VitConfig, backbone: &mut Tensors) -> Result<()> {
    let shapes = parameters::backbone(vit);
    let missing: Vec<String> = (shapes.iter())
        .map(|(name, _)| name.clone())
        .filter(|name| !backbone.contains_key(name))
        .collect();
    if !missing.is_empty() {
        let (expected, blocks) = (shapes.len(), vit.depth);
        let found = expected - missing.len();
        let problem = FileProblem::Incomplete { expected, blocks, found, missing };
        return Err(Error::file(file, problem));
    }
    for (name, shape) in &shapes {
        let Some(tensor) = backbone.get_mut(name) else { continue };
        // timm and others keep the CLS token with or without its first axes.
        if name == "backbone.cls_token" && tensor.data.len() == vit.embed_dim {
            tensor.shape.clone_from(shape);
        }
        tensor.expect_in(file, name, shape)?;
    }
    Ok(())
}

/// Multiplies the rows of a linear layer: `x + γ (W y + b) = x + (γ W) y + γ b`.
fn fold(
    file: &str,
    theirs: &str,
    backbone: &mut Tensors,
    linear: &str,
    scale: &Tensor,
) -> Result<()> {
    for end in ["weight", "bias"] {
        let name = format!("{linear}.{end}");
        let Some(tensor) = backbone.get_mut(&name) else {
            return Err(wrong(file, theirs, TensorProblem::NoLinear));
        };
        let rows = tensor.shape.first().copied().unwrap_or(1);
        scale.expect_in(file, theirs, &[rows])?;
        let width = tensor.data.len() / rows.max(1);
        for (row, scale) in tensor.data.chunks_mut(width.max(1)).zip(&scale.data) {
            row.iter_mut().for_each(|v| *v *= scale);
        }
    }
    Ok(())
}
