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

/// Why neighbours and a probe were not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// There are not two labels.
    Labels,
    /// Not two labels have two images each.
    Images,
}

impl Lacking {
    fn words(self) -> &'static str {
        match self {
            Self::Labels => "too few labels",
            Self::Images => "too few images",
        }
    }
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
    pub lacking: Option<Lacking>,
    pub knn: Option<Beside>,
    pub linear: Option<Beside>,
    pub best_head: Option<Beside>,
    pub mean_head: Option<Beside>,
    /// In nats, and divided by ln K; none without a head.
    pub entropy: Option<[f64; 2]>,
    /// As it is, and divided by 1/√D; none of one image.
    pub feature_std: Option<[f64; 2]>,
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
            "lacking": self.lacking.map(Lacking::words),
            "knn": beside(&self.knn),
            "linear": beside(&self.linear),
            "masks": self.masks,
            "maskIouBestHead": beside(&self.best_head),
            "maskIouMeanHead": beside(&self.mean_head),
            "entropy": self.entropy.map(|[nats, _]| nats),
            "entropyOfUniform": self.entropy.map(|[_, share]| share),
            "featureStd": self.feature_std.map(|[std, _]| std),
            "featureStdOfHealthy": self.feature_std.map(|[_, share]| share),
        })
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, images, asked, labels, .. } = self;
        let who = match asked {
            _ if images == asked => String::new(),
            1 => ", 1 other asked".to_owned(),
            _ => format!(", {asked} others asked"),
        };
        let count = |count: &usize, word: &str| {
            format!("{count} {word}{}", ["s", ""][usize::from(*count == 1)])
        };
        let whose = match step {
            Some(step) => format!("step {step}"),
            None => "backbone".to_owned(),
        };
        writeln!(f, "{whose}: {}{who}, {}", count(images, "image"), count(labels, "label"))?;
        writeln!(
            f,
            "{:24} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "", "trained", "untrained", "pixels", "chance", "centre"
        )?;
        let percent = |share: Option<f64>| match share {
            Some(share) => format!("{:.1} %", 100.0 * share),
            None => "–".to_owned(),
        };
        for (name, scores, lacking) in [
            ("k-NN accuracy", self.knn, self.lacking),
            ("linear probe accuracy", self.linear, self.lacking),
            ("mask IoU, best head", self.best_head, None),
            ("mask IoU, mean of heads", self.mean_head, None),
        ] {
            let Some(Beside { trained, untrained, pixels, chance, centre }) = scores else {
                if let Some(lacking) = lacking {
                    writeln!(f, "{name:24} {}", lacking.words())?;
                }
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
        match self.feature_std {
            Some([std, share]) => writeln!(f, "feature std {std:.4}, {share:.2} of 1/√D"),
            None => writeln!(f, "feature std: too few images"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(images: usize, labels: usize, lacking: Option<Lacking>) -> Scores {
        let (knn, linear, best_head, mean_head, entropy) = Default::default();
        let feature_std = (images > 1).then_some([0.1, 0.8]);
        let (step, masks, asked) = (None, 0, images);
        Scores {
            step,
            images,
            asked,
            labels,
            masks,
            lacking,
            knn,
            linear,
            best_head,
            mean_head,
            entropy,
            feature_std,
        }
    }

    #[test]
    fn too_few_images_are_told_as_that() {
        let table = scores(2, 2, Some(Lacking::Images)).to_string();
        assert!(table.starts_with("backbone: 2 images, 2 labels\n"), "{table}");
        assert!(table.contains("k-NN accuracy            too few images\n"), "{table}");
        assert!(!table.contains('%'), "{table}");
        let table = scores(1, 1, Some(Lacking::Labels)).to_string();
        assert!(table.starts_with("backbone: 1 image, 1 label\n"), "{table}");
        assert!(table.ends_with("feature std: too few images\n"), "{table}");
        let json = scores(2, 2, Some(Lacking::Images)).json();
        assert!(json["knn"].is_null() && json["lacking"] == "too few images", "{json}");
    }
}
