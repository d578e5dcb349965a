//! Rejected file: why it is not an image that can be used, in a sentence with the remedy and in a few words for
//! a summary. Invariant: no variant carries prose; sizes are values, the decoder's words are a quotation.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Largest file that is read.
pub const MAX_BYTES: u64 = 64_000_000;

/// Most that a decoded image may take before it is shrunk; 100 MP of 8 bits, 50 MP of 16-bit RGBA. A browser tab has
/// room for a few such.
pub const MAX_DECODED: u64 = 400_000_000;

/// Largest JPEG, which is shrunk while it is decoded: the largest sensors of phones have 108 MP.
pub const MAX_JPEG_PIXELS: u64 = 110_000_000;

/// The reason why a file was skipped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Rejected {
    /// Zero bytes.
    Empty,
    /// More than [`MAX_BYTES`].
    Heavy { bytes: u64 },
    /// More pixels than images of its kind may have, as its header says.
    Huge { width: u64, height: u64, most: u64 },
    /// A vector drawing.
    Svg,
    /// HEIC or HEIF, the format of phone cameras.
    Heic,
    /// AVIF.
    Avif,
    /// An image format that is not read here.
    Format { name: Cow<'static, str> },
    /// What a camera's sensor saw, before it is developed.
    Raw { name: Cow<'static, str> },
    /// A film.
    Video { name: Cow<'static, str> },
    /// Pages.
    Document { name: Cow<'static, str> },
    /// A file that holds others.
    Archive { name: Cow<'static, str> },
    /// A known format of something else.
    Other { name: Cow<'static, str> },
    /// A JPEG of a kind that is not read here.
    Jpeg { kind: JpegKind },
    /// Words, not pixels.
    Text,
    /// No format that anybody recognises.
    Unknown,
    /// The file ends before the image does.
    Truncated,
    /// The right format, but its content makes no sense; the decoder's own words.
    Damaged { message: String },
    /// The file was chosen, but its bytes did not come.
    Unread { why: Unread },
    /// It is a sample or was stored, and did not come from there.
    NotLoaded { error: Box<Error> },
    /// Neither the memory nor the browser's storage has room for its pixels.
    Full,
    /// The set has as many images as a set can have.
    TooMany { most: usize },
}

/// Which kind of JPEG is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JpegKind {
    Lossless,
    Arithmetic,
    Hierarchical,
    /// So many bits a sample, where 8 are expected.
    Deep {
        bits: u8,
    },
    /// Neither 1, 3 nor 4.
    Components {
        found: u8,
    },
    /// Across and down, no divisor of the most.
    Sampling {
        found: [u8; 2],
        most: [u8; 2],
    },
    /// Its height stands behind the image.
    NoHeight,
}

/// Why a file that was chosen could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unread {
    /// It was deleted, moved or renamed.
    Gone,
    /// It changed, or another program or a missing right keeps it.
    Changed,
    /// The person or the system did not permit it.
    Denied,
    /// There is not so much memory.
    NoMemory,
    /// The system's or the browser's words.
    Other { words: String },
}

impl Rejected {
    /// Damage, in the decoder's words.
    pub(crate) fn damaged(words: impl Into<String>) -> Self {
        Self::Damaged { message: words.into() }
    }

    /// Two or three words for "3 skipped: 2 HEIC, 1 too large".
    pub fn short(&self) -> &str {
        match self {
            Self::Empty => "empty",
            Self::Heavy { .. } | Self::Huge { .. } => "too large",
            Self::Svg => "SVG",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Format { name }
            | Self::Raw { name }
            | Self::Video { name }
            | Self::Document { name }
            | Self::Archive { name }
            | Self::Other { name } => name,
            Self::Jpeg { .. } => "unusual JPEG",
            Self::Text => "text",
            Self::Unknown => "not an image",
            Self::Truncated => "truncated",
            Self::Damaged { .. } => "damaged",
            Self::Unread { why: Unread::Gone } => "not there any more",
            Self::Unread { why: Unread::Changed } => "changed or locked",
            Self::Unread { why: Unread::Denied } => "not permitted",
            Self::Unread { .. } | Self::NotLoaded { .. } => "not read",
            Self::Full => "no room",
            Self::TooMany { .. } => "too many",
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty (0 bytes)"),
            Self::Heavy { bytes } => write!(
                f,
                "{} MB is too large; the limit is {} MB",
                bytes.div_ceil(1_000_000),
                MAX_BYTES / 1_000_000
            ),
            Self::Huge { width, height, most } => write!(
                f,
                "{width}×{height} pixels ({} MP) are too many; the limit is {} MP",
                width.saturating_mul(*height).div_ceil(1_000_000),
                most / 1_000_000
            ),
            Self::Svg => {
                write!(f, "SVG is a vector drawing: export it as PNG or JPEG first")
            }
            Self::Heic => write!(
                f,
                "HEIC cannot be decoded here: export it as JPEG (on an iPhone: Settings › Camera \
                 › Formats › Most Compatible)"
            ),
            Self::Avif => write!(f, "AVIF cannot be decoded here: save it as JPEG, PNG or WebP"),
            Self::Format { name } => {
                write!(f, "{name} cannot be decoded here: save it as JPEG, PNG or WebP")
            }
            Self::Raw { name } => write!(
                f,
                "{name} is a camera's raw file, which cannot be developed here: export the \
                 photograph as JPEG with your photo program"
            ),
            Self::Video { name } => {
                write!(f, "{name} is a video, not an image: save a frame of it as JPEG or PNG")
            }
            Self::Document { name } => {
                write!(f, "{name} is a document: export its page as PNG or JPEG first")
            }
            Self::Archive { name } => {
                write!(f, "{name} is an archive: unpack it and choose the images in it")
            }
            Self::Other { name } => write!(f, "{name} is not an image"),
            Self::Jpeg { kind } => {
                write!(f, "{kind}: open it in a photo program and save it as JPEG or PNG anew")
            }
            Self::Text => write!(f, "this is text, not an image"),
            Self::Unknown => {
                write!(f, "this is not a known image format; use JPEG, PNG, WebP, GIF or BMP")
            }
            Self::Truncated => write!(f, "the file is cut off before the end of the image"),
            Self::Damaged { message } => write!(f, "the image is damaged: {message}"),
            Self::Unread { why } => why.fmt(f),
            Self::NotLoaded { error } => error.fmt(f),
            Self::Full => write!(
                f,
                "there is no room left for more images, neither in memory nor in this browser's storage: remove some, or \
                 free space on the disk"
            ),
            Self::TooMany { most } => write!(f, "the limit is {most} images: remove some first"),
        }
    }
}

impl Unread {
    /// By the name and the words of a browser's error.
    pub fn of_browser(name: &str, words: &str) -> Self {
        match name {
            "NotFoundError" => Self::Gone,
            "NotReadableError" | "InvalidStateError" | "EncodingError" => Self::Changed,
            "NotAllowedError" | "SecurityError" => Self::Denied,
            // There is no room for a buffer of its length.
            "RangeError" | "QuotaExceededError" => Self::NoMemory,
            _ => {
                let known: Vec<_> = [name, words].into_iter().filter(|s| !s.is_empty()).collect();
                Self::Other { words: known.join(": ") }
            }
        }
    }
}

impl fmt::Display for JpegKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lossless => write!(f, "this is a lossless JPEG, which cannot be decoded here"),
            Self::Arithmetic => {
                write!(f, "this JPEG is arithmetic-coded, which cannot be decoded here")
            }
            Self::Hierarchical => {
                write!(f, "this is a hierarchical JPEG, which cannot be decoded here")
            }
            Self::Deep { bits } => write!(f, "expected a JPEG of 8 bits, found one of {bits} bits"),
            Self::Components { found } => {
                write!(f, "expected a JPEG of 1, 3 or 4 components, found {found}")
            }
            Self::Sampling { found: [x, y], most: [across, down] } => write!(
                f,
                "expected sampling factors that divide {across}×{down}, found {x}×{y} in this JPEG"
            ),
            Self::NoHeight => {
                write!(f, "this JPEG does not begin with its height, so it cannot be decoded here")
            }
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => write!(
                f,
                "the file is not there any more: it was deleted, moved or renamed after it was chosen"
            ),
            Self::Changed => write!(
                f,
                "the file changed after it was chosen, or its permissions forbid reading it: choose \
                 it again"
            ),
            Self::Denied => write!(f, "reading the file was not permitted"),
            Self::NoMemory => write!(f, "there is not enough memory to read the file"),
            Self::Other { words } => write!(f, "the file could not be read: {words}"),
        }
    }
}
