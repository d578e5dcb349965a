//! Resizing of a photograph that maps are painted on. Invariant: integers only, so that half a million pixels
//! take a few milliseconds on the page.

use crate::data::picture::Picture;

/// The image with a long side of `side` pixels, by bilinear interpolation.
pub fn resized(picture: &Picture, side: usize) -> Picture {
    let long = picture.width.max(picture.height).max(1);
    let scaled = |n: usize| ((n as u64 * side as u64 / long as u64) as usize).max(1);
    let (width, height) = (scaled(picture.width), scaled(picture.height));
    let columns = neighbours(picture.width, width);
    let mut rgba = Vec::with_capacity(width * height * 4);
    let row = picture.width * 4;
    let none = [0; 4];
    for (above, below, down) in neighbours(picture.height, height) {
        let of = |y: usize| picture.rgba.get(y * row..(y + 1) * row).unwrap_or_default();
        let (above, below) = (of(above), of(below));
        for (left, right, across) in &columns {
            let pixel = |row: &[u8], x: usize| -> [i32; 4] {
                let found = row.get(x * 4..x * 4 + 4).and_then(|p| p.try_into().ok());
                found.unwrap_or(none).map(i32::from)
            };
            let corners = [
                pixel(above, *left),
                pixel(above, *right),
                pixel(below, *left),
                pixel(below, *right),
            ];
            let [a, b, c, d] = corners;
            rgba.extend([0, 1, 2, 3].map(|i| {
                let top = a[i] * (256 - across) + b[i] * across;
                let bottom = c[i] * (256 - across) + d[i] * across;
                ((top * (256 - down) + bottom * down + (1 << 15)) >> 16) as u8
            }));
        }
    }
    Picture { width, height, rgba }
}

/// For every place of the new line the two old ones beside it and the second's share in 256ths.
fn neighbours(from: usize, to: usize) -> Vec<(usize, usize, i32)> {
    let last = from.saturating_sub(1);
    (0..to)
        .map(|i| {
            let place = ((i as f32 + 0.5) * from as f32 / to as f32 - 0.5).max(0.0);
            let first = (place as usize).min(last);
            (first, (first + 1).min(last), ((place - first as f32) * 256.0) as i32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(width: usize, height: usize, colour: [u8; 4]) -> Picture {
        Picture { width, height, rgba: colour.repeat(width * height) }
    }

    fn pixel(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
        let from = (y * picture.width + x) * 4;
        [picture.rgba[from], picture.rgba[from + 1], picture.rgba[from + 2]]
    }

    #[test]
    fn pictures_are_enlarged_and_shrunk() {
        let two = Picture { width: 2, height: 1, rgba: vec![0, 0, 0, 255, 200, 100, 50, 255] };
        let large = resized(&two, 8);
        assert_eq!((large.width, large.height, large.rgba.len()), (8, 4, 128));
        assert_eq!((pixel(&large, 0, 0), pixel(&large, 7, 3)), ([0, 0, 0], [200, 100, 50]));
        let middle = pixel(&large, 4, 1)[0];
        assert!((100..140).contains(&middle), "{middle}");
        let small = resized(&flat(300, 100, [7, 8, 9, 255]), 30);
        assert_eq!(small, flat(30, 10, [7, 8, 9, 255]));
    }

    #[test]
    fn what_is_no_picture_panics_nowhere() {
        let broken = Picture { width: 9, height: 4, rgba: vec![1; 7] };
        assert_eq!(resized(&broken, 18).rgba.len(), 18 * 8 * 4);
        assert_eq!(resized(&Picture { width: 0, height: 0, rgba: Vec::new() }, 8).width, 1);
    }
}
