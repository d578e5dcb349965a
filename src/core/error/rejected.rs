//! Rejected file: why it is not an image that can be used, in a sentence with the remedy and in a few words for
//! a summary. Invariant: no variant carries prose; sizes are values, the decoder's words are a quotation.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Largest file that is read.
pub const MAX_BYTES: u64 = 64_000_000;

/// Largest image that is decoded; 50 MP of 16-bit RGBA are 400 MB.
pub const MAX_PIXELS: u64 = 50_000_000;

/// The reason why a file was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rejected {
    /// Zero bytes.
    Empty,
    /// More than [`MAX_BYTES`].
    Heavy { bytes: u64 },
    /// More than [`MAX_PIXELS`], as its header says.
    Huge { width: u64, height: u64 },
    /// A vector drawing.
    Svg,
    /// HEIC or HEIF, the format of phone cameras.
    Heic,
    /// AVIF.
    Avif,
    /// An image or document format that is not read here.
    Format { name: Cow<'static, str> },
    /// Words, not pixels.
    Text,
    /// No format that anybody recognises.
    Unknown,
    /// The file ends before the image does.
    Truncated,
    /// The right format, but its content makes no sense; the decoder's own words.
    Damaged { message: String },
}

impl Rejected {
    /// Two or three words for "3 skipped: 2 HEIC, 1 too large".
    pub fn short(&self) -> &str {
        match self {
            Self::Empty => "empty",
            Self::Heavy { .. } | Self::Huge { .. } => "too large",
            Self::Svg => "SVG",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Format { name } => name,
            Self::Text => "text",
            Self::Unknown => "not an image",
            Self::Truncated => "truncated",
            Self::Damaged { .. } => "damaged",
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
            Self::Huge { width, height } => write!(
                f,
                "{width}×{height} pixels ({} MP) are too many; the limit is {} MP",
                width.saturating_mul(*height).div_ceil(1_000_000),
                MAX_PIXELS / 1_000_000
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
            Self::Text => write!(f, "this is text, not an image"),
            Self::Unknown => {
                write!(f, "this is not a known image format; use JPEG, PNG, WebP, GIF or BMP")
            }
            Self::Truncated => write!(f, "the file is cut off before the end of the image"),
            Self::Damaged { message } => write!(f, "the image is damaged: {message}"),
        }
    }
}
