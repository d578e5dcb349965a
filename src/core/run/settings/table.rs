//! Table of all settings: name in links, kind, the paper's value, and where each stands in a [`Config`].
//! Invariants: settings are applied in the order of the table; a range never goes beyond what
//! [`Config::validate`] takes.
//!
//! [`Config`]: crate::run::config::Config
//! [`Config::validate`]: crate::run::config::Config::validate

use crate::run::settings::Value;
use crate::run::settings::row::Group::{Crops, Head, Network, Optimiser, Teacher};
use crate::run::settings::row::{Group, Kind, Place, Row};
use serde::{Deserialize, Serialize};

/// Rows of the table, and a variant of [`Setting`] for each.
macro_rules! settings {
    ($($(#[cfg($when:meta)])? $setting:ident = $row:expr;)*) => {
        /// What a person can change of a run, beside its preset. Applied in this order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Setting {
            $($(#[cfg($when)])? $setting,)*
        }

        static ROWS: &[Row] =
            &[$($(#[cfg($when)])? Row { setting: Setting::$setting, ..$row },)*];
    };
}

/// The place of a number: a path in the configuration, or how it is got and set.
macro_rules! place {
    ($($path:ident).+ $([$index:literal])?) => {
        place!(|c| c.$($path).+ $([$index])? as f64, |c, v| c.$($path).+ $([$index])? = v as _)
    };
    ($get:expr, $set:expr) => {
        Place::Number { get: $get, set: $set }
    };
}

/// The place of a choice: a path in the configuration, and the value there for each word.
#[cfg_attr(not(test), expect(unused_macros, reason = "the only choice is the tests'"))]
macro_rules! choose {
    ($part:ident.$field:ident, $($word:literal => $value:expr),+ $(,)?) => {
        (
            Kind::Choice(&[$($word),+]),
            Place::Choice {
                get: |c| [$(($word, $value)),+].iter().find(|(_, v)| c.$part.$field == *v).map(|(word, _)| *word),
                set: |c, word| match word {
                    $($word => c.$part.$field = $value,)+
                    _ => {}
                },
            },
        )
    };
}

type Range = [f64; 2];

const fn number(
    key: &'static str,
    group: Group,
    range: Range,
    paper: f64,
    field: &'static str,
    place: Place,
) -> Row {
    let (kind, paper) = (Kind::Number(range), Value::Number(paper));
    Row { setting: Setting::Batch, key, group, kind, paper, field, place }
}

const fn whole(
    key: &'static str,
    group: Group,
    range: Range,
    paper: f64,
    field: &'static str,
    place: Place,
) -> Row {
    Row { kind: Kind::Whole(range), ..number(key, group, range, paper, field, place) }
}

#[cfg_attr(not(test), expect(dead_code, reason = "the only choice is the tests'"))]
const fn choice(
    key: &'static str,
    group: Group,
    paper: &'static str,
    field: &'static str,
    (kind, place): (Kind, Place),
) -> Row {
    let paper = Value::Choice(paper);
    Row { setting: Setting::Batch, key, group, kind, paper, field, place }
}

settings! {
    // Also what the learning rate of a preset is scaled by, so `Settings` sets it before all others.
    Batch = whole("batch", Optimiser, [1., 1024.], 1024., "batch", place!(train.batch));
    LearningRate = number("lr", Optimiser, [0., 10.], 2e-3, "lr", place!(|c| c.train.lr, |c, v| {
        (c.train.lr, c.train.min_lr) = (v, c.train.min_lr.min(v));
    }));
    Warmup = number("warmup", Optimiser, [0., 1.], 0.1, "warmup_epochs", place!(
        |c| c.train.warmup_epochs / c.train.epochs as f64,
        |c, v| c.train.warmup_epochs = v * c.train.epochs as f64
    ));
    WeightDecay =
        number("wd", Optimiser, [0., 10.], 0.04, "weight_decay", place!(train.weight_decay));
    WeightDecayEnd =
        number("wd_end", Optimiser, [0., 10.], 0.4, "weight_decay_end", place!(train.weight_decay_end));
    Clip = number("clip", Optimiser, [0., 1000.], 3., "clip_grad", place!(train.clip_grad));
    FreezeLastLayer =
        whole("freeze", Optimiser, [0., 10_000.], 1., "freeze_last_layer", place!(train.freeze_last_layer));
    // A share of the run, like the warm-up.
    FreezeBackbone = number("freeze_backbone", Optimiser, [0., 1.], 0., "freeze_backbone", place!(
        |c| c.train.freeze_backbone / c.train.epochs as f64,
        |c, v| c.train.freeze_backbone = v * c.train.epochs as f64
    ));
    Momentum =
        number("momentum", Teacher, [0., 1.], 0.996, "momentum_teacher", place!(train.momentum_teacher));
    // Where there is no warm-up both are the same.
    TeacherTemp = number("teacher_temp", Teacher, [0.005, 2.], 0.07, "teacher_temp", place!(
        |c| c.train.teacher_temp,
        |c, v| (c.train.teacher_temp, c.train.warmup_teacher_temp) = (v, v)
    ));
    TeacherTempStart = number(
        "teacher_temp_start", Teacher, [0.005, 2.], 0.04, "warmup_teacher_temp", place!(train.warmup_teacher_temp)
    );
    TeacherTempEpochs = whole(
        "teacher_temp_epochs", Teacher, [0., 100_000.], 30., "warmup_teacher_temp_epochs",
        place!(train.warmup_teacher_temp_epochs)
    );
    StudentTemp =
        number("student_temp", Teacher, [0.01, 2.], 0.1, "student_temp", place!(train.student_temp));
    CenterMomentum =
        number("center_momentum", Teacher, [0., 1.], 0.9, "center_momentum", place!(train.center_momentum));
    // Positions are made for the size of the global crops.
    GlobalSize = whole("global_size", Crops, [8., 448.], 224., "global_size", place!(
        |c| c.crops.global_size as f64,
        |c, v| (c.crops.global_size, c.vit.img_size) = (v as usize, v as usize)
    ));
    GlobalScaleLow =
        number("global_low", Crops, [0.01, 1.], 0.4, "global_scale", place!(crops.global_scale[0]));
    GlobalScaleHigh =
        number("global_high", Crops, [0.01, 1.], 1., "global_scale", place!(crops.global_scale[1]));
    Locals = whole("locals", Crops, [0., 16.], 8., "n_local", place!(crops.n_local));
    LocalSize = whole("local_size", Crops, [4., 224.], 96., "local_size", place!(crops.local_size));
    LocalScaleLow =
        number("local_low", Crops, [0.01, 1.], 0.05, "local_scale", place!(crops.local_scale[0]));
    LocalScaleHigh =
        number("local_high", Crops, [0.01, 1.], 0.4, "local_scale", place!(crops.local_scale[1]));
    Blur = number("blur", Crops, [0., 10.], 2., "blur", place!(crops.blur));
    Jitter = number("jitter", Crops, [0., 2.], 1., "jitter", place!(crops.jitter));
    Prototypes = whole("prototypes", Head, [16., 65536.], 65536., "out_dim", place!(head.out_dim));
    HeadHidden = whole("head_hidden", Head, [4., 4096.], 2048., "hidden_dim", place!(head.hidden_dim));
    Bottleneck =
        whole("bottleneck", Head, [4., 1024.], 256., "bottleneck_dim", place!(head.bottleneck_dim));
    Patch = whole("patch", Network, [4., 16.], 16., "patch_size", place!(vit.patch_size));
    Width = whole("width", Network, [4., 1024.], 384., "embed_dim", place!(vit.embed_dim));
    Depth = whole("depth", Network, [1., 24.], 12., "depth", place!(vit.depth));
    Heads = whole("heads", Network, [1., 24.], 6., "num_heads", place!(vit.num_heads));
    DropPath =
        number("drop_path", Network, [0., 0.9], 0.1, "drop_path_rate", place!(vit.drop_path_rate));
    // A choice for the tests: no run that is made by settings has another than the paper's.
    #[cfg(test)]
    LastLayer = choice("last_layer", Head, "fixed", "norm_last_layer", choose!(
        head.norm_last_layer, "fixed" => true, "trained" => false
    ));
}

/// All rows, in the order of [`Setting`].
pub fn rows() -> &'static [Row] {
    ROWS
}

/// The row of this name.
pub fn by_key(key: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.key == key)
}

impl Setting {
    /// Its row.
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::presets;

    #[test]
    fn every_row_stands_where_its_setting_says() {
        for (i, row) in rows().iter().enumerate() {
            assert_eq!(row.setting as usize, i, "{}", row.key);
            assert_eq!(by_key(row.key).map(|row| row.setting), Some(row.setting));
        }
    }

    #[test]
    fn what_is_set_is_got_and_presets_and_paper_are_in_range() {
        for row in rows() {
            for preset in presets::all() {
                let mut config = preset.config(200, 500, None);
                for value in [row.get(&config), row.paper] {
                    assert_eq!(
                        crate::run::settings::alone(row, value),
                        None,
                        "{} {value}",
                        row.key
                    );
                }
                let values: Vec<Value> = match row.kind {
                    Kind::Number([low, high]) | Kind::Whole([low, high]) => {
                        vec![low.into(), row.paper, high.into()]
                    }
                    Kind::Choice(words) => words.iter().copied().map(Value::Choice).collect(),
                };
                for value in values {
                    row.set(&mut config, value);
                    match (row.get(&config), value) {
                        (Value::Number(found), Value::Number(value)) => {
                            assert!((found - value).abs() < 1e-12, "{} {value}", row.key);
                        }
                        (found, value) => assert_eq!(found, value, "{}", row.key),
                    }
                }
            }
        }
    }

    #[test]
    fn a_value_of_another_kind_changes_nothing() {
        let mut config = presets::all()[0].config(200, 500, None);
        let before = config.clone();
        Setting::Depth.row().set(&mut config, Value::Choice("fixed"));
        Setting::LastLayer.row().set(&mut config, 1.0.into());
        Setting::LastLayer.row().set(&mut config, Value::Choice("melted"));
        assert_eq!(config, before);
    }
}
