//! Health line on recorded runs; how each was made stands in its first line. Invariant: each way to fail is
//! recognised early and to the end, and a healthy run is never called ill.
#![cfg(not(target_arch = "wasm32"))]

use dino_core::eval::health::{Diagnosis, Health, judge};
use dino_core::eval::history::History;
use std::path::Path;

/// Prototypes of the preset "spark".
const PROTOTYPES: usize = 256;
const DIM: usize = 64;
const RESTING: u64 = 0;

/// A recorded run.
fn whole(name: &str) -> History {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/curves").join(name);
    History::from_csv(name, &std::fs::read_to_string(&file).unwrap()).unwrap()
}

/// The judgement after every step.
fn course(name: &str) -> Vec<Diagnosis> {
    let whole = whole(name);
    let mut history = History::default();
    let judged = whole.samples().iter().map(|sample| {
        history.push(*sample);
        judge(&history, PROTOTYPES, DIM, RESTING).unwrap()
    });
    judged.collect()
}

/// The step from which on the judgement is this one, to the end.
fn since(course: &[Diagnosis], health: Health) -> u64 {
    let other = course.iter().rposition(|d| d.health != health);
    let first = course.get(other.map_or(0, |at| at + 1));
    first.unwrap_or_else(|| panic!("it ends as {:?}", course.last())).step
}

fn never(course: &[Diagnosis], what: impl Fn(Health) -> bool) {
    let wrong = course.iter().find(|d| what(d.health));
    assert!(wrong.is_none(), "{wrong:?}");
}

#[test]
fn healthy_runs_warm_up_and_learn() {
    for name in ["healthy.csv", "center-momentum-0.csv"] {
        let course = course(name);
        assert_eq!(course[3].health, Health::TooEarly);
        assert_eq!(course[15].health, Health::WarmingUp);
        never(&course, Health::is_bad);
        assert!(since(&course, Health::Learning) < 60);
    }
}

#[test]
fn low_teacher_entropy_while_learning_is_no_collapse() {
    let course = course("cold.csv");
    never(&course, Health::is_bad);
    let last = course.last().unwrap();
    assert!(last.health == Health::Learning && last.entropy_share() < 0.2, "{last:?}");
}

#[test]
fn uniform_collapse_is_seen_within_60_steps() {
    let course = course("uniform.csv");
    assert!(since(&course, Health::CollapsingUniform) < 60);
    never(&course, |h| matches!(h, Health::CollapsingOneHot | Health::Diverged));
    let last = course.last().unwrap();
    assert!(last.entropy_share() > 0.99 && (last.loss - last.ln_k).abs() < 0.01, "{last:?}");
}

#[test]
fn one_hot_collapse_is_seen_within_60_steps() {
    let course = course("one-hot.csv");
    assert!(since(&course, Health::CollapsingOneHot) < 60);
    never(&course, |h| matches!(h, Health::CollapsingUniform | Health::Diverged));
}

#[test]
fn a_memorising_run_is_called_memorised_not_collapsed() {
    let course = course("memorised.csv");
    never(&course, |h| Health::is_bad(h) && h != Health::Memorised);
    let since = since(&course, Health::Memorised);
    assert!((4000..5999).contains(&since), "{since}");
    // The features of a frozen backbone prove nothing.
    let last = |resting| judge(&whole("memorised.csv"), PROTOTYPES, DIM, resting).unwrap().health;
    assert_eq!((last(5900), last(5990)), (Health::Memorised, Health::CollapsingOneHot));
}

#[test]
fn divergence_is_seen_within_60_steps() {
    let course = course("diverged.csv");
    assert!(since(&course, Health::Diverged) < 60);
}

#[test]
fn a_run_whose_loss_does_not_fall_is_stalled() {
    let course = course("stalled.csv");
    assert!(since(&course, Health::Stalled) < 100);
    never(&course, |h| matches!(h, Health::Diverged | Health::CollapsingUniform));
}

#[test]
fn a_loss_that_is_no_number_has_diverged() {
    let text = "step,loss,featureStd,entropy,kl,lr\n0,5,.1,3,1,0\n1,NaN,.1,3,1,0\n";
    let history = History::from_csv("t", text).unwrap();
    assert_eq!(judge(&history, PROTOTYPES, DIM, RESTING).unwrap().health, Health::Diverged);
    assert_eq!(judge(&History::default(), PROTOTYPES, DIM, RESTING), None);
}
