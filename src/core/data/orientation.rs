//! Orientation of an image, as its EXIF data or its XMP data say. Invariant: EXIF data that name one decide; nonsense
//! means upright. Pillow's rule: where a format can hold both in several places, it is asked in the same order.

use crate::data::exif::Tags;
use image::ImageFormat;
use image::metadata::Orientation;

/// Tag of the orientation.
const TAG: u16 = 0x0112;

/// What stands before EXIF data in a JPEG, and by mistake elsewhere.
const PREFIX: &[u8] = b"Exif\0\0";

/// Most that a compressed text of a PNG may be.
const MOST_TEXT: usize = 1 << 20;

/// How EXIF and XMP data say that the image must be turned.
pub fn of_data(mut exif: &[u8], xmp: &[u8]) -> Orientation {
    while let Some(rest) = exif.strip_prefix(PREFIX) {
        exif = rest;
    }
    let number = match Tags::new(exif).filter(|tags| tags.has(TAG)) {
        Some(tags) => tags.number(TAG).and_then(|number| u8::try_from(number).ok()),
        None => of_xmp(xmp),
    };
    number.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms)
}

/// How a PNG or WebP says that it must be turned.
pub fn of_file(bytes: &[u8], format: ImageFormat) -> Orientation {
    match format {
        ImageFormat::Png => of_png(bytes),
        ImageFormat::WebP => of_webp(bytes),
        _ => Orientation::NoTransforms,
    }
}

/// The number in an attribute or an element `tiff:Orientation`.
fn of_xmp(xmp: &[u8]) -> Option<u8> {
    const NAME: &[u8] = b"tiff:Orientation";
    let mut places = xmp.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME);
    places.find_map(|(at, _)| match xmp.get(at + NAME.len()..)? {
        [b'=', b'"', digit @ b'0'..=b'9', ..] | [b'>', digit @ b'0'..=b'9', ..] => {
            Some(digit - b'0')
        }
        _ => None,
    })
}

/// Chunks may stand before the pixels and behind them; of two the last counts.
fn of_png(bytes: &[u8]) -> Orientation {
    let (mut exif, mut profile, mut xmp) = (None, None, None);
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = head;
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(data) = after.get(..length) else { break };
        match kind {
            b"eXIf" => exif = Some(data.to_vec()),
            b"tEXt" | b"zTXt" | b"iTXt" => match text(kind, data) {
                Some((b"Raw profile type exif", text)) => profile = of_profile(&text),
                Some((b"XML:com.adobe.xmp", text)) => xmp = Some(text),
                _ => {}
            },
            _ => {}
        }
        // Behind the data stand four bytes of a checksum.
        rest = after.get(length..).and_then(|rest| rest.get(4..)).unwrap_or_default();
    }
    of_data(&exif.or(profile).unwrap_or_default(), &xmp.unwrap_or_default())
}

/// The keyword and the text of a chunk.
fn text<'a>(kind: &[u8; 4], data: &'a [u8]) -> Option<(&'a [u8], Vec<u8>)> {
    let until = |data: &'a [u8]| -> Option<(&'a [u8], &'a [u8])> {
        let end = data.iter().position(|byte| *byte == 0)?;
        Some((data.get(..end)?, data.get(end + 1..)?))
    };
    let inflate =
        |data: &[u8]| miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(data, MOST_TEXT).ok();
    let (keyword, rest) = until(data)?;
    let text = match kind {
        b"tEXt" => rest.to_vec(),
        b"zTXt" => inflate(rest.get(1..)?)?,
        _ => {
            let (compressed, rest) = (*rest.first()? != 0, rest.get(2..)?);
            let (_, rest) = until(rest)?;
            let (_, rest) = until(rest)?;
            if compressed { inflate(rest)? } else { rest.to_vec() }
        }
    };
    Some((keyword, text))
}

/// EXIF data as ImageMagick writes them into a PNG: an empty line, a name, a length, and digits of 16.
fn of_profile(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.splitn(4, |byte| *byte == b'\n').nth(3)?;
    let digits: Vec<u8> =
        digits.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}

/// Both kinds of data count only where the header says that they are there.
fn of_webp(bytes: &[u8]) -> Orientation {
    const HAS_EXIF: u8 = 8;
    const HAS_XMP: u8 = 4;
    let flags = match (bytes.get(12..16), bytes.get(20)) {
        (Some(b"VP8X"), Some(flags)) => *flags,
        _ => 0,
    };
    let (mut exif, mut xmp) = (None, None);
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let [kind @ .., a, b, c, d] = head;
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let Some(data) = after.get(..length) else { break };
        match kind {
            b"EXIF" if flags & HAS_EXIF != 0 => exif = exif.or(Some(data)),
            b"XMP " if flags & HAS_XMP != 0 => xmp = xmp.or(Some(data)),
            _ => {}
        }
        rest = after.get(length + length % 2..).unwrap_or_default();
    }
    of_data(exif.unwrap_or_default(), xmp.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exif(kind: u16, value: [u8; 4]) -> Vec<u8> {
        let mut file = b"MM\0*\0\0\0\x08\0\x01\x01\x12".to_vec();
        file.extend(kind.to_be_bytes());
        file.extend([0, 0, 0, 1]);
        file.extend(value);
        file
    }

    #[test]
    fn an_orientation_is_read_from_two_and_from_four_bytes() {
        assert_eq!(of_data(&exif(3, [0, 6, 0, 0]), b""), Orientation::Rotate90);
        assert_eq!(of_data(&exif(4, [0, 0, 0, 6]), b""), Orientation::Rotate90);
        // A single byte is none: Pillow does not turn it.
        for nonsense in [
            exif(3, [0, 99, 0, 0]),
            exif(2, [6; 4]),
            exif(1, [6, 0, 0, 0]),
            b"MM\0*\xff\xff\xff\xff".to_vec(),
        ] {
            assert_eq!(of_data(&nonsense, b""), Orientation::NoTransforms);
        }
    }

    #[test]
    fn a_prefix_is_passed_over_as_often_as_it_stands_there() {
        let twice = [PREFIX, PREFIX, &exif(3, [0, 8, 0, 0])].concat();
        assert_eq!(of_data(&twice, b""), Orientation::Rotate270);
    }

    #[test]
    fn xmp_counts_where_exif_names_no_orientation() {
        let attribute = b"<x tiff:Orientation='6' tiff:Orientation=\"3\"/>";
        let element = b"<tiff:Orientation>6</tiff:Orientation>";
        assert_eq!(of_data(b"", attribute), Orientation::Rotate180);
        assert_eq!(of_data(b"MM\0*\0\0\0\x08\0\0", element), Orientation::Rotate90);
        assert_eq!(of_data(&exif(3, [0, 1, 0, 0]), element), Orientation::NoTransforms);
        assert_eq!(of_data(b"", b"tiff:Orientation"), Orientation::NoTransforms);
    }
}
