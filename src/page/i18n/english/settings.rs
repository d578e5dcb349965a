//! English text of the settings: name, sentence and unit of each, and what is wrong with one.

use crate::i18n::settings::{Named, SettingsText, label, named};
use dino_core::run::settings::{Group, LONGEST_LINK, Notice, Setting, SettingProblem};

pub const TEXT: SettingsText = SettingsText {
    title: "Advanced settings",
    about: "All settings of the run. Changes apply when you start over. The paper's values are for ViT-S/16 on \
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
    steps: named("Steps", "Length of the run. All schedules end with it.", ""),
    seed: named(
        "Seed",
        "Seed of all random numbers. The same seed gives the same run on the same adapter.",
        "",
    ),
    new_seed: "Draw a new seed",
    paper: |value| format!("Paper: {value}"),
    as_preset: |value| format!("Reset to {value}"),
    as_preset_label: |label| format!("{label}: reset to the preset"),
    problem: |problem| match problem {
        SettingProblem::Range { range: [low, high], whole: true, .. } => {
            format!("Expected a whole number from {low} to {high}.")
        }
        SettingProblem::Range { range: [low, high], .. } => {
            format!("Expected a number from {low} to {high}.")
        }
        SettingProblem::Choice { choices, found } => {
            format!("Expected one of {}, found “{found}”.", choices.join(", "))
        }
        SettingProblem::NotANumber { found } => format!("Expected a number, found “{found}”."),
        SettingProblem::NoPair { found } => format!("Expected key=value, found “{found}”."),
        SettingProblem::Patch { .. } => "Expected 4, 8, 14 or 16.".to_owned(),
        SettingProblem::Heads { width, heads } => format!(
            "A width of {width} does not divide into {heads} heads: width over heads must be 4, 8, 12 … up to 64."
        ),
        SettingProblem::Patches { patch, most, .. } => {
            format!("Expected a multiple of the patch size, {patch} pixels, up to {most}.")
        }
        SettingProblem::Above { high, .. } => format!("Expected at most the largest area, {high}."),
        SettingProblem::Rate { found } => {
            format!("Expected a number from 0 to below 1, found {found}.")
        }
        SettingProblem::Areas { low, high } => {
            format!(
                "Expected a smallest area above 0 and a largest up to 1, found {low} and {high}."
            )
        }
        SettingProblem::OfWeights { expected, found } => {
            format!("The loaded weights have {expected}, not {found}.")
        }
        SettingProblem::HeadsUnknown { width } => format!(
            "The file does not say how many heads it has, and its width of {width} is not a multiple of 64."
        ),
        SettingProblem::OfCheckpoint => {
            "Only crops and training can change. The checkpoint's network stays.".to_owned()
        }
        SettingProblem::Divisor { batch, found } => {
            format!("Expected a divisor of the batch size {batch}, found {found}.")
        }
        SettingProblem::OnlyBackbone => {
            "Only a backbone can be written in half precision.".to_owned()
        }
    },
    waiting: "These settings differ from the run's. Applying them discards the run.",
    faulty: "Some settings are not possible. See the fields below.",
    apply: "Apply and start over",
    undo: "Undo changes",
    copy_link: "Copy a link to these settings",
    copied: "Copied.",
    copy_yourself: "The browser does not let this page copy. Here is the link:",
    notices: "Not everything in the link could be used:",
    notice: |notice| match notice {
        Notice::TooLong { bytes } => format!(
            "The link has {bytes} characters after its #. At most {LONGEST_LINK} are read, so none of it was used."
        ),
        Notice::Version { found } => {
            format!(
                "The link is of version “{found}”. This page reads version 1, so none of it was used."
            )
        }
        Notice::UnknownPreset { found } => format!("There is no preset “{found}”."),
        Notice::UnknownKey { key } => format!("There is no setting “{key}”."),
        Notice::NotANumber { key, found } => {
            format!("{}: “{found}” is not a number.", label(of, key))
        }
        Notice::NotAChoice { key, choices, found } => {
            format!("{}: “{found}” is none of {}.", label(of, key), choices.join(", "))
        }
        Notice::Clamped { key, found, taken } => {
            format!("{}: {found} became {taken}.", label(of, key))
        }
        Notice::Conflict { key } => {
            format!(
                "{}: kept as in the preset, because it conflicts with the rest.",
                label(of, key)
            )
        }
        Notice::More { count } => format!("And {count} more."),
    },
    from_link: "The link's settings are filled in. Apply them to start over.",
};

fn of(setting: Setting) -> Named {
    match setting {
        Setting::Batch => named(
            "Batch size",
            "Images per step. More images make the gradient less noisy and the step slower.",
            "images",
        ),
        Setting::LearningRate => named(
            "Peak learning rate",
            "How far a step moves the student. Too high and the loss jumps; too low and nothing happens.",
            "",
        ),
        Setting::Warmup => named(
            "Warm-up",
            "Fraction of the run in which the learning rate rises from 0 to its peak.",
            "of the run",
        ),
        Setting::WeightDecay => named(
            "Initial weight decay",
            "How strongly weights are pulled towards 0 at the start of the run.",
            "",
        ),
        Setting::WeightDecayEnd => named(
            "Final weight decay",
            "The same at the end of the run. In between it follows a cosine.",
            "",
        ),
        Setting::Clip => named(
            "Gradient clipping",
            "Maximum gradient norm per tensor. Larger gradients are scaled down. 0 turns it off.",
            "",
        ),
        Setting::FreezeLastLayer => named(
            "Freeze the last layer",
            "First epochs, in which the prototypes are not trained, so that they do not run ahead of the rest.",
            "epochs",
        ),
        Setting::FreezeBackbone => named(
            "Freeze the backbone",
            "First fraction of the run, in which only the head is trained. A new head would spoil the features of \
             loaded weights.",
            "of the run",
        ),
        Setting::Momentum => named(
            "Initial teacher momentum",
            "Fraction that the teacher keeps of itself at each step. The rest comes from the student. It ends at 1.",
            "",
        ),
        Setting::TeacherTemp => named(
            "Teacher temperature",
            "Below 1, it sharpens the teacher's output. Too high and all output becomes uniform.",
            "",
        ),
        Setting::TeacherTempStart => named(
            "Initial teacher temperature",
            "Where the temperature warm-up begins, if there is one.",
            "",
        ),
        Setting::TeacherTempEpochs => named(
            "Temperature warm-up",
            "Epochs in which the teacher temperature goes from its initial to its final value.",
            "epochs",
        ),
        Setting::StudentTemp => named(
            "Student temperature",
            "Sharpness of the student's output. The teacher's must be sharper, or there is nothing to learn.",
            "",
        ),
        Setting::CenterMomentum => named(
            "Centre momentum",
            "How slowly the centre follows the teacher's mean output. At 1 it never moves, and one prototype wins.",
            "",
        ),
        Setting::GlobalSize => named(
            "Global crop size",
            "Side of the two large crops, which both networks see. It is a multiple of the patch size.",
            "pixels",
        ),
        Setting::GlobalScaleLow => named(
            "Smallest global area",
            "Smallest part of the image that a large crop may show.",
            "of the image",
        ),
        Setting::GlobalScaleHigh => named(
            "Largest global area",
            "Largest part of the image that a large crop may show.",
            "of the image",
        ),
        Setting::Locals => named(
            "Local crops",
            "Number of small crops per image, which only the student sees.",
            "per image",
        ),
        Setting::LocalSize => named(
            "Local crop size",
            "Side of the small crops. It is a multiple of the patch size.",
            "pixels",
        ),
        Setting::LocalScaleLow => named(
            "Smallest local area",
            "Smallest part of the image that a small crop may show.",
            "of the image",
        ),
        Setting::LocalScaleHigh => named(
            "Largest local area",
            "Largest part of the image that a small crop may show.",
            "of the image",
        ),
        Setting::Blur => named(
            "Largest blur",
            "How strongly crops are blurred at most. Two pixels are a lot for a small crop and little for a large one. \
             0 turns it off.",
            "pixels",
        ),
        Setting::Jitter => named(
            "Colour jitter",
            "How far brightness, contrast, saturation and hue may change. 1 is as in the paper; 0 turns it off.",
            "",
        ),
        Setting::Prototypes => named(
            "Prototypes K",
            "Output dimension: the number of classes that the networks make up by themselves.",
            "",
        ),
        Setting::HeadHidden => {
            named("Head width", "Width of the head's two hidden layers.", "dimensions")
        }
        Setting::Bottleneck => named(
            "Bottleneck",
            "Width of the layer before the prototypes. Its output is scaled to length 1.",
            "dimensions",
        ),
        Setting::Patch => named(
            "Patch size",
            "Side of the squares that an image is cut into: 4, 8, 14 or 16. Smaller patches give finer maps and take \
             longer.",
            "pixels",
        ),
        Setting::Width => named(
            "Width D",
            "Length of the vector that stands for a patch in the network.",
            "dimensions",
        ),
        Setting::Depth => named("Blocks", "Layers of attention and MLP, one after the other.", ""),
        Setting::Heads => named(
            "Heads",
            "Attention maps per block. The width over the heads must be 4, 8, 12 … up to 64.",
            "",
        ),
        Setting::DropPath => named(
            "Drop path",
            "Probability that the student skips its last block. Earlier blocks are skipped less often.",
            "",
        ),
    }
}
