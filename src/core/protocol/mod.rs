//! Protocol of the page and its worker. Every [`Command`] is sent in a [`Request`] and answered by exactly one
//! [`Event`] in a [`Report`] with the same id; events that nobody asked for carry no id. Invariant: no browser
//! types; files travel beside their request.

mod device;
mod messages;
mod subscription;
mod weight_files;

use crate::data::picture::Picture;
use crate::data::picture::Rejected;
pub use crate::data::set::{LabelBy, LabelLevel, Labelling};
use crate::error::{Error, Unread};
use crate::eval::metrics::Metrics;
use crate::run::network::Network;
use crate::run::settings::Settings;
pub use crate::storage::SavedRun;
use crate::view::attention::{AttentionMaps, ImageMaps};
use crate::weights::Choice;
pub use device::{Attempt, CheckedKernel, DeviceFacts, Narrowed, device_memory};
pub use messages::{Attention, AttentionView, Crop, Drawn, Thumbnail};
use serde::{Deserialize, Serialize};
pub use subscription::{Starter, View};
pub use weight_files::{Content, Loaded, StoredFile};

/// Id of the build. The worker's first message says it; a page of another build must not go on.
pub const BUILD: &str = env!("DINO_BUILD");

/// A command with the id of its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub id: u32,
    pub command: Command,
}

/// What the page asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Find the device. `base` is the address of the folder that the page came from, `tuning` what an
    /// earlier visit was told by [`Event::Tuned`]. A `reader` shows what is kept and trains nothing:
    /// another tab does.
    Open {
        base: String,
        tuning: Option<String>,
        /// What was tried last and never ended.
        attempt: Option<Attempt>,
        /// Bytes that a run may take, if a person said how many.
        memory: Option<u64>,
        reader: bool,
    },
    /// Time and memory of every preset on this adapter, of theirs with these settings; after a short
    /// measurement the first time.
    Estimate { settings: Settings },

    /// Load the sample photographs from `samples/manifest.json`.
    AddSamples,
    /// Decode the files that travel with the request; `paths` are their names, with folders. `unread` came with them
    /// and could not be read, `passed_over` more were not looked at.
    AddFiles {
        paths: Vec<String>,
        #[serde(default)]
        unread: Vec<(String, Unread)>,
        #[serde(default)]
        passed_over: usize,
    },
    /// Take the labels from there; answered by [`Event::Labelled`].
    LabelBy { by: LabelBy },
    /// Forget one image; those behind it move up.
    Remove { image: usize },
    /// Forget all images; a run pauses.
    Clear,
    /// Keep the images in this browser for the next visit, or delete those that are kept.
    KeepImages { keep: bool },

    /// Train until paused.
    Start,
    /// Stop after the current step.
    Pause,
    /// Train so many steps; answered when they are done or something stopped them.
    Step { steps: u64 },
    /// Throw the run away and prepare a new one.
    Reset { settings: Settings },
    /// Go on with the run that was kept: answered when its state is on the device.
    Resume,
    /// Delete the run that was kept.
    Forget,
    /// The page was hidden, or is about to be closed: what is not kept yet is kept now.
    Hidden,
    /// The page is shown again.
    Shown,
    /// A run may take so many bytes of the device from the next one on; `None` = as many as suit it.
    Memory { bytes: Option<u64> },

    /// Show this image from now on: its crops.
    Choose { image: usize },
    /// The crops of an image: draw 0 is the next step's, others are other draws.
    Crops { image: usize, draw: u32 },
    /// The teacher's last layer of an image, for the console.
    Attention { image: usize },
    /// Answered by [`Event::AttentionView`], and by another one every now and then while training, until another
    /// view is asked for.
    Watch { view: View },
    /// Colours of the patches of several images, at most [`MOST_COLORED`], by their common principal
    /// components.
    Colors { images: Vec<usize>, network: Network, side: usize },
    /// The images whose features are nearest to an image's, among as many as fit into two seconds; asked
    /// again at the same step, more.
    Neighbors { image: usize, count: usize },
    /// Show the attention of these images anew every so many steps, seen with so many pixels on their long
    /// side; at most [`MOST_PINNED`].
    Pin { images: Vec<usize>, every: u64, side: usize },

    /// The attention of an image that is not of the set, at up to `side` pixels; nothing of it is kept.
    Frame { picture: Picture, network: Network, layer: usize, side: usize },

    /// Lay the starter, the model that comes with the page, on the device: [`Network::Starter`] can be asked
    /// from then on, without images and without a run. Answered by [`Event::Starter`].
    Starter,
    /// Go on with the starter: its backbone under a fresh head in a run of `settings`. Answered by
    /// [`Event::Loaded`].
    Continue { settings: Settings },

    /// Go on with the file that travels with the request: a run of this program as it was, or anybody's
    /// backbone under a fresh head in a run of `settings`, whose network is the file's. `keep` is its name
    /// in this browser's storage if it is to stay there. A second file is the configuration that came with it
    /// (`config.json`). Answered by [`Event::Loaded`].
    Load { settings: Settings, keep: Option<String>, choice: Choice },
    /// The same with a file that is kept.
    LoadStored { name: String, settings: Settings, choice: Choice },
    /// The run, or the teacher's backbone in timm's names, as a file.
    Save { content: Content },
    /// What weights this browser keeps.
    StoredFiles,
    /// Delete a kept file; answered as [`Command::StoredFiles`].
    DeleteKept { name: String },

    /// Compare every kernel with its CPU twin on this device, and measure it; a run pauses. Answered by
    /// [`Event::DeviceFacts`] when all checks have ended or it was stopped.
    CheckDevice,
    /// Check no more kernels.
    StopChecks,

    /// For tests: lose the device or end the worker.
    Fail { how: Failure },
}

/// Images that may be pinned at once.
pub const MOST_PINNED: usize = 8;

/// Images that may be coloured together.
pub const MOST_COLORED: usize = 16;

/// What a test provokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    LoseDevice,
    KillWorker,
}

/// An event, and which request it answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub reply: Option<u32>,
    pub event: Event,
}

/// What the worker has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// First message of a worker.
    Hello { build: String },
    /// There is no usable device.
    NoGpu(NoGpu),
    /// Answer to [`Command::Open`]. `kept` is a run that [`Command::Resume`] goes on with.
    Opened { adapter: String, software: bool, presets: Vec<PresetInfo>, kept: Option<SavedRun> },
    /// Answer to [`Command::Estimate`], a row a preset.
    Estimates { rows: Vec<Estimate> },
    /// What was measured on this adapter, to be kept for the next visit, and a sentence for each variant
    /// of a kernel that does not work on it.
    Tuned { text: String, refused: Vec<String> },
    /// Something is tried that the driver may not survive; `None` when it is over.
    Attempt { attempt: Option<Attempt> },
    /// So many of the shaders of a run are compiled.
    Compiling { done: usize, total: usize },
    /// The run uses less of the device than it would, because the device refused more.
    Narrowed(Narrowed),
    /// A kernel was checked: the so manieth of how many.
    Checked { done: usize, total: usize, check: CheckedKernel },
    /// What is known of the device.
    DeviceFacts(DeviceFacts),
    /// The device reported an error that ends no run; its words.
    Stray { words: String },
    /// A request was carried out.
    Done,
    /// The set grew by one.
    Added { index: usize, name: String, label: Option<String>, thumbnail: Thumbnail },
    /// So many of the files of one request are read.
    Importing { done: usize, total: usize },
    /// All files of one request are read; `skipped` has file and reason. Hidden files and litter of systems are only
    /// counted.
    Imported { added: usize, skipped: Vec<(String, Rejected)>, passed_over: usize },
    /// The labels of all images, after an import or because they were asked for.
    Labelled(Labelling),
    /// An image left the set; those behind it moved up.
    Removed { index: usize },
    /// The set is empty.
    Cleared,
    /// Whether the images are kept in this browser, and their bytes there.
    ImagesKept { keep: bool, bytes: u64 },
    /// The run changed its state.
    Run(Run),
    /// Steps that finished since the last such event. After [`Command::Resume`] the run's history comes so
    /// as well, before anything else of the run.
    Progress { points: Vec<Metrics>, images_per_second: f64 },
    /// The run is kept up to this step, so at most `seconds` of work can be lost.
    Saved { step: u64, bytes: u64, seconds: f64 },
    /// The run could not be kept; training goes on.
    NotSaved { error: Error },
    /// A kept run was damaged and set aside, so an older one counts, or none; its step if that can be read.
    Damaged { step: Option<u64>, reason: Error },
    /// The run that goes on was trained on other images than those that are here: their numbers.
    OtherImages { kept: usize, found: usize },
    /// The crops of an image.
    Crops { image: usize, draw: u32, original: Picture, crops: Vec<Crop> },
    /// The attention of an image, for the console.
    Attention(Attention),
    /// What [`Command::Watch`] asked to see.
    AttentionView(AttentionView),
    /// Steps at which the teacher was kept, for [`Network::Snapshot`].
    Snapshots { steps: Vec<u64> },
    /// Answer to [`Command::Colors`]: the images in the order asked for.
    Colors { step: u64, pictures: Vec<(usize, Picture)> },
    /// Answer to [`Command::Neighbors`]: image and cosine similarity, the nearest first.
    Neighbors { image: usize, step: u64, nearest: Vec<(usize, f32)> },
    /// How often the nearest neighbours have the right label.
    Accuracy(Accuracy),
    /// The mean map of every pinned image at one step.
    Pinned { step: u64, maps: Vec<ImageMaps> },
    /// Answer to [`Command::Frame`].
    Frame(AttentionMaps),
    /// Answer to [`Command::Starter`].
    Starter(Starter),
    /// A file was taken in: the run is what it held.
    Loaded(Loaded),
    /// A file to be saved by the person.
    File {
        name: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Weights in this browser's storage.
    StoredFiles { files: Vec<StoredFile> },
    /// The set has fewer images than a batch, so they are repeated.
    Repeating { images: usize, batch: usize },
    /// A request could not be carried out, or the run stopped.
    Error { error: Error },
    /// The worker is dead or its device is lost.
    Fatal { error: Error },
}

/// What a preset would take on this adapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub preset: String,
    pub batch: usize,
    /// Of the whole run.
    pub steps: u64,
    /// Seconds of a step.
    pub seconds: f64,
    /// Device memory, bytes.
    pub bytes: u64,
    /// Why it cannot run here, if it cannot.
    pub refused: Option<Error>,
}

/// Leave-one-out accuracy of a vote of the nearest neighbours, shares from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    pub step: u64,
    pub knn: f32,
    /// Of always naming the largest label.
    pub chance: f32,
    /// Of the same vote over 12 × 12 copies of the images themselves, by their correlation.
    pub pixels: f32,
    /// Images with a label that took part: at most 1000, evenly taken, fewer where that would take longer
    /// than two seconds.
    pub images: usize,
    pub labels: usize,
}

/// Why there is no device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoGpu {
    /// The page did not come over https or from this machine.
    Insecure,
    /// The browser has no WebGPU.
    Missing,
    /// The browser has WebGPU but gives no adapter or device; the driver's words.
    NoAdapter { message: String },
}

/// A preset as the page lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetInfo {
    pub name: String,
    /// Its technical name; what it is for is told by the page, in its language.
    pub title: String,
}

/// What the run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// No run is prepared.
    Idle,
    /// Memory is laid out, shaders are compiled.
    Preparing,
    /// Prepared, not running.
    Paused,
    Running,
    /// All steps of the run are done.
    Finished,
    /// An error ended the run.
    Stopped,
}

impl State {
    /// The state in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Preparing => "preparing",
            Self::Paused => "paused",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
        }
    }
}

/// The run as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub state: State,
    pub settings: Settings,
    /// Steps done.
    pub step: u64,
    /// Steps that the schedules were made for.
    pub total_steps: u64,
    /// Seconds that it has trained, before this visit too.
    pub trained: f64,
    /// Images a step.
    pub batch: usize,
    /// Prototypes K; the entropy's ceiling is ln K.
    pub prototypes: usize,
    /// Device memory that the run holds, bytes.
    pub bytes: u64,
    /// The network: blocks, heads of a block, and width D, for the deviation's 1/√D.
    pub layers: usize,
    pub heads: usize,
    pub dim: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::metrics::{Column, Sample};

    #[test]
    fn messages_survive_the_journey() {
        let mut sample = Sample { point: Metrics::at(3), images_per_second: 12.5 };
        for (i, column) in Column::METRICS.iter().enumerate() {
            *column.of_mut(&mut sample) = i as f32 + 0.25;
        }
        let point = sample.point;
        let event = Event::Progress { points: vec![point], images_per_second: 12.5 };
        let report = Report { reply: Some(9), event };
        let text = serde_json::to_string(&report).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Report>(&text).ok(), Some(report));
    }
}
