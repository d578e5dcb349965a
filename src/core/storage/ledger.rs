//! Ledger of what was added to the set and from where, so that the page can fill the set of another worker in
//! the same way. Invariant: what [`Ledger::replay`] says leads to the same images in the same order, as far as
//! they can be had again.

/// Additions in their order; `T` is where one came from.
#[derive(Debug, Clone)]
pub struct Ledger<T> {
    batches: Vec<Batch<T>>,
    next: u64,
}

#[derive(Debug, Clone)]
struct Batch<T> {
    id: u64,
    source: T,
    /// More images may come of it.
    open: bool,
    /// For every image that came of it: is it still in the set?
    there: Vec<bool>,
}

/// An addition to be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again<T> {
    pub source: T,
    /// Which of its images are to be removed afterwards, counted from 0, the last first.
    pub without: Vec<usize>,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self { batches: Vec::new(), next: 0 }
    }
}

impl<T: Clone> Ledger<T> {
    /// Images are about to be added; they come after those of all earlier additions.
    pub fn begin(&mut self, source: T) -> u64 {
        let id = self.next;
        self.next += 1;
        self.batches.push(Batch { id, source, open: true, there: Vec::new() });
        id
    }

    /// An addition is done.
    pub fn end(&mut self, id: u64) {
        self.batches.iter_mut().filter(|b| b.id == id).for_each(|b| b.open = false);
        self.sweep();
    }

    /// The set grew by one.
    pub fn added(&mut self) {
        if let Some(batch) = self.batches.iter_mut().find(|b| b.open) {
            batch.there.push(true);
        }
    }

    /// An image left the set.
    pub fn removed(&mut self, index: usize) {
        let mut all = self.batches.iter_mut().flat_map(|b| &mut b.there).filter(|there| **there);
        if let Some(there) = all.nth(index) {
            *there = false;
        }
        self.sweep();
    }

    /// The set is empty.
    pub fn cleared(&mut self) {
        self.batches.iter_mut().for_each(|b| b.there.fill(false));
        self.sweep();
    }

    /// True if nothing was ever added.
    pub fn is_new(&self) -> bool {
        self.next == 0
    }

    /// Images in the set.
    pub fn images(&self) -> usize {
        self.batches.iter().flat_map(|b| &b.there).filter(|there| **there).count()
    }

    /// What to repeat for a set that has the first `loaded` images already.
    pub fn replay(&self, loaded: usize) -> Vec<Again<T>> {
        let mut left = loaded;
        let mut all = Vec::new();
        for batch in &self.batches {
            let mut without = Vec::new();
            for (i, there) in batch.there.iter().enumerate() {
                if *there && left == 0 {
                    continue;
                }
                left -= usize::from(*there);
                without.push(i);
            }
            if batch.open || without.len() < batch.there.len() {
                without.reverse();
                all.push(Again { source: batch.source.clone(), without });
            }
        }
        all
    }

    /// Additions of which nothing is left need not be remembered.
    fn sweep(&mut self) {
        self.batches.retain(|b| b.open || b.there.contains(&true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn removed_images_do_not_come_back_and_loaded_ones_not_twice() {
        let mut ledger = Ledger::default();
        for (source, images) in [("kept", 3), ("samples", 4)] {
            let id = ledger.begin(source);
            (0..images).for_each(|_| ledger.added());
            ledger.end(id);
        }
        let id = ledger.begin("files");
        ledger.added();
        ledger.removed(1);
        ledger.removed(3);
        assert_eq!(ledger.images(), 6);
        assert_eq!(
            ledger.replay(2),
            [
                Again { source: "samples", without: vec![1] },
                Again { source: "files", without: vec![] }
            ]
        );
        assert_eq!(ledger.replay(3)[0], Again { source: "samples", without: vec![1, 0] });
        ledger.end(id);
        ledger.cleared();
        assert_eq!(ledger.replay(0), []);
        assert_eq!(ledger.images(), 0);
    }

    #[derive(Debug, Clone)]
    enum Deed {
        Add(usize),
        Remove(usize),
        Clear,
    }

    proptest! {
        /// A set that is filled by the replay is the set itself.
        #[test]
        fn a_replay_leads_to_the_same_set(
            deeds in proptest::collection::vec(
                prop_oneof![
                    (0..5usize).prop_map(Deed::Add),
                    (0..12usize).prop_map(Deed::Remove),
                    Just(Deed::Clear),
                ],
                0..20,
            ),
            loaded in 0..6usize,
        ) {
            let (mut ledger, mut set) = (Ledger::default(), Vec::new());
            for (name, deed) in deeds.into_iter().enumerate() {
                match deed {
                    Deed::Add(images) => {
                        let id = ledger.begin((name, images));
                        for i in 0..images {
                            ledger.added();
                            set.push((name, i));
                        }
                        ledger.end(id);
                    }
                    Deed::Remove(index) if index < set.len() => {
                        set.remove(index);
                        ledger.removed(index);
                    }
                    Deed::Remove(index) => ledger.removed(index),
                    Deed::Clear => {
                        set.clear();
                        ledger.cleared();
                    }
                }
            }
            let loaded = loaded.min(set.len());
            let mut again = set[..loaded].to_vec();
            for Again { source: (name, images), without } in ledger.replay(loaded) {
                let first = again.len();
                again.extend((0..images).map(|i| (name, i)));
                for i in without {
                    again.remove(first + i);
                }
            }
            prop_assert_eq!(ledger.images(), set.len());
            prop_assert_eq!(again, set);
        }
    }
}
