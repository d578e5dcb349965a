//! Chart lines: which numbers of the run, smoothed or not, and what they are compared with.
//! Invariant: numbers only; how they look is elsewhere.

use crate::context::Page;
use crate::i18n::Text;
use crate::ui::term::TermKey;
use dino_core::eval::history::History;
use dino_core::eval::metrics::{Column, Comparison, Place};
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

/// The charts of a place. The accuracy, which is no metric of a step, ends those that are always shown.
pub fn charts(place: Place) -> Vec<Chart> {
    let columns = Column::ALL.iter().filter(|column| column.row().place == place);
    let accuracy = (place == Place::Main).then_some(Chart::Accuracy);
    columns.copied().map(Chart::Of).chain(accuracy).collect()
}

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
            Self::Of(_) => return None,
        })
    }

    /// Title and meaning.
    pub fn words(self, text: &Text) -> (&'static str, &'static str) {
        match self {
            Self::Of(column) => (text.charts.column)(column),
            Self::Accuracy => text.charts.accuracy,
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
            Self::Of(column) => {
                let mut lines = match column.row().noisy {
                    true => vec![(c.each_step, LineStyle::Faint), (c.smoothed, LineStyle::Strong)],
                    false => vec![(title, LineStyle::Strong)],
                };
                let label = column.row().comparison.map(|comparison| match comparison {
                    Comparison::LnPrototypes => "ln K",
                    Comparison::InverseRootDim => "1/√D",
                });
                lines.extend(label.map(|label| (label, LineStyle::Dashed)));
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
            if column.row().noisy {
                lines.push(smoothed(history, column));
            }
            let line = column.row().comparison.map(|comparison| match comparison {
                Comparison::LnPrototypes => (prototypes.max(1) as f64).ln(),
                Comparison::InverseRootDim => 1.0 / (dim.max(1) as f64).sqrt(),
            });
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
                let values = if column.row().noisy {
                    smoothed(history, column)
                } else {
                    history.samples().last().map(|s| f64::from(column.of(s))).into_iter().collect()
                };
                values.last().copied()
            }),
        }
    }
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
