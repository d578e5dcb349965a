//! Image set of a run: each image with its file name and, if it has one, its label. Pixels are in memory as far as
//! there is [`Room`]; the others are read again from their [`PixelSource`] when they are needed. Invariant: an image
//! has the same pixels wherever they come from, so the room changes no bit of a run.

use crate::data::decode::read;
use crate::data::folder;
use crate::data::identity::{FileIdentity, SetIdentity};
use crate::data::picture::{DEFAULT_SIDE, Picture, Rejected};
use crate::error::{Error, ImageProblem, Result};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;

/// Images that a set holds at most: names, thumbnails and working copies of more do not fit into a tab.
pub const MOST_IMAGES: usize = 10_000;

/// What is known of an image besides its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name of its file, with the folders that it came in.
    pub name: String,
    pub label: Option<String>,
    /// The label came with the image, not from the names of folders.
    pub labelled: bool,
    /// Width and height of its pixels.
    pub size: (usize, usize),
    /// Of the file that it was decoded from.
    pub file: FileIdentity,
}

/// An image on its way into a set.
pub struct NewImage {
    /// Name of its file, with the folders that it came in.
    pub name: String,
    /// A label of its own; otherwise that of its folder counts.
    pub label: Option<String>,
    /// Of the file that it was decoded from.
    pub file: FileIdentity,
    /// Decoded, and not larger than [`DEFAULT_SIDE`].
    pub picture: Picture,
    /// Where the pixels are to be had from, if they shall leave the memory.
    pub source: Option<Rc<dyn PixelSource>>,
}

/// Where labels come from, if a person says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabelBy {
    /// The names of the folders of this level, counted from 0.
    Level(usize),
    /// From no folder.
    Nothing,
}

/// Names of a level that are told.
const EXAMPLES: usize = 3;

/// A level of folders that could give the labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelLevel {
    /// Counted from 0, the outermost folder.
    pub depth: usize,
    /// Different names.
    pub count: usize,
    /// The first of them.
    pub examples: Vec<String>,
}

/// The labels of a set, and which folders they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelling {
    pub depth: Option<usize>,
    /// All levels to choose from.
    pub levels: Vec<LabelLevel>,
    /// Of every image, in order.
    pub labels: Vec<Option<String>>,
}

/// Pixels on their way.
pub type Reading<'a> = Pin<Box<dyn Future<Output = std::result::Result<Picture, Rejected>> + 'a>>;

/// Where pixels come from that are not in memory.
pub trait PixelSource {
    /// The image as it was added, to the bit.
    fn read(&self) -> Reading<'_>;
}

/// Bytes of memory for pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// For whole images, up to [`DEFAULT_SIDE`] pixels a side: 400 of 4:3 in 320 MB.
    pub pictures: u64,
    /// For working copies: 10,000 images of 4:3 at 128 pixels take 490 MB.
    pub working: u64,
}

impl Room {
    /// What suits a device with so many gigabytes of memory, where the browser says it; a phone that does not is taken
    /// to have little.
    pub fn of_device(gigabytes: Option<f64>, phone: bool) -> Self {
        let whole = Self::default();
        let part = match gigabytes {
            Some(..2.0) => 4,
            Some(..4.0) => 2,
            Some(_) => 1,
            None if phone => 2,
            None => 1,
        };
        Self { pictures: whole.pictures / part, working: whole.working / part }
    }
}

impl Default for Room {
    fn default() -> Self {
        Self { pictures: 320 << 20, working: 560 << 20 }
    }
}

/// The pixels of an image.
struct Pixels {
    /// Always there where there is no source.
    picture: Option<Rc<Picture>>,
    /// The image as a run takes it, if it takes it smaller and it was needed already.
    working: RefCell<Option<Rc<Picture>>>,
    source: Option<Rc<dyn PixelSource>>,
}

/// The images that a run samples from.
#[derive(Default)]
pub struct ImageSet {
    entries: Vec<Entry>,
    pixels: Vec<Pixels>,
    side: Option<usize>,
    version: u64,
    room: Room,
    /// Bytes of whole images in memory …
    pictures: u64,
    /// … and of working copies.
    working: Cell<u64>,
}

fn bytes(picture: &Picture) -> u64 {
    picture.rgba.len() as u64
}

impl ImageSet {
    /// An empty set with that much memory.
    pub fn with_room(room: Room) -> Self {
        Self { room, ..Self::default() }
    }

    /// Decodes a file and appends it, in memory; returns its index.
    ///
    /// # Errors
    /// The [`Rejected`] for which the file is skipped; the set is as before.
    pub fn add(
        &mut self,
        name: &str,
        label: Option<String>,
        bytes: &[u8],
    ) -> std::result::Result<usize, Rejected> {
        let picture = read(bytes, DEFAULT_SIDE)?;
        let (name, file) = (name.to_owned(), FileIdentity::of(bytes));
        Ok(self.add_image(NewImage { name, label, file, picture, source: None }))
    }

    /// True if an image would stay in memory whole, so that it needs no source.
    pub fn has_room(&self, picture: &Picture) -> bool {
        self.pictures + bytes(picture) <= self.room.pictures
    }

    /// Appends an image; returns its index.
    pub fn add_image(&mut self, image: NewImage) -> usize {
        let NewImage { name, label, file, picture, source } = image;
        let size = (picture.width, picture.height);
        let labelled = label.is_some();
        self.entries.push(Entry { name, label, labelled, size, file });
        let pixels = Pixels { picture: None, working: RefCell::default(), source };
        if pixels.source.is_some() {
            // The pixels are at hand now, and later they are not.
            if let Some(side) = self.side {
                self.keep_working(&pixels, &Rc::new(picture.shrunk(side)));
            }
            self.pixels.push(pixels);
        } else {
            self.pictures += bytes(&picture);
            self.pixels.push(Pixels { picture: Some(Rc::new(picture)), ..pixels });
        }
        self.version += 1;
        self.entries.len() - 1
    }

    fn keep_working(&self, pixels: &Pixels, copy: &Rc<Picture>) {
        let total = self.working.get() + bytes(copy);
        if total <= self.room.working {
            self.working.set(total);
            pixels.working.replace(Some(copy.clone()));
        }
    }

    /// Sets the side in pixels of the working copies, for runs that need no more.
    pub fn work_at(&mut self, side: usize) {
        let side = Some(side).filter(|side| *side < DEFAULT_SIDE);
        if side != self.side {
            self.side = side;
            self.working.set(0);
            self.pixels.iter().for_each(|pixels| {
                pixels.working.take();
            });
        }
    }

    /// An image.
    ///
    /// # Errors
    /// [`Error::NoImages`] for an index out of range, [`Error::Image`] if its pixels are not in memory and its source
    /// does not give them.
    pub async fn picture(&self, index: usize) -> Result<Rc<Picture>> {
        let pixels = self.pixels.get(index).ok_or(Error::NoImages)?;
        if let Some(picture) = &pixels.picture {
            return Ok(picture.clone());
        }
        let source = pixels.source.clone().ok_or(Error::NoImages)?;
        let read = source.read().await.map(Rc::new);
        read.map_err(|why| {
            let name = self.entries.get(index).map_or("", |entry| &entry.name);
            Error::image(name, ImageProblem::Rejected(why))
        })
    }

    /// An image as a run trains on it.
    ///
    /// # Errors
    /// Those of [`ImageSet::picture`].
    pub async fn working(&self, index: usize) -> Result<Rc<Picture>> {
        let Some(side) = self.side else { return self.picture(index).await };
        let pixels = self.pixels.get(index).ok_or(Error::NoImages)?;
        let copy = pixels.working.borrow().clone();
        if let Some(copy) = copy {
            return Ok(copy);
        }
        let picture = self.picture(index).await?;
        let small = picture.width.max(picture.height) <= side;
        if small && pixels.picture.is_some() {
            return Ok(picture);
        }
        let copy = if small { picture } else { Rc::new(picture.shrunk(side)) };
        self.keep_working(pixels, &copy);
        Ok(copy)
    }

    /// Gives every image without a label of its own that of its folder, at the level that is asked for or, without one,
    /// at the level that tells the images apart.
    pub fn label_by(&mut self, by: Option<LabelBy>) -> Labelling {
        let names = || self.entries.iter().filter(|e| !e.labelled).map(|e| e.name.as_str());
        let mut levels = folder::levels(names());
        if levels.is_empty() && self.entries.iter().any(|entry| entry.labelled) {
            // One folder is told apart from images that have other labels.
            levels = folder::levels_beside_others(names());
        }
        let depth = match by {
            Some(LabelBy::Nothing) => None,
            Some(LabelBy::Level(depth)) if levels.iter().any(|l| l.depth == depth) => Some(depth),
            _ => folder::label_level(&levels),
        };
        let level = depth.and_then(|depth| levels.iter().find(|level| level.depth == depth));
        let mut changed = false;
        for entry in self.entries.iter_mut().filter(|entry| !entry.labelled) {
            let label = level.and_then(|level| level.label(&entry.name)).map(str::to_owned);
            changed |= label != entry.label;
            entry.label = label;
        }
        self.version += u64::from(changed);
        let labels = self.entries.iter().map(|entry| entry.label.clone()).collect();
        let levels = levels.into_iter().map(|level| LabelLevel {
            depth: level.depth,
            count: level.names.len(),
            examples: level.names.into_iter().take(EXAMPLES).collect(),
        });
        Labelling { depth, levels: levels.collect(), labels }
    }

    /// What is known of an image, if there are so many.
    pub fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// What is known of all images, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Which images these are, in their order.
    pub fn identity(&self) -> SetIdentity {
        SetIdentity::of(self.entries.iter().map(|entry| entry.file))
    }

    /// Bytes of pixels in memory.
    pub fn bytes(&self) -> u64 {
        self.pictures + self.working.get()
    }

    /// Another number after every change of the images.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes one image out; those behind it move up. False if there is none.
    pub fn remove(&mut self, index: usize) -> bool {
        let there = index < self.len();
        if there {
            self.version += 1;
            self.entries.remove(index);
            let gone = self.pixels.remove(index);
            self.pictures -= gone.picture.map_or(0, |picture| bytes(&picture));
            let working = gone.working.take().map_or(0, |copy| bytes(&copy));
            self.working.set(self.working.get() - working);
        }
        there
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.pixels.clear();
        self.pictures = 0;
        self.working.set(0);
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
