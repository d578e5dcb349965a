//! File problems. Invariant: a damaged or foreign file is told apart from one that cannot be read, and what is
//! wrong with it is named by values.

use crate::error::other::{OtherFile, OtherModel};
use crate::error::{Unread, list};
use serde::{Deserialize, Serialize};

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum FileProblem {
    // Reading and writing; the system's or the browser's words, or a reason that is known.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    #[error("{0}")]
    Unread(Unread),
    #[error("cannot be written: {0}")]
    Unwritable(String),
    #[error("expected a folder: {0}")]
    NoFolder(String),
    #[error("the folder cannot be created: {0}")]
    FolderNotCreated(String),
    #[error("expected a file to write, found a folder")]
    IsFolder,
    #[error("expected at most {most} bytes, found {found}")]
    TooLong { most: u64, found: u64 },
    #[error("this browser does not store it any more")]
    NotStored,

    // Over the network.
    #[error("the server did not answer")]
    NoAnswer,
    #[error("the server did not send it within {seconds} seconds")]
    Late { seconds: u32 },
    #[error("the server answered {status}")]
    Status { status: u16 },

    // Folders of images, and films.
    #[error("expected at least one image, found none among {files} files")]
    NoImages { files: usize },
    #[error(
        "expected a mask with the name of an image under {images}, found none among {files} files"
    )]
    NoMasks { images: String, files: usize },
    #[error("expected a name that ends in .gif or .mp4")]
    NotAFilm,
    #[error("MP4 needs ffmpeg, which is not installed: name a .gif file")]
    NoFfmpeg,
    #[error("ffmpeg failed: {0}")]
    Ffmpeg(String),

    // Text.
    #[error("its content is not valid: {0}")]
    Content(String),
    #[error("line {line}: {problem}")]
    Line { line: usize, problem: LineProblem },
    #[error("missing in the case; found {}", found_names(found))]
    Missing { found: Vec<String> },
    #[error("expected measurements of adapter `{expected}`, found those of `{found}`")]
    OtherAdapter { expected: String, found: String },

    // Safetensors.
    #[error(
        "expected a safetensors file, which begins with 8 bytes of length; found {found} bytes"
    )]
    NoLength { found: usize },
    #[error(
        "expected a safetensors header of {expected} bytes, found only {found} bytes: the file is truncated or of \
         another kind"
    )]
    HeaderTruncated { expected: u64, found: usize },
    #[error("its safetensors header is not valid JSON: {0}")]
    Header(String),
    #[error("not a valid safetensors file: {0}")]
    Safetensors(String),
    #[error("expected {expected} bytes of tensor data, found {found}")]
    DataLength { expected: u64, found: u64 },

    // What a browser has stored.
    #[error("it is missing")]
    Absent,
    #[error("it is not as it was written")]
    Changed,
    #[error("expected {expected} bytes, found {found}")]
    Length { expected: u64, found: u64 },
    #[error("it has the content of `{of}`")]
    Misnamed { of: String },
    #[error("it has no part `{part}`")]
    NoPart { part: String },
    #[error("`{name}` is not the name of a part")]
    BadPart { name: String },

    // Checkpoints.
    #[error("expected a checkpoint of this program with the metadata `{key}`, found none")]
    NoMetadata { key: String },
    #[error("its metadata `{key}` is not valid: {words}")]
    Metadata { key: String, words: String },
    #[error("expected a checkpoint of version {expected}, found version {found}")]
    Version { expected: u32, found: u32 },
    #[error("it holds another network: expected {expected}, found {found}")]
    OtherNetwork { expected: String, found: String },

    // Files of torch.save.
    #[error("expected a zip archive written by torch.save: {0}")]
    NotTorch(String),
    #[error("expected an archive written by torch.save with data.pkl in it, found another one")]
    NoPickle,
    #[error("`{entry}` in this archive: {problem}")]
    Entry { entry: String, problem: EntryProblem },
    #[error("its storage `{entry}`: {problem}")]
    Storage { entry: String, problem: EntryProblem },
    #[error("{0}")]
    Pickle(PickleProblem),

    // Backbones.
    #[error("{0}")]
    NotWeights(OtherFile),
    #[error("its tensor `{tensor}` tells that it is {model}")]
    OtherModel { model: OtherModel, tensor: String },
    #[error("expected tensors of a Vision Transformer's backbone, found {}", others(*found, names))]
    NoBackbone { found: usize, names: Vec<String> },
    #[error("expected 1 to {most} blocks in the network, found {found}")]
    Blocks { most: usize, found: usize },
    #[error(
        "expected all {expected} tensors of a backbone with {blocks} blocks, found {found}; missing: {}",
        list(missing)
    )]
    Incomplete { expected: usize, blocks: usize, found: usize, missing: Vec<String> },
    #[error(
        "it is part {part} of {of} of a model that was saved in parts, which are not read one by one: load the model \
         and save its `state_dict()`, or save it again with `max_shard_size=\"50GB\"`"
    )]
    Shard { part: u64, of: u64 },
    #[error("{0}")]
    HalfNetwork(Box<HalfNetwork>),
}

/// A network that was asked for and is half there, beside a whole one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HalfNetwork {
    /// Whether the student was asked for; the teacher otherwise.
    pub student: bool,
    /// What stands before the names of the half network.
    pub prefix: String,
    pub missing: Vec<String>,
    /// Python code that its tensors would have come from.
    pub code: Option<String>,
    /// What stands before the names of the other network.
    pub whole: String,
}

/// What is wrong with a line of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum LineProblem {
    #[error("expected names")]
    NoNames,
    #[error("expected {expected} values, found {found}")]
    Values { expected: usize, found: usize },
    #[error("`{0}` is not a number")]
    NotANumber(String),
}

/// What is wrong with an entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum EntryProblem {
    #[error("expected this entry, found none")]
    Missing,
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("expected data as it is, as torch.save stores it, found {0}")]
    Compressed(String),
    #[error("expected at most {most} bytes, found {found}")]
    TooLong { most: u64, found: u64 },
    #[error("expected {expected} bytes, found {found}")]
    Length { expected: u64, found: u64 },
    #[error("expected {expected} bytes for tensor {tensor}, found {found}")]
    Storage { tensor: String, expected: u64, found: u64 },
    #[error("expected the byte order little, found {0}")]
    ByteOrder(String),
    #[error("expected a type whose size is known here, found `{0}`: save the `state_dict()` alone")]
    UnknownType(String),
}

/// What is wrong with a pickle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PickleProblem {
    #[error("expected a pickle of at most {most} bytes, found {found}")]
    TooLong { most: usize, found: usize },
    #[error(
        "expected a pickle of tensors and plain values, found its end at byte {at}: it is cut off"
    )]
    Truncated { at: usize },
    #[error(
        "expected a pickle of tensors and plain values, found instruction {code:#04x} at byte {at}"
    )]
    Instruction { code: u8, at: usize },
    #[error(
        "expected a pickle of tensors and plain values, found a malformed instruction before byte {at}"
    )]
    Malformed { at: usize },
    #[error(
        "expected a pickle of tensors and plain values, found one whose objects take more than {most} bytes: save the \
         `state_dict()` alone"
    )]
    TooMuch { most: usize },
    #[error(
        "expected a pickle that torch.load reads, found one of protocol 0: save it anew with the protocol that \
         torch.save takes by itself"
    )]
    ProtocolZero,
    #[error(
        "expected only tensors and plain values, found a reference to Python's `{0}`: that could be code, so the \
         file is refused and nothing of it was run"
    )]
    Code(String),
}

impl std::fmt::Display for HalfNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { student, prefix, missing, code, whole } = self;
        let [asked, other] = if *student { ["student", "teacher"] } else { ["teacher", "student"] };
        write!(f, "expected the {asked} whole, whose names begin with `{prefix}…`; ")?;
        match code {
            Some(code) => {
                write!(f, "found what Python's `{code}` makes, of which nothing was run")?
            }
            None => write!(f, "found no {} there", list(missing))?,
        }
        let whole =
            if whole.is_empty() { "without a prefix".to_owned() } else { format!("`{whole}…`") };
        write!(
            f,
            ". The network {whole} is whole: `--network {other}` of `dino convert` takes it, or save its tensors alone"
        )
    }
}

fn found_names(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { list(names) }
}

fn others(found: usize, names: &[String]) -> String {
    match names {
        [] => "none at all".to_owned(),
        names => format!("{found} others such as {}", list(names)),
    }
}
