//! Pickle as plain data: what PyTorch files keep their tensors' places in. Nothing is executed: a name of Python code is
//! a word, and what it would have made is an object without content, listed by that name. Invariants: an opcode makes
//! at most one object, nothing recurses, and both are counted.

mod machine;
mod objects;

use crate::error::{Error, FileProblem, PickleProblem, Result};
use std::collections::HashSet;

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
    /// What no weight is made of: whole numbers, truth values, complex numbers, of so many bytes each.
    Other(u64),
}

impl StorageType {
    /// Bytes of one value.
    pub fn width(self) -> u64 {
        match self {
            Self::Half | Self::BFloat => 2,
            Self::Float => 4,
            Self::Double => 8,
            Self::Other(width) => width,
        }
    }
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
    /// A name of Python code that we do not know, or what it would have made: a place in [`Pickle::foreign`].
    Foreign(usize),
    /// Something harmless that no tensor depends on.
    Inert,
}

/// What a name of Python code stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    RebuildTensor,
    RebuildParameter,
    /// A subclass of a tensor: the function that makes it, its class, the arguments.
    RebuildFromType,
    Dict,
    Storage(StorageType),
    /// A class of settings: kept as something that is there, its content is not looked at.
    Inert,
}

/// The names that mean something here. Nothing of them is ever called: these are words.
const KNOWN: &[(&str, &str, Known)] = &[
    ("torch._utils", "_rebuild_tensor_v2", Known::RebuildTensor),
    ("torch._utils", "_rebuild_parameter", Known::RebuildParameter),
    ("torch._utils", "_rebuild_parameter_with_state", Known::RebuildParameter),
    ("torch._tensor", "_rebuild_from_type_v2", Known::RebuildFromType),
    ("collections", "OrderedDict", Known::Dict),
    ("torch", "HalfStorage", Known::Storage(StorageType::Half)),
    ("torch", "BFloat16Storage", Known::Storage(StorageType::BFloat)),
    ("torch", "FloatStorage", Known::Storage(StorageType::Float)),
    ("torch", "DoubleStorage", Known::Storage(StorageType::Double)),
    ("torch", "LongStorage", Known::Storage(StorageType::Other(8))),
    ("torch", "IntStorage", Known::Storage(StorageType::Other(4))),
    ("torch", "ShortStorage", Known::Storage(StorageType::Other(2))),
    ("torch", "CharStorage", Known::Storage(StorageType::Other(1))),
    ("torch", "ByteStorage", Known::Storage(StorageType::Other(1))),
    ("torch", "BoolStorage", Known::Storage(StorageType::Other(1))),
    ("torch", "ComplexFloatStorage", Known::Storage(StorageType::Other(8))),
    ("torch", "ComplexDoubleStorage", Known::Storage(StorageType::Other(16))),
    ("torch", "Size", Known::Inert),
    ("torch", "device", Known::Inert),
    ("argparse", "Namespace", Known::Inert),
    ("collections", "defaultdict", Known::Dict),
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
    /// Names of Python code that was passed over, each once.
    foreign: Vec<String>,
    /// Bytes that were read.
    pub length: usize,
}

/// Dictionaries within dictionaries that are looked into.
const DEPTH: usize = 6;
/// Characters of all names of [`Pickle::flat`]; a file could otherwise unfold by long names of dictionaries.
const MOST_CHARACTERS: usize = 64 << 20;

impl Pickle {
    /// The object that the pickle is about.
    pub fn root(&self) -> &PickleValue {
        &self.objects[self.root]
    }

    /// An object of this pickle.
    pub fn get(&self, id: Id) -> &PickleValue {
        &self.objects[id]
    }

    /// Names of Python code that was passed over, each once.
    pub fn foreign(&self) -> &[String] {
        &self.foreign
    }

    /// The name of Python code that a value is or would have come from.
    pub fn code(&self, value: &PickleValue) -> Option<&str> {
        match value {
            PickleValue::Foreign(i) => self.foreign.get(*i).map(String::as_str),
            _ => None,
        }
    }

    /// Keys of all storages, with the bytes of one value.
    pub fn storages(&self) -> impl Iterator<Item = (String, u64)> {
        self.objects.iter().filter_map(|value| {
            let PickleValue::Storage { kind, key, .. } = value else { return None };
            let PickleValue::Text(key) = self.get(*key) else { return None };
            // No key is longer, and a long one may be meant by all.
            (key.len() <= 80).then(|| (key.clone(), kind.width()))
        })
    }

    /// All values of the root's dictionaries and of those within, named by their keys with dots between; a dictionary
    /// that has two names is under the first.
    pub fn flat(&self) -> Vec<(String, Id)> {
        let (mut found, mut seen, mut left) = (Vec::new(), HashSet::new(), MOST_CHARACTERS);
        let mut open = vec![(String::new(), self.root, 0)];
        while let Some((before, id, depth)) = open.pop() {
            let PickleValue::Dict(pairs) = self.get(id) else {
                found.push((before, id));
                continue;
            };
            if depth > DEPTH || !seen.insert(id) {
                continue;
            }
            let dot = if before.is_empty() { "" } else { "." };
            // The stack gives the last one first.
            for (key, value) in pairs.iter().rev() {
                let PickleValue::Text(key) = self.get(*key) else { continue };
                let name = format!("{before}{dot}{key}");
                let Some(rest) = left.checked_sub(name.len()) else { continue };
                left = rest;
                open.push((name, *value, depth + 1));
            }
        }
        found
    }
}

/// Reads a pickle; `file` names it in messages.
///
/// # Errors
/// [`Error::File`] when it is too long, cut off or malformed.
pub fn read(file: &str, bytes: &[u8]) -> Result<Pickle> {
    if bytes.len() > MOST_BYTES {
        let found = bytes.len();
        let problem = PickleProblem::TooLong { most: MOST_BYTES, found };
        return Err(Error::file(file, FileProblem::Pickle(problem)));
    }
    machine::run(file, bytes)
}
