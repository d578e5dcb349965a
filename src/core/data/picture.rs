//! Pictures: decoded from files of any kind, and kept as the set that a run samples from.
//! Invariant: no bytes, however hostile, panic or take more memory than the limits in `decode`.

pub use crate::data::decode::{MAX_BYTES, MAX_PIXELS, decode};
pub use crate::data::rejected::Rejected;
pub use crate::data::set::{Entry, ImageSet, Import};

/// Long side in pixels to which pictures are shrunk when they are added to a set.
pub const DEFAULT_SIDE: usize = 512;

/// An upright 8-bit picture without transparency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    /// Row-major, four bytes a pixel: red, green, blue, 255.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// A copy whose long side is at most `side` pixels; never enlarged.
    #[must_use]
    pub fn shrunk(&self, side: usize) -> Self {
        crate::data::decode::shrunk(self, side)
    }

    /// The picture as a JPEG file; empty if it has no pixels, more than 65535 in a row, or others than
    /// its size says.
    #[must_use]
    pub fn jpeg(&self) -> Vec<u8> {
        self.jpeg_of(crate::data::decode::JPEG_QUALITY)
    }

    /// [`Picture::jpeg`] with a quality from 1 to 100.
    #[must_use]
    pub fn jpeg_of(&self, quality: u8) -> Vec<u8> {
        crate::data::decode::jpeg(self, quality.clamp(1, 100))
    }

    /// The picture of [`Picture::jpeg`]; for other files [`decode`] says what is wrong with them.
    #[must_use]
    pub fn of_jpeg(file: &[u8]) -> Option<Self> {
        crate::data::decode::of_jpeg(file, MAX_PIXELS)
    }

    /// The same of a file from somebody else, which is not decoded if its header says that a side has
    /// more than so many pixels.
    #[must_use]
    pub fn of_small_jpeg(file: &[u8], most_side: usize) -> Option<Self> {
        let most = (most_side * most_side) as u64;
        crate::data::decode::of_jpeg(file, most).filter(|p| p.width.max(p.height) <= most_side)
    }
}
