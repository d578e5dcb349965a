//! k-NN evaluation: nearest neighbours by cosine, and how often their vote names the right label, as in the
//! official evaluation, leave-one-out on your own images. Invariant: the same features give the same order and
//! the same accuracy; of equal neighbours the earlier one is nearer.

use crate::data::picture::Picture;
use crate::error::{Error, ImageProblem, Result};

/// Neighbours that vote, if there are so many.
pub const NEIGHBORS: usize = 20;

/// A neighbour's vote weighs exp(similarity / TEMPERATURE).
pub const TEMPERATURE: f32 = 0.07;

/// Side of the small copies that stand for the images themselves.
const PIXELS_SIDE: usize = 12;

/// Scales every row of (n, `dim`) to length 1; a row of zeros stays.
pub fn normalize(rows: &mut [f32], dim: usize) {
    for row in rows.chunks_mut(dim.max(1)) {
        let norm = dot(row, row).sqrt();
        if norm > 0.0 {
            row.iter_mut().for_each(|v| *v /= norm);
        }
    }
}

/// The `count` rows of (n, `dim`) most similar to a query, all of length 1: index and cosine, the nearest
/// first. Row `but`, the query itself, is left out.
pub fn nearest(
    query: &[f32],
    rows: &[f32],
    dim: usize,
    but: Option<usize>,
    count: usize,
) -> Vec<(usize, f32)> {
    let similarity = |(i, row): (usize, &[f32])| (i, dot(query, row));
    let mut all: Vec<(usize, f32)> = rows
        .chunks_exact(dim.max(1))
        .enumerate()
        .filter(|(i, _)| Some(*i) != but)
        .map(similarity)
        .collect();
    let nearer = |a: &(usize, f32), b: &(usize, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if (1..all.len()).contains(&count) {
        all.select_nth_unstable_by(count - 1, nearer);
    }
    all.truncate(count);
    all.sort_by(nearer);
    all
}

/// Share of rows whose neighbours, itself left out, vote for its label; rows (n, `dim`) of length 1, a
/// label each. k = min([`NEIGHBORS`], n − 1); 0 for fewer than two rows. Of two labels with equal votes
/// the smaller one wins.
pub fn leave_one_out(rows: &[f32], dim: usize, labels: &[usize]) -> f32 {
    let all = rows.chunks_exact(dim.max(1)).zip(labels).enumerate();
    let right = all.filter(|(i, (row, label))| {
        // Of one row alone nobody is asked.
        labels.len() > 1 && vote(row, rows, dim, labels, Some(*i)) == Some(**label)
    });
    right.count() as f32 / labels.len().max(1) as f32
}

/// Share of the rows `asked`, with the labels `wanted`, whose neighbours among `rows` vote for theirs;
/// otherwise as [`leave_one_out`].
pub fn held_out(
    rows: &[f32],
    labels: &[usize],
    asked: &[f32],
    wanted: &[usize],
    dim: usize,
) -> f32 {
    let all = asked.chunks_exact(dim.max(1)).zip(wanted);
    let right = all.filter(|(row, label)| vote(row, rows, dim, labels, None) == Some(**label));
    right.count() as f32 / wanted.len().max(1) as f32
}

/// The label that the nearest of `rows` vote for; none without rows. Row `but` has no vote.
fn vote(
    query: &[f32],
    rows: &[f32],
    dim: usize,
    labels: &[usize],
    but: Option<usize>,
) -> Option<usize> {
    let most = labels.iter().max().map_or(0, |label| label + 1);
    let mut votes = vec![0.0f64; most];
    for (neighbor, similarity) in nearest(query, rows, dim, but, NEIGHBORS) {
        if let Some(of) = labels.get(neighbor) {
            votes[*of] += f64::from(similarity / TEMPERATURE).exp();
        }
    }
    (0..most).rev().max_by(|a, b| votes[*a].total_cmp(&votes[*b]))
}

/// Share of the largest label; 0 without any.
pub fn chance(labels: &[usize]) -> f32 {
    let count = |label: &usize| labels.iter().filter(|l| *l == label).count();
    let largest = labels.iter().map(count).max().unwrap_or(0);
    largest as f32 / labels.len().max(1) as f32
}

/// What the share of right votes says beside chance and raw pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not above the share of the largest label.
    Chance,
    /// Above that, not above raw pixels.
    Pixels,
    /// Above both.
    Learned,
}

/// The verdict over so many images: a difference counts from one standard error of a difference on, so 4 of
/// 5 images against 3 of 5 say nothing.
pub fn verdict(knn: f32, chance: f32, pixels: f32, images: usize) -> Verdict {
    let variance = |share: f32| share * (1.0 - share);
    let above = |other: f32| {
        let error = ((variance(knn) + variance(other)) / images.max(1) as f32).sqrt();
        knn - other > error.max(0.01)
    };
    match (above(chance), above(pixels)) {
        (false, _) => Verdict::Chance,
        (true, false) => Verdict::Pixels,
        (true, true) => Verdict::Learned,
    }
}

/// An image as a feature without any network: the mean colours of 12 × 12 cells of its middle square,
/// their mean taken off, scaled to length 1. The cosine of two is then their correlation, so brightness
/// and contrast do not count.
///
/// # Errors
/// [`Error::Image`] for an empty image or one whose bytes do not fill it.
pub fn pixels(picture: &Picture) -> Result<Vec<f32>> {
    let Picture { width, height, rgba } = picture;
    let short = *width.min(height);
    if short == 0 || rgba.len() != 4 * width * height {
        let bytes = rgba.len();
        return Err(Error::image(
            "",
            ImageProblem::NotFilled { width: *width, height: *height, bytes },
        ));
    }
    let (left, top) = ((width - short) / 2, (height - short) / 2);
    // Cells of an image smaller than 12 pixels overlap.
    let range = |cell: usize| {
        let from = cell * short / PIXELS_SIDE;
        from..((cell + 1) * short / PIXELS_SIDE).max(from + 1)
    };
    let mut values = Vec::with_capacity(PIXELS_DIM);
    for (row, column) in (0..PIXELS_SIDE).flat_map(|r| (0..PIXELS_SIDE).map(move |c| (r, c))) {
        let mut sums = [0u32; 3];
        for y in range(row) {
            for x in range(column) {
                let at = 4 * ((top + y) * width + left + x);
                sums.iter_mut().zip(&rgba[at..]).for_each(|(sum, v)| *sum += u32::from(*v));
            }
        }
        let count = (range(row).len() * range(column).len()) as f32;
        values.extend(sums.map(|sum| sum as f32 / count));
    }
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    values.iter_mut().for_each(|v| *v -= mean);
    normalize(&mut values, PIXELS_DIM);
    Ok(values)
}

/// Values of an image's [`pixels`].
pub const PIXELS_DIM: usize = 3 * PIXELS_SIDE * PIXELS_SIDE;

/// Indices below `count` such that any first few of them are spread evenly over all: numbers whose bits
/// are those of 0, 1, 2 … from the other end. So a sample of labelled folders takes about the same share
/// of each.
pub fn spread(count: usize) -> Vec<usize> {
    let bits = count.next_power_of_two().trailing_zeros();
    let reversed = |i: u64| i.reverse_bits().checked_shr(u64::BITS - bits).unwrap_or(0) as usize;
    (0..1u64 << bits).map(reversed).filter(|index| *index < count).collect()
}

/// The scalar product of two rows of the same length.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side: the compiler may not reorder one.
    let mut sums = [0.0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_images_prove_nothing() {
        for (knn, chance, pixels, images, expected) in [
            (0.8, 0.6, 0.6, 5, Verdict::Chance),
            (0.8, 0.6, 0.6, 500, Verdict::Learned),
            (0.57, 0.32, 0.51, 204, Verdict::Learned),
            (0.53, 0.32, 0.51, 204, Verdict::Pixels),
            (0.25, 0.32, 0.2, 1000, Verdict::Chance),
            (1.0, 0.5, 1.0, 40, Verdict::Pixels),
            (1.0, 1.0, 1.0, 0, Verdict::Chance),
        ] {
            assert_eq!(verdict(knn, chance, pixels, images), expected, "{knn} of {images}");
        }
    }

    #[test]
    fn the_nearest_come_first() {
        let mut rows = vec![1.0, 0.0, 3.0, 4.0, -1.0, 0.1, 2.0, 0.0];
        normalize(&mut rows, 2);
        assert_eq!(rows[2..4], [0.6, 0.8]);
        let near = nearest(&rows[..2], &rows, 2, Some(0), 2);
        assert_eq!(near, [(3, 1.0), (1, 0.6)]);
        assert_eq!(nearest(&rows[..2], &rows, 2, None, 1), [(0, 1.0)], "the earlier of equals");
        assert_eq!(nearest(&rows[..2], &rows, 2, Some(0), 99).len(), 3);
        assert!(nearest(&rows[..2], &rows, 2, Some(0), 0).is_empty());
        assert!(nearest(&[], &[], 0, None, 5).is_empty());
    }

    #[test]
    fn two_clusters_are_told_apart_and_strangers_are_not() {
        let mut rows: Vec<f32> =
            (0..30).flat_map(|i| [if i < 15 { 1.0 } else { -1.0 }, 0.01 * i as f32]).collect();
        normalize(&mut rows, 2);
        let labels: Vec<usize> = (0..30).map(|i| usize::from(i >= 15)).collect();
        assert_eq!(leave_one_out(&rows, 2, &labels), 1.0);
        let alternating: Vec<usize> = (0..30).map(|i| i % 2).collect();
        assert!(leave_one_out(&rows, 2, &alternating) < 0.7);
        assert_eq!(chance(&labels), 0.5);
        assert_eq!(chance(&[2, 2, 7, 2]), 0.75);
        assert_eq!(chance(&[]), 0.0);
    }

    #[test]
    fn others_can_be_asked() {
        let rows = [1.0, 0.0, 0.0, 1.0];
        let asked = [0.8, 0.6, 0.6, 0.8, 0.0, 1.0];
        assert_eq!(held_out(&rows, &[0, 1], &asked, &[0, 1, 1], 2), 1.0);
        assert_eq!(held_out(&rows, &[0, 1], &asked, &[1, 1, 1], 2), 2.0 / 3.0);
        assert_eq!(
            held_out(&rows, &[0, 1], &asked, &[0, 7, 7], 2),
            1.0 / 3.0,
            "a label never seen"
        );
        assert_eq!(held_out(&[], &[], &asked, &[0, 0, 0], 2), 0.0);
        assert_eq!(held_out(&rows, &[0, 1], &[], &[], 2), 0.0);
    }

    #[test]
    fn a_near_neighbour_outweighs_many_far_ones() {
        // One twin at cosine 1 against two at cosine .7: exp(.3 / .07) = 72 to 1.
        let rows = [1.0, 0.0, 1.0, 0.0, 0.7, 0.714_142_8, 0.7, -0.714_142_8];
        assert_eq!(leave_one_out(&rows, 2, &[0, 0, 1, 1]), 0.5);
        assert_eq!(leave_one_out(&rows[..2], 2, &[0]), 0.0, "nobody to ask");
        assert_eq!(leave_one_out(&[], 2, &[]), 0.0);
    }

    #[test]
    fn pixels_ignore_brightness_and_contrast() {
        let picture = |scale: f32, shift: f32| {
            let value = |i: usize| (scale * (i % 24 * 4) as f32 + shift) as u8;
            let rgba = (0..24 * 30).flat_map(|i| [value(i), value(i), value(i), 255]).collect();
            Picture { width: 24, height: 30, rgba }
        };
        let (a, b) = (pixels(&picture(1.0, 0.0)).unwrap(), pixels(&picture(2.0, 40.0)).unwrap());
        assert_eq!(a.len(), PIXELS_DIM);
        assert!(dot(&a, &b) > 0.999);
        let flat = pixels(&picture(0.0, 90.0)).unwrap();
        assert_eq!(dot(&flat, &a), 0.0);
        assert!(pixels(&Picture { width: 0, height: 0, rgba: vec![] }).is_err());
        let small = Picture { width: 3, height: 5, rgba: (0..60).collect() };
        assert_eq!(pixels(&small).unwrap().len(), PIXELS_DIM);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

        #[test]
        fn accuracy_is_a_share(
            rows in prop::collection::vec(-1.0f32..1.0, 0..120), seed in 0usize..5,
        ) {
            let labels: Vec<usize> = (0..rows.len() / 3).map(|i| i * (seed + 1) % 4).collect();
            let mut rows = rows[..labels.len() * 3].to_vec();
            normalize(&mut rows, 3);
            prop_assert!((0.0..=1.0).contains(&leave_one_out(&rows, 3, &labels)));
            let chance = chance(&labels);
            prop_assert!((0.0..=1.0).contains(&chance));
            if !labels.is_empty() {
                prop_assert!(chance >= 0.25);
            }
            for count in [1, 5, 99] {
                let near = nearest(&[0.6, 0.0, 0.8], &rows, 3, None, count);
                prop_assert_eq!(near.len(), count.min(labels.len()));
                prop_assert!(near.windows(2).all(|w| w[0].1 >= w[1].1));
                prop_assert!(near.iter().all(|(_, s)| (-1.001..=1.001).contains(s)));
            }
        }

        #[test]
        fn spread_is_every_index_once_and_even(count in 0usize..3000) {
            let order = spread(count);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..count).collect::<Vec<_>>());
            if count >= 40 {
                // Of the first quarter, each quarter of the set has its share, give or take a few.
                let first = &order[..count / 4];
                for quarter in 0..4 {
                    let low = quarter * count / 4;
                    let high = (quarter + 1) * count / 4;
                    let share = first.iter().filter(|i| (low..high).contains(*i)).count();
                    let fair = first.len() / 4;
                    prop_assert!(share.abs_diff(fair) <= 2 + fair / 5, "{share}, not {fair}");
                }
            }
        }
    }
}
