//! Mask of an image: which pixels belong to the object. Invariant: how that is told is told, too: by brightness, by
//! transparency, or by classes, whose numbers stand in the pixels.

use crate::data::decode::raw;
use crate::data::kind::recognise;
use crate::error::{Error, ImageProblem, Rejected, Result};
use image::{DynamicImage, GenericImageView, ImageFormat};

/// Mean of red, green and blue from which on a pixel belongs to the object.
const BRIGHT: u32 = 128;

/// Class of pixels between an object and the rest, and its colour in Pascal VOC. They belong to neither.
const VOID: u16 = 255;
const VOID_COLOUR: [u8; 3] = [224, 224, 192];

/// How the object is told from the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Brightness,
    Transparency,
    /// Every class but 0, or every colour but black.
    Classes,
}

/// A mask as large as its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    pub width: usize,
    pub height: usize,
    /// Row by row.
    pub inside: Vec<bool>,
    pub by: By,
}

/// Reads a mask.
///
/// # Errors
/// [`Error::Image`] with `name` for a file that is no image.
pub fn read(name: &str, bytes: &[u8]) -> Result<Mask> {
    of(bytes).map_err(|rejected| Error::image(name, ImageProblem::Rejected(rejected)))
}

fn of(bytes: &[u8]) -> std::result::Result<Mask, Rejected> {
    use ImageFormat::{Bmp, Gif, Png};
    let image = upright(bytes)?;
    // What loses nothing may hold numbers of classes; elsewhere small ones are noise.
    let exact = matches!(recognise(bytes)?, Png | Gif | Bmp);
    let (width, height) = image.dimensions();
    let (by, inside) = judged(&image, exact, bytes)?;
    Ok(Mask { width: width as usize, height: height as usize, inside, by })
}

fn upright(bytes: &[u8]) -> std::result::Result<DynamicImage, Rejected> {
    let (mut image, _, orientation) = raw(bytes)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn judged(
    image: &DynamicImage,
    exact: bool,
    bytes: &[u8],
) -> std::result::Result<(By, Vec<bool>), Rejected> {
    let rgba = image.to_rgba8();
    let pixels = || rgba.pixels().map(|pixel| pixel.0);
    let bright = |[r, g, b, _]: [u8; 4]| u32::from(r) + u32::from(g) + u32::from(b) >= 3 * BRIGHT;
    let is_object = |p: [u8; 4]| p[..3] != [0; 3] && p[..3] != VOID_COLOUR;
    let opaque = |p: &[u8; 4]| p[3] >= 128;
    let coloured = |p: [u8; 4]| p[3] >= 128 && (p[0] != p[1] || p[1] != p[2]);
    let coloured = exact && pixels().any(coloured);
    if !pixels().all(|p| opaque(&p)) && pixels().any(|p| opaque(&p)) {
        let both = pixels().filter(opaque).any(bright) && !pixels().filter(opaque).all(bright);
        let inside =
            |p: [u8; 4]| opaque(&p) && if coloured { is_object(p) } else { !both || bright(p) };
        return Ok((By::Transparency, pixels().map(inside).collect()));
    }
    if coloured {
        let numbers = match indexed(bytes) {
            Some(grey) => Some(upright(&grey)?.to_luma8()),
            None => None,
        };
        let inside = match numbers {
            Some(numbers) => classes(&numbers.iter().map(|n| u16::from(*n)).collect::<Vec<_>>()),
            None => pixels().map(is_object).collect(),
        };
        return Ok((By::Classes, inside));
    }
    let numbers: Vec<u16> = match image {
        DynamicImage::ImageLuma16(grey) => grey.iter().copied().collect(),
        _ => pixels().map(|p| u16::from(p[0])).collect(),
    };
    let deep = matches!(image, DynamicImage::ImageLuma16(_));
    let all_small = if deep { 255 } else { 127 };
    let small = |n: &u16| *n <= all_small || !deep && *n == VOID;
    let some = numbers.iter().any(|n| *n > 0 && *n < VOID);
    let dark = !pixels().any(bright) && numbers.iter().any(|n| *n > 0);
    if exact && (some && numbers.iter().all(small) || dark) {
        return Ok((By::Classes, classes(&numbers)));
    }
    Ok((By::Brightness, pixels().map(bright).collect()))
}

/// Every class but 0 is the object, and but the void, if there are others.
fn classes(numbers: &[u16]) -> Vec<bool> {
    let others = numbers.iter().any(|n| *n > 0 && *n != VOID);
    numbers.iter().map(|n| *n > 0 && !(others && *n == VOID)).collect()
}

/// A PNG with a palette as a grey one, whose values are the places in the palette; of less than 8 bits, multiples of
/// them.
fn indexed(bytes: &[u8]) -> Option<Vec<u8>> {
    const COLOURS: usize = 25;
    let head = bytes.get(..33)?;
    if !bytes.starts_with(b"\x89PNG") || head.get(COLOURS) != Some(&3) {
        return None;
    }
    let mut file = head.to_vec();
    *file.get_mut(COLOURS)? = 0;
    let sum = crc32fast::hash(file.get(12..29)?).to_be_bytes();
    file.get_mut(29..33)?.copy_from_slice(&sum);
    let mut rest = bytes.get(33..)?;
    while let Some(head) = rest.first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = *head;
        let end = (u32::from_be_bytes([a, b, c, d]) as usize).checked_add(12)?;
        let chunk = rest.get(..end)?;
        if !matches!(&kind, b"PLTE" | b"tRNS" | b"bKGD" | b"hIST" | b"sBIT") {
            file.extend(chunk);
        }
        rest = rest.get(end..)?;
    }
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};
    use std::io::Cursor;

    /// The right half of 8 × 4 pixels is the object, but for void pixels.
    fn right(x: u32) -> bool {
        x >= 4
    }

    fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn expect(file: &[u8], by: By) {
        let mask = read("mask", file).unwrap();
        assert_eq!((mask.width, mask.height, mask.by), (8, 4, by));
        let expected: Vec<bool> = (0..32).map(|i| right(i % 8)).collect();
        assert_eq!(mask.inside, expected);
    }

    fn grey(object: u8) -> GrayImage {
        GrayImage::from_fn(8, 4, |x, _| Luma([if right(x) { object } else { 0 }]))
    }

    #[test]
    fn a_bright_object_is_told_by_brightness() {
        expect(&file(grey(255), ImageFormat::Png), By::Brightness);
        expect(&file(grey(200), ImageFormat::Bmp), By::Brightness);
        let mut soft = grey(255);
        (0..4).for_each(|y| soft.put_pixel(3, y, Luma([90])));
        (0..4).for_each(|y| soft.put_pixel(4, y, Luma([160])));
        expect(&file(soft, ImageFormat::Png), By::Brightness);
        let mask = read("mask", &file(grey(255), ImageFormat::Jpeg)).unwrap();
        assert_eq!(mask.by, By::Brightness);
        let deep = ImageBuffer::<Luma<u16>, _>::from_fn(8, 4, |x, _| {
            Luma([if right(x) { 65535 } else { 300 }])
        });
        expect(&file(deep, ImageFormat::Png), By::Brightness);
    }

    #[test]
    fn numbers_of_classes_are_told_as_such() {
        expect(&file(grey(1), ImageFormat::Png), By::Classes);
        expect(&file(grey(20), ImageFormat::Bmp), By::Classes);
        let deep = |value| {
            ImageBuffer::<Luma<u16>, _>::from_fn(8, 4, |x, _| {
                Luma([if right(x) { value } else { 0 }])
            })
        };
        expect(&file(deep(1), ImageFormat::Png), By::Classes);
        expect(&file(deep(26001), ImageFormat::Png), By::Classes);
        // Void pixels are brighter than the object, and none of it.
        let mut void = grey(15);
        (0..4).for_each(|y| void.put_pixel(3, y, Luma([255])));
        expect(&file(void, ImageFormat::Png), By::Classes);
        let colours = RgbImage::from_fn(8, 4, |x, _| match x {
            3 => Rgb(VOID_COLOUR),
            x if right(x) => Rgb([128, 0, 0]),
            _ => Rgb([0; 3]),
        });
        expect(&file(colours, ImageFormat::Png), By::Classes);
    }

    #[test]
    fn a_palette_counts_by_its_places() {
        // Class 1 is dark red; void, the last place, is bright.
        let grey = GrayImage::from_fn(8, 4, |x, _| match x {
            3 => Luma([255]),
            x => Luma([u8::from(right(x))]),
        });
        let mut file = file(grey, ImageFormat::Png);
        file[25] = 3;
        let sum = crc32fast::hash(&file[12..29]).to_be_bytes();
        file[29..33].copy_from_slice(&sum);
        let mut palette = vec![0; 768];
        (palette[3], palette[765], palette[766]) = (128, 224, 224);
        let body = [b"PLTE", &palette[..]].concat();
        let chunk = [&768_u32.to_be_bytes()[..], &body, &crc32fast::hash(&body).to_be_bytes()];
        let file = [&file[..33], &chunk.concat(), &file[33..]].concat();
        expect(&file, By::Classes);
    }

    #[test]
    fn what_is_transparent_is_no_object() {
        let black =
            RgbaImage::from_fn(8, 4, |x, _| Rgba([0, 0, 0, if right(x) { 255 } else { 0 }]));
        expect(&file(black, ImageFormat::Png), By::Transparency);
        let white = image::GrayAlphaImage::from_fn(8, 4, |x, y| match (x, y) {
            (0, _) => LumaA([255, 0]),
            (x, _) => LumaA([if right(x) { 255 } else { 0 }, 255]),
        });
        expect(&file(white, ImageFormat::Png), By::Transparency);
        let opaque =
            RgbaImage::from_fn(8, 4, |x, _| Rgba(if right(x) { [255; 4] } else { [0, 0, 0, 255] }));
        expect(&file(opaque, ImageFormat::Png), By::Brightness);
    }

    #[test]
    fn a_mask_without_an_object_has_none() {
        let mask = read("mask", &file(grey(0), ImageFormat::Png)).unwrap();
        assert!(mask.inside.iter().all(|inside| !inside));
        assert!(read("mask", b"words").is_err());
    }
}
