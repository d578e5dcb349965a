//! English text of the charts.

use crate::i18n::charts::ChartsText;
use dino_core::eval::metrics::{Column, Unit};

pub const TEXT: ChartsText = ChartsText {
    title: "Charts",
    waits: "The charts begin with the first step.",
    schedules: "Schedules",
    column: |column| match column {
        Column::Loss => (
            "Loss",
            "How poorly the student predicts the teacher's output, averaged over all pairs of crops. A loss that stays \
             at ln K means uniform output. The loss may rise while the teacher becomes less one-sided; then watch the \
             KL divergence.",
        ),
        Column::Entropy => (
            "Teacher entropy",
            "How undecided the teacher is. At ln K all prototypes get the same share, at 0 one gets everything. A \
             healthy run stays in between.",
        ),
        Column::Kl => (
            "KL divergence",
            "How far the student's output is from the teacher's: the loss minus the teacher's own entropy.",
        ),
        Column::FeatureStd => (
            "Feature std",
            "How much the features of different images differ. Near 1/√D they use all directions; at 0 all images look \
             alike.",
        ),
        Column::CenterNorm => ("Centre norm", ""),
        Column::ImagesPerSecond => ("Images per second", "How fast training runs."),
        Column::LearningRate => {
            ("Learning rate", "Rises during the warm-up, then falls along a cosine.")
        }
        Column::WeightDecay => ("Weight decay", "Rises along a cosine."),
        Column::Momentum => ("Teacher momentum", "Rises to 1, so that the teacher settles."),
        Column::TeacherTemp => ("Teacher temperature", "Constant, unless it has a warm-up."),
    },
    unit: |unit| match unit {
        Unit::Nats => "nats",
        Unit::PerSecond | Unit::One => "",
    },
    accuracy: (
        "k-NN accuracy",
        "How often the nearest images have the right label, which the networks never see. Compare it with the most \
         common label and with raw pixels.",
    ),
    step: "Step",
    each_step: "each step",
    smoothed: "smoothed",
    chance: "most common label",
    pixels: "raw pixels",
    label: |name, value| format!("Chart of {name}, latest value {value}"),
    no_script: "The chart program could not be loaded. The table below has the same numbers.",
    table: "Show as a table",
    rows: "Rows",
    last_rows: |n| format!("the last {n}"),
    spread_rows: |n| format!("{n} spread over the whole run"),
    caption: |rows, points| format!("{rows} of {points} recorded steps"),
    csv: "Save as CSV",
    json: "Save as JSON",
};
