//! Metrics of a training step, and the table of their columns. Invariant: a metric is one row here; the protocol, the
//! history, CSV and JSON, the charts, the console and the stored curves walk the rows.

use serde::{Deserialize, Serialize};

/// Unit of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Nats,
    PerSecond,
    /// A plain number.
    One,
}

/// Where a column is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Among the charts that are always shown.
    Main,
    /// Among the schedules, which fold out.
    Schedule,
    /// In the table only.
    Table,
}

/// What a column's values are compared with: a dashed line of its chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// ln K, the loss and the entropy of a uniform output over K prototypes.
    LnPrototypes,
    /// 1/√D, the standard deviation of unit vectors in all directions of D dimensions.
    InverseRootDim,
}

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Its name in files, as in `window.dino.status()`.
    pub name: &'static str,
    pub unit: Unit,
    /// True if single steps jump about, so that a smoothed curve is drawn over them.
    pub noisy: bool,
    pub comparison: Option<Comparison>,
    pub place: Place,
}

/// The struct, the enum and the rows, from one list of `field: Column = name, unit, noisy, comparison, place`.
macro_rules! columns {
    ($($(#[$doc:meta])* $field:ident: $column:ident =
        $name:literal, $unit:ident, $noisy:literal, $comparison:expr, $place:ident;)*) => {
        /// Numbers of one finished step.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
        pub struct Metrics {
            /// Steps before this one.
            pub step: u64,
            $($(#[$doc])* pub $field: f32,)*
        }

        /// A number of a [`Sample`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Column {
            $($(#[$doc])* $column,)*
            /// Images a second, all crops of an image being one.
            ImagesPerSecond,
        }

        impl Metrics {
            /// Metrics of which only the step is known: the others are NaN.
            pub fn at(step: u64) -> Self {
                Self { step, $($field: f32::NAN,)* }
            }
        }

        impl Column {
            /// Those of [`Metrics`], in its order.
            pub const METRICS: &[Self] = &[$(Self::$column,)*];
            pub const ALL: &[Self] = &[$(Self::$column,)* Self::ImagesPerSecond];

            pub fn row(self) -> Reading {
                use {Comparison::*, Place::*, Unit::*};
                match self {
                    $(Self::$column => Reading {
                        name: $name, unit: $unit, noisy: $noisy, comparison: $comparison, place: $place,
                    },)*
                    Self::ImagesPerSecond => Reading {
                        name: "imagesPerSecond", unit: PerSecond, noisy: true, comparison: None, place: Main,
                    },
                }
            }

            pub fn of(self, sample: &Sample) -> f32 {
                match self {
                    $(Self::$column => sample.point.$field,)*
                    Self::ImagesPerSecond => sample.images_per_second,
                }
            }

            pub fn of_mut(self, sample: &mut Sample) -> &mut f32 {
                match self {
                    $(Self::$column => &mut sample.point.$field,)*
                    Self::ImagesPerSecond => &mut sample.images_per_second,
                }
            }
        }
    };
}

columns! {
    /// Cross-entropy of the student's distributions to the teacher's, mean over all pairs of crops, nats.
    loss: Loss = "loss", Nats, true, Some(LnPrototypes), Main;
    /// Mean entropy of the teacher's distributions, nats.
    entropy: Entropy = "entropy", Nats, true, Some(LnPrototypes), Main;
    /// KL(teacher‖student), nats.
    kl: Kl = "kl", Nats, true, None, Main;
    /// Mean over dimensions of the standard deviation of the L2-normalised teacher CLS features.
    feature_std: FeatureStd = "featureStd", One, true, Some(InverseRootDim), Main;
    /// Norm of the centre.
    center_norm: CenterNorm = "centerNorm", One, false, None, Table;
    /// Learning rate.
    lr: LearningRate = "lr", One, false, None, Schedule;
    /// Weight decay.
    weight_decay: WeightDecay = "weightDecay", One, false, None, Schedule;
    /// Momentum of the teacher.
    momentum: Momentum = "momentum", One, false, None, Schedule;
    /// Temperature of the teacher.
    teacher_temp: TeacherTemp = "teacherTemp", One, false, None, Schedule;
}

/// One step, and how fast it went.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    #[serde(flatten)]
    pub point: Metrics,
    /// 0 where nobody measured.
    pub images_per_second: f32,
}

impl Sample {
    /// The step and all columns as a JSON object with their names in files. Numbers that are not finite are null.
    pub fn to_json(&self) -> serde_json::Map<String, serde_json::Value> {
        let columns = Column::ALL.iter().map(|c| (c.name().to_owned(), c.of(self).into()));
        std::iter::once(("step".to_owned(), self.point.step.into())).chain(columns).collect()
    }
}

impl Column {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The column of a name in files.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|column| column.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_has_its_own_number_and_name() {
        let mut sample = Sample { point: Metrics::at(7), images_per_second: f32::NAN };
        for (i, column) in Column::ALL.iter().enumerate() {
            assert!(column.of(&sample).is_nan(), "{column:?}");
            *column.of_mut(&mut sample) = i as f32;
            assert_eq!(Column::named(column.name()), Some(*column));
        }
        let values: Vec<f32> = Column::ALL.iter().map(|column| column.of(&sample)).collect();
        assert_eq!(values, (0..Column::ALL.len()).map(|i| i as f32).collect::<Vec<_>>());
    }

    #[test]
    fn the_names_in_files_are_those_of_the_first_release() {
        let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
        let first = "loss entropy kl featureStd centerNorm lr weightDecay momentum teacherTemp imagesPerSecond";
        for name in first.split(' ') {
            assert!(names.contains(&name), "{name}");
        }
    }
}
