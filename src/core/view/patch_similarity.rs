//! Patch similarity: the patch that you point at, compared with all others by their features, or by the
//! attention that it pays. Invariant: one product with each patch, so that 3600 patches of 192 numbers take a
//! few milliseconds on the page.

/// Cosine similarity of every patch to `patch`. `features`: (patches, `dim`), L2-normalised. Empty if
/// there is no such patch.
pub fn similarity(features: &[f32], dim: usize, patch: usize) -> Vec<f32> {
    let Some(own) = row(features, dim, patch) else { return Vec::new() };
    features.chunks_exact(dim).map(|other| dot(own, other)).collect()
}

/// Attention that `patch` pays to every patch, its share for CLS left out. `queries`, `keys`: (heads,
/// tokens, dim / heads), CLS first, queries scaled. One head, or `None` for the mean of all. Empty if there
/// is no such patch or head.
pub fn attention(
    queries: &[f32],
    keys: &[f32],
    heads: usize,
    tokens: usize,
    head: Option<usize>,
    patch: usize,
) -> Vec<f32> {
    let size = queries.len() / heads.max(1);
    if tokens < 2 || size < tokens || keys.len() != queries.len() || patch + 1 >= tokens {
        return Vec::new();
    }
    let width = size / tokens;
    let asked = match head {
        Some(head) if head < heads => head..head + 1,
        Some(_) => return Vec::new(),
        None => 0..heads,
    };
    let share = 1.0 / asked.len() as f32;
    let mut sum = vec![0.0; tokens - 1];
    for head in asked {
        let (Some(queries), Some(keys)) = (row(queries, size, head), row(keys, size, head)) else {
            return Vec::new();
        };
        let Some(query) = row(queries, width, patch + 1) else { return Vec::new() };
        let mut scores: Vec<f32> = keys.chunks_exact(width).map(|key| dot(query, key)).collect();
        softmax(&mut scores);
        for (sum, score) in sum.iter_mut().zip(scores.iter().skip(1)) {
            *sum += share * score;
        }
    }
    sum
}

fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let total: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= total);
}

fn row(all: &[f32], width: usize, index: usize) -> Option<&[f32]> {
    let start = index.checked_mul(width).filter(|_| width > 0)?;
    all.get(start..start.checked_add(width)?)
}

/// Eight sums at once: one alone would wait for itself.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (mut sums, mut rest) = ([0.0; 8], 0.0);
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    for (a, b) in left.remainder().iter().zip(right.remainder()) {
        rest += a * b;
    }
    for (a, b) in left.zip(right) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    rest + sums.iter().sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_patch_is_most_like_itself() {
        let features = [1.0, 0.0, 0.6, 0.8, 0.0, -1.0];
        assert_eq!(similarity(&features, 2, 1), [0.6, 1.0, -0.8]);
        assert!(similarity(&features, 2, 3).is_empty() && similarity(&features, 0, 0).is_empty());
        assert!(similarity(&features, 2, usize::MAX).is_empty());
    }

    #[test]
    fn attention_is_the_softmax_of_products() {
        // Two heads of width 1, CLS and two patches.
        let queries = [9.0, 1.0, 0.0, 9.0, 0.0, 2.0];
        let keys = [0.0, 2f32.ln(), 3f32.ln(), 0.0, 0.0, 0.0];
        let near = |found: &[f32], expected: &[f32]| {
            let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
            found.len() == expected.len() && found.iter().zip(expected).all(close)
        };
        let of = |head, patch| attention(&queries, &keys, 2, 3, head, patch);
        assert!(near(&of(Some(0), 0), &[2. / 6., 3. / 6.]));
        assert!(near(&of(Some(0), 1), &[1. / 3., 1. / 3.]));
        assert!(near(&of(None, 0), &[(2. / 6. + 1. / 3.) / 2., (3. / 6. + 1. / 3.) / 2.]));
        assert!(of(Some(2), 0).is_empty() && of(None, 2).is_empty());
        assert!(attention(&queries, &keys[..5], 2, 3, None, 0).is_empty());
        assert!(attention(&[], &[], 0, 0, None, 0).is_empty());
    }

    proptest! {
        #[test]
        fn shares_add_up_to_at_most_one(
            values in prop::collection::vec(-4f32..4., 2 * 2 * 5 * 11),
            patch in 0usize..4,
        ) {
            let (queries, keys) = values.split_at(2 * 5 * 11);
            let found = attention(queries, keys, 2, 5, None, patch);
            prop_assert_eq!(found.len(), 4);
            let sum: f32 = found.iter().sum();
            prop_assert!(found.iter().all(|v| *v >= 0.0) && sum <= 1.0001);
        }

        #[test]
        fn nothing_panics(
            values in prop::collection::vec(-1f32..1., 0..40),
            (heads, tokens, head, patch) in (0usize..4, 0usize..9, 0usize..4, 0usize..9),
        ) {
            attention(&values, &values, heads, tokens, Some(head), patch);
            similarity(&values, tokens, patch);
        }
    }
}
