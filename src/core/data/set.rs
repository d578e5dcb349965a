//! Image set of a run, each image with its file name and, if it has one, its label. Invariant: `entries`,
//! `pictures` and, where there are any, `working` have the same length and order.

use crate::data::decode::read;
use crate::data::picture::{DEFAULT_SIDE, Picture, Rejected};
use std::fmt;

/// What is known of an image besides its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub label: Option<String>,
}

/// The images that a run samples from.
#[derive(Debug, Default)]
pub struct ImageSet {
    entries: Vec<Entry>,
    pictures: Vec<Picture>,
    /// The images as a run takes them, where it takes them smaller.
    working: Vec<Picture>,
    side: Option<usize>,
    version: u64,
}

impl ImageSet {
    /// Decodes a file and appends it; returns its index.
    ///
    /// # Errors
    /// The [`Rejected`] for which the file is skipped; the set is as before.
    pub fn add(
        &mut self,
        name: &str,
        label: Option<String>,
        bytes: &[u8],
    ) -> Result<usize, Rejected> {
        let picture = read(bytes, DEFAULT_SIDE)?;
        Ok(self.add_picture(name, label, picture))
    }

    /// Appends an image that is decoded and not larger than [`DEFAULT_SIDE`]; returns its index.
    pub fn add_picture(&mut self, name: &str, label: Option<String>, picture: Picture) -> usize {
        self.entries.push(Entry { name: name.to_owned(), label });
        self.working.extend(self.side.map(|side| picture.shrunk(side)));
        self.pictures.push(picture);
        self.version += 1;
        self.pictures.len() - 1
    }

    /// All images, in order.
    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// Makes working copies whose sides are at most `side` pixels, for runs that need no more.
    pub fn work_at(&mut self, side: usize) {
        let side = Some(side).filter(|side| *side < DEFAULT_SIDE);
        if side != self.side {
            self.side = side;
            let small = |picture: &Picture| side.map(|side| picture.shrunk(side));
            self.working = self.pictures.iter().filter_map(small).collect();
        }
    }

    /// What a run trains on: all images, in order.
    pub fn working(&self) -> &[Picture] {
        if self.side.is_some() { &self.working } else { &self.pictures }
    }

    /// Name and image, if there are so many.
    pub fn get(&self, index: usize) -> Option<(&Entry, &Picture)> {
        Some((self.entries.get(index)?, self.pictures.get(index)?))
    }

    /// Another number after every change of the images.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All names and images, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Entry, &Picture)> {
        self.entries.iter().zip(&self.pictures)
    }

    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// Takes one image out; those behind it move up. False if there is none.
    pub fn remove(&mut self, index: usize) -> bool {
        let there = index < self.len();
        if there {
            self.version += 1;
            self.entries.remove(index);
            self.pictures.remove(index);
            if self.side.is_some() {
                self.working.remove(index);
            }
        }
        there
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.pictures.clear();
        self.working.clear();
        self.version += 1;
    }
}

/// What became of a number of files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    pub added: usize,
    pub skipped: Vec<(String, Rejected)>,
}

/// "412 added, 3 skipped: 2 HEIC, 1 too large".
impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} added", self.added)?;
        if self.skipped.is_empty() {
            return Ok(());
        }
        let mut kinds: Vec<(&str, usize)> = Vec::new();
        for (_, fault) in &self.skipped {
            match kinds.iter_mut().find(|(kind, _)| *kind == fault.short()) {
                Some((_, count)) => *count += 1,
                None => kinds.push((fault.short(), 1)),
            }
        }
        let kinds: Vec<_> = kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        write!(f, ", {} skipped: {}", self.skipped.len(), kinds.join(", "))
    }
}
