//! Weights: backbones that others trained, read from bytes in memory into our names, and ours written in
//! theirs: facebookresearch's `.pth` of a backbone or a whole run, Hugging Face's and timm's safetensors,
//! DINOv2 without registers. Invariants: what [`read`] returns is a whole, finite backbone whose sizes were
//! read from its shapes; every tensor that was not used is named.

pub mod checkpoint;
mod export;
mod finetune;
mod foreign;
pub mod init;
pub mod parameters;
mod pickle;
pub mod tensors;
mod torch;

use crate::error::{Error, FileProblem, Result};
use crate::run::config::VitConfig;
use crate::run::network::Network;
use checkpoint::Checkpoint;
pub use export::{METADATA, Precision, backbone};
pub use finetune::{PRESET, config, settings, start};
use std::fmt;
use tensors::Tensors;

/// Where the weights come from, told by the names of their tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A checkpoint of this program.
    Ours,
    /// facebookresearch's or timm's names in a safetensors file.
    Timm,
    /// Hugging Face's names.
    HuggingFace,
    /// A file of `torch.save`.
    Torch,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "a checkpoint of this program",
            Self::Timm => "safetensors with the names of facebookresearch and timm",
            Self::HuggingFace => "safetensors with the names of Hugging Face",
            Self::Torch => "a file of torch.save",
        })
    }
}

/// A backbone.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    pub origin: Origin,
    /// Read from the shapes; the drop-path rate is 0.
    pub vit: VitConfig,
    /// `backbone.*`, as in [`self::parameters`].
    pub backbone: Tensors,
    /// Names in the file that no part of the backbone came from.
    pub unused: Vec<String>,
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum WeightsContent {
    /// A run of this program, to be gone on with as it was.
    Run(Box<Checkpoint>),
    /// A backbone alone.
    Backbone(Weights),
}

/// Reads a file of any of the formats whole.
///
/// # Errors
/// See [`read`].
pub fn open(
    file: &str,
    bytes: &[u8],
    network: Network,
    heads: Option<usize>,
) -> Result<WeightsContent> {
    if is_zip(bytes) || is_old(bytes) {
        return read(file, bytes, network, heads).map(WeightsContent::Backbone);
    }
    let (tensors, metadata) = tensors::read(file, bytes)?;
    if metadata.contains_key(checkpoint::KEY) {
        return Ok(WeightsContent::Run(Box::new(Checkpoint::of(file, tensors, &metadata)?)));
    }
    let kept = metadata.get(export::METADATA).and_then(|json| export::heads(json));
    let origin = match tensors.keys().any(|name| name.contains("embeddings.")) {
        true => Origin::HuggingFace,
        false => Origin::Timm,
    };
    let weights = foreign::assemble(file, origin, tensors, Vec::new(), heads.or(kept))?;
    Ok(WeightsContent::Backbone(weights))
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// A bare pickle, as `torch.save` wrote before PyTorch 1.6.
fn is_old(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x80, 2])
}

/// Reads a backbone from a file of any of the formats. Of a file with both networks that of `network` is
/// taken; `heads` is needed only where they are not 64 wide.
///
/// # Errors
/// [`Error::File`], [`Error::Tensor`] or [`Error::Setting`]: a damaged file, code in a pickle, another
/// model, missing tensors (all of them named), sizes that do not fit together.
pub fn read(file: &str, bytes: &[u8], network: Network, heads: Option<usize>) -> Result<Weights> {
    if is_zip(bytes) {
        let wanted = |name: &str| foreign::is_backbone(name);
        let (tensors, unused) = torch::read(file, bytes, network, wanted)?;
        return foreign::assemble(file, Origin::Torch, tensors, unused, heads);
    }
    if is_old(bytes) {
        return Err(Error::file(file, FileProblem::OldTorch));
    }
    match open(file, bytes, network, heads)? {
        WeightsContent::Run(checkpoint) => Ok(ours(*checkpoint, network)),
        WeightsContent::Backbone(weights) => Ok(weights),
    }
}

/// The backbone of one of our checkpoints.
pub fn ours(checkpoint: Checkpoint, network: Network) -> Weights {
    let role = match network {
        Network::Student => "student.",
        _ => "teacher.",
    };
    let (mut backbone, mut unused) = (Tensors::new(), Vec::new());
    for (name, tensor) in checkpoint.tensors {
        match name.strip_prefix(role) {
            Some(name) if name.starts_with("backbone.") => {
                backbone.insert(name.to_owned(), tensor);
            }
            _ => unused.push(name),
        }
    }
    let vit = VitConfig { drop_path_rate: 0.0, ..checkpoint.config.vit };
    Weights { origin: Origin::Ours, vit, backbone, unused }
}
