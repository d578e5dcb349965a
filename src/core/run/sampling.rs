//! Sampling: which images a step sees, and which branches it drops. Pure functions of seed and step, so a run
//! can be repeated and split. Invariant: every image is seen once an epoch; with fewer images than a batch they
//! are repeated, since the official loader would train on nothing.

use crate::rng::{Rng, stream};
use crate::run::config::Config;

/// Indices of the `batch` images of `step` among `images` images; empty without images.
pub fn batch(seed: u64, step: u64, images: usize, batch: usize) -> Vec<usize> {
    if images == 0 {
        return Vec::new();
    }
    let steps_per_epoch = (images / batch.max(1)).max(1) as u64;
    let (epoch, at) = (step / steps_per_epoch, step % steps_per_epoch);
    let order = permutation(seed, epoch, images);
    (0..batch).map(|i| order[(at as usize * batch + i) % images]).collect()
}

/// Fisher and Yates' shuffle of 0..n.
fn permutation(seed: u64, epoch: u64, n: usize) -> Vec<usize> {
    let mut rng = Rng::new(seed, epoch, 0, stream::SAMPLE);
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, rng.below(i + 1));
    }
    order
}

/// Drop-path scale of every branch and crop of a micro-batch of `micro` images that begins at image
/// `first` of the batch: (2 · depth, stride), 0 for a dropped branch, else 1 / keep.
pub fn drop_path(
    config: &Config,
    seed: u64,
    step: u64,
    first: usize,
    micro: usize,
    stride: usize,
) -> Vec<f32> {
    let depth = config.vit.depth;
    let mut scales = vec![1.0; 2 * depth * stride];
    for branch in 0..2 * depth {
        // The rate rises linearly from 0 in the first block to the full rate in the last.
        let rate = config.vit.drop_path_rate * (branch / 2) as f64 / (depth - 1).max(1) as f64;
        for view in 0..config.views() {
            for image in 0..micro {
                let crop = (view * config.train.batch + first + image) as u32;
                let dropped =
                    Rng::new(seed, step, crop, stream::DROP_PATH + branch as u32).chance(rate);
                let scale = if dropped { 0.0 } else { (1.0 / (1.0 - rate)) as f32 };
                scales[branch * stride + view * micro + image] = scale;
            }
        }
    }
    scales
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_sees_every_picture_once() {
        let mut seen: Vec<usize> = (0..5).flat_map(|step| batch(3, step, 20, 4)).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..20).collect::<Vec<_>>());
        assert_ne!(batch(3, 0, 20, 4), batch(3, 5, 20, 4), "another epoch, another order");
        assert_eq!(batch(3, 7, 20, 4), batch(3, 7, 20, 4));
    }

    #[test]
    fn few_pictures_are_repeated() {
        assert_eq!(batch(1, 9, 1, 3), [0, 0, 0]);
        let mut seen = batch(1, 2, 2, 4);
        seen.sort_unstable();
        assert_eq!(seen, [0, 0, 1, 1]);
        assert!(batch(1, 0, 0, 4).is_empty());
    }

    #[test]
    fn drop_path_keeps_the_mean_and_does_not_depend_on_the_split() {
        let mut config = crate::run::presets::all()[0].config(64, 100, Some(16));
        config.vit.drop_path_rate = 0.4;
        let whole = drop_path(&config, 5, 2, 0, 16, 128);
        let part = drop_path(&config, 5, 2, 8, 8, 64);
        let last = 2 * config.vit.depth - 1;
        for view in 0..config.views() {
            for image in 0..8 {
                let of_whole = whole[last * 128 + view * 16 + 8 + image];
                assert_eq!(of_whole, part[last * 64 + view * 8 + image]);
            }
        }
        let scales: Vec<f32> = (0..200)
            .flat_map(|s| drop_path(&config, 5, s, 0, 16, 96)[last * 96..][..96].to_vec())
            .collect();
        let mean = scales.iter().sum::<f32>() / scales.len() as f32;
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
        assert!(scales.contains(&0.0) && whole[0] == 1.0, "block 0 drops nothing");
    }
}
