//! Glossary of the paper's terms: each is explained in two sentences.

/// A term that the page explains where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKey {
    Student,
    Teacher,
    Momentum,
    StopGradient,
    Centring,
    Sharpening,
    Prototypes,
    Loss,
    Entropy,
    Kl,
    FeatureStd,
    MultiCrop,
    GlobalLocal,
    Attention,
    Head,
    Cls,
    Patch,
    Knn,
    WeightDecay,
    WarmUp,
    Collapse,
    MassThreshold,
    PcaColors,
}

impl TermKey {
    /// In the order in which one builds on the other.
    pub const ALL: [Self; 23] = [
        Self::Student,
        Self::Teacher,
        Self::MultiCrop,
        Self::GlobalLocal,
        Self::Prototypes,
        Self::Loss,
        Self::Momentum,
        Self::StopGradient,
        Self::Centring,
        Self::Sharpening,
        Self::Collapse,
        Self::Entropy,
        Self::Kl,
        Self::FeatureStd,
        Self::WarmUp,
        Self::WeightDecay,
        Self::Patch,
        Self::Cls,
        Self::Attention,
        Self::Head,
        Self::MassThreshold,
        Self::PcaColors,
        Self::Knn,
    ];
}

pub struct Terms {
    /// What the button beside a term is called.
    pub what_is: fn(&str) -> String,
    /// A term and its two sentences.
    pub of: fn(TermKey) -> (&'static str, &'static str),
}
