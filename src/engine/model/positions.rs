//! Position interpolation as a constant sparse matrix, so that the forward pass is the matrix and
//! the backward pass its transpose. Invariant: sampling positions are the official code's, whose
//! scale factor carries an added 0.1: `src = (i + ½)·√N/(n + 0.1) − ½`.

use crate::kernels::sparse::Matrix;

/// Cubic convolution coefficient of torch's bicubic interpolation.
const A: f64 = -0.75;

/// Rows: CLS and a grid of `down` × `across` patches, row-major. Columns: CLS and `side`² patches.
pub fn interpolation(side: usize, down: usize, across: usize) -> Matrix {
    let mut rows = vec![vec![(0, 1.0)]];
    if (down, across) == (side, side) {
        rows.extend((1..=side * side).map(|i| vec![(i, 1.0)]));
        return Matrix { rows };
    }
    for y in 0..down {
        for x in 0..across {
            let mut row = Vec::with_capacity(16);
            for (sy, wy) in taps(y, down, side) {
                for (sx, wx) in taps(x, across, side) {
                    row.push((1 + sy * side + sx, (wy * wx) as f32));
                }
            }
            rows.push(row);
        }
    }
    Matrix { rows }
}

/// The four source positions of one output position along one axis, clamped to the border, with
/// their weights.
fn taps(i: usize, n: usize, side: usize) -> [(usize, f64); 4] {
    let source = (i as f64 + 0.5) * side as f64 / (n as f64 + 0.1) - 0.5;
    let t = source - source.floor();
    [-1.0, 0.0, 1.0, 2.0].map(|offset| {
        let at = (source.floor() + offset).clamp(0.0, side as f64 - 1.0);
        (at as usize, cubic((t - offset).abs()))
    })
}

fn cubic(x: f64) -> f64 {
    if x <= 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_the_training_size_is_untouched() {
        for (side, down, across) in [(14, 6, 6), (4, 3, 5), (2, 1, 1), (14, 30, 17)] {
            let matrix = interpolation(side, down, across);
            assert_eq!(matrix.rows.len(), down * across + 1);
            for row in &matrix.rows {
                let sum: f32 = row.iter().map(|(_, w)| w).sum();
                assert!((sum - 1.0).abs() < 1e-5, "{sum}");
            }
        }
        assert!(interpolation(14, 14, 14).rows.iter().all(|r| r.len() == 1));
    }

    #[test]
    fn positions_carry_the_official_tenth() {
        // A 96 px crop at patch 16: .6475, 2.9426 … instead of .6667, 3.0
        let at = |i: usize| (i as f64 + 0.5) * 14.0 / 6.1 - 0.5;
        assert!((at(0) - 0.6475).abs() < 1e-4 && (at(1) - 2.9426).abs() < 1e-4);
        let [(_, _), (first, w1), (_, w2), _] = taps(0, 6, 14);
        assert_eq!(first, 0);
        assert!(w2 > w1, "position .6475 is nearer to 1 than to 0");
    }
}
