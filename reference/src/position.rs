//! Position embeddings for a grid that they were not learned for: bicubic interpolation of the patch
//! grid as one constant matrix, so that gradients flow through it by a plain matrix product.
//! Invariant: the CLS position is never touched, and the learned grid itself is passed through.

/// Keys' cubic parameter of PyTorch's bicubic (Pillow's is −0.5).
const A: f64 = -0.75;

/// The matrix (new², old²) that maps learned patch positions, row-major, to those of a `new` × `new`
/// grid. The official code asks for the scale (new + 0.1) / old, which moves every sample.
pub fn interpolation(old: usize, new: usize) -> Vec<f64> {
    let axis = axis(old, new);
    let mut matrix = Vec::with_capacity(new * new * old * old);
    for row in &axis {
        for column in &axis {
            for r in row {
                matrix.extend(column.iter().map(|c| r * c));
            }
        }
    }
    matrix
}

/// One axis: for each new position its weights on the old ones; positions past the border count
/// for the border.
fn axis(old: usize, new: usize) -> Vec<Vec<f64>> {
    (0..new)
        .map(|i| {
            let source = (i as f64 + 0.5) * old as f64 / (new as f64 + 0.1) - 0.5;
            let mut weights = vec![0.0; old];
            for tap in -1..=2 {
                let position = source.floor() + f64::from(tap);
                let index = position.clamp(0.0, (old - 1) as f64) as usize;
                weights[index] += cubic((source - position).abs());
            }
            weights
        })
        .collect()
}

/// The cubic kernel at distance `t` ≥ 0.
fn cubic(t: f64) -> f64 {
    if t <= 1.0 {
        ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0
    } else if t < 2.0 {
        ((A * t - 5.0 * A) * t + 8.0 * A) * t - 4.0 * A
    } else {
        0.0
    }
}
