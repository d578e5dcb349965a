//! Pickle as plain data: what PyTorch files keep their tensors' places in. Nothing is executed: a name of
//! Python code is looked up in a short list of harmless ones and otherwise refused. Invariants: an opcode makes
//! at most one object, nothing recurses, and both are counted.

mod machine;

use crate::error::{Error, FileProblem, PickleProblem, Result};

/// Longest pickle; a ViT with its optimiser's state takes about 100 kB.
pub const MOST_BYTES: usize = 16 << 20;
/// Most objects; a ViT with its optimiser's state has about 10 000.
const MOST_OBJECTS: usize = 1 << 18;

/// An object's place in [`Pickle`].
pub type Id = usize;

/// Type of a storage's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageType {
    Half,
    BFloat,
    Float,
    Double,
    /// Whole numbers and truth values, which no weight is made of.
    Other,
}

/// What an opcode can make.
#[derive(Debug, Clone, PartialEq)]
pub enum PickleValue {
    Int(i64),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Storage {
        kind: StorageType,
        /// Name of its file beside the pickle. Not a copy: one long name could be meant a million times.
        key: Id,
        /// Number of values.
        count: u64,
    },
    Tensor {
        storage: Id,
        offset: u64,
        shape: Vec<u64>,
        strides: Vec<u64>,
    },
    /// A name of Python code that we know.
    Name(Known),
    /// Something harmless that no tensor depends on.
    Inert,
}

/// What a name of Python code stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    RebuildTensor,
    RebuildParameter,
    Dict,
    Storage(StorageType),
    /// A class of settings: kept as something that is there, its content is not looked at.
    Inert,
}

/// The allow-list. Nothing of it is ever called: these are words.
const KNOWN: &[(&str, &str, Known)] = &[
    ("torch._utils", "_rebuild_tensor_v2", Known::RebuildTensor),
    ("torch._utils", "_rebuild_parameter", Known::RebuildParameter),
    ("collections", "OrderedDict", Known::Dict),
    ("torch", "HalfStorage", Known::Storage(StorageType::Half)),
    ("torch", "BFloat16Storage", Known::Storage(StorageType::BFloat)),
    ("torch", "FloatStorage", Known::Storage(StorageType::Float)),
    ("torch", "DoubleStorage", Known::Storage(StorageType::Double)),
    ("torch", "LongStorage", Known::Storage(StorageType::Other)),
    ("torch", "IntStorage", Known::Storage(StorageType::Other)),
    ("torch", "ShortStorage", Known::Storage(StorageType::Other)),
    ("torch", "CharStorage", Known::Storage(StorageType::Other)),
    ("torch", "ByteStorage", Known::Storage(StorageType::Other)),
    ("torch", "BoolStorage", Known::Storage(StorageType::Other)),
    ("torch", "Size", Known::Inert),
    ("torch", "device", Known::Inert),
    ("argparse", "Namespace", Known::Inert),
    ("collections", "defaultdict", Known::Inert),
    ("pathlib", "PosixPath", Known::Inert),
    ("pathlib", "WindowsPath", Known::Inert),
    ("numpy.core.multiarray", "scalar", Known::Inert),
    ("numpy._core.multiarray", "scalar", Known::Inert),
    ("numpy", "dtype", Known::Inert),
    ("_codecs", "encode", Known::Inert),
];

/// A pickle that was read.
#[derive(Debug)]
pub struct Pickle {
    objects: Vec<PickleValue>,
    root: Id,
}

impl Pickle {
    /// The object that the pickle is about.
    pub fn root(&self) -> &PickleValue {
        &self.objects[self.root]
    }

    /// An object of this pickle.
    pub fn get(&self, id: Id) -> &PickleValue {
        &self.objects[id]
    }

    /// The entries of a dictionary whose keys are words; nothing of anything else.
    pub fn entries<'a>(
        &'a self,
        value: &'a PickleValue,
    ) -> impl Iterator<Item = (&'a str, &'a PickleValue)> {
        let pairs = if let PickleValue::Dict(pairs) = value { pairs.as_slice() } else { &[] };
        pairs.iter().filter_map(|(key, value)| match self.get(*key) {
            PickleValue::Text(key) => Some((key.as_str(), self.get(*value))),
            _ => None,
        })
    }
}

/// Reads a pickle; `file` names it in messages.
///
/// # Errors
/// [`Error::File`] when it is too long, cut off, malformed, or names Python code that is not in the list.
pub fn read(file: &str, bytes: &[u8]) -> Result<Pickle> {
    if bytes.len() > MOST_BYTES {
        let found = bytes.len();
        let problem = PickleProblem::TooLong { most: MOST_BYTES, found };
        return Err(Error::file(file, FileProblem::Pickle(problem)));
    }
    machine::run(file, bytes)
}
