//! Archive of `torch.save`: a zip file of a pickle and one stored entry for each storage. Invariant: an entry is read
//! whole with its checksum compared, and never more of it than was expected.

use crate::error::other::OtherFile;
use crate::error::{EntryProblem, Error, FileProblem, Result};
use crate::weights::{pickle, recognise};
use std::io::{Cursor, Read};
use zip::read::{ArchiveOffset, Config};
use zip::{CompressionMethod, ZipArchive};

pub struct Archive<'a> {
    file: &'a str,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The folder of all entries, with its slash.
    root: String,
}

impl<'a> Archive<'a> {
    /// # Errors
    /// [`Error::File`]: no archive, half of one, one of something else, another byte order.
    pub fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self> {
        if recognise::is_half_zip(bytes) {
            return Err(Error::file(file, FileProblem::NotWeights(OtherFile::HalfZip)));
        }
        // torch writes the archive from the file's first byte. Left to find the first byte itself, the reader errs where
        // a name has 30 letters: 46 bytes of an entry and 30 are the 76 of the records that torch adds at the end.
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let zip = ZipArchive::with_config(config, Cursor::new(bytes))
            .map_err(|e| Error::file(file, FileProblem::NotTorch(e.to_string())))?;
        let names: Vec<_> = zip.file_names().flatten().collect();
        if let Some(other) = recognise::zip(names.iter().map(AsRef::as_ref)) {
            return Err(Error::file(file, FileProblem::NotWeights(other)));
        }
        let root = zip.file_names().flatten().find_map(|name| {
            let root = name.strip_suffix("data.pkl")?;
            // macOS adds a folder of what its own files say of the others.
            let litter = root.starts_with("__MACOSX/");
            (!litter && (root.is_empty() || root.ends_with('/'))).then(|| root.to_owned())
        });
        let Some(root) = root else {
            return Err(Error::file(file, FileProblem::NoPickle));
        };
        let mut archive = Self { file, zip, root };
        if archive.zip.index_for_name(&format!("{}byteorder", archive.root)).is_some() {
            let order = archive.entry("byteorder", 16)?;
            if order != b"little" {
                let found = String::from_utf8_lossy(&order).into_owned();
                return Err(archive.refuse("byteorder", EntryProblem::ByteOrder(found)));
            }
        }
        Ok(archive)
    }

    fn refuse(&self, name: &str, problem: EntryProblem) -> Error {
        Error::file(self.file, FileProblem::Entry { entry: name.to_owned(), problem })
    }

    /// The bytes of the pickle.
    ///
    /// # Errors
    /// [`Error::File`] when the entry is missing, compressed, damaged or too long.
    pub fn pickle(&mut self) -> Result<Vec<u8>> {
        self.entry("data.pkl", pickle::MOST_BYTES as u64)
    }

    /// A storage of exactly `size` bytes.
    ///
    /// # Errors
    /// [`Error::File`] as for [`Archive::pickle`], or when it has another length.
    pub fn storage(&mut self, tensor: &str, key: &str, size: u64) -> Result<Vec<u8>> {
        let name = format!("data/{}", key.chars().take(80).collect::<String>());
        let bytes = self.entry(&name, size)?;
        if bytes.len() as u64 == size {
            return Ok(bytes);
        }
        let (tensor, found) = (tensor.to_owned(), bytes.len() as u64);
        Err(self.refuse(&name, EntryProblem::Storage { tensor, expected: size, found }))
    }

    /// The bytes of an entry, its checksum compared.
    fn entry(&mut self, name: &str, most: u64) -> Result<Vec<u8>> {
        let full = format!("{}{name}", self.root);
        let Some(index) = self.zip.index_for_name(&full) else {
            return Err(self.refuse(name, EntryProblem::Missing));
        };
        let file = self.file;
        let damaged = |e: &dyn std::fmt::Display| {
            let problem = EntryProblem::Unreadable(e.to_string());
            Error::file(file, FileProblem::Entry { entry: name.to_owned(), problem })
        };
        let method = self.zip.by_index_raw(index).map_err(|e| damaged(&e))?.compression();
        if method != CompressionMethod::Stored {
            return Err(self.refuse(name, EntryProblem::Compressed(method.to_string())));
        }
        let entry = self.zip.by_index(index).map_err(|e| damaged(&e))?;
        let size = entry.size();
        if size > most {
            drop(entry);
            return Err(self.refuse(name, EntryProblem::TooLong { most, found: size }));
        }
        let mut bytes = Vec::new();
        let read = entry.take(most + 1).read_to_end(&mut bytes);
        match read {
            Ok(_) if bytes.len() as u64 == size => Ok(bytes),
            Ok(found) => {
                let problem = EntryProblem::Length { expected: size, found: found as u64 };
                Err(self.refuse(name, problem))
            }
            Err(e) => Err(damaged(&e)),
        }
    }
}
