//! Image decoding: from the bytes of a file to an upright [`Picture`]. Invariant: the header is read first and
//! judged by its content, never by the file's name: format, bytes and pixels are within limits before a pixel
//! is decoded.

use crate::data::picture::{Picture, Rejected};
use crate::error::{Error, ImageProblem, Result};
pub use crate::error::{MAX_BYTES, MAX_PIXELS};
use image::metadata::Orientation;
use image::{
    DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits,
    imageops,
};
use std::io::Cursor;

/// Of small images: no blocks to be seen, a twentieth of the pixels' bytes.
pub(crate) const JPEG_QUALITY: u8 = 85;

/// What a decoder may allocate: the largest image and some room to work.
const MAX_ALLOC: u64 = 512 * 1024 * 1024;

/// Decodes JPEG, PNG, WebP, GIF and BMP: the first frame, turned upright as its EXIF says, 8 bits a
/// channel, transparency laid over white, shrunk so that the long side is at most `max_side`.
///
/// # Errors
/// [`Error::Image`] with `name` and a sentence.
pub fn decode(name: &str, bytes: &[u8], max_side: usize) -> Result<Picture> {
    read(bytes, max_side).map_err(|rejected| Error::image(name, ImageProblem::Rejected(rejected)))
}

/// [`decode`] with the reason as data.
pub(crate) fn read(bytes: &[u8], max_side: usize) -> std::result::Result<Picture, Rejected> {
    let length = bytes.len() as u64;
    if length == 0 {
        return Err(Rejected::Empty);
    }
    if length > MAX_BYTES {
        return Err(Rejected::Heavy { bytes: length });
    }
    let format = recognise(bytes)?;
    if format == ImageFormat::WebP && !riff_ends(bytes) {
        return Err(Rejected::Truncated);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (u64::from(width), u64::from(height));
    if width * height > MAX_PIXELS {
        return Err(Rejected::Huge { width, height });
    }
    if format == ImageFormat::Jpeg && !jpeg_ends(bytes) {
        return Err(Rejected::Truncated);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    if image.width() == 0 || image.height() == 0 {
        return Err(Rejected::Damaged { message: "it has no pixels".to_owned() });
    }
    // Flattened before it is shrunk, so that the colours of invisible pixels do not bleed.
    let mut image = fit(flatten(image), max_side);
    image.apply_orientation(orientation);
    Ok(picture(&image))
}

/// [`Picture::shrunk`].
pub(crate) fn shrunk(source: &Picture, side: usize) -> Picture {
    if source.width.max(source.height) <= side {
        return source.clone();
    }
    let (width, height) = (source.width as u32, source.height as u32);
    match image::RgbaImage::from_raw(width, height, source.rgba.clone()) {
        Some(image) => picture(&fit(image.into(), side)),
        None => source.clone(),
    }
}

/// [`Picture::jpeg_of`].
pub(crate) fn jpeg(source: &Picture, quality: u8) -> Vec<u8> {
    let rgb: Vec<u8> = source.rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    let (width, height) = (source.width as u32, source.height as u32);
    // The encoder panics where pixels and size disagree.
    if rgb.len() != source.width * source.height * 3 {
        return Vec::new();
    }
    let mut file = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality);
    match encoder.write_image(&rgb, width, height, image::ExtendedColorType::Rgb8) {
        Ok(()) => file,
        Err(_) => Vec::new(),
    }
}

/// [`Picture::of_jpeg`] and [`Picture::of_small_jpeg`].
pub(crate) fn of_jpeg(file: &[u8], most_pixels: u64) -> Option<Picture> {
    let decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(file)).ok()?;
    let (width, height) = decoder.dimensions();
    let small = u64::from(width) * u64::from(height) <= most_pixels;
    let image = small.then(|| DynamicImage::from_decoder(decoder).ok()).flatten()?;
    Some(picture(&image))
}

/// The format by its first bytes; names the usual suspects that cannot be read.
fn recognise(bytes: &[u8]) -> std::result::Result<ImageFormat, Rejected> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    match image::guess_format(bytes) {
        Ok(format @ (Jpeg | Png | WebP | Gif | Bmp)) => return Ok(format),
        Ok(ImageFormat::Avif) => return Err(Rejected::Avif),
        Ok(ImageFormat::Tiff) => return Err(Rejected::Format { name: "TIFF".into() }),
        _ => {}
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        let brand = bytes.get(8..12).unwrap_or_default();
        let brands = bytes.get(8..64.min(bytes.len())).unwrap_or_default();
        let has = |name: &[u8; 4]| brands.chunks(4).any(|b| b == name);
        return Err(if has(b"avif") || has(b"avis") {
            Rejected::Avif
        } else if [b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1"].contains(&&take4(brand)) {
            Rejected::Heic
        } else {
            Rejected::Format { name: "video".into() }
        });
    }
    for (magic, name) in [
        (&b"\xff\x0a"[..], "JPEG XL"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"8BPS", "Photoshop"),
        (b"%PDF", "PDF"),
        (b"PK\x03\x04", "ZIP"),
    ] {
        if bytes.starts_with(magic) {
            return Err(Rejected::Format { name: name.into() });
        }
    }
    Err(words(bytes))
}

fn take4(bytes: &[u8]) -> [u8; 4] {
    let mut four = [0; 4];
    for (to, from) in four.iter_mut().zip(bytes) {
        *to = *from;
    }
    four
}

/// Tells SVG, text and noise apart by the first 4 kB.
fn words(bytes: &[u8]) -> Rejected {
    let head = bytes.get(..4096).unwrap_or(bytes);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character of several bytes may be cut at the end of the head.
        Err(e) if e.valid_up_to() + 4 > head.len() && head.len() == 4096 => {
            std::str::from_utf8(head.get(..e.valid_up_to()).unwrap_or_default()).unwrap_or("")
        }
        Err(_) => return Rejected::Unknown,
    };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("<svg") || (start.starts_with('<') && text.contains("<svg")) {
        return Rejected::Svg;
    }
    let printable = |c: char| !c.is_control() || c.is_whitespace();
    if text.chars().all(printable) { Rejected::Text } else { Rejected::Unknown }
}

/// True if the end marker follows the first scan. The decoder fills what is missing with grey and
/// reports nothing.
fn jpeg_ends(bytes: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    let mut at = 2;
    while let Some(&[marker, kind]) = bytes.get(at..at + 2) {
        if marker != 0xff {
            break;
        }
        match kind {
            SCAN => {
                let rest = bytes.get(at..).unwrap_or_default();
                return rest.windows(2).any(|pair| pair == [0xff, 0xd9]);
            }
            // Fill byte and markers without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            _ => match bytes.get(at + 2..at + 4) {
                Some(&[high, low]) => at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2),
                _ => return false,
            },
        }
    }
    // Odd bytes between the headers: let the decoder judge.
    true
}

/// True if the file is as long as its RIFF header says; the WebP decoder calls it corrupt otherwise.
fn riff_ends(bytes: &[u8]) -> bool {
    match bytes.get(4..8) {
        Some(&[a, b, c, d]) => {
            bytes.len() as u64 >= u64::from(u32::from_le_bytes([a, b, c, d])) + 8
        }
        _ => false,
    }
}

fn fault(error: ImageError) -> Rejected {
    let ended = |e: &std::io::Error| e.kind() == std::io::ErrorKind::UnexpectedEof;
    match &error {
        ImageError::IoError(e) if ended(e) => Rejected::Truncated,
        _ => {
            let mut message = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                if inner.downcast_ref::<std::io::Error>().is_some_and(ended) {
                    return Rejected::Truncated;
                }
                message = inner.to_string();
                source = inner.source();
            }
            let words = message.to_lowercase();
            if words.contains("unexpected end") || words.contains("unexpected eof") {
                return Rejected::Truncated;
            }
            Rejected::Damaged { message }
        }
    }
}

/// Lays an image with transparency over white; leaves others as they are.
fn flatten(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image;
    }
    let mut rgba = image.into_rgba8();
    for pixel in rgba.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let over = |value: u8| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        pixel.0 = [over(red), over(green), over(blue), 255];
    }
    rgba.into()
}

/// Shrinks to a long side of `side`. Lanczos over many source pixels is slow, so an image more
/// than four times too large first goes through a box filter to twice its final size.
fn fit(image: DynamicImage, side: usize) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = u32::try_from(side.max(1)).unwrap_or(u32::MAX);
    let long = width.max(height);
    if long <= side {
        return image;
    }
    let scaled = |length: u32| {
        let exact = u64::from(length) * u64::from(side);
        ((exact + u64::from(long) / 2) / u64::from(long)).max(1) as u32
    };
    let (to_width, to_height) = (scaled(width), scaled(height));
    let image = if long / side >= 4 {
        let near = |to: u32, from: u32| (2 * to).min(from);
        image.thumbnail_exact(near(to_width, width), near(to_height, height))
    } else {
        image
    };
    image.resize_exact(to_width, to_height, imageops::FilterType::Lanczos3)
}

fn picture(image: &DynamicImage) -> Picture {
    let rgba = image.to_rgba8();
    Picture { width: rgba.width() as usize, height: rgba.height() as usize, rgba: rgba.into_raw() }
}
