//! Linear probe: softmax regression on frozen features, as the official linear evaluation trains it (SGD with
//! momentum .9, 100 epochs, cosine, no weight decay), without augmentation. Features are standardised by those
//! of the training images, so that one learning rate serves every network and raw pixels. Invariant: the same
//! features and labels give the same accuracy.

use crate::rng::Rng;
use std::f64::consts::PI;

const EPOCHS: usize = 100;
const BATCH: usize = 64;
/// Rows have a length of about 1, so the curvature is at most ½ and this is stable.
const RATE: f64 = 0.5;
const MOMENTUM: f64 = 0.9;
/// Parts of which each is asked once, when there are no other rows to ask.
const FOLDS: usize = 5;

/// A classifier of rows of `dim` values.
struct Probe {
    /// Subtracted from, and multiplied with, each value: (dim) each.
    mean: Vec<f32>,
    scale: Vec<f32>,
    /// (classes, dim + 1), the bias last.
    weights: Vec<f32>,
}

/// Share of the rows `asked`, with the labels `wanted`, that a probe taught by `rows` (n, `dim`) and `labels`
/// recognises; 0 without any.
pub fn held_out(
    rows: &[f32],
    labels: &[usize],
    asked: &[f32],
    wanted: &[usize],
    dim: usize,
) -> f32 {
    let rows: Vec<&[f32]> = rows.chunks_exact(dim.max(1)).collect();
    let probe = Probe::taught(&rows, labels, dim);
    let asked = asked.chunks_exact(dim.max(1)).zip(wanted);
    let right = asked.filter(|(row, label)| probe.answer(row) == Some(**label)).count();
    right as f32 / wanted.len().max(1) as f32
}

/// Share of rows (n, `dim`) that a probe taught by four fifths of the others recognises: every label's rows
/// are dealt out to five parts, and each part is asked once. 0 without any.
pub fn cross_validated(rows: &[f32], dim: usize, labels: &[usize]) -> f32 {
    let most = labels.iter().max().map_or(0, |label| label + 1);
    let mut seen = vec![0; most];
    let fold_of: Vec<usize> = labels
        .iter()
        .map(|label| {
            seen[*label] += 1;
            (seen[*label] - 1) % FOLDS
        })
        .collect();
    let all = || rows.chunks_exact(dim.max(1)).zip(labels).zip(&fold_of);
    let right: usize = (0..FOLDS)
        .map(|fold| {
            let teach = all().filter(|(_, of)| **of != fold).map(|(pair, _)| pair);
            let (taught, known): (Vec<&[f32]>, Vec<usize>) = teach.unzip();
            let probe = Probe::taught(&taught, &known, dim);
            let asked = all().filter(|(_, of)| **of == fold);
            asked.filter(|((row, label), _)| probe.answer(row) == Some(**label)).count()
        })
        .sum();
    right as f32 / labels.len().max(1) as f32
}

impl Probe {
    fn taught(rows: &[&[f32]], labels: &[usize], dim: usize) -> Self {
        let (mean, scale) = standard(rows, dim);
        let classes = labels.iter().max().map_or(0, |label| label + 1);
        let width = dim + 1;
        let mut probe = Self { mean, scale, weights: vec![0.0; classes * width] };
        let rows: Vec<Vec<f32>> = rows.iter().map(|row| probe.standardised(row)).collect();
        let mut velocity = vec![0.0f32; classes * width];
        let mut gradient = vec![0.0f32; classes * width];
        let steps = EPOCHS * rows.len().div_ceil(BATCH);
        let mut step = 0;
        for epoch in 0..EPOCHS as u64 {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            let mut rng = Rng::new(0, epoch, 0, 0);
            (1..order.len()).rev().for_each(|i| order.swap(i, rng.below(i + 1)));
            for batch in order.chunks(BATCH) {
                gradient.fill(0.0);
                for at in batch {
                    let p = softmax(probe.logits(&rows[*at]));
                    for (class, p) in p.iter().enumerate() {
                        let wanted = f32::from(u8::from(labels[*at] == class));
                        let error = (p - wanted) / batch.len() as f32;
                        let of_class = &mut gradient[class * width..(class + 1) * width];
                        of_class.iter_mut().zip(&rows[*at]).for_each(|(g, x)| *g += error * x);
                    }
                }
                let rate = RATE * 0.5 * (1.0 + (PI * step as f64 / steps as f64).cos());
                for ((w, v), g) in probe.weights.iter_mut().zip(&mut velocity).zip(&gradient) {
                    *v = MOMENTUM as f32 * *v + g;
                    *w -= rate as f32 * *v;
                }
                step += 1;
            }
        }
        probe
    }

    /// The row as it is taught, with a 1 for the bias.
    fn standardised(&self, row: &[f32]) -> Vec<f32> {
        let values = row.iter().zip(&self.mean).zip(&self.scale).map(|((x, m), s)| (x - m) * s);
        values.chain([1.0]).collect()
    }

    fn logits(&self, row: &[f32]) -> Vec<f32> {
        let class = |w: &[f32]| w.iter().zip(row).map(|(w, x)| w * x).sum();
        self.weights.chunks_exact(row.len()).map(class).collect()
    }

    /// The class of a row; none if nothing was taught.
    fn answer(&self, row: &[f32]) -> Option<usize> {
        let logits = self.logits(&self.standardised(row));
        (0..logits.len()).rev().max_by(|a, b| logits[*a].total_cmp(&logits[*b]))
    }
}

/// Mean of each value, and 1 / (deviation · √dim), 0 for a value that never changes.
fn standard(rows: &[&[f32]], dim: usize) -> (Vec<f32>, Vec<f32>) {
    let n = rows.len().max(1) as f64;
    let column = |i: usize| rows.iter().map(move |row| f64::from(row[i]));
    let both = (0..dim).map(|i| {
        let mean = column(i).sum::<f64>() / n;
        let deviation = (column(i).map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        // Rounding of equal numbers is no deviation.
        let still = deviation <= 1e-6 * mean.abs().max(1e-12);
        let scale = if still { 0.0 } else { 1.0 / (deviation * (dim as f64).sqrt()) };
        (mean as f32, scale as f32)
    });
    both.unzip()
}

fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    logits.iter_mut().for_each(|x| *x = (*x - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|x| *x /= sum);
    logits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows around one centre a class, so far apart, in `dim` dimensions.
    fn clusters(classes: usize, each: usize, dim: usize, apart: f64) -> (Vec<f32>, Vec<usize>) {
        let mut centres = Rng::new(1, 0, 0, 0);
        let centres: Vec<f64> = (0..classes * dim).map(|_| apart * centres.normal()).collect();
        let mut rng = Rng::new(2, 0, 0, 0);
        let labels: Vec<usize> = (0..classes * each).map(|i| i % classes).collect();
        let row = |label: &usize| centres[label * dim..(label + 1) * dim].to_vec();
        let rows = labels.iter().flat_map(row).map(|c| (c + rng.normal()) as f32).collect();
        (rows, labels)
    }

    #[test]
    fn clusters_are_told_apart_and_noise_is_not() {
        let (rows, labels) = clusters(4, 30, 24, 2.0);
        assert!(cross_validated(&rows, 24, &labels) > 0.97);
        let (rows, labels) = clusters(4, 30, 24, 0.0);
        let guess = cross_validated(&rows, 24, &labels);
        assert!(guess < 0.45, "{guess} of noise");
    }

    #[test]
    fn scale_and_offset_of_a_dimension_do_not_matter() {
        let (mut rows, labels) = clusters(3, 20, 8, 1.5);
        let plain = cross_validated(&rows, 8, &labels);
        rows.chunks_exact_mut(8).for_each(|row| {
            row[0] = 1000.0 * row[0] + 5000.0;
            row[3] *= 1e-3;
        });
        let scaled = cross_validated(&rows, 8, &labels);
        assert!((plain - scaled).abs() < 0.02 && plain > 0.9, "{plain} {scaled}");
    }

    #[test]
    fn others_can_be_asked() {
        let (rows, labels) = clusters(3, 40, 8, 2.0);
        let (teach, ask) = rows.split_at(90 * 8);
        let right = held_out(teach, &labels[..90], ask, &labels[90..], 8);
        assert!(right > 0.9, "{right}");
        let turned: Vec<usize> = labels[90..].iter().map(|l| (l + 1) % 3).collect();
        assert!(held_out(teach, &labels[..90], ask, &turned, 8) < 0.1);
    }

    #[test]
    fn nothing_is_no_reason_to_fail() {
        assert_eq!(cross_validated(&[], 4, &[]), 0.0);
        assert_eq!(held_out(&[], &[], &[], &[], 4), 0.0);
        assert_eq!(held_out(&[], &[], &[1.0; 4], &[0], 4), 0.0);
        let same = [3.0f32; 40];
        assert!(cross_validated(&same, 4, &[0, 1, 0, 1, 0, 1, 0, 1, 0, 1]) <= 0.5);
    }
}
