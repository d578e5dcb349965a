//! Snapshots of the teacher's backbone on the host, from step 0 on. Their steps are chosen before the run begins.
//! Invariant: there are never more snapshots than planned steps, hence never more bytes than [`BUDGET`].

use std::collections::BTreeMap;

/// Snapshots of a whole run at most …
pub const MOST: usize = 12;

/// … and their bytes together: eight of ViT-Tiny.
pub const BUDGET: usize = 192 << 20;

/// Most changes happen early, but the first warm-up steps change nothing visible. So the steps of the snapshots are
/// evenly spread in log(1 + step · EARLY / total).
const EARLY: f64 = 50.0;

/// Words of the backbone at some steps of a run.
#[derive(Debug, Clone, Default)]
pub struct SnapshotSet {
    planned: Vec<u64>,
    words: usize,
    kept: BTreeMap<u64, Vec<f32>>,
}

/// Steps of `count` snapshots of a run of `total` steps: 0 first, then further and further apart, the
/// end itself left out, since that is "now".
pub fn steps(total: u64, count: usize) -> Vec<u64> {
    let at = |i: usize| {
        let grown = (i as f64 / count as f64 * EARLY.ln_1p()).exp_m1();
        (grown / EARLY * total as f64).round() as u64
    };
    let mut steps: Vec<u64> = (0..count).map(at).collect();
    steps.dedup();
    steps
}

impl SnapshotSet {
    /// An empty set for a run of `total` steps with backbones of `words` words.
    pub fn new(total: u64, words: usize) -> Self {
        let count = MOST.min(BUDGET / (words.max(1) * 4));
        Self { planned: steps(total, count), words, kept: BTreeMap::new() }
    }

    /// Words of a snapshot.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Whether a run that has done `step` steps is due for a snapshot: it has reached a planned step since the last.
    pub fn due(&self, step: u64) -> bool {
        let planned = self.planned.iter().rev().find(|planned| **planned <= step);
        let last = self.kept.range(..=step).next_back().map(|(step, _)| *step);
        planned.is_some_and(|planned| last.is_none_or(|last| last < *planned))
    }

    /// Adds the words of a step; false if there is no room for them or their number is wrong.
    pub fn keep(&mut self, step: u64, words: Vec<f32>) -> bool {
        let room = self.kept.len() < self.planned.len() || self.kept.contains_key(&step);
        let fits = room && words.len() == self.words;
        if fits {
            self.kept.insert(step, words);
        }
        fits
    }

    /// The words of a step.
    pub fn get(&self, step: u64) -> Option<&[f32]> {
        self.kept.get(&step).map(Vec::as_slice)
    }

    /// Steps and words, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[f32])> {
        self.kept.iter().map(|(step, words)| (*step, words.as_slice()))
    }

    /// Drops all snapshots, because another run begins.
    pub fn clear(&mut self) {
        self.kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_are_dense_early_and_begin_with_zero() {
        assert_eq!(steps(1000, 12), [0, 8, 19, 33, 54, 83, 123, 178, 255, 362, 510, 715]);
        assert_eq!(steps(5, 12), [0, 1, 2, 3, 4]);
        assert_eq!(steps(0, 12), [0]);
        assert_eq!(steps(100, 0), Vec::<u64>::new());
    }

    #[test]
    fn a_run_is_kept_at_its_steps_only() {
        let mut snapshots = SnapshotSet::new(1000, 3);
        let mut found = Vec::new();
        for step in 0..=1000 {
            if snapshots.due(step) {
                found.push(step);
                assert!(snapshots.keep(step, vec![step as f32; 3]));
                assert!(!snapshots.due(step), "twice");
            }
        }
        assert_eq!(found, steps(1000, MOST));
        assert_eq!(snapshots.iter().map(|(step, _)| step).collect::<Vec<_>>(), found);
        assert_eq!(snapshots.get(123), Some(&[123.0; 3][..]));
        assert_eq!(snapshots.get(124), None);
        assert!(!snapshots.keep(999, vec![0.0; 3]), "no room");
        assert!(!snapshots.keep(123, vec![0.0; 2]), "too short");
        snapshots.clear();
        assert!(snapshots.due(0));
    }

    #[test]
    fn a_run_that_goes_on_keeps_what_it_missed_once() {
        let mut snapshots = SnapshotSet::new(1000, 1);
        assert!(snapshots.keep(0, vec![0.0]));
        assert!(snapshots.due(300));
        assert!(snapshots.keep(300, vec![1.0]));
        assert!(!snapshots.due(301) && snapshots.due(362));
    }

    #[test]
    fn the_budget_holds() {
        let words = BUDGET / 4 / 3;
        assert_eq!(SnapshotSet::new(1000, words).planned.len(), 3);
        assert!(!SnapshotSet::new(1000, BUDGET).due(0), "not even one fits");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn steps_grow_and_lie_within_the_run(total in 1u64..10_000_000, count in 1usize..40) {
            let steps = steps(total, count);
            prop_assert_eq!(steps[0], 0);
            prop_assert!(steps.len() <= count);
            prop_assert!(steps.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(steps.iter().all(|s| *s <= total));
        }
    }
}
