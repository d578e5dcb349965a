//! Saved run and saved images: what of them is in this browser's storage, as the worker says it. Invariant: a run that begins
//! anew has no checkpoint yet.

use dino_core::Error;
use dino_core::protocol::{Event, SavedRun, State};
use leptos::prelude::*;

/// A checkpoint.
#[derive(Clone, Copy, PartialEq)]
pub struct Saved {
    pub step: u64,
    pub bytes: u64,
    /// Work that can be lost at most.
    pub seconds: f64,
}

/// What a worker that was just opened does first.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// The sample photographs are added.
    pub samples: bool,
    /// The saved run is resumed at once.
    pub resumes: bool,
    /// The saved run about which a person is asked.
    pub offer: Option<SavedRun>,
}

#[derive(Clone, Copy)]
pub struct Storage {
    /// Another tab owns the run: this one only reads.
    pub reader: RwSignal<bool>,
    /// A run of an earlier visit, while it waits for a decision.
    pub offer: RwSignal<Option<SavedRun>>,
    /// The last checkpoint of the run.
    pub saved: RwSignal<Option<Saved>>,
    /// Why the last one could not be written.
    pub not_saved: RwSignal<Option<Error>>,
    /// Step of a run that was damaged, if known, and what was wrong.
    pub damaged: RwSignal<Option<(Option<u64>, Error)>>,
    /// Images that the run had and has now.
    pub other_images: RwSignal<Option<(usize, usize)>>,
    /// If the images are kept, and their bytes; `None` where the browser keeps nothing.
    pub images: RwSignal<Option<(bool, u64)>>,
}

impl Storage {
    pub fn new() -> Self {
        Self {
            reader: RwSignal::new(false),
            offer: RwSignal::new(None),
            saved: RwSignal::new(None),
            not_saved: RwSignal::new(None),
            damaged: RwSignal::new(None),
            other_images: RwSignal::new(None),
            images: RwSignal::new(None),
        }
    }

    /// Takes in what the worker says of it.
    pub fn apply(self, event: &Event) {
        match event {
            Event::Saved { step, bytes, seconds } => {
                self.saved.set(Some(Saved { step: *step, bytes: *bytes, seconds: *seconds }));
                self.not_saved.set(None);
                self.offer.set(None);
            }
            Event::NotSaved { error } => self.not_saved.set(Some(error.clone())),
            Event::Damaged { step, reason } => self.damaged.set(Some((*step, reason.clone()))),
            Event::OtherImages { kept, found } => self.other_images.set(Some((*kept, *found))),
            Event::ImagesKept { keep, bytes } => self.images.set(Some((*keep, *bytes))),
            Event::Run(run) if matches!(run.state, State::Idle | State::Preparing) => {
                self.saved.set(None);
                self.not_saved.set(None);
                self.other_images.set(None);
            }
            _ => {}
        }
    }

    /// The step up to which the run is kept.
    pub fn saved_step(self) -> Option<u64> {
        self.saved.with(|saved| saved.as_ref().map(|saved| saved.step))
    }

    /// Step, bytes, and whole seconds of work that can be lost, of the last checkpoint.
    pub fn line(self) -> Option<(u64, u64, u64)> {
        self.saved.get().map(|saved| (saved.step, saved.bytes, saved.seconds.round() as u64))
    }

    /// What a worker that was just opened does first, given the run that is saved. Only a reader resumes it by itself:
    /// elsewhere a person is asked.
    pub fn opening(self, saved: Option<SavedRun>) -> Opening {
        let resumes = saved.is_some() && self.reader.get_untracked();
        Opening { samples: !self.has_images(), resumes, offer: saved.filter(|_| !resumes) }
    }

    /// True if images were kept by an earlier visit.
    pub fn has_images(self) -> bool {
        self.images.with_untracked(|images| images.is_some_and(|(_, bytes)| bytes > 0))
    }
}
