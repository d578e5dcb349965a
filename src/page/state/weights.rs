//! Files of weights: those that this browser keeps, and what was taken in last. Invariant: one file at a time is read or
//! written.

use dino_core::protocol::{Loaded, StoredFile};
use leptos::prelude::*;

/// How the names of files end that hold weights.
pub const ENDINGS: [&str; 3] = [".safetensors", ".pth", ".pt"];

/// True if a file of this name holds weights.
pub fn is_weights(name: &str) -> bool {
    let name = name.to_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// What the page knows of them.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// In this browser's storage.
    pub files: RwSignal<Vec<StoredFile>>,
    /// A file is being read or written.
    pub busy: RwSignal<bool>,
    /// What was taken in last.
    pub loaded: RwSignal<Option<Loaded>>,
}

impl Shelf {
    pub fn new() -> Self {
        let files = RwSignal::new(Vec::new());
        Self { files, busy: RwSignal::new(false), loaded: RwSignal::new(None) }
    }

    /// A run at step 0 began with weights that no seed gives back: they were taken in here, or that step was
    /// worth keeping.
    pub fn is_begun_with(self, saved: Option<u64>) -> bool {
        self.loaded.with(Option::is_some) || saved == Some(0)
    }

    /// Another run was begun: nothing of what was taken in is left.
    pub fn forget(self) {
        self.loaded.set(None);
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
