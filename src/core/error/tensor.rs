//! Tensor problems: shape, values, place in a file. Invariant: what was expected and what was found are values.

use serde::{Deserialize, Serialize};

/// What is wrong with a tensor.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum TensorProblem {
    #[error("expected shape {shape:?}, found no such tensor")]
    Missing { shape: Vec<usize> },
    #[error("expected shape {expected:?}, found {found:?}")]
    Shape { expected: Vec<usize>, found: Vec<usize> },
    #[error("expected {expected} values, found {found}")]
    Count { expected: usize, found: usize },
    #[error("expected only parameters of the configured network, found an unknown one")]
    Unknown,

    // Values.
    #[error("expected finite numbers, found {value} at position {at} of {count}")]
    NotFinite { value: f32, at: usize, count: usize },
    #[error("expected no negative numbers, found {value}")]
    Negative { value: f32 },
    #[error("expected numbers up to 65504, the largest of 16 bits, found {value}")]
    TooLargeForHalf { value: f32 },

    // Safetensors.
    #[error("expected a type, a shape and two data offsets, found {0}")]
    Entry(String),
    #[error("expected values of type F32, F16, BF16 or F64, found {0}")]
    Type(String),
    #[error("expected {} bytes for shape {shape:?} of {dtype}, found bytes {start} to {end}", size(*bytes))]
    Bytes { bytes: Option<u64>, shape: Vec<u64>, dtype: String, start: u64, end: u64 },
    #[error(
        "expected its bytes {start} to {end} in the file, found only {data} bytes of data: the file is truncated"
    )]
    Truncated { start: u64, end: u64, data: u64 },
    #[error("expected its data to start at byte {expected}, found byte {found}, {}", gap(*expected, *found))]
    Start { expected: u64, found: u64 },

    // Files of torch.save.
    #[error("expected a storage, found none with a name")]
    NoStorage,
    #[error("expected values of type float, found whole numbers or truth values")]
    NotFloats,
    #[error("expected values of type float, found complex numbers")]
    Complex,
    #[error("expected a tensor, found {found}")]
    NotTensor { found: Plain },
    #[error(
        "expected a tensor, found what Python's `{python}` makes: that could be code, so the file is refused and \
         nothing of it was run"
    )]
    Code { python: String },
    #[error(
        "expected at most {left} bytes, all that is left of the file, found a storage of {values} values"
    )]
    StorageTooLarge { left: u64, values: u64 },
    #[error("expected at most {left} values more than the file holds, found shape {shape:?}")]
    Unfolds { left: u64, shape: Vec<u64> },
    #[error(
        "expected a part of its storage of {values} values, found shape {shape:?} with strides {strides:?} from \
         {offset}"
    )]
    OutsideStorage { values: u64, shape: Vec<u64>, strides: Vec<u64>, offset: u64 },

    // Backbones of others.
    #[error(
        "expected only the parameters of a DINO backbone, found a part that this network does not have"
    )]
    Foreign,
    #[error(
        "expected a network that takes normalised images, found the mean or deviation by which it normalises them itself"
    )]
    Normalises,
    #[error("expected this tensor once, found it twice")]
    Twice,
    #[error("expected a linear layer to scale, found none")]
    NoLinear,
    #[error("expected shape [width, 3, patch, patch], found {found:?}")]
    PatchShape { found: Vec<usize> },
    #[error("expected square patches, found {found:?}")]
    NotSquare { found: Vec<usize> },
    #[error(
        "expected shape [1, tokens, {width}], of which one is CLS and the others fill a square, found {found:?}"
    )]
    Positions { width: usize, found: Vec<usize> },

    // Snapshots and crops.
    #[error("expected a step up to {most}, found {found}")]
    LaterStep { most: u64, found: u64 },
    #[error("expected room for another snapshot, found none")]
    NoRoom,
    #[error("expected an image below {count}, found image {found} for crop {crop}")]
    NoSuchImage { count: usize, found: usize, crop: usize },
}

/// A value of Python where a tensor was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Plain {
    #[error("a number of Python: save it as a tensor")]
    Number,
    #[error("a text")]
    Text,
    #[error("a list or tuple: save it as a tensor")]
    List,
    #[error("another value of Python")]
    Other,
}

/// Where a tensor is, in a sentence.
pub(super) fn within(file: &Option<String>) -> String {
    file.as_ref().map(|file| format!(" in `{file}`")).unwrap_or_default()
}

fn size(bytes: Option<u64>) -> String {
    bytes.map_or("too many".to_owned(), |bytes| bytes.to_string())
}

fn gap(expected: u64, found: u64) -> &'static str {
    if found < expected { "overlapping the one before" } else { "after a gap" }
}
