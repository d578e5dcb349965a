//! Table of the scores of `dino evaluate`, as text for people and as JSON for programs. Invariant: a score that
//! was not measured is null in JSON and missing or a dash in the text, never a guess.

use serde_json::{Value, json};
use std::fmt;

/// A score beside those without training, as shares from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    pub trained: f64,
    pub untrained: f64,
    pub pixels: Option<f64>,
    pub chance: Option<f64>,
    /// Of a map that is highest in the middle.
    pub centre: Option<f64>,
}

/// Everything that is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Step of the run; none for a backbone alone.
    pub step: Option<u64>,
    /// Training images, and test images (`asked`), which may be the same.
    pub images: usize,
    pub asked: usize,
    pub labels: usize,
    /// Images with a mask.
    pub masks: usize,
    pub knn: Option<Beside>,
    pub linear: Option<Beside>,
    pub best_head: Option<Beside>,
    pub mean_head: Option<Beside>,
    /// In nats, and divided by ln K; none without a head.
    pub entropy: Option<[f64; 2]>,
    /// Feature std, and (`feature_std_of_healthy`) divided by 1/√D.
    pub feature_std: f64,
    pub feature_std_of_healthy: f64,
}

impl Scores {
    /// All numbers; null where one was not measured.
    pub fn json(&self) -> Value {
        let beside = |scores: &Option<Beside>| match scores {
            Some(Beside {
                trained, untrained, pixels: Some(pixels), chance: Some(chance), ..
            }) => {
                json!({ "trained": trained, "untrained": untrained, "pixels": pixels, "chance": chance })
            }
            Some(Beside { trained, untrained, centre, .. }) => {
                json!({ "trained": trained, "untrained": untrained, "centre": centre })
            }
            None => Value::Null,
        };
        json!({
            "step": self.step,
            "images": self.images,
            "asked": self.asked,
            "labels": self.labels,
            "knn": beside(&self.knn),
            "linear": beside(&self.linear),
            "masks": self.masks,
            "maskIouBestHead": beside(&self.best_head),
            "maskIouMeanHead": beside(&self.mean_head),
            "entropy": self.entropy.map(|[nats, _]| nats),
            "entropyOfUniform": self.entropy.map(|[_, share]| share),
            "featureStd": self.feature_std,
            "featureStdOfHealthy": self.feature_std_of_healthy,
        })
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, images, asked, labels, .. } = self;
        let who = if images == asked { String::new() } else { format!(", {asked} others asked") };
        let whose = match step {
            Some(step) => format!("step {step}"),
            None => "backbone".to_owned(),
        };
        writeln!(f, "{whose}: {images} images{who}, {labels} labels")?;
        writeln!(
            f,
            "{:24} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "", "trained", "untrained", "pixels", "chance", "centre"
        )?;
        let percent = |share: Option<f64>| match share {
            Some(share) => format!("{:.1} %", 100.0 * share),
            None => "–".to_owned(),
        };
        for (name, scores) in [
            ("k-NN accuracy", self.knn),
            ("linear probe accuracy", self.linear),
            ("mask IoU, best head", self.best_head),
            ("mask IoU, mean of heads", self.mean_head),
        ] {
            let Some(Beside { trained, untrained, pixels, chance, centre }) = scores else {
                continue;
            };
            let cells = [Some(trained), Some(untrained), pixels, chance, centre].map(percent);
            let [trained, untrained, pixels, chance, centre] = cells;
            writeln!(
                f,
                "{name:24} {trained:>9} {untrained:>9} {pixels:>9} {chance:>9} {centre:>9}"
            )?;
        }
        if let Some([nats, share]) = self.entropy {
            write!(f, "teacher entropy {nats:.3} nats, {} of ln K; ", percent(Some(share)))?;
        }
        writeln!(
            f,
            "feature std {:.4}, {:.2} of 1/√D",
            self.feature_std, self.feature_std_of_healthy
        )
    }
}
