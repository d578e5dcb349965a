//! Every word that the page says.

use dino::protocol::{NoGpu, State};

pub const NOT_HERE: &str = "Training is not possible in this browser.";
pub const RELOAD: &str = "Reload the page to begin again.";
pub const OTHER_BUILD: &str =
    "The page and its worker come from two different versions, because one of them was cached.";
pub const WORKER_GONE: &str = "The worker has stopped.";
pub const NOT_A_FILE: &str = "Expected files, found something else.";
pub const DISMISS: &str = "Dismiss";

pub const IMAGES: &str = "Images";
pub const DROP: &str = "Drop images here, or";
pub const CHOOSE: &str = "choose files";
pub const STAYS: &str = "They are read in this tab and never leave your device.";
pub const CLEAR: &str = "Remove all";
pub const SAMPLES: &str = "Load the samples";
pub const THUMBNAILS: &str = "Loaded images";
pub const NO_FILES: &str = "There was no file in what you dropped.";

pub const TRAINING: &str = "Training";
pub const PRESET: &str = "Preset";
pub const START: &str = "Start";
pub const PAUSE: &str = "Pause";
pub const STEP: &str = "Step";
pub const RESET: &str = "Reset";
pub const SOFTWARE: &str = "This browser offers no graphics card, only a program that imitates one \
                            on the processor, so the smallest preset was chosen.";
pub const STEPS: &str = "Step";
pub const LOSS: &str = "Loss";
pub const ENTROPY: &str = "Teacher entropy";
pub const SPEED: &str = "Images a second";
pub const MEMORY: &str = "Device memory";
pub const ADAPTER: &str = "Adapter";
pub const NONE: &str = "–";

pub const ATTENTION: &str = "Attention";
pub const ATTENTION_ABOUT: &str = "Where the teacher's last layer looks when it sums up the image \
                                   in one vector: one map for each head, and their mean.";
pub const ATTENTION_WAITS: &str = "The maps appear once an image is loaded.";
pub const ORIGINAL: &str = "image";
pub const MEAN: &str = "mean";

pub const CROPS: &str = "Crops";
pub const CROPS_ABOUT: &str = "The views that the next step would draw from the chosen image. The \
                               student sees all of them, the teacher only the two global ones.";
pub const CROPS_WAIT: &str = "The crops appear once an image is loaded.";
pub const AGAIN: &str = "Refresh";

pub fn no_worker(message: &str) -> String {
    if message.is_empty() {
        "The worker that trains could not be started.".to_owned()
    } else {
        format!("The worker that trains could not go on: {message}")
    }
}

/// What is missing, and what to do.
pub fn no_gpu(reason: &NoGpu) -> (&'static str, &'static str) {
    match reason {
        NoGpu::Insecure => (
            "This page was not opened over a secure connection, and browsers give WebGPU only to \
             pages that were.",
            "Open it over https, or from this machine as http://localhost.",
        ),
        NoGpu::Missing => (
            "This browser has no WebGPU, without which nothing can be trained here.",
            "Open the page in a current Chrome or Edge, in Safari 26, or in Firefox 141 or later.",
        ),
        NoGpu::NoAdapter { .. } => (
            "This browser has WebGPU but gives no graphics adapter.",
            "Turn hardware acceleration on in its settings and update the graphics driver; \
             chrome://gpu says what is switched off.",
        ),
    }
}

/// The driver's own words, if there are any.
pub fn driver(reason: &NoGpu) -> Option<String> {
    match reason {
        NoGpu::NoAdapter { message } => Some(format!("It says: {message}.")),
        _ => None,
    }
}

pub fn state(state: State) -> &'static str {
    state.word()
}

pub fn announce(word: State, step: u64) -> String {
    format!("{}, step {step}", state(word))
}

pub fn count(images: usize) -> String {
    match images {
        0 => "no images yet".to_owned(),
        1 => "1 image".to_owned(),
        n => format!("{n} images"),
    }
}

pub fn importing(done: usize, total: usize) -> String {
    format!("Reading {done} of {total} …")
}

pub fn repeating(images: usize, batch: usize) -> String {
    let images = match images {
        1 => "is only 1 image".to_owned(),
        n => format!("are only {n} images"),
    };
    format!("There {images} for a batch of {batch}, so they are repeated within it.")
}

pub fn step_of(step: u64, total: u64) -> String {
    if total == 0 { step.to_string() } else { format!("{step} of {total}") }
}

pub fn entropy(nats: f32, prototypes: usize) -> String {
    format!("{nats:.3} (ln K {:.3})", (prototypes.max(1) as f64).ln())
}

pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

pub fn head(index: usize) -> String {
    format!("head {}", index + 1)
}

pub fn at_step(step: u64) -> String {
    format!("at step {step}")
}

pub fn map_of(head: &str, image: &str) -> String {
    format!("Attention map, {head}, of {image}")
}

pub fn crop_of(crop: &str, image: &str) -> String {
    format!("{crop} crop of {image}")
}

pub fn not_whole(found: Option<f64>) -> String {
    match found {
        Some(found) => format!("Expected a whole number from 0, found {found}."),
        None => "Expected a whole number from 0.".to_owned(),
    }
}
