//! Quality of a checkpoint beside its labels: entropy of the teacher's output, spread of its features, and how
//! well attention covers an object. Invariant: pure, on the CPU; some hundred images take seconds.

use crate::error::Result;
use crate::eval::attention_mask;
use crate::eval::gelu::gelu;
use crate::eval::knn;
use crate::run::schedule;
use crate::weights::checkpoint::{CENTER, Checkpoint};
use crate::weights::tensors;
use crate::weights::tensors::Tensor;

/// Share of an attention map's mass that a mask holds, as in the paper's masks.
pub const MASS: f32 = 0.6;

/// Mean entropy, in nats, of the teacher's distributions over prototypes for CLS features (n, D): after
/// centring and sharpening, as in the checkpoint's next step. 0 without rows.
///
/// # Errors
/// [`Error::Tensor`](crate::error::Error::Tensor) for a checkpoint without its head.
pub fn entropy(checkpoint: &Checkpoint, features: &[f32]) -> Result<f64> {
    let config = &checkpoint.config;
    let (d, head) = (config.vit.embed_dim, &config.head);
    let find =
        |name: &str, shape: &[usize]| tensors::find("checkpoint", &checkpoint.tensors, name, shape);
    let widths = [d, head.hidden_dim, head.hidden_dim, head.bottleneck_dim];
    let layer = |i: usize| -> Result<(&Tensor, &Tensor)> {
        let name = |end: &str| format!("teacher.head.mlp.{}.{end}", 2 * i);
        let (out, into) = (widths[i + 1], widths[i]);
        Ok((find(&name("weight"), &[out, into])?, find(&name("bias"), &[out])?))
    };
    let layers = [layer(0)?, layer(1)?, layer(2)?];
    let of_last = |end: &str| format!("teacher.head.last_layer.weight_{end}");
    let g = find(&of_last("g"), &[head.out_dim, 1])?;
    let v = find(&of_last("v"), &[head.out_dim, head.bottleneck_dim])?;
    let center = find(CENTER, &[1, head.out_dim])?;
    let scale: Vec<f32> = (v.data.chunks_exact(head.bottleneck_dim))
        .zip(&g.data)
        .map(|(v, g)| g / knn::dot(v, v).sqrt().max(f32::MIN_POSITIVE))
        .collect();
    let temp = schedule::at(&config.train, checkpoint.step as usize).teacher_temp;
    let entropies = features.chunks_exact(d).map(|row| {
        let mut x = row.to_vec();
        for (i, (weight, bias)) in layers.iter().enumerate() {
            x = product(&weight.data, &x);
            x.iter_mut().zip(&bias.data).for_each(|(x, b)| *x += b);
            if i < 2 {
                x.iter_mut().for_each(|x| *x = gelu(*x).0);
            }
        }
        let width = x.len();
        knn::normalize(&mut x, width);
        let logits = product(&v.data, &x).into_iter().zip(&scale).zip(&center.data);
        of_logits(&logits.map(|((x, s), c)| f64::from(x * s - c) / temp).collect::<Vec<_>>())
    });
    let sum: f64 = entropies.sum();
    Ok(sum / (features.len() / d).max(1) as f64)
}

/// A matrix (out, in) times a row (in).
fn product(weight: &[f32], x: &[f32]) -> Vec<f32> {
    weight.chunks_exact(x.len()).map(|w| knn::dot(w, x)).collect()
}

/// Entropy of a softmax, in nats.
fn of_logits(logits: &[f64]) -> f64 {
    let most = logits.iter().copied().fold(f64::MIN, f64::max);
    let (mut sum, mut weighted) = (0.0, 0.0);
    for z in logits.iter().map(|z| z - most) {
        sum += z.exp();
        weighted += z * z.exp();
    }
    sum.ln() - weighted / sum
}

/// Mean over dimensions of the standard deviation of rows (n, `dim`) of length 1: about 1/√dim when
/// healthy, 0 when all are the same.
pub fn spread(rows: &[f32], dim: usize) -> f64 {
    let n = (rows.len() / dim.max(1)).max(1) as f64;
    let deviation = |i: usize| {
        let column = || rows.iter().skip(i).step_by(dim).map(|v| f64::from(*v));
        let mean = column().sum::<f64>() / n;
        (column().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
    };
    (0..dim).map(deviation).sum::<f64>() / dim.max(1) as f64
}

/// Where an object is: (height, width), row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub width: usize,
    pub height: usize,
    pub inside: Vec<bool>,
}

/// Intersection over union of an object and the patches of `grid` = (across, down) that hold [`MASS`] of a
/// map; every pixel belongs to the patch that it lies in. 0 when both are empty.
pub fn jaccard(map: &[f32], [across, down]: [usize; 2], object: &Object) -> f64 {
    let mask = attention_mask::mask(map, MASS);
    let (mut both, mut either) = (0u64, 0u64);
    for (y, row) in object.inside.chunks(object.width.max(1)).enumerate() {
        for (x, inside) in row.iter().enumerate() {
            let patch = y * down / object.height.max(1) * across + x * across / object.width;
            let attended = mask.get(patch).copied().unwrap_or(false);
            both += u64::from(*inside && attended);
            either += u64::from(*inside || attended);
        }
    }
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

/// What a map is worth that knows nothing but that objects stand in the middle: a bell of half an image's
/// half side as its deviation, over the patches of `grid` = (across, down).
pub fn central([across, down]: [usize; 2]) -> Vec<f32> {
    let place = |at: usize, of: usize| (2 * at + 1) as f32 / of.max(1) as f32 - 1.0;
    let value = |patch: usize| {
        let (x, y) = (place(patch % across, across), place(patch / across, down));
        (-(x * x + y * y) / (2.0 * 0.5 * 0.5)).exp()
    };
    (0..across * down).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_is_attended_to_is_covered() {
        // The left half of 8 × 4 pixels under 2 × 1 patches.
        let inside = (0..32).map(|i| i % 8 < 4).collect();
        let object = Object { width: 8, height: 4, inside };
        assert_eq!(jaccard(&[0.9, 0.1], [2, 1], &object), 1.0);
        assert_eq!(jaccard(&[0.1, 0.9], [2, 1], &object), 0.0);
        assert_eq!(jaccard(&[0.5, 0.5], [2, 1], &object), 0.5, "both are needed for 60 %");
        // Two by two patches, one of four attended to: it covers half of the object.
        assert_eq!(jaccard(&[0.7, 0.1, 0.1, 0.1], [2, 2], &object), 0.5);
        let none = Object { width: 8, height: 4, inside: vec![false; 32] };
        assert_eq!(jaccard(&[0.0, 0.0], [2, 1], &none), 0.0);
        assert_eq!(jaccard(&[], [0, 0], &Object { width: 0, height: 0, inside: vec![] }), 0.0);
    }

    #[test]
    fn the_central_map_is_highest_in_the_middle_and_the_same_on_both_sides() {
        let map = central([5, 3]);
        let highest = (0..15).max_by(|a, b| map[*a].total_cmp(&map[*b]));
        assert_eq!(highest, Some(7));
        assert!((0..15).all(|i| (map[i] - map[14 - i]).abs() < 1e-6 && map[i] > 0.0));
        assert!(central([0, 0]).is_empty());
    }

    #[test]
    fn spread_of_known_rows() {
        assert_eq!(spread(&[1.0, 0.0, 1.0, 0.0], 2), 0.0);
        assert_eq!(spread(&[1.0, 0.0, -1.0, 0.0], 2), 0.5);
        assert_eq!(spread(&[], 2), 0.0);
    }

    #[test]
    fn entropy_of_known_logits() {
        assert!((of_logits(&[3.0; 8]) - 8f64.ln()).abs() < 1e-12);
        assert!(of_logits(&[900.0, 0.0]) < 1e-12);
    }
}
