//! A photograph at another size, for maps to be painted over. Invariant: integers only, so that half a
//! million pixels take a few milliseconds on the page.

use crate::protocol::Pixels;

/// The picture with a long side of `side` pixels, by bilinear interpolation.
pub fn resized(picture: &Pixels, side: u32) -> Pixels {
    let long = picture.width.max(picture.height).max(1);
    let scaled = |n: u32| ((u64::from(n) * u64::from(side) / u64::from(long)) as u32).max(1);
    let (width, height) = (scaled(picture.width), scaled(picture.height));
    let columns = neighbours(picture.width, width);
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    let row = picture.width as usize * 4;
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
    Pixels { width, height, rgba }
}

/// For every place of the new line the two old ones beside it and the second's share in 256ths.
fn neighbours(from: u32, to: u32) -> Vec<(usize, usize, i32)> {
    let last = from.saturating_sub(1) as usize;
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

    fn flat(width: u32, height: u32, colour: [u8; 4]) -> Pixels {
        Pixels { width, height, rgba: colour.repeat((width * height) as usize) }
    }

    fn pixel(picture: &Pixels, x: u32, y: u32) -> [u8; 3] {
        let from = ((y * picture.width + x) * 4) as usize;
        [picture.rgba[from], picture.rgba[from + 1], picture.rgba[from + 2]]
    }

    #[test]
    fn pictures_are_enlarged_and_shrunk() {
        let two = Pixels { width: 2, height: 1, rgba: vec![0, 0, 0, 255, 200, 100, 50, 255] };
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
        let broken = Pixels { width: 9, height: 4, rgba: vec![1; 7] };
        assert_eq!(resized(&broken, 18).rgba.len(), 18 * 8 * 4);
        assert_eq!(resized(&Pixels { width: 0, height: 0, rgba: Vec::new() }, 8).width, 1);
    }
}
