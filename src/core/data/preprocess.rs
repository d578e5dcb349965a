//! Preprocessing for inference: whole patches in the image's own aspect ratio or the middle square, and their
//! normalised rows. Pure. Invariant: every image, however thin, is at least one patch across and down.

use crate::data::picture::Picture;
use crate::error::{Error, ImageProblem, Result};
use image::imageops::{self, FilterType};
use image::{ImageBuffer, Rgba};

/// Mean of ImageNet's red, green and blue, of 1.
pub const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Their standard deviation.
pub const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// Longest side in pixels at which a network looks at an image: 60 patches of 8.
pub const MOST_SIDE: usize = 480;

/// Patches (across, down) of an image of (width, height) pixels that is seen with `side` pixels on its
/// long side, clamped to one patch and [`MOST_SIDE`]; the short side is rounded to whole patches.
pub fn grid((width, height): (usize, usize), patch: usize, side: usize) -> [usize; 2] {
    let patch = patch.max(1);
    let long = (side.min(MOST_SIDE) / patch).max(1);
    let most = width.max(height).max(1) as f64;
    let patches = |pixels: usize| {
        let share = pixels as f64 / most;
        ((share * long as f64).round() as usize).clamp(1, long)
    };
    [patches(width), patches(height)]
}

/// Patches (across, down) of an image whose short side is `side` patches, the number that positions were
/// learned for. A strip of 1 × 1000 pixels would be thousands: at most four squares long.
pub fn native_grid((width, height): (usize, usize), side: usize) -> [usize; 2] {
    let short = width.min(height).max(1) as f64;
    let patches =
        |pixels: usize| ((pixels as f64 / short * side as f64).round() as usize).clamp(1, 4 * side);
    [patches(width), patches(height)]
}

/// An image at another size, without regard to its aspect ratio.
///
/// # Errors
/// [`Error::Image`] for an empty image or one whose bytes do not fill it.
pub fn resized(picture: &Picture, width: usize, height: usize) -> Result<Picture> {
    cut(picture, [0, 0, picture.width, picture.height], width, height)
}

/// The middle square of an image at `side` × `side` pixels: "resize the short side, then crop the
/// centre".
///
/// # Errors
/// See [`resized`].
pub fn square(picture: &Picture, side: usize) -> Result<Picture> {
    let short = picture.width.min(picture.height);
    let frame = [(picture.width - short) / 2, (picture.height - short) / 2, short, short];
    cut(picture, frame, side, side)
}

/// A box (left, top, width, height) of an image at another size.
fn cut(picture: &Picture, frame: [usize; 4], width: usize, height: usize) -> Result<Picture> {
    let refused = || {
        let Picture { width, height, ref rgba } = *picture;
        Error::image("", ImageProblem::NotFilled { width, height, bytes: rgba.len() })
    };
    let (w, h) = (picture.width as u32, picture.height as u32);
    let image =
        ImageBuffer::<Rgba<u8>, &[u8]>::from_raw(w, h, &picture.rgba).ok_or_else(refused)?;
    if w == 0 || h == 0 || width == 0 || height == 0 {
        return Err(refused());
    }
    let [left, top, across, down] = frame.map(|v| v as u32);
    let part = imageops::crop_imm(&image, left, top, across, down);
    let (to_width, to_height) = (width as u32, height as u32);
    let filter = FilterType::CatmullRom;
    let rgba = imageops::resize(&*part, to_width, to_height, filter).into_raw();
    Ok(Picture { width, height, rgba })
}

/// Normalised patches (T, 3 p²) of an image of whole patches, channel-major as the patch embedding's
/// weight, with a zero row for CLS before them.
pub fn patches(picture: &Picture, patch: usize) -> Vec<f32> {
    let (across, down) = (picture.width / patch, picture.height / patch);
    let values = 3 * patch * patch;
    let mut rows = Vec::with_capacity((across * down + 1) * values);
    rows.resize(values, 0.0);
    for token in 0..across * down {
        let (top, left) = (token / across * patch, token % across * patch);
        for channel in 0..3 {
            for y in top..top + patch {
                let start = (y * picture.width + left) * 4 + channel;
                let line = picture.rgba[start..].iter().step_by(4).take(patch);
                let normal = |b: &u8| (f32::from(*b) / 255.0 - MEAN[channel]) / DEVIATION[channel];
                rows.extend(line.map(normal));
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Red tells the column, green the row.
    fn ramp(width: usize, height: usize) -> Picture {
        let pixel = |i: usize| [(i % width) as u8, (i / width) as u8, 7, 255];
        Picture { width, height, rgba: (0..width * height).flat_map(pixel).collect() }
    }

    #[test]
    fn grids_follow_the_aspect_ratio() {
        assert_eq!(grid((640, 480), 16, 224), [14, 11]);
        assert_eq!(grid((480, 640), 8, 480), [45, 60]);
        assert_eq!(grid((512, 512), 8, 480), [60, 60]);
        assert_eq!(grid((1000, 1), 16, 480), [30, 1]);
        assert_eq!(grid((1, 1000), 16, 3), [1, 1]);
        assert_eq!(grid((300, 200), 14, usize::MAX), [34, 23]);
        assert_eq!(grid((0, 0), 8, 480), [1, 1]);
    }

    #[test]
    fn the_middle_square_is_cut_out() {
        let square = square(&ramp(40, 20), 20).unwrap();
        assert_eq!((square.width, square.height), (20, 20));
        assert_eq!(square.rgba[..4], [10, 0, 7, 255]);
        assert_eq!(square.rgba[square.rgba.len() - 4..], [29, 19, 7, 255]);
        let tall = super::square(&ramp(20, 41), 20).unwrap();
        assert_eq!(tall.rgba[1], 10, "row 10 comes first");
    }

    #[test]
    fn patches_are_channel_major_rows() {
        let picture = ramp(6, 4);
        let rows = patches(&picture, 2);
        assert_eq!(rows.len(), (3 * 2 + 1) * 12);
        assert!(rows[..12].iter().all(|v| *v == 0.0), "CLS");
        let normal =
            |b: u8, channel: usize| (f32::from(b) / 255.0 - MEAN[channel]) / DEVIATION[channel];
        // Patch 4 is the second of the second line: columns 2 and 3, rows 2 and 3.
        let patch = &rows[5 * 12..6 * 12];
        assert_eq!(patch[..4], [2, 3, 2, 3].map(|b| normal(b, 0)));
        assert_eq!(patch[4..8], [2, 2, 3, 3].map(|b| normal(b, 1)));
        assert_eq!(patch[8..], [7; 4].map(|b| normal(b, 2)));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let hollow = Picture { width: 4, height: 4, rgba: vec![0; 9] };
        assert!(resized(&hollow, 8, 8).is_err() && square(&hollow, 8).is_err());
        let empty = Picture { width: 0, height: 5, rgba: vec![] };
        assert!(resized(&empty, 8, 8).is_err() && square(&empty, 8).is_err());
        assert!(resized(&ramp(4, 4), 0, 8).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn grids_are_whole_and_bounded(
            width in 0usize..5000, height in 0usize..5000, side in 0usize..2000,
            patch in prop::sample::select(vec![4usize, 8, 14, 16]),
        ) {
            let [across, down] = grid((width, height), patch, side);
            let long = (side.min(MOST_SIDE) / patch).max(1);
            prop_assert!(across >= 1 && down >= 1);
            prop_assert_eq!(across.max(down), long);
            prop_assert_eq!(grid((height, width), patch, side), [down, across]);
        }
    }
}
