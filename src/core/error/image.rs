//! Image problems, on reading and on writing. Invariant: a file that is no image is a [`Rejected`]; all else is
//! about pixels.

use crate::error::Rejected;
use serde::{Deserialize, Serialize};

/// What is wrong with an image.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum ImageProblem {
    #[error("{0}")]
    Rejected(Rejected),
    /// The system's words.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The encoder's words.
    #[error("cannot be written: {0}")]
    Unwritable(String),
    #[error(
        "it has no pixels, or they do not fill it: {width} × {height} pixels of 4 bytes, {bytes} bytes"
    )]
    NotFilled { width: usize, height: usize, bytes: usize },
    #[error("expected {} × {} pixels, found {} × {}", expected[0], expected[1], found[0], found[1])]
    Size { expected: [usize; 2], found: [usize; 2] },
    #[error("{} × {} pixels are too many for this format", found[0], found[1])]
    TooLargeForFormat { found: [usize; 2] },
    #[error("it has no frames")]
    NoFrames,
    #[error("it has no attention maps, or they do not fill its grid")]
    NoMaps,

    // Crops.
    #[error("there is room for only {room} of its {pixels} pixels")]
    NoRoom { room: usize, pixels: usize },
    #[error("the box {frame:?} (top, left, height, width) leaves the image")]
    BoxOutside { frame: [usize; 4] },
    #[error("crop {crop} has {found} pixels, {planned} were planned")]
    CropSize { crop: usize, planned: usize, found: usize },
    #[error("a box of {} × {} pixels was drawn, but at most {most} a side were planned", found[0], found[1])]
    BoxTooLarge { most: usize, found: [usize; 2] },
}

/// An image in a sentence.
pub(super) fn named(name: &str) -> &str {
    if name.is_empty() { "this image" } else { name }
}
