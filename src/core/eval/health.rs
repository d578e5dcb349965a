//! Health of a run, judged from its metrics, in a word: is it learning, or how does it fail. Invariants: judged
//! from the points alone, so a loaded history is judged as a live one; the numbers that decided go along.
//!
//! The thresholds were chosen on the recorded runs in `tests/curves`, which its tests read.

use crate::eval::history::History;
use crate::eval::metrics::Column;

/// Steps before anything can be said.
const EARLY: u64 = 10;
/// Steps that the judged numbers are averaged over.
const WINDOW: f64 = 20.0;
/// A teacher whose entropy is above this share of ln K says nothing of an image … (healthy runs: up to
/// .80, with τ .2 from the 30th step on .99)
const UNIFORM_ENTROPY: f64 = 0.98;
/// … if the student has nothing left to learn from it, as a share of ln K: .001 against .1 to .4.
const UNIFORM_KL: f64 = 0.03;
/// A teacher below this share says the same of every image … (healthy runs start at .13, collapsed ones
/// stay below .03)
const ONE_HOT_ENTROPY: f64 = 0.06;
/// … if the student says it too: healthy runs have .35 and more, collapsed ones fall below .2.
const ONE_HOT_LOSS: f64 = 0.25;
/// … and if the features of different images are not far apart, over 1/√D: collapsed runs have .2 to .45 over
/// the window, one that told each of its 204 photographs from every other .9.
const APART: f64 = 0.65;
/// Deviation of the features, of 1/√D, below which all images look alike to the network: healthy runs
/// have .36 and more, those with one answer for all .2 to .4, diverged ones below .05.
const ALIKE: f64 = 0.1;
/// The loss goes up and down by so much of ln K in so many steps: healthy runs by .5 at most.
const SWING: f64 = 0.7;
const SWING_STEPS: u64 = 60;
/// After so many steps …
const STALLED_STEPS: u64 = 60;
/// … the student should be nearer to its teacher than this share of its first distance: healthy runs have
/// .7 and less.
const STALLED: f64 = 0.9;

/// How a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Too few steps.
    TooEarly,
    /// The learning rate still rises.
    WarmingUp,
    Learning,
    /// The teacher gives every prototype the same share.
    CollapsingUniform,
    /// The teacher gives one prototype everything.
    CollapsingOneHot,
    /// Every image has a prototype of its own: there is little left to learn from them.
    Memorised,
    /// The student does not come nearer to its teacher.
    Stalled,
    /// The loss is no number or jumps, or the features of all images became the same.
    Diverged,
}

impl Health {
    /// For style sheets and tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooEarly => "too-early",
            Self::WarmingUp => "warming-up",
            Self::Learning => "learning",
            Self::CollapsingUniform => "uniform",
            Self::CollapsingOneHot => "one-hot",
            Self::Memorised => "memorised",
            Self::Stalled => "stalled",
            Self::Diverged => "diverged",
        }
    }

    /// Whether something should be changed.
    pub fn is_bad(self) -> bool {
        !matches!(self, Self::TooEarly | Self::WarmingUp | Self::Learning)
    }
}

/// A judgement with the numbers that it rests on, averaged over the last steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diagnosis {
    pub health: Health,
    pub step: u64,
    pub ln_k: f64,
    pub loss: f64,
    /// Of the teacher, nats.
    pub entropy: f64,
    pub kl: f64,
    /// [`Diagnosis::kl`] in the first steps.
    pub first_kl: f64,
    /// Of the features, over the healthy 1/√D.
    pub deviation: f64,
    /// Between the highest and the lowest loss of the last steps.
    pub swing: f64,
}

impl Diagnosis {
    /// The teacher's entropy over ln K.
    pub fn entropy_share(&self) -> f64 {
        self.entropy / self.ln_k
    }
}

/// Judges a run of a head with K `prototypes` and features of `dim` numbers, whose backbone rests for the first
/// `resting` steps. `None` before the first step.
pub fn judge(history: &History, prototypes: usize, dim: usize, resting: u64) -> Option<Diagnosis> {
    let samples = history.samples();
    let (first, last) = (samples.first()?.point, samples.last()?.point);
    let now = |column| history.smoothed(column, WINDOW).last().map_or(f64::NAN, |v| f64::from(*v));
    let beginning = samples.iter().take_while(|s| s.point.step < first.step + EARLY);
    let beginning: Vec<f64> = beginning.map(|s| f64::from(s.point.kl)).collect();
    let mut diagnosis = Diagnosis {
        health: Health::TooEarly,
        step: last.step,
        ln_k: (prototypes.max(2) as f64).ln(),
        loss: now(Column::Loss),
        entropy: now(Column::Entropy),
        kl: now(Column::Kl),
        first_kl: beginning.iter().sum::<f64>() / beginning.len() as f64,
        deviation: now(Column::FeatureStd) * (dim.max(1) as f64).sqrt(),
        swing: swing(history),
    };
    let before = samples.iter().rev().nth(1).map_or(last.lr, |s| s.point.lr);
    diagnosis.health = health(
        &diagnosis,
        last.loss.is_finite(),
        first.step == 0,
        last.lr > before,
        last.step < resting + WINDOW as u64,
    );
    Some(diagnosis)
}

fn health(d: &Diagnosis, finite: bool, whole: bool, rising: bool, rests: bool) -> Health {
    if !finite {
        return Health::Diverged;
    }
    if d.step < EARLY {
        return Health::TooEarly;
    }
    let share = |value: f64| value / d.ln_k;
    if d.deviation < ALIKE || share(d.swing) > SWING {
        Health::Diverged
    } else if d.entropy_share() > UNIFORM_ENTROPY && share(d.kl) < UNIFORM_KL {
        Health::CollapsingUniform
    } else if d.entropy_share() < ONE_HOT_ENTROPY && share(d.loss) < ONE_HOT_LOSS {
        // Features that rest say nothing of the head above them.
        if d.deviation > APART && !rests { Health::Memorised } else { Health::CollapsingOneHot }
    } else if rising {
        Health::WarmingUp
    } else if whole && d.step >= STALLED_STEPS && d.kl > STALLED * d.first_kl {
        Health::Stalled
    } else {
        Health::Learning
    }
}

/// Between the highest and the lowest loss, lightly smoothed, of the last steps.
fn swing(history: &History) -> f64 {
    let Some(last) = history.samples().last() else { return 0.0 };
    let smooth = history.smoothed(Column::Loss, WINDOW / 2.0);
    let recent = history.samples().iter().zip(smooth).filter(|(s, _)| {
        let step = s.point.step;
        // The first numbers are averages of few.
        step >= EARLY && step + SWING_STEPS > last.point.step
    });
    let (low, high) = recent.fold((f64::MAX, f64::MIN), |(low, high), (_, loss)| {
        (low.min(f64::from(loss)), high.max(f64::from(loss)))
    });
    (high - low).max(0.0)
}
