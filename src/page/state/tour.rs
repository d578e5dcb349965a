//! Tour of the first visit: the stop at which it stands. Invariant: every stop comes once, in the order in which the page
//! shows the places.

use leptos::prelude::*;

pub const STOPS: usize = 4;

/// The stops as you come to them, from the top: training before attention, and the other way round where frame.css puts all
/// places one below the other.
const WIDE: [usize; STOPS] = [0, 1, 2, 3];
const NARROW: [usize; STOPS] = [0, 2, 1, 3];

fn order(narrow: bool) -> [usize; STOPS] {
    if narrow { NARROW } else { WIDE }
}

/// How many stops there are before this one.
pub fn place(stop: usize, narrow: bool) -> usize {
    order(narrow).iter().position(|one| *one == stop).unwrap_or(stop)
}

/// Where the tour stands.
#[derive(Clone, Copy)]
pub struct Tour {
    pub at: RwSignal<Option<usize>>,
    /// A person goes through it, so the focus goes with them.
    pub walking: RwSignal<bool>,
}

impl Tour {
    /// On the first visit at its first stop.
    pub fn new(first_visit: bool) -> Self {
        Self { at: RwSignal::new(first_visit.then_some(0)), walking: RwSignal::new(false) }
    }

    /// Once more, from the first stop.
    pub fn begin(self) {
        self.walking.set(true);
        self.at.set(Some(0));
    }

    /// Goes to the stop after this one; false if there is none, and then the tour is over.
    pub fn go_on(self, from: usize, narrow: bool) -> bool {
        match order(narrow).get(place(from, narrow) + 1) {
            Some(next) => {
                self.walking.set(true);
                self.at.set(Some(*next));
                true
            }
            None => {
                self.end();
                false
            }
        }
    }

    pub fn end(self) {
        self.walking.set(false);
        self.at.set(None);
    }
}
