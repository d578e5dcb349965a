//! Legacy format of `torch.save`, before PyTorch 1.6: five pickles, then the storages one after the other. Invariant: a
//! storage lies within the file, with the number of values that the pickle says.

use crate::error::{EntryProblem, Error, FileProblem, PickleProblem, Result};
use crate::weights::pickle;
use crate::weights::pickle::{Pickle, PickleValue};
use std::collections::HashMap;

/// The first pickle: a number by which torch knows its files.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// True of a file in the format before PyTorch 1.6.
pub fn is_legacy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
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
    /// Sizes in bytes of one value, by key, as far as storages are wanted.
    widths: HashMap<String, u64>,
    found: HashMap<String, &'a [u8]>,
}

impl<'a> Legacy<'a> {
    /// Reads the pickles; the fourth is the content.
    ///
    /// # Errors
    /// [`Error::File`] when one of them is malformed.
    pub fn open(file: &'a str, bytes: &'a [u8]) -> Result<(Pickle, Self)> {
        let mut rest = bytes;
        let mut next = || -> Result<Pickle> {
            let read = pickle::read(file, &rest[..rest.len().min(pickle::MOST_BYTES)])?;
            rest = rest.get(read.length..).unwrap_or_default();
            Ok(read)
        };
        // The magic number, the version of the format, the sizes of the system's integers.
        for _ in 0..3 {
            next()?;
        }
        let (content, keys) = (next()?, next()?);
        let PickleValue::List(list) = keys.root() else {
            let at = bytes.len() - rest.len();
            return Err(Error::file(file, FileProblem::Pickle(PickleProblem::Malformed { at })));
        };
        let text = |id: &usize| match keys.get(*id) {
            PickleValue::Text(key) => Some(key.clone()),
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
        let refuse = |problem: EntryProblem| {
            Error::file(
                self.file,
                FileProblem::Entry { entry: key.chars().take(80).collect(), problem },
            )
        };
        while !self.found.contains_key(key) {
            let Some(next) = self.keys.pop() else { return Err(refuse(EntryProblem::Missing)) };
            let Some((values, rest)) =
                self.bytes.get(self.at..).and_then(<[u8]>::split_first_chunk::<8>)
            else {
                return Err(refuse(EntryProblem::Missing));
            };
            let values = u64::from_le_bytes(*values);
            let width = self.widths.get(&next).copied().unwrap_or(1);
            let length = values.checked_mul(width).and_then(|n| usize::try_from(n).ok());
            let Some(bytes) = length.and_then(|n| rest.get(..n)) else {
                let (expected, found) = (values.saturating_mul(width), rest.len() as u64);
                return Err(refuse(EntryProblem::Length { expected, found }));
            };
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
