//! Attention maps: one image's, of one layer, by one network. Invariant: "head h", "the mean of the heads" and "the maps that a
//! display mode needs" are defined here alone.

use crate::floats::Floats;
use crate::view::overlay::{Grid, Mode};
use serde::{Deserialize, Serialize};

/// Attention of the CLS token in one layer, its attention to itself left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttentionMaps {
    pub heads: usize,
    /// Patches across and down.
    pub grid: Grid,
    /// (heads, grid[1], grid[0]); each head sums to at most 1.
    #[serde(with = "floats")]
    pub values: Vec<f32>,
}

/// The maps of one image of the set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageMaps {
    pub image: usize,
    pub maps: AttentionMaps,
}

/// Values as bytes, because a list of a hundred thousand numbers would cost the page time.
mod floats {
    use super::{Deserialize, Floats};
    use serde::{Deserializer, Serialize, Serializer};

    /// Writes the values as bytes.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
        Floats(values.to_vec()).serialize(serializer)
    }

    /// Reads the values from bytes.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
        Floats::deserialize(deserializer).map(|floats| floats.0)
    }
}

impl AttentionMaps {
    /// Patches of a map.
    pub fn patches(&self) -> usize {
        self.grid[0] * self.grid[1]
    }

    /// The map of one head, row by row; empty past the last head.
    pub fn head(&self, head: usize) -> &[f32] {
        let patches = self.patches();
        let start = head.saturating_mul(patches);
        start.checked_add(patches).and_then(|end| self.values.get(start..end)).unwrap_or_default()
    }

    /// The mean over the heads.
    pub fn mean(&self) -> Vec<f32> {
        let mut mean = vec![0.0; self.patches()];
        for head in 0..self.heads {
            for (sum, value) in mean.iter_mut().zip(self.head(head)) {
                *sum += value / self.heads as f32;
            }
        }
        mean
    }

    /// The maps that a display mode needs, each with its head: one head, every head where the mode shows them
    /// apart, or else `mean`, which is [`AttentionMaps::mean`], made once.
    pub fn select<'a>(
        &'a self,
        head: Option<usize>,
        mode: Mode,
        mean: &'a [f32],
    ) -> Vec<(usize, &'a [f32])> {
        match (mode, head) {
            (_, Some(head)) => vec![(head, self.head(head))],
            (Mode::Heads, None) => (0..self.heads).map(|h| (h, self.head(h))).collect(),
            (_, None) => vec![(0, mean)],
        }
    }

    /// The mean in the place of the heads.
    #[must_use]
    pub fn averaged(&self) -> Self {
        Self { heads: 1, grid: self.grid, values: self.mean() }
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
