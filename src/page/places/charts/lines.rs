//! Chart lines: which numbers of the run, smoothed or not, and what they are compared with.
//! Invariant: numbers only; how they look is elsewhere.

use crate::context::Page;
use crate::i18n::Text;
use crate::ui::term::TermKey;
use dino_core::eval::history::{Column, History};
use dino_core::protocol::Accuracy;
use leptos::prelude::*;

/// Steps that a smoothed curve is averaged over: a share of the run so far, within these.
const SMOOTH_SHARE: f64 = 0.03;
const SMOOTH: [f64; 2] = [5.0, 100.0];

/// A chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    Of(Column),
    Accuracy,
}

/// What is always shown, and what folds out.
pub const MAIN: [Chart; 6] = [
    Chart::Of(Column::Loss),
    Chart::Of(Column::Entropy),
    Chart::Of(Column::Kl),
    Chart::Of(Column::FeatureStd),
    Chart::Of(Column::ImagesPerSecond),
    Chart::Accuracy,
];
pub const SCHEDULES: [Chart; 4] = [
    Chart::Of(Column::LearningRate),
    Chart::Of(Column::WeightDecay),
    Chart::Of(Column::Momentum),
    Chart::Of(Column::TeacherTemp),
];

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineStyle {
    /// Each step, noisy.
    Faint,
    Strong,
    /// Something to compare with.
    Dashed,
    /// Something else to compare with.
    Dotted,
}

/// Numbers for a chart.
pub struct Data {
    pub steps: Vec<f64>,
    pub lines: Vec<Vec<f64>>,
}

impl Chart {
    /// Its name in the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Of(column) => column.name(),
            Self::Accuracy => "accuracy",
        }
    }

    /// What it is about, where that is a term.
    pub fn term(self) -> Option<TermKey> {
        Some(match self {
            Self::Of(Column::Loss) => TermKey::Loss,
            Self::Of(Column::Entropy) => TermKey::Entropy,
            Self::Of(Column::Kl) => TermKey::Kl,
            Self::Of(Column::FeatureStd) => TermKey::FeatureStd,
            Self::Of(Column::LearningRate) => TermKey::WarmUp,
            Self::Of(Column::WeightDecay) => TermKey::WeightDecay,
            Self::Of(Column::Momentum) => TermKey::Momentum,
            Self::Of(Column::TeacherTemp) => TermKey::Sharpening,
            Self::Of(Column::CenterNorm) => TermKey::Centring,
            Self::Accuracy => TermKey::Knn,
            Self::Of(Column::ImagesPerSecond) => return None,
        })
    }

    /// Title and meaning.
    pub fn words(self, text: &Text) -> (&'static str, &'static str) {
        let c = &text.charts;
        match self {
            Self::Of(Column::Loss) => c.loss,
            Self::Of(Column::Entropy) => c.entropy,
            Self::Of(Column::Kl) => c.kl,
            Self::Of(Column::FeatureStd) => c.feature_std,
            Self::Of(Column::ImagesPerSecond) => c.speed,
            Self::Of(Column::LearningRate) => c.lr,
            Self::Of(Column::WeightDecay) => c.weight_decay,
            Self::Of(Column::Momentum) => c.momentum,
            Self::Of(Column::TeacherTemp) => c.teacher_temp,
            Self::Of(Column::CenterNorm) => (c.center_norm, ""),
            Self::Accuracy => c.accuracy,
        }
    }

    /// Labels and looks of its lines, in the order of [`Chart::data`].
    pub fn lines(self, text: &Text) -> Vec<(&'static str, LineStyle)> {
        let c = &text.charts;
        let title = self.words(text).0;
        match self {
            Self::Accuracy => {
                vec![
                    (title, LineStyle::Strong),
                    (c.pixels, LineStyle::Dashed),
                    (c.chance, LineStyle::Dotted),
                ]
            }
            Self::Of(column) if !is_noisy(column) => vec![(title, LineStyle::Strong)],
            Self::Of(column) => {
                let mut lines =
                    vec![(c.each_step, LineStyle::Faint), (c.smoothed, LineStyle::Strong)];
                match column {
                    Column::Loss | Column::Entropy => lines.push(("ln K", LineStyle::Dashed)),
                    Column::FeatureStd => lines.push(("1/√D", LineStyle::Dashed)),
                    _ => {}
                }
                lines
            }
        }
    }

    /// Its numbers now.
    pub fn data(self, page: Page) -> Data {
        let Self::Of(column) = self else {
            return page.model.accuracies.with_untracked(|all| accuracies(all));
        };
        let sizes =
            page.model.run.with_untracked(|run| run.as_ref().map(|r| (r.prototypes, r.dim)));
        let (prototypes, dim) = sizes.unwrap_or((1, 1));
        page.model.history.with_untracked(|history| {
            let samples = history.samples();
            let mut lines = vec![samples.iter().map(|s| f64::from(column.of(s))).collect()];
            if is_noisy(column) {
                lines.push(smoothed(history, column));
            }
            let line = match column {
                Column::Loss | Column::Entropy => Some((prototypes.max(1) as f64).ln()),
                Column::FeatureStd => Some(1.0 / (dim.max(1) as f64).sqrt()),
                _ => None,
            };
            lines.extend(line.map(|value| vec![value; samples.len()]));
            Data { steps: samples.iter().map(|s| s.point.step as f64).collect(), lines }
        })
    }

    /// The last value, smoothed where it is noisy, followed.
    pub fn last(self, page: Page) -> Option<f64> {
        match self {
            Self::Accuracy => {
                page.model.accuracies.with(|all| all.last().map(|a| f64::from(a.knn)))
            }
            Self::Of(column) => page.model.history.with(|history| {
                let values = if is_noisy(column) {
                    smoothed(history, column)
                } else {
                    history.samples().last().map(|s| f64::from(column.of(s))).into_iter().collect()
                };
                values.last().copied()
            }),
        }
    }
}

fn is_noisy(column: Column) -> bool {
    matches!(
        column,
        Column::Loss | Column::Entropy | Column::Kl | Column::FeatureStd | Column::ImagesPerSecond
    )
}

fn smoothed(history: &History, column: Column) -> Vec<f64> {
    let ends = history.samples().first().zip(history.samples().last());
    let length = ends.map_or(0, |(first, last)| last.point.step - first.point.step);
    let steps = (SMOOTH_SHARE * length as f64).clamp(SMOOTH[0], SMOOTH[1]);
    history.smoothed(column, steps).into_iter().map(f64::from).collect()
}

fn accuracies(all: &[Accuracy]) -> Data {
    let line = |of: fn(&Accuracy) -> f32| all.iter().map(|a| f64::from(of(a))).collect();
    Data {
        steps: all.iter().map(|a| a.step as f64).collect(),
        lines: vec![line(|a| a.knn), line(|a| a.pixels), line(|a| a.chance)],
    }
}
