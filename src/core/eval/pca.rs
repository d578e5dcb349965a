//! PCA colours for the patches of several images at once: like parts get like colours, the background is dark.
//! The first principal component of all tokens tells foreground from background; the next three, of the
//! foreground alone, become red, green and blue. Pure. Invariant: the same tokens give the same bytes: every
//! start is fixed, every order too.

use crate::rng::Rng;

/// Tokens of one image: `width` × `height` rows of `dim` values, row-major.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    pub width: usize,
    pub height: usize,
    pub values: &'a [f32],
}

/// Tokens that a covariance is made of at most, evenly taken: more change nothing to be seen.
const SAMPLE: usize = 4096;
/// Iterations of a component at most; it ends earlier when the direction stays.
const ITERATIONS: usize = 300;
const STAYS: f64 = 1e-12;
/// These shares of the values of a component at each end are clipped, so that one odd patch does not
/// leave all others grey.
const CLIPPED: f64 = 0.02;
/// Where there is nothing.
pub const BACKGROUND: [u8; 4] = [12, 14, 20, 255];

/// RGBA bytes of every image, a pixel a patch, tokens (n, `dim`).
pub fn colors(pictures: &[Tokens], dim: usize) -> Vec<Vec<u8>> {
    let dim = dim.max(1);
    let rows: Vec<&[f32]> = pictures.iter().flat_map(|p| p.values.chunks_exact(dim)).collect();
    let front = foreground(pictures, &rows, dim);
    let front_rows: Vec<&[f32]> =
        rows.iter().zip(&front).filter(|(_, front)| **front).map(|(row, _)| *row).collect();
    let axes = Axes::of(&front_rows, dim, 3);
    let channels: Vec<Vec<u8>> =
        (0..3).map(|axis| scaled(front_rows.iter().map(|row| axes.place(row, axis)))).collect();
    let mut colored = 0;
    let mut pixels = front.iter().map(|front| {
        if !front {
            return BACKGROUND;
        }
        colored += 1;
        let channel = |i: usize| channels[i][colored - 1];
        [channel(0), channel(1), channel(2), 255]
    });
    let patches = |p: &Tokens| p.values.len() / dim;
    pictures.iter().map(|p| pixels.by_ref().take(patches(p)).flatten().collect()).collect()
}

/// Which rows lie on the foreground's side of the first component: the side that has less of the
/// images' borders.
fn foreground(pictures: &[Tokens], rows: &[&[f32]], dim: usize) -> Vec<bool> {
    let axes = Axes::of(rows, dim, 1);
    let places: Vec<f64> = rows.iter().map(|row| axes.place(row, 0)).collect();
    let border = pictures.iter().flat_map(|p| {
        (0..p.values.len() / dim).map(|i| {
            let (x, y) = (i % p.width.max(1), i / p.width.max(1));
            x == 0 || y == 0 || x + 1 == p.width || y + 1 == p.height
        })
    });
    let (mut positive, mut negative) = (0, 0);
    for (place, border) in places.iter().zip(border) {
        positive += usize::from(border && *place > 0.0);
        negative += usize::from(border && *place < 0.0);
    }
    let sign = if positive > negative { -1.0 } else { 1.0 };
    places.iter().map(|place| place * sign > 0.0).collect()
}

/// Values as bytes: the range without its [`CLIPPED`] ends becomes 0 to 255, a range of nothing 128.
fn scaled(values: impl Iterator<Item = f64>) -> Vec<u8> {
    let values: Vec<f64> = values.collect();
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
    let end = (CLIPPED * last as f64).round() as usize;
    let (low, high) = (sorted[end], sorted[last - end]);
    let byte = |v: &f64| match high - low {
        range if range > 1e-9 => (255.0 * (v - low) / range).round().clamp(0.0, 255.0) as u8,
        _ => 128,
    };
    values.iter().map(byte).collect()
}

/// Mean and principal directions of rows.
struct Axes {
    mean: Vec<f64>,
    /// (count, dim), the strongest first, each of length 1 or, where nothing is left to explain, 0.
    directions: Vec<Vec<f64>>,
}

impl Axes {
    fn of(rows: &[&[f32]], dim: usize, count: usize) -> Self {
        let mut mean = vec![0.0; dim];
        for row in rows {
            mean.iter_mut().zip(*row).for_each(|(m, v)| *m += f64::from(*v));
        }
        mean.iter_mut().for_each(|m| *m /= rows.len().max(1) as f64);
        let covariance = covariance(rows, &mean);
        let mut directions: Vec<Vec<f64>> = Vec::new();
        for i in 0..count {
            directions.push(strongest(&covariance, &directions, i as u32));
        }
        Self { mean, directions }
    }

    /// Where a row lies along an axis.
    fn place(&self, row: &[f32], axis: usize) -> f64 {
        let centred = row.iter().zip(&self.mean).map(|(v, m)| f64::from(*v) - m);
        centred.zip(&self.directions[axis]).map(|(v, d)| v * d).sum()
    }
}

/// (dim, dim), of at most [`SAMPLE`] rows.
fn covariance(rows: &[&[f32]], mean: &[f64]) -> Vec<Vec<f64>> {
    let dim = mean.len();
    let mut sums = vec![vec![0.0f64; dim]; dim];
    for row in rows.iter().step_by(rows.len().div_ceil(SAMPLE).max(1)) {
        let centred: Vec<f64> = row.iter().zip(mean).map(|(v, m)| f64::from(*v) - m).collect();
        for (line, factor) in sums.iter_mut().zip(&centred) {
            line.iter_mut().zip(&centred).for_each(|(sum, c)| *sum += factor * c);
        }
    }
    sums
}

/// The strongest direction at right angles to those found before, by power iteration; its largest part is
/// positive. All zeros where nothing varies.
fn strongest(covariance: &[Vec<f64>], before: &[Vec<f64>], index: u32) -> Vec<f64> {
    let dim = covariance.len();
    let mut rng = Rng::new(0, 0, 0, index);
    let mut direction: Vec<f64> = (0..dim).map(|_| rng.normal()).collect();
    upright(&mut direction, before);
    unit(&mut direction);
    let most = (0..dim).map(|i| covariance[i][i]).fold(0.0, f64::max);
    for _ in 0..ITERATIONS {
        let mut next: Vec<f64> = covariance.iter().map(|line| dot(line, &direction)).collect();
        // Twice: what rounding leaves of a strong direction would grow again.
        upright(&mut next, before);
        if dot(&next, &next).sqrt() <= 1e-9 * most || most == 0.0 {
            return vec![0.0; dim];
        }
        unit(&mut next);
        upright(&mut next, before);
        unit(&mut next);
        let along = dot(&next, &direction).abs();
        direction = next;
        if 1.0 - along < STAYS {
            break;
        }
    }
    let largest =
        direction.iter().copied().fold(0.0, |a: f64, v| if v.abs() > a.abs() { v } else { a });
    if largest < 0.0 {
        direction.iter_mut().for_each(|v| *v = -*v);
    }
    direction
}

/// Takes off all that lies along the directions found before.
fn upright(v: &mut [f64], before: &[Vec<f64>]) {
    for direction in before {
        let along = dot(v, direction);
        v.iter_mut().zip(direction).for_each(|(v, d)| *v -= along * d);
    }
}

fn unit(v: &mut [f64]) {
    let norm = dot(v, v).sqrt().max(f64::MIN_POSITIVE);
    v.iter_mut().for_each(|v| *v /= norm);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use proptest::prelude::*;

    const DIM: usize = 8;

    /// An image of 6 × 5: a thing of 2 × 2 in the middle whose halves differ, the rest background,
    /// with a little noise.
    fn picture(seed: u64) -> Vec<f32> {
        let mut rng = Rng::new(seed, 0, 0, 0);
        let mut values = Vec::new();
        for i in 0..30 {
            let (x, y) = (i % 6, i / 6);
            let thing = (2..4).contains(&x) && (2..4).contains(&y);
            for d in 0..DIM {
                let part = if x == 2 { 2 } else { 3 };
                let signal = match (thing, d) {
                    (true, 0) => 1.0,
                    (false, 1) => 1.0,
                    (true, d) if d == part => 0.5,
                    _ => 0.0,
                };
                values.push((signal + 0.02 * rng.normal()) as f32);
            }
        }
        values
    }

    fn tokens(values: &[f32]) -> Tokens<'_> {
        Tokens { width: 6, height: 5, values }
    }

    #[test]
    fn the_thing_is_coloured_alike_in_both_pictures_and_the_rest_is_dark() {
        let (a, b) = (picture(1), picture(2));
        let colored = colors(&[tokens(&a), tokens(&b)], DIM);
        let at = |picture: usize, x: usize, y: usize| -> [u8; 4] {
            colored[picture][(y * 6 + x) * 4..][..4].try_into().unwrap()
        };
        for picture in [0, 1] {
            assert_eq!(colored[picture].len(), 30 * 4);
            let dark = (0..30).filter(|i| at(picture, i % 6, i / 6) == BACKGROUND).count();
            assert_eq!(dark, 26);
            assert_ne!(at(picture, 2, 2), BACKGROUND);
        }
        let apart = |a: [u8; 4], b: [u8; 4]| a[0].abs_diff(b[0]);
        assert!(apart(at(0, 2, 2), at(1, 2, 3)) < 60, "like parts");
        assert!(apart(at(0, 2, 2), at(0, 3, 2)) > 150, "unlike parts");
        assert_eq!(colored, colors(&[tokens(&a), tokens(&b)], DIM), "again");
    }

    #[test]
    fn nothing_and_flat_pictures_are_dark() {
        assert!(colors(&[], DIM).is_empty());
        assert_eq!(colors(&[tokens(&[])], DIM), [Vec::<u8>::new()]);
        let flat = vec![0.3; 30 * DIM];
        let colored = colors(&[tokens(&flat)], DIM);
        assert!(colored[0].chunks(4).all(|p| *p == BACKGROUND));
        assert_eq!(colors(&[Tokens { width: 1, height: 1, values: &[1.0] }], 0)[0].len(), 4);
    }

    #[test]
    fn components_are_those_of_the_covariance() {
        // Variances 9, 4, 1, .25 along axes that are turned by 45 degrees in two planes.
        let mut rng = Rng::new(3, 0, 0, 0);
        let rows: Vec<Vec<f32>> = (0..4000)
            .map(|_| {
                let [a, b, c, d] = [3.0, 2.0, 1.0, 0.5].map(|s| s * rng.normal());
                let h = 0.5f64.sqrt();
                [h * (a + b), h * (a - b), h * (c + d), h * (c - d)].map(|v| v as f32 + 5.0).into()
            })
            .collect();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let axes = Axes::of(&rows, 4, 3);
        let h = 0.5f64.sqrt();
        for (direction, expected) in
            axes.directions.iter().zip([[h, h, 0., 0.], [h, -h, 0., 0.], [0., 0., h, h]])
        {
            assert!(dot(direction, &expected).abs() > 0.995, "{direction:?}");
        }
        for (i, a) in axes.directions.iter().enumerate() {
            for b in &axes.directions[..i] {
                assert!(dot(a, b).abs() < 1e-9);
            }
        }
        assert!(axes.mean.iter().all(|m| (m - 5.0).abs() < 0.2));
    }

    #[test]
    fn odd_values_are_clipped() {
        let mut values: Vec<f64> = (0..100).map(f64::from).collect();
        values[99] = 1e6;
        let bytes = scaled(values.into_iter());
        assert_eq!((bytes[0], bytes[99]), (0, 255));
        assert!((120..136).contains(&bytes[50]), "{}", bytes[50]);
        assert_eq!(scaled([4.0; 3].into_iter()), [128; 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

        #[test]
        fn every_patch_gets_a_pixel(
            a in prop::collection::vec(-1.0f32..1.0, 12 * 4), b in prop::collection::vec(-1.0f32..1.0, 5 * 4),
        ) {
            let pictures = [
                Tokens { width: 4, height: 3, values: &a }, Tokens { width: 5, height: 1, values: &b },
            ];
            let colored = colors(&pictures, 4);
            prop_assert_eq!(colored.iter().map(Vec::len).collect::<Vec<_>>(), [48, 20]);
            prop_assert!(colored.iter().flatten().skip(3).step_by(4).all(|alpha| *alpha == 255));
        }
    }
}
