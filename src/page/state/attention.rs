//! Attention state: what the attention place watches, and how it shows it. Invariant: only what the worker said is in `shown`,
//! `snapshots`, `lapse`, `colors`, `accuracy`; everything else is a person's choice.

use dino_core::data::picture::Picture;
use dino_core::protocol::{Accuracy, AttentionView, Starter, View};
use dino_core::run::network::Network;
use dino_core::view::attention::ImageMaps;
use dino_core::view::overlay::{Grid, Mode, Style};
use dino_core::view::timelapse::Timelapse;
use leptos::prelude::*;
use std::sync::Arc;

/// What a patch that is pointed at is compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointing {
    Similarity,
    Attention,
}

/// A [`AttentionView`] and what is made of it once.
pub struct ShownMap {
    pub answer: AttentionView,
    mean: Vec<f32>,
}

impl ShownMap {
    pub fn grid(&self) -> Grid {
        self.answer.maps.grid
    }

    pub fn patches(&self) -> usize {
        self.answer.maps.patches()
    }

    /// The maps that a picture in this mode is made of, each with its head.
    pub fn maps(&self, head: Option<usize>, mode: Mode) -> Vec<(usize, &[f32])> {
        self.answer.maps.select(head, mode, &self.mean)
    }
}

/// How maps are shown, the page's or those of a link.
#[derive(Clone, Copy)]
pub struct Show {
    pub mode: RwSignal<Mode>,
    /// From 0 to 1, as is `share`.
    pub opacity: RwSignal<f32>,
    pub outlined: RwSignal<bool>,
    /// Of the mass that an outline or a mask holds.
    pub share: RwSignal<f32>,
}

impl Show {
    pub fn new() -> Self {
        Self {
            mode: RwSignal::new(Mode::Heat),
            opacity: RwSignal::new(0.6),
            outlined: RwSignal::new(false),
            share: RwSignal::new(0.6),
        }
    }

    pub fn style(self) -> Style {
        let mode = self.mode.get();
        let outlined = mode == Mode::Mask || self.outlined.get();
        Style { mode, opacity: self.opacity.get(), mass: outlined.then(|| self.share.get()) }
    }
}

/// Colours of several images.
#[derive(Clone, PartialEq)]
pub struct Colored {
    pub step: u64,
    /// Of the starter, which has no step.
    pub starter: bool,
    pub pictures: Vec<(usize, Arc<Picture>)>,
}

#[derive(Clone, Copy)]
pub struct AttentionState {
    /// `None` = what suits, see [`network`](crate::state::request::network).
    pub network: RwSignal<Option<Network>>,
    /// The model that comes with the page, once it is here.
    pub starter: RwSignal<Option<Starter>>,
    /// It is decided what training begins with.
    pub decided: RwSignal<bool>,
    /// Block from 0; `None` = the last.
    pub layer: RwSignal<Option<usize>>,
    /// Long side in pixels; `None` = what suits the adapter.
    pub side: RwSignal<Option<usize>>,
    /// Step of a snapshot; `None` = now.
    pub snapshot: RwSignal<Option<u64>>,
    pub snapshots: RwSignal<Vec<u64>>,
    pub shown: RwSignal<Option<Arc<ShownMap>>>,
    /// How often images moved up: what was asked for is then of another index.
    pub moved: RwSignal<u32>,
    /// The view that was asked for last.
    pub asked: StoredValue<Option<View>>,
    /// An answer is on its way.
    pub busy: RwSignal<bool>,

    /// The head that is enlarged; `None` = the mean.
    pub head: RwSignal<Option<usize>>,
    pub mode: RwSignal<Mode>,
    pub opacity: RwSignal<f32>,
    /// The threshold is drawn.
    pub outlined: RwSignal<bool>,
    /// Share of the mass inside the threshold.
    pub share: RwSignal<f32>,
    pub pointing: RwSignal<Pointing>,
    pub patch: RwSignal<Option<usize>>,
    /// The patch stays when the pointer leaves.
    pub held: RwSignal<bool>,

    pub pinned: RwSignal<Vec<usize>>,
    pub every: RwSignal<u64>,
    pub lapse: RwSignal<Timelapse>,
    pub colors: RwSignal<Option<Colored>>,
    /// Colours of the starter were asked for last.
    pub coloring: StoredValue<bool>,
    pub accuracy: RwSignal<Option<Accuracy>>,
}

impl AttentionState {
    pub fn new() -> Self {
        Self {
            network: RwSignal::new(None),
            starter: RwSignal::new(None),
            decided: RwSignal::new(false),
            layer: RwSignal::new(None),
            side: RwSignal::new(None),
            snapshot: RwSignal::new(None),
            snapshots: RwSignal::new(Vec::new()),
            shown: RwSignal::new(None),
            moved: RwSignal::new(0),
            asked: StoredValue::new(None),
            busy: RwSignal::new(false),
            head: RwSignal::new(None),
            mode: RwSignal::new(Mode::Heat),
            opacity: RwSignal::new(0.6),
            outlined: RwSignal::new(false),
            share: RwSignal::new(0.6),
            pointing: RwSignal::new(Pointing::Similarity),
            patch: RwSignal::new(None),
            held: RwSignal::new(false),
            pinned: RwSignal::new(Vec::new()),
            every: RwSignal::new(10),
            lapse: RwSignal::new(Timelapse::default()),
            colors: RwSignal::new(None),
            coloring: StoredValue::new(false),
            accuracy: RwSignal::new(None),
        }
    }

    /// It is decided what training begins with: the run is what is looked at.
    pub fn decide(self) {
        self.decided.set(true);
        if self.network.get_untracked() == Some(Network::Starter) {
            self.network.set(None);
        }
    }

    /// The view to ask for now, given the one that is wanted; `None` while an answer is on its way or if it was asked for.
    pub fn next(self, wanted: Option<View>) -> Option<View> {
        let view = wanted?;
        if self.busy.get_untracked() || self.asked.get_value().as_ref() == Some(&view) {
            return None;
        }
        self.busy.set(true);
        self.asked.set_value(Some(view.clone()));
        Some(view)
    }

    /// The key of a head was pressed, counted from 1, or 0 for the mean. Keys beyond the last head mean nothing.
    pub fn press_head(self, key: Option<usize>) {
        let heads = self.shown.with_untracked(|s| s.as_ref().map_or(0, |s| s.answer.maps.heads));
        match key {
            Some(0) => self.head.set(None),
            Some(key) if key <= heads => self.head.set(Some(key - 1)),
            _ => {}
        }
    }

    /// The snapshots before the step at which the run stands: one at that step is the same as now.
    pub fn earlier(self, now: u64) -> Vec<u64> {
        self.snapshots.with(|all| all.iter().copied().filter(|step| *step < now).collect())
    }

    /// Place of the chosen snapshot among these; one past the last is now.
    pub fn snapshot_place(self, earlier: &[u64]) -> usize {
        let chosen = self.snapshot.get();
        let found = chosen.and_then(|chosen| earlier.iter().position(|step| *step == chosen));
        found.unwrap_or(earlier.len())
    }

    /// Pins an image, or takes the pin out.
    pub fn toggle_pin(self, image: usize) {
        self.pinned.update(|pinned| match pinned.iter().position(|i| *i == image) {
            Some(at) => drop(pinned.remove(at)),
            None => pinned.push(image),
        });
    }

    /// Takes an answer in, unless something else is wanted by now. The worker may have changed the side.
    pub fn take(self, answer: AttentionView) {
        let asked = self.asked.get_value();
        if asked != Some(View { side: asked.as_ref().map_or(0, |a| a.side), ..answer.view.clone() })
        {
            return;
        }
        let patches = answer.maps.patches();
        let moved = self.shown.with_untracked(|shown| {
            shown.as_ref().is_none_or(|shown| {
                shown.answer.view.image != answer.view.image || shown.patches() != patches
            })
        });
        if moved {
            self.let_go();
        }
        // A head of a network with more of them.
        if self.head.get_untracked().is_some_and(|head| head >= answer.maps.heads) {
            self.head.set(None);
        }
        let mean = answer.maps.mean();
        self.shown.set(Some(Arc::new(ShownMap { answer, mean })));
    }

    /// How it is shown.
    pub fn show(self) -> Show {
        let Self { mode, opacity, outlined, share, .. } = self;
        Show { mode, opacity, outlined, share }
    }

    /// No patch is pointed at.
    pub fn let_go(self) {
        if self.patch.with_untracked(Option::is_some) {
            self.patch.set(None);
        }
        self.held.set(false);
    }

    pub fn pinned(self, step: u64, maps: Vec<ImageMaps>) {
        self.lapse.update(|lapse| lapse.push(step, maps));
    }

    pub fn colored(self, step: u64, pictures: Vec<(usize, Picture)>) {
        let pictures = pictures.into_iter().map(|(i, pixels)| (i, Arc::new(pixels))).collect();
        let starter = self.coloring.get_value();
        self.colors.set(Some(Colored { step, starter, pictures }));
    }

    /// The snapshots that there are; one that is gone gives way to the one after it.
    pub fn keep(self, steps: Vec<u64>) {
        if let Some(snapshot) = self.snapshot.get_untracked()
            && !steps.contains(&snapshot)
        {
            self.snapshot.set(steps.iter().copied().find(|step| *step > snapshot));
        }
        self.snapshots.set(steps);
    }

    /// A run is prepared: nothing of it was shown yet. Pinned maps stay: the run may be the one that was.
    pub fn begin(self) {
        // The starter's stays: it is of no run.
        let of_run = |shown: &Arc<ShownMap>| shown.answer.view.network != Network::Starter;
        if self.shown.with_untracked(|shown| shown.as_ref().is_some_and(of_run)) {
            self.shown.set(None);
        }
        self.snapshots.set(Vec::new());
        self.snapshot.set(None);
        self.colors.set(None);
        self.accuracy.set(None);
        self.let_go();
    }

    /// The images are gone.
    pub fn clear(self) {
        self.begin();
        self.shown.set(None);
        self.pinned.set(Vec::new());
        self.lapse.set(Timelapse::default());
    }

    /// An image left the set: those behind it moved up.
    pub fn removed(self, image: usize) {
        self.pinned.update(|pinned| {
            pinned.retain(|i| *i != image);
            pinned.iter_mut().filter(|i| **i > image).for_each(|i| *i -= 1);
        });
        self.lapse.update(|lapse| lapse.remove(image));
        self.colors.set(None);
        self.shown.set(None);
        self.asked.set_value(None);
        self.moved.update(|times| *times += 1);
    }
}
