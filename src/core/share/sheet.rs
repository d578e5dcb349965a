//! Sheet of images of one size and the words under them: where each goes. Invariant: nothing overlaps, and
//! everything is on the sheet.

/// Pixels around and between images, of the line under an image, and of a line of the caption.
pub const GAP: u32 = 20;
pub const LABEL: u32 = 34;
pub const LINE: u32 = 30;

/// How wide a sheet should be for its height.
const ASPECT: f64 = 1.45;

/// Places on a sheet, in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub width: u32,
    pub height: u32,
    /// Left and top of every image; its label is in the [`LABEL`] pixels below it.
    pub tiles: Vec<[u32; 2]>,
    /// Top of the first line of the caption.
    pub caption: u32,
}

/// A sheet of `count` images of (width, height) pixels with `lines` of caption below, `labels` if there is
/// a line under each image.
pub fn sheet(count: usize, [width, height]: [u32; 2], labels: bool, lines: u32) -> Sheet {
    let (width, height) = (width.max(1), height.max(1));
    let below = if labels { LABEL } else { 0 };
    let size = |columns: u32| {
        let rows = (count as u32).div_ceil(columns).max(1);
        [GAP + columns * (width + GAP), GAP + rows * (height + below + GAP)]
    };
    let far = |columns: &u32| {
        let [w, h] = size(*columns);
        let rows = (count as u32).div_ceil(*columns).max(1);
        // An empty place is as bad as a fifth more or less width.
        let empty = rows * columns - count as u32;
        (f64::from(w) / f64::from(h) / ASPECT).ln().abs() + 0.2 * f64::from(empty)
    };
    let most = count.clamp(1, 12) as u32;
    let columns = (1..=most).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(1);
    let [sheet_width, bottom] = size(columns);
    let tiles = (0..count as u32)
        .map(|i| {
            let (x, y) = (i % columns, i / columns);
            [GAP + x * (width + GAP), GAP + y * (height + below + GAP)]
        })
        .collect();
    let foot = if lines == 0 { 0 } else { lines * LINE + GAP };
    Sheet { width: sheet_width, height: bottom + foot, tiles, caption: bottom }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seven_pictures_stand_in_two_rows() {
        let sheet = sheet(8, [240, 240], true, 2);
        assert_eq!((sheet.tiles[0], sheet.tiles[4]), ([20, 20], [20, 314]));
        assert_eq!((sheet.width, sheet.caption), (20 + 4 * 260, 20 + 2 * 294));
        assert_eq!(sheet.height, sheet.caption + 2 * LINE + GAP);
        assert_eq!(super::sheet(1, [100, 50], false, 0).height, 90);
    }

    proptest! {
        #[test]
        fn nothing_overlaps(count in 1usize..40, w in 1u32..800, h in 1u32..800, labels: bool, lines in 0u32..4) {
            let sheet = sheet(count, [w, h], labels, lines);
            prop_assert_eq!(sheet.tiles.len(), count);
            let high = h + if labels { LABEL } else { 0 };
            for (i, [x, y]) in sheet.tiles.iter().enumerate() {
                prop_assert!(x + w + GAP <= sheet.width && y + high <= sheet.caption);
                for [a, b] in &sheet.tiles[..i] {
                    prop_assert!(x.abs_diff(*a) >= w || y.abs_diff(*b) >= high);
                }
            }
            prop_assert!(sheet.caption + lines * LINE <= sheet.height);
        }
    }
}
