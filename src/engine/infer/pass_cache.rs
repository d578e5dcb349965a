//! Cache of attention passes for images of the same shape. Invariant: the pass that was used last is dropped
//! last; there are never more than [`MOST`], nor do they take more than [`MOST_BYTES`] unless a single one takes
//! more.

use crate::infer::attention_pass::AttentionPass;

/// Passes in the cache: three networks in two shapes …
const MOST: usize = 6;

/// … while they take no more than this together. ViT-Tiny/8 at 480 px takes 40 MB.
const MOST_BYTES: u64 = 256 << 20;

/// A pass, the network whose parameters it borrows, and its patches across and down.
struct Ready<S> {
    source: S,
    grid: [usize; 2],
    plan: AttentionPass,
}

/// Attention passes by the network whose parameters they borrow and their grid.
pub struct PassCache<S>(Vec<Ready<S>>);

impl<S> Default for PassCache<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Copy + PartialEq> PassCache<S> {
    /// Takes a pass out, to be [put back](Self::put) when it has run.
    pub fn take(&mut self, source: S, grid: [usize; 2]) -> Option<AttentionPass> {
        let at = self.0.iter().position(|ready| (ready.source, ready.grid) == (source, grid))?;
        Some(self.0.remove(at).plan)
    }

    /// Puts a pass into the cache and drops older ones until the limits hold.
    pub fn put(&mut self, source: S, grid: [usize; 2], plan: AttentionPass) {
        self.0.push(Ready { source, grid, plan });
        while self.0.len() > 1 && (self.0.len() > MOST || self.bytes() > MOST_BYTES) {
            self.0.remove(0);
        }
    }

    /// Drops the passes that borrow from `source`.
    pub fn forget(&mut self, source: S) {
        self.0.retain(|ready| ready.source != source);
    }

    fn bytes(&self) -> u64 {
        self.0.iter().map(|ready| ready.plan.bytes()).sum()
    }
}
