//! Model of the page: what it knows, as signals. Invariant: only [`Model::apply`] writes what comes from the worker.

use crate::i18n::Words;
use crate::state::attention::AttentionState;
use crate::state::storage::Storage;
use crate::state::weights::Shelf;
use dino_core::Error;
use dino_core::data::picture::Picture;
use dino_core::data::picture::Rejected;
use dino_core::eval::history::History;
use dino_core::eval::metrics::{Metrics, Sample};
use dino_core::protocol::{
    Accuracy, Crop, Estimate, Event, LabelLevel, Labelling, MOST_PINNED, NoGpu, PresetInfo, Run,
    State, Thumbnail,
};
use leptos::prelude::*;
use std::collections::BTreeMap;
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
    pub label: Option<String>,
    pub thumbnail: Arc<Thumbnail>,
}

/// The crops of the chosen image.
#[derive(Clone, PartialEq)]
pub struct Crops {
    pub image: usize,
    /// 0 is the next step's.
    pub draw: u32,
    pub original: Picture,
    pub crops: Vec<Crop>,
}

/// What an import came to.
#[derive(Clone, PartialEq)]
pub struct Summary {
    pub added: usize,
    pub skipped: Vec<(String, Rejected)>,
    /// Hidden files, and what systems leave in folders.
    pub passed_over: usize,
}

/// A sentence that a person can dismiss.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownError {
    pub id: u64,
    pub text: String,
    /// It is of the graphics device, which can be checked.
    pub device: bool,
}

/// A speed that follows the speed of now slowly, so that what is left to do does not jump; at first it is that of now.
fn paced(before: f64, now: f64) -> f64 {
    /// Share of a new report, of which there are ten a second.
    const NEW: f64 = 0.03;
    if before > 0.0 { before + NEW * (now - before) } else { now }
}

#[derive(Clone, Copy)]
pub struct Model {
    pub words: Words,
    pub adapter: RwSignal<Option<Adapter>>,
    pub no_gpu: RwSignal<Option<NoGpu>>,
    pub fatal: RwSignal<Option<String>>,
    pub problems: RwSignal<Vec<ShownError>>,
    pub presets: RwSignal<Vec<PresetInfo>>,
    pub images: RwSignal<Vec<Image>>,
    /// How many images have each label.
    pub labels: RwSignal<BTreeMap<String, usize>>,
    /// The level of folders that the labels come from, and all to choose from.
    pub label_levels: RwSignal<(Option<usize>, Vec<LabelLevel>)>,
    /// How many of the images are samples.
    pub samples: RwSignal<usize>,
    /// Files found so far in folders that are searched.
    pub searching: RwSignal<Option<usize>>,
    pub importing: RwSignal<Option<(usize, usize)>>,
    pub summary: RwSignal<Option<Summary>>,
    pub chosen: RwSignal<usize>,
    pub run: RwSignal<Option<Run>>,
    /// Numbers of the last finished step.
    pub last: RwSignal<Option<Metrics>>,
    pub images_per_second: RwSignal<f64>,
    /// The run so far.
    pub history: RwSignal<History>,
    pub accuracies: RwSignal<Vec<Accuracy>>,
    /// Shaders of the run that are compiled, of how many, while it is prepared.
    pub compiling: RwSignal<Option<(usize, usize)>>,
    /// Images a second over a longer time, for what is left to do.
    pub pace: RwSignal<f64>,
    /// What the presets would take.
    pub estimates: RwSignal<Vec<Estimate>>,
    /// The batch that a run could not fill with different images, once the worker said so.
    repeating: RwSignal<Option<usize>>,
    pub crops: RwSignal<Option<Arc<Crops>>>,
    pub attention: AttentionState,
    pub storage: Storage,
    pub shelf: Shelf,
    /// Workers that were started so far: whoever asked one for something lasting asks the next one again.
    pub lives: RwSignal<u32>,
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
            labels: RwSignal::new(BTreeMap::new()),
            label_levels: RwSignal::new((None, Vec::new())),
            samples: RwSignal::new(0),
            searching: RwSignal::new(None),
            importing: RwSignal::new(None),
            summary: RwSignal::new(None),
            chosen: RwSignal::new(0),
            run: RwSignal::new(None),
            last: RwSignal::new(None),
            images_per_second: RwSignal::new(0.0),
            history: RwSignal::new(History::default()),
            accuracies: RwSignal::new(Vec::new()),
            compiling: RwSignal::new(None),
            pace: RwSignal::new(0.0),
            estimates: RwSignal::new(Vec::new()),
            repeating: RwSignal::new(None),
            crops: RwSignal::new(None),
            attention: AttentionState::new(),
            storage: Storage::new(),
            shelf: Shelf::new(),
            lives: RwSignal::new(0),
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
        self.storage.apply(&event);
        // Whoever has a saved run has decided earlier.
        if matches!(event, Event::Saved { .. }) {
            self.attention.decided.set(true);
        }
        match event {
            Event::Hello { build } if build != dino_core::protocol::BUILD => {
                self.foreign();
            }
            Event::Hello { .. } | Event::Done => {}
            // The measurements are for the browser's storage, see `context`.
            Event::Tuned { refused, .. } => {
                refused.into_iter().for_each(|sentence| self.complain_of_device(sentence));
            }
            Event::Compiling { done, total } => self.compiling.set(Some((done, total))),
            Event::Narrowed(narrowed) => {
                self.complain_of_device((self.words.now().device.narrowed)(&narrowed));
            }
            Event::Stray { words } => {
                self.complain_of_device((self.words.now().device.stray)(&words));
            }
            Event::NoGpu(reason) => self.no_gpu.set(Some(reason)),
            Event::Opened { adapter, software, presets, .. } => {
                self.adapter.set(Some(Adapter { name: adapter, software }));
                self.presets.set(presets);
            }
            Event::Added { index, name, label, thumbnail } => {
                if let Some(label) = label.clone() {
                    self.labels.update(|labels| *labels.entry(label).or_default() += 1);
                }
                let thumbnail = Arc::new(thumbnail);
                let image = Image { id: self.id(), index, name, label, thumbnail };
                self.images.update(|images| images.push(image));
            }
            Event::Importing { done, total } => self.importing.set(Some((done, total))),
            Event::Imported { added, skipped, passed_over } => {
                self.importing.set(None);
                self.summary.set(Some(Summary { added, skipped, passed_over }));
            }
            Event::Labelled(labelling) => self.label(labelling),
            Event::Cleared => {
                self.images.set(Vec::new());
                self.labels.set(BTreeMap::new());
                self.label_levels.set((None, Vec::new()));
                self.samples.set(0);
                self.summary.set(None);
                self.chosen.set(0);
                self.crops.set(None);
                self.attention.clear();
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
                self.pace.update(|pace| *pace = paced(*pace, images_per_second));
            }
            // The choice is the page's: an answer to an earlier one must not take it back.
            Event::Crops { image, draw, original, crops } => {
                self.crops.set(Some(Arc::new(Crops { image, draw, original, crops })));
            }
            Event::Starter(starter) => self.attention.starter.set(Some(starter)),
            Event::AttentionView(answer) => self.attention.take(answer),
            Event::Snapshots { steps } => self.attention.keep(steps),
            Event::Pinned { step, maps } => self.attention.pinned(step, maps),
            Event::Colors { step, pictures } => self.attention.colored(step, pictures),
            Event::Accuracy(accuracy) => {
                self.attention.accuracy.set(Some(accuracy));
                self.accuracies.update(|all| {
                    // A run that went on from what was kept tells its last steps anew; other labels are
                    // other images, which do not compare.
                    all.retain(|a| a.step < accuracy.step && a.labels == accuracy.labels);
                    all.push(accuracy);
                });
            }
            Event::Repeating { batch, .. } => self.repeating.set(Some(batch)),
            Event::Error { error } => {
                let device = matches!(error, Error::Device(_) | Error::Shader { .. });
                self.show_problem((self.words.now().errors.error)(&error), device);
            }
            Event::Removed { index } => {
                self.attention.removed(index);
                self.remove(index);
            }
            Event::Estimates { rows } => self.estimates.set(rows),
            // What recovers from it takes it before.
            Event::Fatal { .. }
            | Event::Attempt { .. }
            | Event::Checked { .. }
            | Event::DeviceFacts(_)
            | Event::ImagesKept { .. }
            | Event::Saved { .. }
            | Event::NotSaved { .. }
            | Event::Damaged { .. }
            | Event::OtherImages { .. }
            | Event::Loaded(_)
            | Event::File { .. }
            | Event::Frame(_)
            | Event::StoredFiles { .. }
            | Event::Attention(_)
            | Event::Neighbors { .. } => {}
        }
    }

    /// The worker is of another build: this page cannot use it.
    pub fn foreign(self) {
        self.fatal.set(Some(self.words.now().common.other_build.to_owned()));
    }

    /// The names of the pinned images, in their order.
    pub fn pinned_names(self) -> Vec<String> {
        self.images.with_untracked(|all| {
            let name = |i: &usize| all.get(*i).map(|image| image.name.clone());
            self.attention.pinned.with_untracked(|pinned| pinned.iter().filter_map(name).collect())
        })
    }

    /// Pins the images of these names, as far as they are here, unless something is pinned.
    pub fn pin_named<'a>(self, names: impl Iterator<Item = &'a str>) {
        let pinned = self.attention.pinned;
        if pinned.with_untracked(|pinned| !pinned.is_empty()) {
            return;
        }
        let found: Vec<usize> = self.images.with_untracked(|all| {
            let place = |name: &str| all.iter().position(|image| image.name == name);
            names.filter_map(place).take(MOST_PINNED).collect()
        });
        if !found.is_empty() {
            pinned.set(found);
        }
    }

    /// The name of an image, or nothing.
    pub fn name_of(self, image: Option<usize>) -> String {
        let find = |image: usize| self.images.with(|all| all.get(image).map(|i| i.name.clone()));
        image.and_then(find).unwrap_or_default()
    }

    /// Gives every image its label.
    fn label(self, labelling: Labelling) {
        let Labelling { depth, levels, labels } = labelling;
        let mut counts = BTreeMap::new();
        for label in labels.iter().flatten() {
            *counts.entry(label.clone()).or_insert(0) += 1;
        }
        self.images.update(|images| {
            images.iter_mut().zip(labels).for_each(|(image, label)| image.label = label);
        });
        self.labels.set(counts);
        self.label_levels.set((depth, levels));
    }

    /// Takes an image out; those behind it move up, and the choice stays on its image or goes to the next.
    fn remove(self, index: usize) {
        let mut removed = None;
        self.images.update(|images| {
            if index < images.len() {
                removed = Some(images.remove(index));
                images.iter_mut().skip(index).for_each(|image| image.index -= 1);
            }
        });
        let Some(Image { label, .. }) = removed else { return };
        if let Some(label) = label {
            self.labels.update(|labels| {
                if let Some(count) = labels.get_mut(&label) {
                    *count -= 1;
                }
                labels.retain(|_, count| *count > 0);
            });
        }
        let (chosen, left) = (self.chosen.get_untracked(), self.images.with_untracked(Vec::len));
        if chosen > index || chosen == left {
            self.chosen.set(chosen.saturating_sub(1));
        }
    }

    fn set_run(self, run: Run) {
        if run.step == 0 && run.state != State::Running {
            self.last.set(None);
            self.images_per_second.set(0.0);
            self.pace.set(0.0);
            if self.history.with_untracked(|history| !history.samples().is_empty()) {
                self.history.update(History::clear);
            }
            if self.accuracies.with_untracked(|all| !all.is_empty()) {
                self.accuracies.set(Vec::new());
            }
        }
        if matches!(run.state, State::Idle | State::Preparing) {
            self.attention.begin();
            self.crops.set(None);
            self.repeating.set(None);
        }
        if run.state != State::Preparing {
            self.compiling.set(None);
        }
        if run.state == State::Running {
            self.attention.decided.set(true);
        }
        self.run.set(Some(run));
    }

    /// Shows a sentence until it is dismissed.
    pub fn complain(self, text: String) {
        self.show_problem(text, false);
    }

    /// Shows a sentence on the graphics device until it is dismissed.
    pub fn complain_of_device(self, text: String) {
        self.show_problem(text, true);
    }

    fn show_problem(self, text: String, device: bool) {
        let problem = ShownError { id: self.id(), text, device };
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

    pub fn id(self) -> u64 {
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
