//! Pickle as plain data: what PyTorch files keep their tensors' places in. Nothing is executed: a name of Python code is
//! a word, and what it would have made is an object without a meaning, listed by that name. Invariants: an opcode makes
//! at most one object, nothing recurses, and the memory of all is bounded by the length of the pickle.

mod flat;
mod known;
mod lines;
mod machine;
mod objects;
mod stack;

use crate::error::{Error, FileProblem, PickleProblem, Result};
pub use flat::Named;
pub use known::{Known, StorageType};
use std::borrow::Cow;

/// Longest pickle: that of a ViT takes about 100 kB, the paths and labels of ImageNet beside it 64 MB.
pub const MOST_BYTES: usize = 128 << 20;
/// Bytes of memory that the objects of a pickle may take: so many at least, …
const MEMORY: usize = 16 << 20;
/// … and so many for each byte of the pickle. A pair of small numbers needs 13 at the most.
const MEMORY_PER_BYTE: usize = 13;

/// An object's place in [`Pickle`].
pub type Id = u32;

/// A piece of the pickle, by its first byte and its length. Not a copy: a name may be meant a million times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    length: u32,
}

/// A value: what is small is no object of its own, so that a million numbers beside the weights cost nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PickleValue {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Span),
    Bytes(Span),
    /// A name of Python code that we know.
    Known(Known),
    /// One that we do not know: a place in [`Pickle::foreign`].
    Foreign(u32),
    /// Something that holds no tensor.
    Inert,
    Object(Id),
}

/// What holds values, or a tensor.
#[derive(Debug, Clone, PartialEq)]
pub enum PickleObject {
    Tuple(Vec<PickleValue>),
    /// Of a long list only what may hold a tensor.
    List(Vec<PickleValue>),
    Dict {
        pairs: Vec<(PickleValue, PickleValue)>,
        /// Whether attributes count as its pairs, too.
        attributes: bool,
    },
    Storage {
        kind: StorageType,
        /// Name of its file beside the pickle.
        key: Span,
        /// Number of values.
        count: u64,
    },
    Tensor(Box<PickleTensor>),
    /// What Python code that we do not know would have made of these values.
    Foreign {
        name: u32,
        contents: Vec<PickleValue>,
    },
}

/// Where a tensor lies in its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickleTensor {
    pub storage: Id,
    pub offset: u64,
    pub shape: Vec<u64>,
    pub strides: Vec<u64>,
}

/// A pickle that was read.
#[derive(Debug)]
pub struct Pickle<'a> {
    bytes: Cow<'a, [u8]>,
    objects: Vec<PickleObject>,
    root: PickleValue,
    /// Names of Python code that was passed over, each once.
    foreign: Vec<String>,
    /// Storages of types that we do not know, with the place of the type's name.
    unknown: Vec<(Span, u32)>,
    /// Bytes that were read.
    pub length: usize,
}

impl Pickle<'_> {
    /// The value that the pickle is about.
    pub fn root(&self) -> PickleValue {
        self.root
    }

    /// An object of this pickle, if the value is one.
    pub fn object(&self, value: PickleValue) -> Option<&PickleObject> {
        match value {
            PickleValue::Object(id) => self.objects.get(id as usize),
            _ => None,
        }
    }

    /// A piece of text.
    pub fn text(&self, span: Span) -> Cow<'_, str> {
        String::from_utf8_lossy(span.of(&self.bytes))
    }

    /// Names of Python code that was passed over, each once.
    pub fn foreign(&self) -> &[String] {
        &self.foreign
    }

    /// The name of Python code that a value is or would have come from.
    pub fn code(&self, value: PickleValue) -> Option<&str> {
        let name = match (value, self.object(value)) {
            (PickleValue::Foreign(name), _) => name,
            (_, Some(PickleObject::Foreign { name, .. })) => *name,
            _ => return None,
        };
        self.foreign.get(name as usize).map(String::as_str)
    }

    /// Keys of all storages, with the bytes of one value or the name of a type of which that is not known.
    pub fn storages(&self) -> impl Iterator<Item = (String, std::result::Result<u64, String>)> {
        let known = self.objects.iter().filter_map(|object| match object {
            PickleObject::Storage { kind, key, .. } => Some((*key, Ok(kind.width()))),
            _ => None,
        });
        let name = |place: u32| self.foreign.get(place as usize).cloned().unwrap_or_default();
        let unknown = self.unknown.iter().map(move |(key, place)| (*key, Err(name(*place))));
        // No key is longer, and a long one may be meant by all.
        let short = |(key, _): &(Span, _)| key.length <= 80;
        known.chain(unknown).filter(short).map(|(key, width)| (self.text(key).into_owned(), width))
    }
}

impl Span {
    fn of(self, bytes: &[u8]) -> &[u8] {
        let start = self.start as usize;
        bytes.get(start..start + self.length as usize).unwrap_or_default()
    }
}

/// Reads a pickle; `file` names it in messages. Of long lists only what may hold a tensor is kept.
///
/// # Errors
/// [`Error::File`] when it is too long, cut off or malformed.
pub fn read<'a>(file: &str, bytes: Cow<'a, [u8]>) -> Result<Pickle<'a>> {
    run(file, bytes, false)
}

/// The same with everything that is in its lists.
///
/// # Errors
/// See [`read`].
pub fn read_whole<'a>(file: &str, bytes: Cow<'a, [u8]>) -> Result<Pickle<'a>> {
    run(file, bytes, true)
}

fn run<'a>(file: &str, bytes: Cow<'a, [u8]>, whole: bool) -> Result<Pickle<'a>> {
    if bytes.len() > MOST_BYTES {
        let found = bytes.len();
        let problem = PickleProblem::TooLong { most: MOST_BYTES, found };
        return Err(Error::file(file, FileProblem::Pickle(problem)));
    }
    let (root, machine) = machine::Machine::new(file, &bytes, whole).run()?;
    let (length, objects) = (machine.at, machine.objects);
    let (foreign, unknown) = (machine.foreign, machine.unknown);
    Ok(Pickle { bytes, objects, root, foreign, unknown, length })
}
