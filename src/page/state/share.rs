//! Share dialog: what is chosen in it, and how far the making is. Invariant: what nobody waits for any more can tell, by its
//! turn, and changes nothing.

use crate::i18n::share::Kind;
use dino_core::share::SharedMap;
use dino_core::share::map_link::Refusal;
use leptos::prelude::*;
use std::sync::Arc;

/// What a link brought.
pub type Arrived = Arc<Result<SharedMap, Refusal>>;

/// The dialog's state; the file that was made is the dialog's own.
#[derive(Clone, Copy)]
pub struct Share {
    pub open: RwSignal<bool>,
    pub kind: RwSignal<Kind>,
    /// Why there is nothing.
    pub problem: RwSignal<Option<String>>,
    /// Parts that are done, while something is made.
    pub progress: RwSignal<Option<(usize, usize)>>,
    /// What was copied.
    pub copied: RwSignal<bool>,
    /// Recordings are empty here.
    pub no_video: RwSignal<bool>,
    /// Grows with everything that is begun, so that what nobody waits for any more stops.
    turn: RwSignal<u32>,
}

impl Share {
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            kind: RwSignal::new(Kind::Map),
            problem: RwSignal::new(None),
            progress: RwSignal::new(None),
            copied: RwSignal::new(false),
            no_video: RwSignal::new(false),
            turn: RwSignal::new(0),
        }
    }

    /// Opens the dialog with something chosen.
    pub fn offer(self, kind: Kind) {
        self.kind.set(kind);
        self.open.set(true);
    }

    /// Something is made from now on; returns its turn.
    pub fn begin(self) -> u32 {
        self.stop();
        self.progress.set(Some((0, 0)));
        self.turn.get_untracked()
    }

    /// True as long as somebody waits for what was begun with this turn.
    pub fn waits_for(self, turn: u32) -> bool {
        self.turn.try_get_untracked() == Some(turn)
    }

    /// Parts that are done of what was begun with this turn; true if somebody still waits for it.
    pub fn advance(self, turn: u32, done: usize, all: usize) -> bool {
        let waits = self.waits_for(turn);
        if waits {
            self.progress.set(Some((done, all)));
        }
        waits
    }

    /// Whatever is being made is not waited for any more.
    pub fn stop(self) {
        self.turn.update(|turn| *turn += 1);
        self.problem.set(None);
        self.progress.set(None);
        self.copied.set(false);
    }
}
