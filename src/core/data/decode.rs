//! Image decoding: from the bytes of a file to an upright [`Picture`]. Invariant: the header is read first and
//! judged by its content, never by the file's name: format, bytes and pixels are within limits before a pixel
//! is decoded.

use crate::data::bmp::known;
use crate::data::gif;
use crate::data::jpeg::Jpeg;
use crate::data::kind::recognise;
use crate::data::orientation;
use crate::data::picture::{Picture, Rejected};
use crate::error::{Error, ImageProblem, Result};
pub use crate::error::{MAX_BYTES, MAX_DECODED, MAX_JPEG_PIXELS};
use image::codecs::{bmp, png, webp};
use image::metadata::Orientation;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageEncoder, ImageError, ImageFormat,
    ImageResult, Limits, imageops,
};
use std::io::Cursor;

/// Of small images: no blocks to be seen, a twentieth of the pixels' bytes.
pub(crate) const JPEG_QUALITY: u8 = 85;

/// What a decoder may allocate: the largest image and some room to work.
const MAX_ALLOC: u64 = 512 * 1024 * 1024;

/// The same of a JPEG, whose coefficients lie in memory where they come in several scans: 660 MB of 110 MP without
/// subsampling.
const MAX_JPEG_ALLOC: u64 = 768 * 1024 * 1024;

/// Decodes JPEG, PNG, WebP, GIF and BMP: the first frame, turned upright as its EXIF says, 8 bits a
/// channel, transparency laid over white, shrunk so that the long side is at most `max_side`.
///
/// # Errors
/// [`Error::Image`] with `name` and a sentence.
pub fn decode(name: &str, bytes: &[u8], max_side: usize) -> Result<Picture> {
    read(bytes, max_side).map_err(|rejected| Error::image(name, ImageProblem::Rejected(rejected)))
}

/// [`decode`] with the reason as data.
///
/// # Errors
/// The [`Rejected`] for which the file cannot be used.
pub fn read(bytes: &[u8], max_side: usize) -> std::result::Result<Picture, Rejected> {
    let (image, size, orientation) = sized(bytes, max_side)?;
    // Flattened before it is shrunk, so that the colours of invisible pixels do not bleed.
    let mut image = fit(flatten(image), size, max_side);
    image.apply_orientation(orientation);
    Ok(picture(&image))
}

/// An image, the size that it has in its file, and how it must be turned.
pub(crate) type Decoded = (DynamicImage, (u32, u32), Orientation);

/// The pixels as the file has them: neither upright nor flattened, and of any depth.
///
/// # Errors
/// Those of [`read`].
pub(crate) fn raw(bytes: &[u8]) -> std::result::Result<Decoded, Rejected> {
    sized(bytes, usize::MAX)
}

/// The same, as far as `max_side` needs them.
fn sized(bytes: &[u8], max_side: usize) -> std::result::Result<Decoded, Rejected> {
    let length = bytes.len() as u64;
    if length == 0 {
        return Err(Rejected::Empty);
    }
    if length > MAX_BYTES {
        return Err(Rejected::Heavy { bytes: length });
    }
    match recognise(bytes)? {
        ImageFormat::Jpeg => photograph(bytes, max_side, MAX_JPEG_PIXELS),
        format => other(bytes, format),
    }
}

/// A JPEG. One much larger than needed is shrunk on the way, to twice the side or more, so that what is left to do is
/// a resampling as for smaller images and memory does not grow with the photograph.
fn photograph(bytes: &[u8], max_side: usize, most: u64) -> std::result::Result<Decoded, Rejected> {
    let (file, frame) = Jpeg::open(bytes)?;
    let (width, height) = (frame.width as u64, frame.height as u64);
    let huge = |most: u64| Err(Rejected::Huge { width, height, most });
    if width * height > most {
        return huge(most);
    }
    let long = frame.width.max(frame.height);
    let enough = |side: &usize| *side == 8 || long * side / 8 >= max_side.saturating_mul(2);
    let side = [1, 2, 4, 8].into_iter().find(enough).unwrap_or(8);
    let needed = frame.bytes(side);
    if needed > MAX_JPEG_ALLOC {
        return huge(width * height * MAX_JPEG_ALLOC / needed);
    }
    let orientation = orientation::of_data(&file.exif(), file.xmp());
    let image = file.decode(&frame, side)?;
    Ok((image, (frame.width as u32, frame.height as u32), orientation))
}

/// An image of another format.
fn other(bytes: &[u8], format: ImageFormat) -> std::result::Result<Decoded, Rejected> {
    let mut image = match format {
        ImageFormat::Gif => gif::first_frame(bytes)?,
        ImageFormat::Bmp => pixels(bmp::BmpDecoder::new(Cursor::new(&known(bytes)?)), "BMP")?,
        ImageFormat::WebP if !riff_ends(bytes) => return Err(Rejected::Truncated),
        ImageFormat::WebP => pixels(webp::WebPDecoder::new(Cursor::new(bytes)), "WebP")?,
        // Apple's programs write it for their telephones, with other bytes than the standard has.
        _ if bytes.get(12..16) == Some(b"CgBI") => {
            return Err(Rejected::Format { name: "PNG (Apple CgBI)".into() });
        }
        _ => match unended(bytes) {
            // Where pixels are missing, too, the end is not all that was cut off.
            Some(file) => {
                pixels(png::PngDecoder::new(Cursor::new(&file)), "PNG").map_err(|rejected| {
                    match rejected {
                        Rejected::Damaged { .. } => Rejected::Truncated,
                        other => other,
                    }
                })?
            }
            None => pixels(png::PngDecoder::new(Cursor::new(bytes)), "PNG")?,
        },
    };
    let size = image.dimensions();
    if size.0 == 0 || size.1 == 0 {
        return Err(Rejected::damaged("it has no pixels"));
    }
    // Programs that know no transparency leave its byte 0. Of a BMP nothing is meant to be invisible.
    if format == ImageFormat::Bmp && image.color().has_alpha() {
        let invisible = image.pixels().all(|(_, _, pixel)| pixel.0[3] == 0);
        if invisible {
            image = image.into_rgb8().into();
        }
    }
    Ok((image, size, orientation::of_file(bytes, format)))
}

/// A PNG that lacks its end, with an end behind its last whole chunk.
fn unended(bytes: &[u8]) -> Option<Vec<u8>> {
    const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";
    let mut at = 8_usize;
    let mut data = false;
    while let Some(&[a, b, c, d, ref kind @ ..]) =
        bytes.get(at..).and_then(|rest| rest.first_chunk::<8>())
    {
        if kind == b"IEND" {
            return None;
        }
        let next = at.checked_add(u32::from_be_bytes([a, b, c, d]) as usize)?.checked_add(12)?;
        if next > bytes.len() {
            break;
        }
        data |= kind == b"IDAT";
        at = next;
    }
    data.then(|| [bytes.get(..at).unwrap_or_default(), END].concat())
}

/// The pixels that a decoder of a format called `name` has.
fn pixels<D: ImageDecoder>(
    decoder: ImageResult<D>,
    name: &str,
) -> std::result::Result<DynamicImage, Rejected> {
    let fault = |error| fault(&error, name);
    let mut decoder = decoder.map_err(fault)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    decoder.set_limits(limits).map_err(fault)?;
    let (width, height) = decoder.dimensions();
    // Four bytes at least: what is shrunk has red, green, blue and transparency.
    let pixel = u64::from(decoder.color_type().bytes_per_pixel()).max(4);
    let (width, height) = (u64::from(width), u64::from(height));
    if width * height > MAX_DECODED / pixel {
        return Err(Rejected::Huge { width, height, most: MAX_DECODED / pixel });
    }
    DynamicImage::from_decoder(decoder).map_err(fault)
}

/// [`Picture::shrunk`].
pub(crate) fn shrunk(source: &Picture, side: usize) -> Picture {
    if source.width.max(source.height) <= side {
        return source.clone();
    }
    let (width, height) = (source.width as u32, source.height as u32);
    match image::RgbaImage::from_raw(width, height, source.rgba.clone()) {
        Some(image) => picture(&fit(image.into(), (width, height), side)),
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

/// [`Picture::of_jpeg`] and [`Picture::of_small_jpeg`]: not turned, and whole.
pub(crate) fn of_jpeg(file: &[u8], most_pixels: u64) -> Option<Picture> {
    let (image, ..) = photograph(file, usize::MAX, most_pixels).ok()?;
    Some(picture(&image))
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

/// The fault that the decoder of a format called `name` found.
fn fault(error: &ImageError, name: &str) -> Rejected {
    match error {
        ImageError::Unsupported(_) => Rejected::Format { name: format!("{name} (unusual)").into() },
        ImageError::IoError(e) if ended(e) => Rejected::Truncated,
        _ => words_of(error),
    }
}

fn ended(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::UnexpectedEof
}

/// Damage in a decoder's innermost words; or that the file is cut off, if it says so.
pub(crate) fn words_of(error: &(dyn std::error::Error + 'static)) -> Rejected {
    let mut message = error.to_string();
    let mut source = error.source();
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
    Rejected::Damaged { message: plain(message) }
}

/// A message in which the PNG decoder's chunks are called as they are in the file, not as they lie in memory.
fn plain(mut message: String) -> String {
    while let Some((before, rest)) = message.split_once("ChunkType { type: ") {
        let Some((chunk, after)) = rest.split_once(" }") else { break };
        let name = chunk.split(',').next().unwrap_or_default();
        message = format!("{before}{name}{after}");
    }
    message
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

/// Shrinks an image that has `size` in its file to a long side of `side`. Lanczos over many source pixels is slow, so an image more
/// than four times too large first goes through a box filter to twice its final size.
fn fit(image: DynamicImage, size: (u32, u32), side: usize) -> DynamicImage {
    let (width, height) = size;
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
    let (has_width, has_height) = (image.width(), image.height());
    let image = if has_width.max(has_height) / side >= 4 {
        let near = |to: u32, from: u32| (2 * to).min(from);
        image.thumbnail_exact(near(to_width, has_width), near(to_height, has_height))
    } else {
        image
    };
    image.resize_exact(to_width, to_height, imageops::FilterType::Lanczos3)
}

fn picture(image: &DynamicImage) -> Picture {
    let rgba = image.to_rgba8();
    Picture { width: rgba.width() as usize, height: rgba.height() as usize, rgba: rgba.into_raw() }
}
