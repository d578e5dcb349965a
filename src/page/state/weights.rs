//! Files of weights: those that this browser keeps, and what was taken in last. Invariant: one file at a time is read or
//! written.

use dino_core::protocol::{Loaded, StoredFile};
use dino_core::weights::Choice;
use leptos::prelude::*;

/// Numbers of heads that a width can be divided into: heads are 4, 8, … 64 wide.
fn heads_of(width: usize) -> Vec<usize> {
    let fits = |heads: &usize| width.is_multiple_of(4 * heads) && width / heads <= 64;
    (1..=width / 4).filter(fits).collect()
}

/// What the page knows of them.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// In this browser's storage.
    pub files: RwSignal<Vec<StoredFile>>,
    /// A file is being read or written.
    pub busy: RwSignal<bool>,
    /// Files that wait until it is.
    pub waiting: RwSignal<usize>,
    /// What was taken in last.
    pub loaded: RwSignal<Option<Loaded>>,
    /// What of the file that was given last is wanted.
    pub choice: RwSignal<Choice>,
    /// Width of the network in a file that was refused because nothing says how many heads it has, and the sentence
    /// that says so.
    pub width_of_heads: RwSignal<Option<(usize, String)>>,
}

impl Shelf {
    pub fn new() -> Self {
        let files = RwSignal::new(Vec::new());
        Self {
            files,
            busy: RwSignal::new(false),
            waiting: RwSignal::new(0),
            loaded: RwSignal::new(None),
            choice: RwSignal::new(Choice::default()),
            width_of_heads: RwSignal::new(None),
        }
    }

    /// A run at step 0 began with weights that no seed gives back: they were taken in here, or that step was
    /// worth keeping.
    pub fn is_begun_with(self, saved: Option<u64>) -> bool {
        self.loaded.with(Option::is_some) || saved == Some(0)
    }

    /// Numbers of heads to choose from for the file that was given last, with the one it has now: nothing where the
    /// file itself says it.
    pub fn heads(self) -> Option<(Vec<usize>, Option<usize>)> {
        if let Some((width, _)) = self.width_of_heads.get() {
            return Some((heads_of(width), None));
        }
        let chosen = self.choice.with(|choice| choice.heads.is_some());
        self.loaded.with(|loaded| {
            let loaded = loaded.as_ref().filter(|l| chosen || l.account.heads_guessed)?;
            Some((heads_of(loaded.dim), Some(loaded.heads)))
        })
    }

    /// Other networks of the file that was given last, by what stands before their names.
    pub fn others(self) -> Vec<String> {
        self.loaded.with(|l| l.as_ref().map_or_else(Vec::new, |l| l.account.left.clone()))
    }

    /// Another run was begun: nothing of what was taken in is left.
    pub fn forget(self) {
        self.loaded.set(None);
        self.width_of_heads.set(None);
    }

    /// A file is being read or written.
    pub fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// A file of this name is in the browser's storage.
    pub fn has(self, name: &str) -> bool {
        self.files.with(|files| files.iter().any(|file| file.name == name))
    }

    /// The files to list: a checkpoint of the run stands for those before it, because they are deleted together.
    pub fn listed(self) -> Vec<StoredFile> {
        self.files.with(|files| {
            let first = files.iter().position(|file| file.step.is_some());
            let listed = files.iter().enumerate();
            let listed = listed.filter(|(i, file)| file.step.is_none() || Some(*i) == first);
            listed.map(|(_, file)| file.clone()).collect()
        })
    }
}
