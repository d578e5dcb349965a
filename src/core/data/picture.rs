//! Image in memory, decoded from a file of any kind. Invariant: no bytes, however hostile, panic or take more
//! memory than the limits in `decode`.

pub use crate::data::decode::{MAX_BYTES, MAX_DECODED, MAX_JPEG_PIXELS, decode, read};
pub use crate::data::set::{
    Entry, ImageSet, Import, MOST_IMAGES, NewImage, PixelSource, Reading, Room,
};
pub use crate::error::Rejected;

use crate::data::kind;
use crate::error::{Error, ImageProblem, Result};
use serde::{Deserialize, Serialize};

/// True if a file that begins so is an image of any kind that a person would call one.
pub fn seems_image(head: &[u8]) -> bool {
    use Rejected::{Avif, Format, Heic, Raw, Svg};
    matches!(kind::recognise(head), Ok(_) | Err(Avif | Heic | Svg | Format { .. } | Raw { .. }))
}

/// True if a file that begins so is of a kind that is read here.
pub fn seems_readable(head: &[u8]) -> bool {
    kind::recognise(head).is_ok()
}

/// Long side in pixels to which images are shrunk when they are added to a set.
pub const DEFAULT_SIDE: usize = 512;

/// An upright 8-bit image without transparency. It travels between page and worker as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    /// Row-major, four bytes a pixel: red, green, blue, 255.
    #[serde(with = "serde_bytes")]
    pub rgba: Vec<u8>,
}

impl Picture {
    /// The image, if its pixels fill it.
    ///
    /// # Errors
    /// [`Error::Image`] for one without pixels, or with more or fewer than its size says.
    pub fn checked(self) -> Result<Self> {
        let (width, height, found) = (self.width, self.height, self.rgba.len());
        let bytes = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(4));
        if found == 0 || bytes != Some(found) {
            return Err(Error::image("", ImageProblem::NotFilled { width, height, bytes: found }));
        }
        Ok(self)
    }

    /// A copy whose long side is at most `side` pixels; never enlarged.
    #[must_use]
    pub fn shrunk(&self, side: usize) -> Self {
        crate::data::decode::shrunk(self, side)
    }

    /// The image as a JPEG file; empty if it has no pixels, more than 65535 in a row, or others than
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

    /// The image of [`Picture::jpeg`]; for other files [`decode`] says what is wrong with them.
    #[must_use]
    pub fn of_jpeg(file: &[u8]) -> Option<Self> {
        crate::data::decode::of_jpeg(file, MAX_DECODED / 8)
    }

    /// The same of a file from somebody else, which is not decoded if its header says that a side has
    /// more than so many pixels.
    #[must_use]
    pub fn of_small_jpeg(file: &[u8], most_side: usize) -> Option<Self> {
        let most = (most_side * most_side) as u64;
        crate::data::decode::of_jpeg(file, most).filter(|p| p.width.max(p.height) <= most_side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_whose_pixels_do_not_fill_it_is_refused() {
        let picture = |width, height, bytes| Picture { width, height, rgba: vec![7; bytes] };
        assert!(picture(2, 3, 24).checked().is_ok());
        for (width, height, bytes) in
            [(0, 0, 0), (2, 3, 23), (2, 3, 25), (0, 5, 4), (usize::MAX, usize::MAX, 4)]
        {
            assert!(picture(width, height, bytes).checked().is_err(), "{width} {height}");
        }
    }
}
