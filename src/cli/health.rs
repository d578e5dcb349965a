//! Health of a run in words, for standard error: how it fails and what to change, as the page says it. Invariant: a
//! healthy run is told nothing, and each way to fail is told once, before the end repeats it.

use dino_core::eval::health::{Diagnosis, Health, judge};
use dino_core::eval::history::History;
use dino_core::eval::metrics::Sample;
use dino_core::run::config::Config;
use dino_core::run::schedule::frozen_steps;

/// Steps that this part of a run must have before its averages say anything.
const ENOUGH: usize = 10;

/// Watches a run.
pub struct Watch {
    history: History,
    /// Prototypes, width, and steps for which the backbone rests.
    sizes: (usize, usize, u64),
    told: Vec<Health>,
    /// The step at which something was told last.
    last: Option<u64>,
}

impl Watch {
    pub fn new(config: &Config) -> Self {
        let resting = frozen_steps(&config.train) as u64;
        Self {
            history: History::default(),
            sizes: (config.head.out_dim, config.vit.embed_dim, resting),
            told: Vec::new(),
            last: None,
        }
    }

    /// Takes in a step; a sentence, if the run fails in a way that was not told yet.
    pub fn note(&mut self, sample: Sample) -> Option<String> {
        self.history.push(sample);
        let (diagnosis, words) = self.judged()?;
        if self.told.contains(&diagnosis.health) {
            return None;
        }
        self.told.push(diagnosis.health);
        self.last = Some(diagnosis.step);
        Some(words)
    }

    /// The sentence for the end of the run, unless its last step had it.
    pub fn end(&self) -> Option<String> {
        let (diagnosis, words) = self.judged()?;
        (self.last != Some(diagnosis.step)).then_some(words)
    }

    /// What is wrong now.
    fn judged(&self) -> Option<(Diagnosis, String)> {
        let (prototypes, dim, resting) = self.sizes;
        let diagnosis = judge(&self.history, prototypes, dim, resting)?;
        let loss = self.history.samples().last()?.point.loss;
        if self.history.samples().len() < ENOUGH && loss.is_finite() {
            return None;
        }
        let words = words(&diagnosis, loss)?;
        Some((diagnosis, words))
    }
}

/// What is wrong with a run whose last loss is `loss`, and what to change; none if nothing is.
pub fn words(d: &Diagnosis, loss: f32) -> Option<String> {
    let share = 100.0 * d.entropy_share();
    let (word, because, advice) = match d.health {
        Health::TooEarly | Health::WarmingUp | Health::Learning => return None,
        Health::CollapsingUniform => (
            "collapsing: every output is uniform",
            format!(
                "the teacher's entropy is {:.3}, {share:.1} % of ln K: it gives every prototype the same share, \
                 whatever it sees",
                d.entropy
            ),
            "lower the teacher's temperature (--set teacher_temp=0.02) or the learning rate (--set lr=…) and start over",
        ),
        Health::CollapsingOneHot => (
            "collapsing: one prototype takes all",
            format!(
                "the teacher's entropy is {:.3}, the loss {:.3}: it gives everything to one prototype, whatever it sees",
                d.entropy, d.loss
            ),
            "let the centre follow the teacher (--set center_momentum=0.9) or raise the teacher's temperature a little \
             (--set teacher_temp=…) and start over",
        ),
        Health::Memorised => (
            "every image memorised",
            format!(
                "the teacher's entropy is {:.3}, the loss {:.3}, feature std {:.2} of 1/√D: every image is told apart, \
                 so little is left to learn from them",
                d.entropy, d.loss, d.deviation
            ),
            "add images; more steps on these teach little",
        ),
        Health::Stalled => (
            "stalled",
            format!(
                "the student is {:.2} nats from its teacher, as far as at the start ({:.2})",
                d.kl, d.first_kl
            ),
            "raise the learning rate (--set lr=…) or shorten its warm-up (--set warmup=…) and start over",
        ),
        Health::Diverged => (
            "diverged",
            if loss.is_finite() {
                format!(
                    "the loss swings by {:.2} and the features of all images are similar: feature std {:.3} of 1/√D",
                    d.swing, d.deviation
                )
            } else {
                format!("the loss is {loss}, which is no number any more")
            },
            "lower the learning rate to a tenth (--set lr=…), keep gradient clipping on (--set clip=3) and start over",
        ),
    };
    Some(format!("health at step {}: {word}; {because}; {advice}", d.step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dino_core::eval::metrics::Metrics;
    use dino_core::run::presets;
    use std::path::Path;

    /// What is told of a recorded run, step by step, and at its end.
    fn told(name: &str) -> (Vec<String>, Option<String>) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/curves").join(name);
        let text = std::fs::read_to_string(file).unwrap();
        let recorded = History::from_csv(name, &text).unwrap();
        let mut config = presets::all()[0].config(204, 3000, None);
        (config.head.out_dim, config.vit.embed_dim) = (256, 64);
        config.train.freeze_backbone = 0.0;
        let mut watch = Watch::new(&config);
        let told = recorded.samples().iter().filter_map(|sample| watch.note(*sample)).collect();
        (told, watch.end())
    }

    #[test]
    fn a_run_that_fails_is_told_what_to_change() {
        for (name, word, advice) in [
            ("uniform.csv", "collapsing: every output is uniform", "--set teacher_temp=0.02"),
            ("one-hot.csv", "collapsing: one prototype takes all", "--set center_momentum=0.9"),
            ("diverged.csv", "diverged", "--set lr="),
            ("stalled.csv", "stalled", "--set warmup="),
            ("memorised.csv", "every image memorised", "add images"),
        ] {
            let (told, end) = told(name);
            let end = end.expect(name);
            let of_kind = told.iter().filter(|words| words.contains(word)).count();
            assert_eq!(of_kind, 1, "once: {told:?}");
            assert!(end.contains(word) && end.contains(advice), "{end}");
        }
    }

    #[test]
    fn a_healthy_run_is_told_nothing() {
        for name in ["healthy.csv", "cold.csv", "center-momentum-0.csv"] {
            assert_eq!(told(name), (vec![], None), "{name}");
        }
    }

    #[test]
    fn a_loss_that_is_no_number_is_told_at_once() {
        let mut watch = Watch::new(&presets::all()[0].config(204, 3000, None));
        let sample = |step, loss| {
            let point = Metrics { loss, ..Metrics::at(step) };
            Sample { point, images_per_second: f32::NAN }
        };
        assert_eq!(watch.note(sample(0, 5.0)), None);
        let words = watch.note(sample(1, f32::NAN)).unwrap();
        assert!(words.contains("health at step 1: diverged; the loss is NaN"), "{words}");
        assert!(words.contains("lower the learning rate"), "{words}");
        assert_eq!(watch.end(), None, "its last step had it");
    }
}
