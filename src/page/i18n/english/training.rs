//! English text of the training section.

use crate::i18n::english::counted;
use crate::i18n::format::memory;
use crate::i18n::training::Training;
use dino_core::run::presets;

pub const TEXT: Training = Training {
    title: "Training",
    presets: "Choose a preset",
    preset: |name| presets::by_name(name).map(|preset| (preset.purpose, preset.about)),
    estimate: |e| {
        format!(
            "about {} for 100 steps of {}, {} of memory; {} for all {} steps",
            duration(100.0 * e.seconds),
            counted(e.batch, "image"),
            memory(e.bytes),
            duration(e.steps as f64 * e.seconds),
            e.steps
        )
    },
    measuring: "measuring this adapter …",
    refused: |reason| format!("Does not run on this adapter: {reason}."),
    start: "Start",
    go_on: "Continue unchanged",
    pause: "Pause",
    step: "Step",
    reset: "Start over",
    reset_question: |steps| format!("Start over and discard {steps} steps of training?"),
    reset_comfort: "“Save checkpoint” saves them as a file, which you can resume later.",
    reset_not: "Keep the run",
    begins_at_random: "Start begins with random weights. To continue from the starter, choose “Use the starter” \
                       beside the attention map first.",
    head_first: |until| {
        format!(
            "Up to step {until}, only the new head is trained, to protect the backbone's features. The maps do not \
             change until then."
        )
    },
    software: "No graphics card was found, only a software adapter, which runs on the processor and is slow. The \
               smallest preset was chosen.",
    steps: "Step",
    loss: "Loss",
    entropy: "Teacher entropy",
    speed: "Images per second",
    elapsed: "Time trained",
    left: "Time left",
    memory: "Device memory",
    adapter: "Adapter",
    health: "Health",
    duration,
    repeating: |images, batch| {
        let images = match images {
            1 => "is only 1 image".to_owned(),
            n => format!("are only {n} images"),
        };
        format!("There {images} for a batch of {batch}, so each batch repeats images.")
    },
    step_of: |step, total| if total == 0 { step.to_string() } else { format!("{step} of {total}") },
    entropy_of: |nats, k| format!("{nats:.3} (ln\u{a0}K\u{a0}{:.3})", (k.max(1) as f64).ln()),
    announce: |state, step| format!("{state}, step {step}"),
};

/// Number and unit stay on one line.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.95 => format!("{s:.1}\u{a0}s"),
        s if s < 99.5 => format!("{s:.0}\u{a0}s"),
        s if s < 5940.0 => format!("{:.0}\u{a0}min", s / 60.0),
        s if s < 356_400.0 => format!("{:.1}\u{a0}h", s / 3600.0),
        s => format!("{:.0}\u{a0}days", s / 86_400.0),
    }
}
