//! English words of the training section.

use super::super::format::memory;
use super::super::training::Training;

pub const TEXT: Training = Training {
    title: "Training",
    presets: "What for",
    preset: |name| match name {
        "spark" => Some((
            "A first look",
            "The smallest network, on pictures of 32 pixels. It runs everywhere, even where a processor plays the \
             graphics card.",
        )),
        "small" => Some((
            "An evening on a laptop",
            "A small network on pictures of 64 pixels, for the graphics that come with a processor.",
        )),
        "tiny8" => Some((
            "Sharp attention maps",
            "ViT-Tiny with patches of 8 pixels on pictures of 96: fine maps, for a real graphics card.",
        )),
        "tiny" => Some((
            "As in the paper",
            "ViT-Tiny with the paper's crops of 224 and 96 pixels, for a fast graphics card.",
        )),
        _ => None,
    },
    estimate: |e| {
        format!(
            "about {} for 100 steps of {}, {}; {} for all {}",
            duration(100.0 * e.seconds),
            match e.batch {
                1 => "1 image".to_owned(),
                n => format!("{n} images"),
            },
            memory(e.bytes),
            duration(e.steps as f64 * e.seconds),
            e.steps
        )
    },
    measuring: "measuring this adapter …",
    refused: |reason| format!("Not on this adapter: {reason}."),
    start: "Start",
    go_on: "Go on as before",
    pause: "Pause",
    step: "Step",
    reset: "Reset",
    reset_question: |steps| format!("Begin anew and give up {steps} steps of training?"),
    reset_comfort: "“Save checkpoint” keeps them as a file, to go on from later.",
    reset_not: "Keep the run",
    begins_at_random: "Start begins with random weights. To go on from the starter, choose “Continue on these images” \
                       at the map first.",
    head_first: |until| {
        format!(
            "Up to step {until} only the new head learns, so that the features survive: the maps stay as they are."
        )
    },
    software: "This browser offers no graphics card, only a program that imitates one on the processor, \
               so the smallest preset was chosen.",
    steps: "Step",
    loss: "Loss",
    entropy: "Teacher entropy",
    speed: "Images a second",
    elapsed: "Trained for",
    left: "To go",
    memory: "Device memory",
    adapter: "Adapter",
    health: "Health",
    duration: duration,
    repeating: |images, batch| {
        let images = match images {
            1 => "is only 1 image".to_owned(),
            n => format!("are only {n} images"),
        };
        format!("There {images} for a batch of {batch}, so they are repeated within it.")
    },
    step_of: |step, total| if total == 0 { step.to_string() } else { format!("{step} of {total}") },
    entropy_of: |nats, k| format!("{nats:.3} (ln\u{a0}K\u{a0}{:.3})", (k.max(1) as f64).ln()),
    announce: |state, step| format!("{state}, step {step}"),
};

// Numbers and their units stay on one line.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.95 => format!("{s:.1}\u{a0}s"),
        s if s < 99.5 => format!("{s:.0}\u{a0}s"),
        s if s < 5940.0 => format!("{:.0}\u{a0}min", s / 60.0),
        s if s < 356_400.0 => format!("{:.1}\u{a0}h", s / 3600.0),
        s => format!("{:.0}\u{a0}days", s / 86_400.0),
    }
}
