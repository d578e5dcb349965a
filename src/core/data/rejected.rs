//! Why a file is no picture for us: one sentence with the remedy, and a few words for a summary.

use crate::data::decode::{MAX_BYTES, MAX_PIXELS};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

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
    /// A picture or document format that is not read here.
    Format { name: Cow<'static, str> },
    /// Words, not pixels.
    Text,
    /// No format that anybody recognises.
    Unknown,
    /// The file ends before the picture does.
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
                "{} MB is too much; at most {} MB",
                bytes.div_ceil(1_000_000),
                MAX_BYTES / 1_000_000
            ),
            Self::Huge { width, height } => write!(
                f,
                "{width}×{height} pixels are {} MP; at most {} MP",
                (width * height).div_ceil(1_000_000),
                MAX_PIXELS / 1_000_000
            ),
            Self::Svg => {
                write!(f, "SVG is a drawing, not a photograph: export it as PNG or JPEG first")
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
                write!(
                    f,
                    "this is no image that is known here; expected JPEG, PNG, WebP, GIF or BMP"
                )
            }
            Self::Truncated => write!(f, "the file is cut off before the end of the picture"),
            Self::Damaged { message } => write!(f, "the picture is damaged: {message}"),
        }
    }
}
