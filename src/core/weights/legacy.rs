//! Legacy format of `torch.save`, before PyTorch 1.6: five pickles, then the storages one after the other. Invariant: a
//! storage lies within the file, with the number of values that the pickle says.

use crate::error::other::OtherFile;
use crate::error::{EntryProblem, Error, FileProblem, PickleProblem, Result};
use crate::weights::pickle;
use crate::weights::pickle::{Pickle, PickleObject, PickleValue};
use std::collections::HashMap;

/// The first pickle's number, by which torch knows its files: as the bytes of protocols 2 and above, and as the words of
/// those below.
const MAGIC: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
const WORDS: &[u8] = b"L119547037146038801333356L\n.";

/// True of a file in the format before PyTorch 1.6, with a pickle of any protocol.
pub fn is_legacy(bytes: &[u8]) -> bool {
    let bytes = match bytes {
        [0x80, ..=5, 0x95, rest @ ..] => rest.get(8..).unwrap_or_default(),
        [0x80, ..=5, rest @ ..] => rest,
        rest => rest,
    };
    bytes.starts_with(MAGIC) || bytes.starts_with(WORDS)
}

/// The storages of such a file.
pub struct Legacy<'a> {
    file: &'a str,
    /// What follows the pickles.
    bytes: &'a [u8],
    /// Where the next storage that was not found yet begins.
    at: usize,
    /// Keys in the order of the storages, the last one first.
    keys: Vec<String>,
    /// Sizes in bytes of one value, by key; the name of a type of which that is not known.
    widths: HashMap<String, std::result::Result<u64, String>>,
    found: HashMap<String, &'a [u8]>,
}

impl<'a> Legacy<'a> {
    /// Reads the pickles; the fourth is the content.
    ///
    /// # Errors
    /// [`Error::File`] when one of them is malformed.
    pub fn open(file: &'a str, bytes: &'a [u8]) -> Result<(Pickle<'a>, Self)> {
        let mut rest = bytes;
        let mut next = |whole: bool| -> Result<Pickle<'a>> {
            let part: &'a [u8] = &rest[..rest.len().min(pickle::MOST_BYTES)];
            let read = if whole { pickle::read_whole } else { pickle::read };
            let read = read(file, part.into()).map_err(cut_off)?;
            rest = rest.get(read.length..).unwrap_or_default();
            Ok(read)
        };
        // The magic number, the version of the format, the sizes of the system's integers.
        for _ in 0..3 {
            next(false)?;
        }
        let (content, keys) = (next(false)?, next(true)?);
        let Some(PickleObject::List(list)) = keys.object(keys.root()) else {
            let at = bytes.len() - rest.len();
            return Err(Error::file(file, FileProblem::Pickle(PickleProblem::Malformed { at })));
        };
        let text = |key: &PickleValue| match *key {
            PickleValue::Text(key) => Some(keys.text(key).into_owned()),
            _ => None,
        };
        let keys = list.iter().rev().filter_map(text).collect();
        let widths = content.storages().collect();
        Ok((content, Self { file, bytes: rest, at: 0, keys, widths, found: HashMap::new() }))
    }

    /// A storage of `size` bytes.
    ///
    /// # Errors
    /// [`Error::File`] when the file ends before it or it has another number of values.
    pub fn storage(&mut self, tensor: &str, key: &str, size: u64) -> Result<Vec<u8>> {
        let file = self.file;
        let refuse = |problem: EntryProblem| {
            let entry = key.chars().take(80).collect();
            Error::file(file, FileProblem::Storage { entry, problem })
        };
        let truncated = || Error::file(file, FileProblem::NotWeights(OtherFile::HalfTorch));
        while !self.found.contains_key(key) {
            let Some(next) = self.keys.pop() else { return Err(refuse(EntryProblem::Missing)) };
            let values = self.bytes.get(self.at..).and_then(<[u8]>::split_first_chunk::<8>);
            let Some((values, rest)) = values else { return Err(truncated()) };
            let values = u64::from_le_bytes(*values);
            let width = match self.widths.get(&next) {
                Some(Ok(width)) => *width,
                Some(Err(kind)) => return Err(refuse(EntryProblem::UnknownType(kind.clone()))),
                None => 1,
            };
            let length = values.checked_mul(width).and_then(|n| usize::try_from(n).ok());
            let Some(bytes) = length.and_then(|n| rest.get(..n)) else { return Err(truncated()) };
            self.at += 8 + bytes.len();
            self.found.insert(next, bytes);
        }
        match self.found.get(key) {
            Some(bytes) if bytes.len() as u64 == size => Ok(bytes.to_vec()),
            found => {
                let found = found.map_or(0, |bytes| bytes.len() as u64);
                let tensor = tensor.to_owned();
                Err(refuse(EntryProblem::Storage { tensor, expected: size, found }))
            }
        }
    }
}

/// A pickle that ends too early, where the file is known to be torch's.
fn cut_off(error: Error) -> Error {
    match error {
        Error::File { file, problem: FileProblem::Pickle(PickleProblem::Truncated { .. }) } => {
            Error::file(file, FileProblem::NotWeights(OtherFile::HalfTorch))
        }
        error => error,
    }
}
