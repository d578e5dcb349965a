//! Attention mask: the patches that hold most of an attention map, as in the paper's figures. Invariant: no
//! smaller set of patches holds the share, and a larger share never loses a patch.

/// True for the smallest set of patches that together hold at least `share` (0 to 1) of a map's sum:
/// the official code's "sort, then `cumsum > 1 − share`". Of equal patches the first ones are taken;
/// what is negative or no number counts as 0 and is never part of the set.
pub fn mask(map: &[f32], share: f32) -> Vec<bool> {
    let value = |i: usize| f64::from(map[i]);
    let mut order: Vec<usize> = (0..map.len()).filter(|i| map[*i] > 0.0).collect();
    order.retain(|i| map[*i].is_finite());
    // Stable, so that equal patches keep their order.
    order.sort_by(|a, b| map[*b].total_cmp(&map[*a]));
    // Summed in the order in which it is taken below, so that a share of 1 takes everything.
    let wanted = f64::from(share.clamp(0.0, 1.0)) * order.iter().map(|i| value(*i)).sum::<f64>();
    let mut kept = vec![false; map.len()];
    let mut held = 0.0;
    for i in order {
        // Not a number is no share: NaN keeps nothing.
        if held >= wanted || wanted.is_nan() {
            break;
        }
        held += value(i);
        kept[i] = true;
    }
    kept
}

/// [`mask`] of each of the maps that lie one after the other, `patches` values each.
pub fn masks(maps: &[f32], patches: usize, share: f32) -> Vec<Vec<bool>> {
    maps.chunks(patches.max(1)).map(|map| mask(map, share)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_fewest_patches_that_hold_the_share() {
        let map = [0.125, 0.375, 0.25, 0.25];
        assert_eq!(mask(&map, 0.375), [false, true, false, false]);
        assert_eq!(mask(&map, 0.4), [false, true, true, false]);
        assert_eq!(mask(&map, 0.625), [false, true, true, false]);
        assert_eq!(mask(&map, 1.0), [true; 4]);
        assert_eq!(mask(&map, 0.0), [false; 4]);
        assert_eq!(mask(&[0.25; 4], 0.5), [true, true, false, false], "the first of equals");
        assert_eq!(mask(&[f32::NAN, 1.0, -3.0, f32::INFINITY], 0.9), [false, true, false, false]);
        assert_eq!(mask(&[], 0.6), Vec::<bool>::new());
        assert_eq!(mask(&[0.0; 3], 0.6), [false; 3]);
        assert_eq!(mask(&map, f32::NAN), [false; 4]);
        let both = masks(&[0.9, 0.1, 0.2, 0.8], 2, 0.5);
        assert_eq!(both, [[true, false], [false, true]]);
    }

    /// The official code: sort ascending, normalise, cumulate, keep what is above 1 − share.
    fn official(map: &[f32], share: f64) -> Vec<bool> {
        let mut order: Vec<usize> = (0..map.len()).collect();
        order.sort_by(|a, b| map[*a].total_cmp(&map[*b]));
        let total: f64 = map.iter().map(|v| f64::from(*v)).sum();
        let (mut sum, mut kept) = (0.0, vec![false; map.len()]);
        for i in order {
            sum += f64::from(map[i]) / total;
            kept[i] = sum > 1.0 - share;
        }
        kept
    }

    #[test]
    fn agrees_with_the_official_code() {
        let map = [0.02, 0.31, 0.07, 0.11, 0.005, 0.19, 0.13, 0.165];
        for share in [0.1, 0.3, 0.5, 0.6, 0.75, 0.9, 0.99] {
            assert_eq!(mask(&map, share as f32), official(&map, share), "{share}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn holds_the_share_with_no_patch_to_spare(
            map in prop::collection::vec(0.0f32..1.0, 1..60), share in 0.0f32..=1.0,
        ) {
            let kept = mask(&map, share);
            let all: f64 = map.iter().map(|v| f64::from(*v)).sum();
            let mass = |kept: &[bool]| -> f64 {
                map.iter().zip(kept).filter(|(_, k)| **k).map(|(v, _)| f64::from(*v)).sum()
            };
            prop_assert!(mass(&kept) >= f64::from(share) * all - 1e-9);
            let least = (0..map.len()).filter(|i| kept[*i]).min_by(|a, b| map[*a].total_cmp(&map[*b]));
            if let Some(least) = least {
                let mut fewer = kept.clone();
                fewer[least] = false;
                prop_assert!(mass(&fewer) < f64::from(share) * all + 1e-9);
            }
        }

        #[test]
        fn a_larger_share_keeps_more(
            map in prop::collection::vec(-0.1f32..1.0, 0..60), a in 0.0f32..=1.0, b in 0.0f32..=1.0,
        ) {
            let (less, more) = (mask(&map, a.min(b)), mask(&map, a.max(b)));
            prop_assert!(less.iter().zip(&more).all(|(l, m)| !l || *m));
        }
    }
}
