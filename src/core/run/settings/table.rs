//! The table of all numbers of a run that a person can change: name in links, range, the paper's value,
//! and where it stands in a [`Config`]. Invariants: a row for every [`Setting`], in the same order; a
//! range never goes beyond what [`Config::validate`] takes.

use crate::run::settings::row::{Group, Row, Setting};

/// A row of a number with a fraction.
macro_rules! real {
    ($setting:ident, $key:literal, $group:ident, $range:expr, $paper:expr, $field:literal, $get:expr, $set:expr) => {
        Row {
            setting: Setting::$setting,
            key: $key,
            group: Group::$group,
            range: $range,
            whole: false,
            paper: $paper,
            field: $field,
            get: $get,
            set: $set,
        }
    };
}

/// A row of a whole number.
macro_rules! whole {
    ($($row:tt)*) => { Row { whole: true, ..real!($($row)*) } };
}

static ROWS: [Row; 31] = [
    // Also what the learning rate of a preset is scaled by, so `Settings` sets it before all others.
    whole!(
        Batch,
        "batch",
        Optimiser,
        [1., 1024.],
        1024.,
        "batch",
        |c| c.train.batch as f64,
        |c, v| {
            c.train.batch = v as usize;
        }
    ),
    real!(LearningRate, "lr", Optimiser, [0., 10.], 2e-3, "lr", |c| c.train.lr, |c, v| {
        (c.train.lr, c.train.min_lr) = (v, c.train.min_lr.min(v));
    }),
    real!(
        Warmup,
        "warmup",
        Optimiser,
        [0., 1.],
        0.1,
        "warmup_epochs",
        |c| c.train.warmup_epochs / c.train.epochs as f64,
        |c, v| c.train.warmup_epochs = v * c.train.epochs as f64
    ),
    real!(
        WeightDecay,
        "wd",
        Optimiser,
        [0., 10.],
        0.04,
        "weight_decay",
        |c| c.train.weight_decay,
        |c, v| {
            c.train.weight_decay = v;
        }
    ),
    real!(
        WeightDecayEnd,
        "wd_end",
        Optimiser,
        [0., 10.],
        0.4,
        "weight_decay_end",
        |c| c.train.weight_decay_end,
        |c, v| c.train.weight_decay_end = v
    ),
    real!(Clip, "clip", Optimiser, [0., 1000.], 3.0, "clip_grad", |c| c.train.clip_grad, |c, v| {
        c.train.clip_grad = v;
    }),
    whole!(
        FreezeLastLayer,
        "freeze",
        Optimiser,
        [0., 10_000.],
        1.,
        "freeze_last_layer",
        |c| c.train.freeze_last_layer,
        |c, v| c.train.freeze_last_layer = v
    ),
    // A share of the run, like the warm-up.
    real!(
        FreezeBackbone,
        "freeze_backbone",
        Optimiser,
        [0., 1.],
        0.,
        "freeze_backbone",
        |c| c.train.freeze_backbone / c.train.epochs as f64,
        |c, v| c.train.freeze_backbone = v * c.train.epochs as f64
    ),
    real!(
        Momentum,
        "momentum",
        Teacher,
        [0., 1.],
        0.996,
        "momentum_teacher",
        |c| c.train.momentum_teacher,
        |c, v| {
            c.train.momentum_teacher = v;
        }
    ),
    // Where there is no warm-up both are the same.
    real!(
        TeacherTemp,
        "teacher_temp",
        Teacher,
        [0.005, 2.],
        0.07,
        "teacher_temp",
        |c| c.train.teacher_temp,
        |c, v| {
            (c.train.teacher_temp, c.train.warmup_teacher_temp) = (v, v);
        }
    ),
    real!(
        TeacherTempStart,
        "teacher_temp_start",
        Teacher,
        [0.005, 2.],
        0.04,
        "warmup_teacher_temp",
        |c| c.train.warmup_teacher_temp,
        |c, v| c.train.warmup_teacher_temp = v
    ),
    whole!(
        TeacherTempEpochs,
        "teacher_temp_epochs",
        Teacher,
        [0., 100_000.],
        30.,
        "warmup_teacher_temp_epochs",
        |c| c.train.warmup_teacher_temp_epochs as f64,
        |c, v| c.train.warmup_teacher_temp_epochs = v as usize
    ),
    real!(
        StudentTemp,
        "student_temp",
        Teacher,
        [0.01, 2.],
        0.1,
        "student_temp",
        |c| c.train.student_temp,
        |c, v| {
            c.train.student_temp = v;
        }
    ),
    real!(
        CenterMomentum,
        "center_momentum",
        Teacher,
        [0., 1.],
        0.9,
        "center_momentum",
        |c| c.train.center_momentum,
        |c, v| c.train.center_momentum = v
    ),
    // Positions are made for the size of the global crops.
    whole!(
        GlobalSize,
        "global_size",
        Crops,
        [8., 448.],
        224.,
        "global_size",
        |c| c.crops.global_size as f64,
        |c, v| {
            (c.crops.global_size, c.vit.img_size) = (v as usize, v as usize);
        }
    ),
    real!(
        GlobalScaleLow,
        "global_low",
        Crops,
        [0.01, 1.],
        0.4,
        "global_scale",
        |c| c.crops.global_scale[0],
        |c, v| c.crops.global_scale[0] = v
    ),
    real!(
        GlobalScaleHigh,
        "global_high",
        Crops,
        [0.01, 1.],
        1.,
        "global_scale",
        |c| c.crops.global_scale[1],
        |c, v| c.crops.global_scale[1] = v
    ),
    whole!(
        Locals,
        "locals",
        Crops,
        [0., 16.],
        8.,
        "n_local",
        |c| c.crops.n_local as f64,
        |c, v| {
            c.crops.n_local = v as usize;
        }
    ),
    whole!(
        LocalSize,
        "local_size",
        Crops,
        [4., 224.],
        96.,
        "local_size",
        |c| c.crops.local_size as f64,
        |c, v| {
            c.crops.local_size = v as usize;
        }
    ),
    real!(
        LocalScaleLow,
        "local_low",
        Crops,
        [0.01, 1.],
        0.05,
        "local_scale",
        |c| c.crops.local_scale[0],
        |c, v| c.crops.local_scale[0] = v
    ),
    real!(
        LocalScaleHigh,
        "local_high",
        Crops,
        [0.01, 1.],
        0.4,
        "local_scale",
        |c| c.crops.local_scale[1],
        |c, v| c.crops.local_scale[1] = v
    ),
    real!(Blur, "blur", Crops, [0., 10.], 2., "blur", |c| c.crops.blur, |c, v| {
        c.crops.blur = v;
    }),
    real!(Jitter, "jitter", Crops, [0., 2.], 1., "jitter", |c| c.crops.jitter, |c, v| {
        c.crops.jitter = v;
    }),
    whole!(
        Prototypes,
        "prototypes",
        Head,
        [16., 65536.],
        65536.,
        "out_dim",
        |c| c.head.out_dim as f64,
        |c, v| {
            c.head.out_dim = v as usize;
        }
    ),
    whole!(
        HeadHidden,
        "head_hidden",
        Head,
        [4., 4096.],
        2048.,
        "hidden_dim",
        |c| c.head.hidden_dim as f64,
        |c, v| {
            c.head.hidden_dim = v as usize;
        }
    ),
    whole!(
        Bottleneck,
        "bottleneck",
        Head,
        [4., 1024.],
        256.,
        "bottleneck_dim",
        |c| c.head.bottleneck_dim as f64,
        |c, v| {
            c.head.bottleneck_dim = v as usize;
        }
    ),
    whole!(
        Patch,
        "patch",
        Network,
        [4., 16.],
        16.,
        "patch_size",
        |c| c.vit.patch_size as f64,
        |c, v| {
            c.vit.patch_size = v as usize;
        }
    ),
    whole!(
        Width,
        "width",
        Network,
        [4., 1024.],
        384.,
        "embed_dim",
        |c| c.vit.embed_dim as f64,
        |c, v| {
            c.vit.embed_dim = v as usize;
        }
    ),
    whole!(Depth, "depth", Network, [1., 24.], 12., "depth", |c| c.vit.depth as f64, |c, v| {
        c.vit.depth = v as usize;
    }),
    whole!(
        Heads,
        "heads",
        Network,
        [1., 24.],
        6.,
        "num_heads",
        |c| c.vit.num_heads as f64,
        |c, v| {
            c.vit.num_heads = v as usize;
        }
    ),
    real!(
        DropPath,
        "drop_path",
        Network,
        [0., 0.9],
        0.1,
        "drop_path_rate",
        |c| c.vit.drop_path_rate,
        |c, v| {
            c.vit.drop_path_rate = v;
        }
    ),
];

/// All rows, in the order of [`Setting`].
pub fn rows() -> &'static [Row] {
    &ROWS
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
                let value = (row.get)(&config);
                for value in [value, row.paper] {
                    assert!((row.range[0]..=row.range[1]).contains(&value), "{} {value}", row.key);
                    assert!(!row.whole || value.fract() == 0.0, "{} {value}", row.key);
                }
                for value in [row.range[0], row.paper, row.range[1]] {
                    (row.set)(&mut config, value);
                    assert!(((row.get)(&config) - value).abs() < 1e-12, "{} {value}", row.key);
                }
            }
        }
    }
}
