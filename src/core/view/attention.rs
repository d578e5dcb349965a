//! Attention maps of one image, and whose they are. Pure. Invariant: a map is read through [`AttentionMaps::head`]
//! and [`AttentionMaps::mean`], so that every place means the same by "head h" and "the mean".

use serde::{Deserialize, Serialize};

/// Which of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Network {
    Student,
    Teacher,
}

/// Attention of the last layer: CLS row, CLS column dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionMaps {
    pub heads: usize,
    /// Patches across and down.
    pub grid: [usize; 2],
    /// (heads, grid[1], grid[0]); each head sums to at most 1.
    pub values: Vec<f32>,
}

impl AttentionMaps {
    /// The map of one head, row by row; empty past the last head.
    pub fn head(&self, head: usize) -> &[f32] {
        let patches = self.grid[0] * self.grid[1];
        let start = head.saturating_mul(patches);
        start.checked_add(patches).and_then(|end| self.values.get(start..end)).unwrap_or_default()
    }

    /// The mean over the heads.
    pub fn mean(&self) -> Vec<f32> {
        let mut mean = vec![0.0; self.grid[0] * self.grid[1]];
        for head in 0..self.heads {
            for (sum, value) in mean.iter_mut().zip(self.head(head)) {
                *sum += value / self.heads as f32;
            }
        }
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_cut_out_and_averaged() {
        let maps = AttentionMaps { heads: 2, grid: [2, 1], values: vec![0.1, 0.3, 0.5, 0.2] };
        assert_eq!(maps.head(0), [0.1, 0.3]);
        assert_eq!(maps.head(1), [0.5, 0.2]);
        assert!(maps.head(2).is_empty() && maps.head(usize::MAX).is_empty());
        assert_eq!(maps.mean(), [0.3, 0.25]);
    }
}
