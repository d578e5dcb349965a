//! Check of settings, field by field, typed so that each language can say it. Invariant: settings without a
//! fault give a valid configuration.

use crate::error::{SettingError, SettingProblem};
use crate::run::config::{Config, MOST_SIDE, PATCHES};
use crate::run::settings::table::{Setting, rows};
use crate::run::settings::{Kind, MOST_SEED, MOST_STEPS, Row, Settings, Value};

/// What is wrong with a value, whatever the others are.
pub fn alone(row: &Row, value: Value) -> Option<SettingProblem> {
    let (range, whole) = match row.kind {
        Kind::Number(range) => (range, false),
        Kind::Whole(range) => (range, true),
        Kind::Choice(choices) => {
            let known = matches!(value, Value::Choice(word) if choices.contains(&word));
            return (!known).then(|| SettingProblem::choice(choices, &value.to_string()));
        }
    };
    let found = value.number();
    if !(range[0]..=range[1]).contains(&found) || (whole && found.fract() != 0.0) {
        return Some(SettingProblem::Range { range, whole, found });
    }
    let patch = found as usize;
    let odd = row.setting == Setting::Patch && !PATCHES.contains(&patch);
    odd.then_some(SettingProblem::Patch { found: patch })
}

impl Settings {
    /// Everything that is wrong, at most one fault a field.
    pub fn check(&self, images: usize) -> Vec<SettingError> {
        let preset = match self.preset() {
            Ok(preset) => preset,
            Err(error) => return vec![error],
        };
        let mut faults = Vec::new();
        for (key, value, range) in [
            ("steps", self.steps, [1.0, MOST_STEPS as f64]),
            ("seed", self.seed, [0.0, MOST_SEED as f64]),
        ] {
            let found = value as f64;
            if !(range[0]..=range[1]).contains(&found) {
                let problem = SettingProblem::Range { range, whole: true, found };
                faults.push(SettingError { key: key.into(), problem });
            }
        }
        for (setting, value) in &self.changed {
            let row = setting.row();
            if let Some(problem) = alone(row, *value) {
                faults.push(SettingError { key: row.key.into(), problem });
            }
        }
        // Only of sound values can be said whether they go together.
        if faults.is_empty() {
            faults = together(&self.assembled(preset, images));
        }
        faults
    }
}

/// What is wrong between settings that are sound alone.
fn together(config: &Config) -> Vec<SettingError> {
    let mut faults = Vec::new();
    let mut add = |setting: Setting, problem| {
        faults.push(SettingError { key: setting.row().key.into(), problem });
    };
    let (vit, crops) = (&config.vit, &config.crops);
    let (width, heads, patch) = (vit.embed_dim, vit.num_heads, vit.patch_size);
    if !width.is_multiple_of(4 * heads) || width / heads > 64 {
        add(Setting::Heads, SettingProblem::Heads { width, heads });
    }
    let mut sizes = vec![(Setting::GlobalSize, crops.global_size)];
    if crops.n_local > 0 {
        sizes.push((Setting::LocalSize, crops.local_size));
    }
    for (setting, found) in sizes {
        if !found.is_multiple_of(patch) || found < patch {
            add(setting, SettingProblem::Patches { patch, most: MOST_SIDE, found });
        }
    }
    for (setting, [found, high]) in
        [(Setting::GlobalScaleLow, crops.global_scale), (Setting::LocalScaleLow, crops.local_scale)]
    {
        if found > high {
            add(setting, SettingProblem::Above { high, found });
        }
    }
    if faults.is_empty()
        && let Err(error) = config.validate()
    {
        faults.push(of_row(error));
    }
    faults
}

/// What [`Config::validate`] says, under the name in links where a row has the field.
fn of_row(SettingError { key, problem }: SettingError) -> SettingError {
    let row = rows().iter().find(|row| row.field == key);
    SettingError { key: row.map_or(key, |row| row.key.into()), problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::presets;

    fn faults(changes: &[(Setting, f64)]) -> Vec<SettingError> {
        let changed = changes.iter().map(|(s, v)| (*s, Value::Number(*v))).collect();
        Settings { changed, ..Settings::of("spark", 0) }.check(200)
    }

    #[test]
    fn presets_have_no_fault() {
        for preset in presets::all() {
            assert_eq!(Settings::of(preset.name, 3).check(0), []);
        }
    }

    #[test]
    fn every_end_of_a_range_is_taken_and_what_lies_beyond_is_not() {
        for row in rows() {
            let (Kind::Number(range) | Kind::Whole(range)) = row.kind else { continue };
            for value in range {
                let faults = faults(&[(row.setting, value)]);
                let out = |f: &SettingError| {
                    f.key == row.key && matches!(f.problem, SettingProblem::Range { .. })
                };
                assert!(!faults.iter().any(out), "{faults:?}");
            }
            for value in [range[0] - 1e-3, range[1] + 1e-3, f64::NAN, f64::INFINITY] {
                let faults = faults(&[(row.setting, value)]);
                assert_eq!(faults.len(), 1, "{} {value}", row.key);
                assert_eq!(faults[0].key, row.key);
                assert!(faults[0].problem.to_string().contains("expected a"), "{faults:?}");
            }
        }
    }

    #[test]
    fn a_choice_takes_its_words_and_nothing_else() {
        let fault = |value: Value| {
            let mut settings = Settings::of("spark", 0);
            settings.set(Setting::LastLayer, value);
            settings.config(200).map(|config| config.head.norm_last_layer)
        };
        assert_eq!(fault(Value::Choice("fixed")), Ok(true));
        assert_eq!(fault(Value::Choice("trained")), Ok(false));
        for value in [Value::Choice("melted"), Value::Number(1.0)] {
            let error = fault(value).unwrap_err().to_string();
            assert!(error.contains("`last_layer`"), "{error}");
            assert!(error.contains(&format!("one of fixed, trained, found `{value}`")), "{error}");
        }
        let mut settings = Settings::of("spark", 0);
        settings.set(Setting::Depth, Value::Choice("fixed"));
        let error = settings.config(200).unwrap_err().to_string();
        assert!(error.contains("`depth`") && error.contains("expected a whole number"), "{error}");
    }

    #[test]
    fn what_does_not_go_together_is_said_beside_the_field() {
        let key = |changes: &[(Setting, f64)]| {
            let all = faults(changes);
            assert_eq!(all.len(), 1, "{all:?}");
            all[0].key.to_string()
        };
        assert_eq!(key(&[(Setting::Heads, 3.0)]), "heads");
        assert_eq!(key(&[(Setting::Width, 256.0)]), "heads", "two heads of 128");
        assert_eq!(key(&[(Setting::Patch, 5.0)]), "patch");
        assert_eq!(key(&[(Setting::GlobalSize, 36.0)]), "global_size");
        assert_eq!(key(&[(Setting::LocalSize, 12.0)]), "local_size");
        assert_eq!(faults(&[(Setting::LocalSize, 12.0), (Setting::Locals, 0.0)]), []);
        assert_eq!(key(&[(Setting::GlobalScaleHigh, 0.1)]), "global_low");
        assert_eq!(key(&[(Setting::LocalScaleLow, 0.9)]), "local_low");
    }

    #[test]
    fn steps_and_seed_are_checked() {
        let mut settings = Settings::of("spark", 0);
        settings.steps = 0;
        settings.seed = u64::MAX;
        let keys: Vec<_> = settings.check(9).into_iter().map(|f| f.key).collect();
        assert_eq!(keys, ["steps", "seed"]);
        let error = settings.config(9).unwrap_err().to_string();
        assert!(error.contains("`steps`") && error.contains("from 1 to 1000000"), "{error}");
    }

    #[test]
    fn values_follow_batch_and_changes() {
        let mut settings = Settings::of("spark", 0);
        let lr = settings.value(Setting::LearningRate, 200).number();
        settings.set(Setting::Batch, 32.0);
        assert_eq!(settings.value(Setting::LearningRate, 200), Value::Number(4.0 * lr));
        settings.set(Setting::Width, 128.0);
        assert_eq!(settings.value(Setting::LearningRate, 200), Value::Number(2.0 * lr));
        settings.changed.remove(&Setting::Width);
        settings.set(Setting::GlobalSize, 112.0);
        assert_eq!(settings.value(Setting::Blur, 200), Value::Number(1.0));
        settings.set(Setting::LearningRate, 1.0);
        assert_eq!(settings.value(Setting::LearningRate, 200), Value::Number(1.0));
        assert_eq!(settings.otherwise(Setting::LearningRate, 200), Value::Number(4.0 * lr));
        let config = settings.config(200).unwrap();
        assert_eq!((config.train.batch, config.train.lr), (32, 1.0));
        settings.set(Setting::TeacherTemp, 0.2);
        let train = settings.config(200).unwrap().train;
        assert_eq!((train.teacher_temp, train.warmup_teacher_temp), (0.2, 0.2));
    }
}
