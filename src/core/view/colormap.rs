//! Colormap of attention maps, and their PNG files. Invariant: an image shows a map's own range, from its
//! smallest value (dark) to its largest (bright).

use crate::data::picture::Picture;
use crate::error::{Error, ImageProblem, Result, TensorProblem};
use image::{ImageFormat, RgbaImage};
use std::io::Cursor;

/// Colours from dark to bright, evenly spaced.
const RAMP: [[f32; 3]; 5] = [
    [8.0, 6.0, 28.0],
    [84.0, 20.0, 108.0],
    [190.0, 56.0, 84.0],
    [248.0, 140.0, 40.0],
    [252.0, 250.0, 170.0],
];

/// A map of `grid` patches (across, down) as an image: nearest upsampling, `scale` pixels a patch.
///
/// # Errors
/// [`Error::Tensor`] when `map` has not one value for every patch.
pub fn heat(map: &[f32], grid: [usize; 2], scale: usize) -> Result<Picture> {
    let [across, down] = grid;
    if map.len() != across * down || map.is_empty() {
        let problem = TensorProblem::Count { expected: across * down, found: map.len() };
        return Err(Error::tensor("attention", problem));
    }
    let (low, high) =
        map.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let colours: Vec<[u8; 4]> =
        map.iter().map(|v| colour((v - low) / (high - low).max(f32::MIN_POSITIVE))).collect();
    let mut rgba = Vec::with_capacity(across * down * scale * scale * 4);
    for row in colours.chunks(across) {
        let line: Vec<u8> =
            row.iter().flat_map(|c| std::iter::repeat_n(*c, scale)).flatten().collect();
        (0..scale).for_each(|_| rgba.extend(&line));
    }
    Ok(Picture { width: across * scale, height: down * scale, rgba })
}

/// A colour of the ramp for a value from 0 to 1.
pub fn colour(value: f32) -> [u8; 4] {
    let place = value.clamp(0.0, 1.0) * (RAMP.len() - 1) as f32;
    let below = (place as usize).min(RAMP.len() - 2);
    let share = place - below as f32;
    let [r, g, b] = [0, 1, 2]
        .map(|i| (RAMP[below][i] + share * (RAMP[below + 1][i] - RAMP[below][i])).round() as u8);
    [r, g, b, 255]
}

/// The bytes of a PNG file.
///
/// # Errors
/// [`Error::Image`] when width, height and pixels do not fit together.
pub fn png(name: &str, picture: &Picture) -> Result<Vec<u8>> {
    let error = |problem: ImageProblem| Error::image(name, problem);
    let sides = (u32::try_from(picture.width), u32::try_from(picture.height));
    let (Ok(width), Ok(height)) = sides else {
        let found = [picture.width, picture.height];
        return Err(error(ImageProblem::TooLargeForFormat { found }));
    };
    let image = RgbaImage::from_raw(width, height, picture.rgba.clone()).ok_or_else(|| {
        let (width, height, bytes) = (picture.width, picture.height, picture.rgba.len());
        error(ImageProblem::NotFilled { width, height, bytes })
    })?;
    let mut bytes = Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|e| error(ImageProblem::Unwritable(e.to_string())))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_become_squares_from_dark_to_bright() {
        let picture = heat(&[0.5, 0.0, 0.25, 1.0, 0.75, 0.5], [3, 2], 4).unwrap();
        assert_eq!((picture.width, picture.height, picture.rgba.len()), (12, 8, 12 * 8 * 4));
        let at = |x: usize, y: usize| picture.rgba[(y * 12 + x) * 4..][..4].to_vec();
        assert_eq!(at(4, 0), [8, 6, 28, 255], "the smallest is the darkest");
        assert_eq!(at(7, 3), at(4, 0), "a patch is one colour");
        assert_eq!(at(0, 4), [252, 250, 170, 255], "the largest is the brightest");
        assert_eq!(at(3, 0), [190, 56, 84, 255]);
        assert_eq!(at(11, 7), at(0, 0));
        assert_eq!(colour(0.375), [137, 38, 96, 255], "half way between two stops");
        assert!(heat(&[1.0; 5], [3, 2], 4).is_err());
        assert!(heat(&[], [0, 0], 4).is_err());
        assert_eq!(heat(&[0.2; 4], [2, 2], 1).unwrap().rgba[..3], [8, 6, 28], "a flat map");
    }

    #[test]
    fn a_png_holds_the_pixels() {
        let picture = heat(&[0.0, 1.0], [2, 1], 3).unwrap();
        let bytes = png("x", &picture).unwrap();
        let read = image::load_from_memory(&bytes).unwrap().to_rgba8();
        assert_eq!(read.dimensions(), (6, 3));
        assert_eq!(read.into_raw(), picture.rgba);
        let broken = Picture { width: 9, height: 9, rgba: vec![0; 4] };
        assert!(png("x", &broken).is_err());
    }
}
