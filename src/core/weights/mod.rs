//! Weights: backbones that others trained, read from bytes in memory into our names, and ours written in theirs: files
//! of `torch.save` of any age and safetensors, with the names of facebookresearch, timm, Hugging Face, torchvision and
//! of what others wrap around them. Invariants: what [`read`] returns is a whole, finite backbone whose sizes were read
//! from its shapes; every tensor that was not used is named.

mod archive;
mod beside;
pub mod checkpoint;
mod export;
mod finetune;
mod foreign;
mod halves;
pub mod init;
mod kind;
mod legacy;
mod model_card;
mod networks;
pub mod parameters;
mod pickle;
mod places;
mod recognise;
mod roles;
mod shards;
mod source;
pub mod tensors;
mod torch;
mod wrappers;

use crate::error::other::OtherFile;
use crate::error::{Error, FileProblem, Result};
use crate::run::config::VitConfig;
use crate::run::network::Network;
use checkpoint::Checkpoint;
pub use export::{METADATA, Precision, backbone};
pub use finetune::{PRESET, config, settings, start};
pub use model_card::heads;
pub use recognise::is_weights;
use serde::{Deserialize, Serialize};
use source::Source;
use std::fmt;
use tensors::{Safetensors, Tensors};
use torch::Torch;

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
    pub account: Account,
}

/// What of a file was taken, and what was left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What stands before the names of the network that was taken; empty where nothing does.
    pub taken: String,
    /// The same for the other networks of the file.
    pub left: Vec<String>,
    /// Names in the file that no part of the backbone came from.
    pub unused: Vec<String>,
    /// Names of Python code that stood beside the weights and was not run.
    pub passed_over: Vec<String>,
    /// True if nothing said how many heads there are: they are taken to be 64 wide.
    pub heads_guessed: bool,
}

impl Account {
    /// True if another network of the file is taken where the student is asked for.
    pub fn leaves_student(&self) -> bool {
        let rank = |prefix: &String| roles::rank(prefix, Network::Student);
        self.left.iter().any(|left| rank(left) < rank(&self.taken))
    }
}

/// What of a file is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Of a file with several networks the student's; the teacher's otherwise.
    pub student: bool,
    /// The network with this before its names, whatever else there is: one of [`Account::left`].
    pub prefix: Option<String>,
    /// Attention heads, which no tensor tells, …
    pub heads: Option<usize>,
    /// … and as a configuration beside the file tells them: they count where neither a person nor the file says it.
    pub card: Option<usize>,
}

impl Choice {
    /// A network by its role.
    pub fn of(network: Network, heads: Option<usize>) -> Self {
        Self { student: network == Network::Student, prefix: None, heads, card: None }
    }

    fn network(&self) -> Network {
        if self.student { Network::Student } else { Network::Teacher }
    }
}

/// Heads of a backbone, which no tensor tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heads {
    Known(usize),
    Unknown,
}

impl Heads {
    fn count(self) -> Option<usize> {
        match self {
            Self::Known(heads) => Some(heads),
            Self::Unknown => None,
        }
    }

    fn of(heads: Option<usize>) -> Self {
        heads.map_or(Self::Unknown, Self::Known)
    }
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
    open_chosen(file, bytes, &Choice::of(network, heads))
}

/// [`open`] of what is chosen.
///
/// # Errors
/// See [`read`].
pub fn open_chosen(file: &str, bytes: &[u8], choice: &Choice) -> Result<WeightsContent> {
    let (heads, card) = (choice.heads, choice.card);
    if is_zip(bytes) || legacy::is_legacy(bytes) {
        let mut torch = Torch::open(file, bytes)?;
        let heads = Heads::of(heads.or(card));
        let weights = foreign::read(file, Origin::Torch, &mut torch, choice, heads)
            .map_err(|error| shards::told(file, error))?;
        return Ok(WeightsContent::Backbone(weights));
    }
    let refused = |other: OtherFile| Err(Error::file(file, FileProblem::NotWeights(other)));
    if kind::is_pickle(bytes) {
        return refused(OtherFile::OtherPickle);
    }
    if let Some(other) = kind::file(bytes) {
        return refused(other);
    }
    let mut source = Safetensors::open(file, bytes)?;
    if source.metadata.contains_key(checkpoint::KEY) {
        let (tensors, metadata) = tensors::read(file, bytes)?;
        return Ok(WeightsContent::Run(Box::new(Checkpoint::of(file, tensors, &metadata)?)));
    }
    let stored = source.metadata.get(export::METADATA).and_then(|json| export::heads(json));
    let origin = match source.list().iter().any(|listed| listed.name.contains("embeddings.")) {
        true => Origin::HuggingFace,
        false => Origin::Timm,
    };
    let heads = Heads::of(heads.or(stored).or(card));
    let weights = foreign::read(file, origin, &mut source, choice, heads)
        .map_err(|error| shards::told(file, error))?;
    Ok(WeightsContent::Backbone(weights))
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") && !kind::seems_safetensors(bytes, bytes.len() as u64)
}

/// Reads a backbone from a file of any of the formats. Of a file with several networks that of `network` is
/// taken; `heads` is needed only where they are not 64 wide.
///
/// # Errors
/// [`Error::File`], [`Error::Tensor`] or [`Error::Setting`]: a damaged file, another kind of file or of model, a tensor
/// that only Python code could make, missing tensors (all of them named), sizes that do not fit together.
pub fn read(file: &str, bytes: &[u8], network: Network, heads: Option<usize>) -> Result<Weights> {
    read_chosen(file, bytes, &Choice::of(network, heads))
}

/// [`read`] of what is chosen.
///
/// # Errors
/// See there.
pub fn read_chosen(file: &str, bytes: &[u8], choice: &Choice) -> Result<Weights> {
    match open_chosen(file, bytes, choice)? {
        WeightsContent::Run(checkpoint) => Ok(ours(*checkpoint, choice.network())),
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
    let account = Account { taken: role.to_owned(), unused, ..Account::default() };
    Weights { origin: Origin::Ours, vit, backbone, account }
}
