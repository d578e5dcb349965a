//! Forward passes over one picture that are kept for the next picture of the same shape. Invariant: the last
//! one used is the last to go; there are never more than [`MOST`], nor more than [`MOST_BYTES`] of them
//! unless a single one takes more.

use crate::infer::attention_pass::AttentionPass;

/// PassCache that are kept: three networks in two shapes …
const MOST: usize = 6;

/// … while they take no more than this together. ViT-Tiny/8 at 480 px takes 40 MB.
const MOST_BYTES: u64 = 256 << 20;

/// A pass, whose parameters it borrows, and its patches across and down.
struct Ready<S> {
    source: S,
    grid: [usize; 2],
    plan: AttentionPass,
}

/// The passes that are there.
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

    /// Keeps a pass; older ones make room.
    pub fn put(&mut self, source: S, grid: [usize; 2], plan: AttentionPass) {
        self.0.push(Ready { source, grid, plan });
        while self.0.len() > 1 && (self.0.len() > MOST || self.bytes() > MOST_BYTES) {
            self.0.remove(0);
        }
    }

    /// Forgets those that borrow from `source`.
    pub fn forget(&mut self, source: S) {
        self.0.retain(|ready| ready.source != source);
    }

    fn bytes(&self) -> u64 {
        self.0.iter().map(|ready| ready.plan.bytes()).sum()
    }
}
