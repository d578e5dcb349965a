//! English words of the settings: name, sentence and unit of each, and what is wrong with one.

use super::super::settings::{Named, SettingsText, label, named};
use dino::settings::{Group, LONGEST_LINK, Notice, Problem, Setting};

pub const TEXT: SettingsText = SettingsText {
    title: "Advanced settings",
    about: "All numbers of the run. They apply when you begin anew; the paper's values are those of ViT-S/16 on \
            1.3 million images.",
    group: |group| match group {
        Group::Optimiser => "Optimiser",
        Group::Teacher => "Teacher",
        Group::Crops => "Crops",
        Group::Head => "Head",
        Group::Network => "Network",
    },
    changed: |count| format!("{count} changed"),
    of,
    steps: named("Steps", "Length of the run; all schedules end with it.", ""),
    seed: named(
        "Seed",
        "Beginning of all random numbers: the same seed gives the same run on the same adapter.",
        "",
    ),
    new_seed: "Draw another",
    paper: |value| format!("Paper: {value}"),
    as_preset: |value| format!("As in preset: {value}"),
    as_preset_label: |label| format!("{label}: as in the preset"),
    problem: |problem| match problem {
        Problem::Range { range: [low, high], whole: true, .. } => {
            format!("Expected a whole number from {low} to {high}.")
        }
        Problem::Range { range: [low, high], .. } => {
            format!("Expected a number from {low} to {high}.")
        }
        Problem::Patch { .. } => "Expected 4, 8, 14 or 16.".to_owned(),
        Problem::Heads { width, heads } => format!(
            "A width of {width} does not divide into {heads} heads: width over heads must be 4, 8, 12 … up to 64."
        ),
        Problem::Patches { patch, .. } => {
            format!("Expected a multiple of the patch, {patch} pixels.")
        }
        Problem::Above { high, .. } => format!("Expected at most the largest area, {high}."),
        Problem::Other(message) => format!("{message}."),
    },
    waiting: "These settings are not those of the run. Applying them throws the run away.",
    faulty: "Some settings are not possible yet: see the fields below.",
    apply: "Apply and begin anew",
    undo: "Back to the run's",
    copy_link: "Copy a link to these settings",
    copied: "Copied.",
    copy_yourself: "The browser does not let the page copy; here is the link:",
    notices: "Not everything in the link could be used:",
    notice: |notice| match notice {
        Notice::TooLong { bytes } => format!(
            "The link has {bytes} characters after its #, at most {LONGEST_LINK} are read; none of it was used."
        ),
        Notice::Version { found } => {
            format!(
                "The link is of version “{found}”, this page reads version 1; none of it was used."
            )
        }
        Notice::UnknownPreset { found } => format!("There is no preset “{found}”."),
        Notice::UnknownKey { key } => format!("There is no setting “{key}”."),
        Notice::NotANumber { key, found } => {
            format!("{}: “{found}” is not a number.", label(of, key))
        }
        Notice::Clamped { key, found, taken } => {
            format!("{}: {found} became {taken}.", label(of, key))
        }
        Notice::Conflict { key } => {
            format!("{}: left as in the preset, it does not go with the rest.", label(of, key))
        }
        Notice::More { count } => format!("And {count} more."),
    },
    from_link: "The link's settings are filled in. Apply them to begin anew.",
};

fn of(setting: Setting) -> Named {
    match setting {
        Setting::Batch => named(
            "Batch",
            "Images that a step looks at. More make the gradient less noisy and a step longer.",
            "images",
        ),
        Setting::LearningRate => named(
            "Peak learning rate",
            "How far a step moves the student. Too high and the loss jumps, too low and nothing happens.",
            "",
        ),
        Setting::Warmup => named(
            "Warm-up",
            "Share of the run in which the learning rate rises from 0 to its peak.",
            "of the run",
        ),
        Setting::WeightDecay => named(
            "Weight decay, at first",
            "How strongly weights are drawn towards 0 when the run begins.",
            "",
        ),
        Setting::WeightDecayEnd => named(
            "Weight decay, at last",
            "The same when the run ends; in between it follows a cosine.",
            "",
        ),
        Setting::Clip => named(
            "Gradient clipping",
            "Longest gradient that a tensor may have; longer ones are shortened. 0 switches it off.",
            "",
        ),
        Setting::FreezeLastLayer => named(
            "Last layer frozen",
            "Epochs in which the prototypes are not trained, so that they do not run ahead of the rest.",
            "epochs",
        ),
        Setting::FreezeBackbone => named(
            "Backbone frozen",
            "Share of the run in which only the head is trained: a fresh head would spoil the features of \
             weights that were loaded.",
            "of the run",
        ),
        Setting::Momentum => named(
            "Teacher momentum, at first",
            "Share that the teacher keeps of itself at each step; the rest comes from the student. It ends at 1.",
            "",
        ),
        Setting::TeacherTemp => named(
            "Teacher temperature",
            "Below 1 it sharpens the teacher's answers. Too high and all answers become uniform.",
            "",
        ),
        Setting::TeacherTempStart => {
            named("Teacher temperature, at first", "Where its warm-up begins, if there is one.", "")
        }
        Setting::TeacherTempEpochs => named(
            "Temperature warm-up",
            "Epochs in which the teacher's temperature goes from the first to the final one.",
            "epochs",
        ),
        Setting::StudentTemp => named(
            "Student temperature",
            "Sharpness of the student's answers; the teacher's must be sharper, or there is nothing to learn.",
            "",
        ),
        Setting::CenterMomentum => named(
            "Centre momentum",
            "How slowly the centre follows the teacher's mean answer. At 1 it never moves, and one prototype wins.",
            "",
        ),
        Setting::GlobalSize => named(
            "Global crops",
            "Side of the two large views, which student and teacher see: a multiple of the patch.",
            "pixels",
        ),
        Setting::GlobalScaleLow => named(
            "Smallest global area",
            "Smallest part of the image that a large view may show.",
            "of the image",
        ),
        Setting::GlobalScaleHigh => named(
            "Largest global area",
            "Largest part of the image that a large view may show.",
            "of the image",
        ),
        Setting::Locals => named(
            "Local crops",
            "Small views of each image, which only the student sees.",
            "an image",
        ),
        Setting::LocalSize => named(
            "Size of local crops",
            "Side of the small views: a multiple of the patch.",
            "pixels",
        ),
        Setting::LocalScaleLow => named(
            "Smallest local area",
            "Smallest part of the image that a small view may show.",
            "of the image",
        ),
        Setting::LocalScaleHigh => named(
            "Largest local area",
            "Largest part of the image that a small view may show.",
            "of the image",
        ),
        Setting::Blur => named(
            "Largest blur",
            "How strongly views are blurred at most. Two pixels are much of a small view, little of a large one; 0 \
             blurs none.",
            "pixels",
        ),
        Setting::Jitter => named(
            "Colour changes",
            "How far brightness, contrast, saturation and hue may be changed: 1 as in the paper, 0 not at all.",
            "",
        ),
        Setting::Prototypes => named(
            "Prototypes K",
            "Numbers in an answer: the classes that the networks make up by themselves.",
            "",
        ),
        Setting::HeadHidden => {
            named("Width of the head", "Width of the head's two hidden layers.", "numbers")
        }
        Setting::Bottleneck => named(
            "Bottleneck",
            "Numbers that are left before the prototypes; they are scaled to length 1.",
            "numbers",
        ),
        Setting::Patch => named(
            "Patch",
            "Side of the squares that an image is cut into: 4, 8, 14 or 16. Smaller ones give finer maps and more work.",
            "pixels",
        ),
        Setting::Width => {
            named("Width D", "Numbers that stand for a patch inside the network.", "numbers")
        }
        Setting::Depth => named("Blocks", "Layers of attention and MLP, one after the other.", ""),
        Setting::Heads => named(
            "Heads",
            "Attention maps a block. The width over the heads must be 4, 8, 12 … up to 64.",
            "",
        ),
        Setting::DropPath => named(
            "Drop path",
            "Chance that the student skips its last block; earlier ones are skipped less often.",
            "",
        ),
    }
}
