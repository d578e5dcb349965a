//! Quantisation of maps to a byte per patch: between a head's smallest and largest value, finer near the
//! smallest. Invariant: a value comes back within 1/255 of its head's range.

/// What the levels of a head lie between.
pub type Range = [f32; 2];

/// The levels of one map; what is no number becomes the lowest.
pub fn levels(map: &[f32]) -> (Range, Vec<u8>) {
    let finite = || map.iter().copied().filter(|v| v.is_finite());
    let low = finite().fold(f32::MAX, f32::min);
    let high = finite().fold(f32::MIN, f32::max);
    if low > high {
        return ([0.0; 2], vec![0; map.len()]);
    }
    let span = f64::from(high) - f64::from(low);
    let level = |v: &f32| {
        // Attention is a few large values and many small ones: a root gives those more levels.
        let share = (f64::from(*v) - f64::from(low)) / span.max(f64::MIN_POSITIVE);
        if share.is_finite() { (share.clamp(0.0, 1.0).sqrt() * 255.0).round() as u8 } else { 0 }
    };
    ([low, high], map.iter().map(level).collect())
}

/// The map of such levels.
pub fn values([low, high]: Range, levels: &[u8]) -> Vec<f32> {
    let (low, span) = (f64::from(low), f64::from(high) - f64::from(low));
    let value = |level: &u8| (low + span * (f64::from(*level) / 255.0).powi(2)) as f32;
    levels.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ends_are_exact_and_small_values_are_fine() {
        let map = [0.001, 0.0012, 0.9, 0.4];
        let (range, levels) = levels(&map);
        let back = values(range, &levels);
        assert_eq!((back[0], back[2]), (0.001, 0.9));
        assert!((back[1] - 0.0012).abs() < 1e-4, "{back:?}");
        assert_eq!(super::levels(&[f32::NAN, f32::INFINITY]), ([0.0; 2], vec![0, 0]));
        assert_eq!(super::levels(&[0.5; 3]), ([0.5; 2], vec![0; 3]));
        assert_eq!(super::levels(&[f32::NAN, 1.0, 3.0]).1, [0, 0, 255]);
    }

    proptest! {
        #[test]
        fn values_come_back_within_a_level(map in prop::collection::vec(-1e6f32..1e6, 1..60)) {
            let ([low, high], levels) = levels(&map);
            let most = (f64::from(high) - f64::from(low)) / 255.0 + 0.1;
            for (a, b) in map.iter().zip(values([low, high], &levels)) {
                prop_assert!((f64::from(*a) - f64::from(b)).abs() <= most, "{} {}", a, b);
            }
        }
    }
}
