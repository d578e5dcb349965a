//! What a number of a run is that a person can change, and how it is looked up. Invariant: settings are applied
//! in the order in which they stand here.

use crate::run::config::Config;
use serde::{Deserialize, Serialize};

/// A number of a run that may differ from its preset. Applied in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Setting {
    Batch,
    LearningRate,
    Warmup,
    WeightDecay,
    WeightDecayEnd,
    Clip,
    FreezeLastLayer,
    FreezeBackbone,
    Momentum,
    TeacherTemp,
    TeacherTempStart,
    TeacherTempEpochs,
    StudentTemp,
    CenterMomentum,
    GlobalSize,
    GlobalScaleLow,
    GlobalScaleHigh,
    Locals,
    LocalSize,
    LocalScaleLow,
    LocalScaleHigh,
    Blur,
    Jitter,
    Prototypes,
    HeadHidden,
    Bottleneck,
    Patch,
    Width,
    Depth,
    Heads,
    DropPath,
}

/// What belongs together on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Optimiser,
    Teacher,
    Crops,
    Head,
    Network,
}

impl Group {
    pub const ALL: [Self; 5] =
        [Self::Optimiser, Self::Teacher, Self::Crops, Self::Head, Self::Network];
}

/// A setting as it is looked up.
pub struct Row {
    pub setting: Setting,
    /// Name in links and on the command line.
    pub key: &'static str,
    pub group: Group,
    /// Smallest and largest value.
    pub range: [f64; 2],
    pub whole: bool,
    /// The paper's value, for ViT-S/16 on ImageNet.
    pub paper: f64,
    /// What [`Config::validate`] calls it.
    pub field: &'static str,
    pub get: fn(&Config) -> f64,
    pub set: fn(&mut Config, f64),
}
