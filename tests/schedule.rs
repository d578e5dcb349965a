//! Schedules of a run. Invariant: every step has the recorded values, and past the end the end values hold.

use dino_core::run::schedule::{at, warmup_steps};
use dino_engine::verify::golden::Case;
use std::collections::BTreeMap;
use std::path::Path;

fn case(name: &str) -> Case {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(name, std::fs::read(path).unwrap());
    }
    Case::read(&files).unwrap()
}

#[test]
fn every_step_is_as_recorded() {
    for name in ["basic", "no_local", "schedules"] {
        let case = case(name);
        for i in 0..case.steps {
            let values = at(&case.config.train, i);
            let found = [values.lr, values.weight_decay, values.momentum, values.teacher_temp];
            let expected = &case.expect[&format!("step{i}.schedule")].data;
            for (found, expected) in found.iter().zip(expected) {
                let expected = f64::from(*expected);
                let error = (found - expected).abs();
                assert!(error <= 1e-6 * expected.abs(), "{name} step {i}: {found} {expected}");
            }
        }
    }
}

#[test]
fn the_learning_rate_starts_at_zero_and_peaks_in_the_last_step_of_the_warm_up() {
    let mut config = case("basic").config.train;
    config.warmup_epochs = 1.3;
    assert_eq!(warmup_steps(&config), 5, "1.3 epochs of 4 steps, rounded");
    assert_eq!(at(&config, 0).lr, 0.0);
    assert_eq!(at(&config, 4).lr, config.lr);
    assert_eq!(at(&config, 5).lr, config.lr, "the cosine starts at the peak");
    assert!(at(&config, 6).lr < config.lr);
    config.warmup_epochs = 0.0;
    assert_eq!(at(&config, 0).lr, config.lr);
    config.warmup_epochs = 1e6;
    assert_eq!(warmup_steps(&config), 20, "not longer than the run");
    assert_eq!(at(&config, 19).lr, config.lr);
}

#[test]
fn past_the_end_the_end_values_hold() {
    let config = case("schedules").config.train;
    for i in [20, 21, 1000, usize::MAX] {
        let values = at(&config, i);
        assert_eq!(values.lr, config.min_lr);
        assert_eq!(values.weight_decay, config.weight_decay_end);
        assert_eq!(values.momentum, 1.0);
        assert_eq!(values.teacher_temp, config.teacher_temp);
        assert!(!values.freeze_last_layer);
    }
}

#[test]
fn the_last_layer_is_frozen_for_whole_epochs() {
    let mut config = case("schedules").config.train;
    let frozen = |config: &_| (0..20).filter(|i| at(config, *i).freeze_last_layer).count();
    assert_eq!(frozen(&config), 4);
    config.freeze_last_layer = 0.0;
    assert_eq!(frozen(&config), 0);
    config.freeze_last_layer = 1.5;
    assert_eq!(frozen(&config), 8, "epoch 1 < 1.5");
}

#[test]
fn a_backbone_is_frozen_for_a_share_of_the_run_and_counts_its_own_steps() {
    let mut config = case("schedules").config.train;
    (config.epochs, config.steps_per_epoch, config.freeze_backbone) = (10, 4, 1.5);
    let frozen = |i: usize| at(&config, i).freeze_backbone;
    assert!((0..6).all(frozen) && !(6..40).any(frozen));
    let first = |i| dino_engine::train::executor::scalars(&config, i).backbone_first_correction;
    assert_eq!([first(6), first(7)], [0.1, 0.19], "as if step 6 were the first");
    config.freeze_backbone = 0.0;
    let step = dino_engine::train::executor::scalars(&config, 6);
    assert_eq!(step.backbone_first_correction, step.first_correction);
}
