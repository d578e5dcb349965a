//! Everything that the page and its worker say to each other. Every [`Command`] is sent in a
//! [`Request`] and answered by exactly one [`Event`] in a [`Report`] with the same id; events that
//! nobody asked for carry no id. Invariant: no browser types; files travel beside their request.

use crate::images::Picture;
use crate::trainer::{AttentionMaps, CropView, Metrics};
use serde::{Deserialize, Serialize};

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
    /// Find the device. `base` is the address of the folder that the page came from, `tuning` what
    /// an earlier visit was told by [`Event::Tuned`].
    Open { base: String, tuning: Option<String> },
    /// Load the sample photographs from `samples/manifest.json`.
    AddSamples,
    /// Decode the files that travel with the request; `paths` are their names, with folders.
    AddFiles { paths: Vec<String> },
    /// Forget all images; a run pauses.
    Clear,
    /// Train until paused.
    Start,
    /// Stop after the current step.
    Pause,
    /// Train so many steps; answered when they are done or something stopped them.
    Step { steps: u64 },
    /// Throw the run away and prepare a new one.
    Reset { preset: String, seed: u64 },
    /// Show this image from now on: its crops, and its attention while training.
    Choose { image: usize },
    /// The crops of an image.
    Crops { image: usize },
    /// The attention maps of an image.
    Attention { image: usize },
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
    /// Answer to [`Command::Open`].
    Opened { adapter: String, software: bool, presets: Vec<PresetInfo> },
    /// What was measured on this adapter, to be kept for the next visit, and a sentence for each variant
    /// of a kernel that does not work on it.
    Tuned { text: String, refused: Vec<String> },
    /// A request was carried out.
    Done,
    /// The set grew by one.
    Added { index: usize, name: String, label: Option<String>, thumbnail: Pixels },
    /// So many of the files of one request are read.
    Importing { done: usize, total: usize },
    /// All files of one request are read; `summary` is a line, `skipped` has file and reason.
    Imported { summary: String, skipped: Vec<(String, String)> },
    /// The set is empty.
    Cleared,
    /// The run changed its state.
    Run(Run),
    /// Steps that finished since the last such event.
    Progress { points: Vec<Point>, images_per_second: f64 },
    /// The crops of an image at the next step.
    Crops { image: usize, original: Pixels, crops: Vec<Crop> },
    /// The attention of an image.
    Attention(Attention),
    /// The set has fewer images than a batch, so they are repeated.
    Repeating { images: usize, batch: usize },
    /// A request could not be carried out, or the run stopped; a sentence.
    Error { message: String },
    /// The worker is dead or its device is lost; a sentence.
    Fatal { message: String },
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
    pub title: String,
    pub about: String,
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
    pub preset: String,
    pub seed: u64,
    /// Steps done.
    pub step: u64,
    /// Steps that the schedules were made for.
    pub total_steps: u64,
    /// Images a step.
    pub batch: usize,
    /// Prototypes K; the entropy's ceiling is ln K.
    pub prototypes: usize,
    /// Device memory that the run holds, bytes.
    pub bytes: u64,
}

/// The numbers of one step, see [`Metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub step: u64,
    pub loss: f32,
    pub entropy: f32,
    pub kl: f32,
    pub feature_std: f32,
    pub center_norm: f32,
    pub lr: f32,
    pub weight_decay: f32,
    pub momentum: f32,
    pub teacher_temp: f32,
}

impl From<Metrics> for Point {
    fn from(m: Metrics) -> Self {
        Self {
            step: m.step,
            loss: m.loss,
            entropy: m.entropy,
            kl: m.kl,
            feature_std: m.feature_std,
            center_norm: m.center_norm,
            lr: m.lr,
            weight_decay: m.weight_decay,
            momentum: m.momentum,
            teacher_temp: m.teacher_temp,
        }
    }
}

/// A [`Picture`] on its way to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    /// Row-major RGBA.
    #[serde(with = "serde_bytes")]
    pub rgba: Vec<u8>,
}

impl From<Picture> for Pixels {
    fn from(p: Picture) -> Self {
        Self { width: p.width as u32, height: p.height as u32, rgba: p.rgba }
    }
}

/// One augmented view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crop {
    pub name: String,
    /// Box in the original, 0 to 1: left, top, width, height.
    pub frame: [f64; 4],
    pub pixels: Pixels,
}

impl Crop {
    /// The view of a picture with that size.
    pub fn new(view: CropView, of: &Picture) -> Self {
        let (width, height) = (of.width.max(1) as f64, of.height.max(1) as f64);
        let [x, y, w, h] = view.frame.map(|v| v as f64);
        let frame = [x / width, y / height, w / width, h / height];
        Self { name: view.name, frame, pixels: view.picture.into() }
    }
}

/// Attention maps of one image at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    pub image: usize,
    pub step: u64,
    pub picture: Pixels,
    /// Patches across and down.
    pub width: usize,
    pub height: usize,
    /// One map a head, row-major, width × height values.
    pub heads: Vec<Vec<f32>>,
    /// Mean over the heads.
    pub mean: Vec<f32>,
}

impl Attention {
    /// Splits the trainer's maps into heads.
    pub fn new(image: usize, step: u64, picture: Pixels, maps: &AttentionMaps) -> Self {
        let [width, height] = maps.grid;
        let heads = (0..maps.heads).map(|head| maps.head(head).to_vec()).collect();
        let mean = maps.mean();
        Self { image, step, picture, width, height, heads, mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_is_over_heads() {
        let maps = AttentionMaps { heads: 2, grid: [3, 1], values: vec![1., 2., 3., 3., 2., 5.] };
        let pixels = Pixels { width: 1, height: 1, rgba: vec![0; 4] };
        let attention = Attention::new(4, 7, pixels, &maps);
        assert_eq!(attention.heads, [[1., 2., 3.], [3., 2., 5.]]);
        assert_eq!(attention.mean, [2., 2., 4.]);
    }

    #[test]
    fn frames_are_fractions_of_the_original() {
        let of = Picture { width: 200, height: 100, rgba: vec![255; 80_000] };
        let picture = Picture { width: 1, height: 1, rgba: vec![255; 4] };
        let view = CropView { name: "local 1".into(), picture, frame: [50, 25, 100, 50] };
        assert_eq!(Crop::new(view, &of).frame, [0.25, 0.25, 0.5, 0.5]);
    }

    #[test]
    fn messages_survive_the_journey() {
        let point = Point {
            step: 3,
            loss: 5.25,
            entropy: 1.5,
            kl: 0.5,
            feature_std: 0.125,
            center_norm: 0.5,
            lr: 0.001,
            weight_decay: 0.04,
            momentum: 0.99,
            teacher_temp: 0.04,
        };
        let event = Event::Progress { points: vec![point], images_per_second: 12.5 };
        let report = Report { reply: Some(9), event };
        let text = serde_json::to_string(&report).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Report>(&text).ok(), Some(report));
    }
}
