//! English words of the curves.

use super::super::charts::ChartsText;

pub const TEXT: ChartsText = ChartsText {
    title: "Curves",
    waits: "The curves begin with the first step.",
    schedules: "Schedules",
    loss: (
        "Loss",
        "How badly the student foretells the teacher's answers, averaged over all pairs of crops. Staying at ln K \
         means uniform answers. It may rise while the teacher becomes less one-sided: the KL divergence tells.",
    ),
    entropy: (
        "Teacher entropy",
        "How undecided the teacher is. At ln K all prototypes are alike, at 0 one has everything; healthy is in \
         between.",
    ),
    kl: (
        "KL divergence",
        "What the student still has to learn from its teacher: the loss without the teacher's own entropy.",
    ),
    feature_std: (
        "Feature deviation",
        "How much the features of different images differ. Near 1/√D they use all directions, at 0 all images look \
         alike.",
    ),
    speed: ("Images a second", "How fast the steps go."),
    accuracy: (
        "k-NN accuracy",
        "How often the nearest images have the right label, which nobody told the networks. Compare with chance \
         and with the pixels themselves.",
    ),
    lr: ("Learning rate", "Rises during the warm-up, then falls along a cosine."),
    weight_decay: ("Weight decay", "Rises along a cosine."),
    momentum: ("Teacher momentum", "Rises to 1, so that the teacher comes to rest."),
    teacher_temp: ("Teacher temperature", "Constant unless it is warmed up."),
    center_norm: "Centre norm",
    step: "Step",
    each_step: "each step",
    smoothed: "smoothed",
    chance: "chance",
    pixels: "raw pixels",
    label: |name, value| format!("Curve of {name}, now {value}"),
    no_script: "The charts' program could not be loaded; the table below holds the same numbers.",
    table: "As a table",
    rows: "Rows",
    last_rows: |n| format!("the last {n}"),
    spread_rows: |n| format!("{n} over the whole run"),
    caption: |rows, points| format!("{rows} of {points} kept steps"),
    csv: "Save as CSV",
    json: "Save as JSON",
};
