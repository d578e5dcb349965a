//! Foreign checkpoints: other people's tensors of a Vision Transformer as ours. Invariant: a tensor that would change
//! the result is never passed over: it is used, or the file is refused.

use crate::data::preprocess::{DEVIATION, MEAN};
use crate::error::{Error, FileProblem, PickleProblem, Result, TensorProblem};
use crate::run::config::VitConfig;
use crate::run::settings::SettingProblem;
use crate::weights::networks::{self, Networks};
use crate::weights::places::{self, BlockNumber, Part, Place};
use crate::weights::source::{Listed, Source, What};
use crate::weights::tensors::{Tensor, Tensors};
use crate::weights::{
    Account, Choice, Heads, Origin, Weights, beside, halves, parameters, recognise, wrappers,
};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks that are looked for; more than any network that we run.
const MOST_BLOCKS: usize = 48;

/// Reads the backbone of a network, and of the others only their names.
pub(super) fn read(
    file: &str,
    origin: Origin,
    source: &mut impl Source,
    choice: &Choice,
    heads: Heads,
) -> Result<Weights> {
    let listed = source.list();
    let named = |listed: &&Listed| !matches!(listed.what, What::Plain(_) | What::Inside(_));
    let tensors = listed.iter().filter(named);
    let names = tensors.map(|listed| listed.name.as_str());
    let Some(networks) = networks::find(names.clone(), choice) else {
        return Err(no_backbone(file, &listed, &source.passed_over()));
    };
    if let Some(refusal) = halves::refusal(file, &listed, &networks, choice) {
        return Err(refusal);
    }
    if let Some((model, tensor)) = recognise::model(names.filter_map(|name| networks.own(name))) {
        return Err(Error::file(file, FileProblem::OtherModel { model, tensor }));
    }
    normalised(file, source, &listed, &networks)?;
    let (used, unused) = sort(file, &networks, listed)?;
    let mut parts = Parts { file, numbers: numbers(&used), ..Parts::default() };
    for (name, place) in used {
        let tensor = source.tensor(&name)?;
        parts.take(&name, place, tensor)?;
    }
    let (backbone, vit) = parts.join(heads.count())?;
    let Networks { taken, left } = networks;
    let (passed_over, heads_guessed) = (source.passed_over(), heads == Heads::Unknown);
    let account = Account { taken, left, unused, passed_over, heads_guessed };
    Ok(Weights { origin, vit, backbone, account })
}

/// What a file without a network is told to be.
fn no_backbone(file: &str, listed: &[Listed], code: &[String]) -> Error {
    let names = listed.iter().map(|listed| listed.name.as_str());
    if let Some((model, tensor)) = recognise::model(names) {
        return Error::file(file, FileProblem::OtherModel { model, tensor });
    }
    let tensors = || {
        let tensor = |listed: &&Listed| matches!(listed.what, What::Weights | What::Number);
        listed.iter().filter(tensor)
    };
    if let Some(python) = code.first()
        && tensors().next().is_none()
    {
        let problem = PickleProblem::Code(python.clone());
        return Error::file(file, FileProblem::Pickle(problem));
    }
    let found = tensors().count();
    let name = |listed: &Listed| match listed.name.as_str() {
        "" => "one without a name".to_owned(),
        name => name.to_owned(),
    };
    let names = tensors().take(6).map(name).collect();
    Error::file(file, FileProblem::NoBackbone { found, names })
}

/// Checks that a network that normalises its images itself does it as all images are normalised here.
fn normalised(
    file: &str,
    source: &mut impl Source,
    listed: &[Listed],
    networks: &Networks,
) -> Result<()> {
    for Listed { name, what, .. } in listed {
        let left = networks.left.iter().any(|left| name.starts_with(left.as_str()));
        let others = left && networks.own(name).is_none();
        if others || *what != What::Weights || !beside::normalises(&wrappers::bare(name)) {
            continue;
        }
        let tensor = source.tensor(name)?;
        let ours = if name.ends_with("mean") { &MEAN } else { &DEVIATION };
        let near = |scale: f32| {
            tensor.data.iter().zip(ours).all(|(found, ours)| (found / scale - ours).abs() < 1e-3)
        };
        let same = near(1.0) || near(255.0);
        if tensor.data.len() != 3 || !same {
            return Err(wrong(file, name, TensorProblem::Normalises));
        }
    }
    Ok(())
}

/// A name of the file, and its place in the network.
type Used = (String, Place);

/// The tensors of the network with their places, and the names beside it that change nothing.
fn sort(file: &str, networks: &Networks, listed: Vec<Listed>) -> Result<(Vec<Used>, Vec<String>)> {
    let (mut used, mut unused) = (Vec::new(), BTreeSet::new());
    for listed in listed {
        let Listed { name, what, .. } = &listed;
        let Some(own) = networks.own(name) else {
            let left = networks.left.iter().any(|left| name.starts_with(left.as_str()));
            if !left && matches!(what, What::Weights | What::Number) {
                unused.insert(listed.told());
            }
            continue;
        };
        match (places::place(own), what) {
            (None, What::Weights) if beside::normalises(own) => drop(unused.insert(listed.told())),
            (None, What::Weights) if !beside::is_beside(&wrappers::bare(own)) => {
                return Err(wrong(file, name, TensorProblem::Foreign));
            }
            (None, What::Code(_) | What::Inside(_) | What::Plain(_)) => {}
            (None, _) => drop(unused.insert(listed.told())),
            (Some(Place::InBlock(_, Part::Foreign)), What::Plain(_)) => {}
            (Some(Place::InBlock(_, Part::Foreign)), _) => {
                return Err(wrong(file, name, TensorProblem::Foreign));
            }
            (Some(_), What::Code(python) | What::Inside(python)) => {
                let python = python.clone();
                return Err(wrong(file, name, TensorProblem::Code { python }));
            }
            (Some(_), What::Plain(found)) => {
                return Err(wrong(file, name, TensorProblem::NotTensor { found: *found }));
            }
            (Some(place), _) => used.push((listed.name, place)),
        }
    }
    let unused = unused.into_iter().collect();
    Ok((used, unused))
}

/// The number of every block in the network: as it is, or counted through the chunks. In DINOv2's own files the numbers
/// run on from chunk to chunk; in others each chunk begins with 0.
fn numbers(used: &[Used]) -> BTreeMap<BlockNumber, usize> {
    let number = |(_, place): &Used| match place {
        Place::InBlock(number, _) => Some(*number),
        Place::Whole(_) => None,
    };
    let found: BTreeSet<BlockNumber> = used.iter().filter_map(number).collect();
    let alone: BTreeSet<usize> = found.iter().map(|number| number.block).collect();
    if alone.len() == found.len() {
        return found.into_iter().map(|number| (number, number.block)).collect();
    }
    let (mut before, mut next, mut chunk) = (0_usize, 0_usize, None);
    let count = |number: BlockNumber| {
        if number.chunk != chunk {
            (before, chunk) = (next, number.chunk);
        }
        let place = before.saturating_add(number.block);
        next = place.saturating_add(1);
        (number, place)
    };
    found.into_iter().map(count).collect()
}

/// The parts of a backbone as they come.
#[derive(Default)]
struct Parts<'a> {
    file: &'a str,
    numbers: BTreeMap<BlockNumber, usize>,
    backbone: Tensors,
    thirds: BTreeMap<String, [Option<Tensor>; 3]>,
    /// Their name, our linear layer, the scale.
    scales: Vec<(String, String, Tensor)>,
}

impl Parts<'_> {
    fn take(&mut self, theirs: &str, place: Place, tensor: Tensor) -> Result<()> {
        let (number, part) = match place {
            Place::Whole(ours) => return self.whole(theirs, format!("backbone.{ours}"), tensor),
            Place::InBlock(number, part) => (number, part),
        };
        let block = self.numbers.get(&number).copied().unwrap_or(number.block);
        let ours = |part: &str| format!("backbone.blocks.{block}.{part}");
        match part {
            Part::Whole(part) => self.whole(theirs, ours(&part), tensor)?,
            Part::Third(part, i) => {
                let third = &mut self.thirds.entry(ours(&part)).or_default()[i];
                if third.replace(tensor).is_some() {
                    return Err(wrong(self.file, theirs, TensorProblem::Twice));
                }
            }
            Part::Scale(layer) => self.scales.push((theirs.to_owned(), ours(layer), tensor)),
            Part::Foreign => return Err(wrong(self.file, theirs, TensorProblem::Foreign)),
        }
        Ok(())
    }

    fn whole(&mut self, theirs: &str, ours: String, tensor: Tensor) -> Result<()> {
        match self.backbone.insert(ours, tensor) {
            None => Ok(()),
            Some(_) => Err(wrong(self.file, theirs, TensorProblem::Twice)),
        }
    }

    /// The backbone, whole, and its sizes.
    fn join(self, heads: Option<usize>) -> Result<(Tensors, VitConfig)> {
        let Self { file, mut backbone, thirds, scales, .. } = self;
        for (name, parts) in thirds {
            if let [Some(q), Some(k), Some(v)] = parts {
                backbone.insert(name.clone(), join(file, &name, [q, k, v])?);
            }
        }
        let vit = sizes(file, &backbone, heads)?;
        complete(file, &vit, &mut backbone)?;
        for (theirs, linear, scale) in scales {
            fold(file, &theirs, &mut backbone, &linear, &scale)?;
        }
        Ok((backbone, vit))
    }
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
