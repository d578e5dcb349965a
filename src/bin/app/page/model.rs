//! What the page knows, as signals. Only [`Model::apply`] writes what comes from the worker.

use super::memory;
use super::text::Words;
use dino::history::{History, Sample};
use dino::images::Fault;
use dino::protocol::{
    Accuracy, Attention, Crop, Estimate, Event, NoGpu, Pixels, Point, PresetInfo, Run, State,
};
use leptos::prelude::*;
use std::sync::Arc;

/// Problems shown at once; older ones make room.
const PROBLEMS: usize = 4;

/// The device.
#[derive(Clone, PartialEq, Eq)]
pub struct Adapter {
    pub name: String,
    pub software: bool,
}

/// An image of the set.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// Never used twice, so that a list can tell images apart.
    pub id: u64,
    pub index: usize,
    pub name: String,
    pub thumbnail: Arc<Pixels>,
}

/// The crops of the chosen image.
#[derive(Clone, PartialEq)]
pub struct Crops {
    pub image: usize,
    pub original: Pixels,
    pub crops: Vec<Crop>,
}

/// What an import came to.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary {
    pub added: usize,
    pub skipped: Vec<(String, Fault)>,
}

/// A sentence that a person can dismiss.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    pub id: u64,
    pub text: String,
}

#[derive(Clone, Copy)]
pub struct Model {
    pub words: Words,
    pub adapter: RwSignal<Option<Adapter>>,
    pub no_gpu: RwSignal<Option<NoGpu>>,
    pub fatal: RwSignal<Option<String>>,
    pub problems: RwSignal<Vec<Problem>>,
    pub presets: RwSignal<Vec<PresetInfo>>,
    pub images: RwSignal<Vec<Image>>,
    pub importing: RwSignal<Option<(usize, usize)>>,
    pub summary: RwSignal<Option<Summary>>,
    pub chosen: RwSignal<usize>,
    pub run: RwSignal<Option<Run>>,
    /// Numbers of the last finished step.
    pub last: RwSignal<Option<Point>>,
    pub images_per_second: RwSignal<f64>,
    /// The run so far.
    pub history: RwSignal<History>,
    pub accuracies: RwSignal<Vec<Accuracy>>,
    /// What the presets would take.
    pub estimates: RwSignal<Vec<Estimate>>,
    /// The batch that a run could not fill with different images, once the worker said so.
    repeating: RwSignal<Option<usize>>,
    pub crops: RwSignal<Option<Arc<Crops>>>,
    pub attention: RwSignal<Option<Arc<Attention>>>,
    next_id: StoredValue<u64>,
}

impl Model {
    pub fn new(words: Words) -> Self {
        Self {
            words,
            adapter: RwSignal::new(None),
            no_gpu: RwSignal::new(None),
            fatal: RwSignal::new(None),
            problems: RwSignal::new(Vec::new()),
            presets: RwSignal::new(Vec::new()),
            images: RwSignal::new(Vec::new()),
            importing: RwSignal::new(None),
            summary: RwSignal::new(None),
            chosen: RwSignal::new(0),
            run: RwSignal::new(None),
            last: RwSignal::new(None),
            images_per_second: RwSignal::new(0.0),
            history: RwSignal::new(History::default()),
            accuracies: RwSignal::new(Vec::new()),
            estimates: RwSignal::new(Vec::new()),
            repeating: RwSignal::new(None),
            crops: RwSignal::new(None),
            attention: RwSignal::new(None),
            next_id: StoredValue::new(0),
        }
    }

    /// Images and batch while a run has to repeat images within a batch; images that are added since
    /// the worker said so count.
    pub fn too_few(self) -> Option<(usize, usize)> {
        let images = self.images.with(Vec::len);
        self.repeating.get().filter(|batch| images < *batch).map(|batch| (images, batch))
    }

    /// Takes in what the worker says.
    pub fn apply(self, event: Event) {
        match event {
            Event::Hello { build } if build != dino::protocol::BUILD => {
                self.fatal.set(Some(self.words.now().common.other_build.to_owned()));
            }
            Event::Hello { .. } | Event::Done => {}
            Event::Tuned { text, refused } => {
                memory::keep_tuning(&text);
                refused.into_iter().for_each(|sentence| self.complain(sentence));
            }
            Event::NoGpu(reason) => self.no_gpu.set(Some(reason)),
            Event::Opened { adapter, software, presets, .. } => {
                self.adapter.set(Some(Adapter { name: adapter, software }));
                self.presets.set(presets);
            }
            Event::Added { index, name, thumbnail, .. } => {
                let image = Image { id: self.id(), index, name, thumbnail: Arc::new(thumbnail) };
                self.images.update(|images| images.push(image));
            }
            Event::Importing { done, total } => self.importing.set(Some((done, total))),
            Event::Imported { added, skipped } => {
                self.importing.set(None);
                self.summary.set(Some(Summary { added, skipped }));
            }
            Event::Cleared => {
                self.images.set(Vec::new());
                self.summary.set(None);
                self.chosen.set(0);
                self.crops.set(None);
                self.attention.set(None);
                self.repeating.set(None);
            }
            Event::Run(run) => self.set_run(run),
            Event::Progress { points, images_per_second } => {
                if let Some(last) = points.last() {
                    self.last.set(Some(*last));
                }
                self.history.update(|history| {
                    let images_per_second = images_per_second as f32;
                    points.into_iter().for_each(|point| {
                        history.push(Sample { point, images_per_second });
                    });
                });
                self.images_per_second.set(images_per_second);
            }
            Event::Crops { image, original, crops, .. } => {
                self.chosen.set(image);
                self.crops.set(Some(Arc::new(Crops { image, original, crops })));
            }
            Event::Attention(attention) => self.attention.set(Some(Arc::new(attention))),
            Event::Repeating { batch, .. } => self.repeating.set(Some(batch)),
            Event::Error { error } => self.complain((self.words.now().errors.error)(&error)),
            Event::Fatal { error } => {
                self.fatal.set(Some((self.words.now().errors.error)(&error)));
            }
            Event::Estimates { rows } => self.estimates.set(rows),
            Event::Accuracy(accuracy) => self.accuracies.update(|all| {
                // A run that went on from what was kept tells its last steps anew.
                all.retain(|a| a.step < accuracy.step);
                all.push(accuracy);
            }),
            Event::Removed { .. }
            | Event::ImagesKept { .. }
            | Event::Saved { .. }
            | Event::NotSaved { .. }
            | Event::Look(_)
            | Event::Moments { .. }
            | Event::Colors { .. }
            | Event::Neighbors { .. }
            | Event::Pinned { .. } => {}
        }
    }

    fn set_run(self, run: Run) {
        if run.step == 0 && run.state != State::Running {
            self.last.set(None);
            self.images_per_second.set(0.0);
            if self.history.with_untracked(|history| !history.samples().is_empty()) {
                self.history.update(History::clear);
            }
            if self.accuracies.with_untracked(|all| !all.is_empty()) {
                self.accuracies.set(Vec::new());
            }
        }
        if matches!(run.state, State::Idle | State::Preparing) {
            self.attention.set(None);
            self.crops.set(None);
            self.repeating.set(None);
        }
        self.run.set(Some(run));
    }

    /// Shows a sentence until it is dismissed.
    pub fn complain(self, text: String) {
        let problem = Problem { id: self.id(), text };
        self.problems.update(|problems| {
            problems.retain(|p| p.text != problem.text);
            problems.push(problem);
            if problems.len() > PROBLEMS {
                problems.remove(0);
            }
        });
    }

    pub fn dismiss(self, id: u64) {
        self.problems.update(|problems| problems.retain(|p| p.id != id));
    }

    fn id(self) -> u64 {
        self.next_id.update_value(|id| *id += 1);
        self.next_id.get_value()
    }

    pub fn state(self) -> State {
        self.run.with(|run| run.as_ref().map_or(State::Idle, |run| run.state))
    }

    /// Steps done.
    pub fn step(self) -> u64 {
        let run = self.run.with(|run| run.as_ref().map_or(0, |run| run.step));
        self.last.with(|last| last.map_or(0, |last| last.step + 1)).max(run)
    }

    pub fn step_untracked(self) -> u64 {
        untrack(|| self.step())
    }
}
