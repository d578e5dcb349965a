//! Tests of the form, the presets, links and Start. Invariant: nothing is lost without a question.

use super::{add_images, metrics, progress, run, saved_run, software, starter, with_model};
use crate::state::draft::Draft;
use crate::state::model::Model;
use crate::state::training;
use crate::state::training::{Begins, Takes};
use dino_core::Error;
use dino_core::eval::health::Health;
use dino_core::eval::metrics::Metrics;
use dino_core::protocol::{Estimate, Event, Loaded, NoGpu, State};
use dino_core::run::settings::{Setting, SettingProblem, Settings};
use dino_core::weights::{Account, Choice};
use leptos::prelude::*;

fn form(model: Model) -> Draft {
    let draft = Draft::new();
    draft.begin(untrack(|| training::applied(model)).unwrap());
    draft
}

fn faulty(model: Model, draft: Draft) -> bool {
    untrack(|| training::is_faulty(&training::faults(model, draft), draft))
}

fn needs_apply(model: Model, draft: Draft) -> bool {
    untrack(|| training::differs(training::applied(model).as_ref(), draft, faulty(model, draft)))
}

#[test]
fn a_changed_setting_needs_to_be_applied_until_it_is_left_again() {
    with_model(|model| {
        add_images(model, 8);
        model.apply(Event::Run(run(State::Paused, 0)));
        let draft = form(model);
        assert!(!needs_apply(model, draft));
        let batch = Setting::Batch;
        draft.type_in(batch, " 4 ");
        assert!(needs_apply(model, draft) && !faulty(model, draft));
        draft.leave(batch);
        assert!(!needs_apply(model, draft));
    });
}

#[test]
fn a_field_without_a_number_is_a_fault_and_changes_no_setting() {
    with_model(|model| {
        add_images(model, 8);
        model.apply(Event::Run(run(State::Paused, 0)));
        let draft = form(model);
        let before = draft.settings.get_untracked();
        draft.type_in(Setting::Batch, "many");
        draft.type_in(Setting::Batch, "inf");
        draft.type_whole("steps", "1.5", |settings, steps| settings.steps = steps);
        draft.type_whole("seed", "-1", |settings, seed| settings.seed = seed);
        assert_eq!(draft.settings.get_untracked(), before);
        assert!(faulty(model, draft) && needs_apply(model, draft));
        assert_eq!(draft.typed.with_untracked(|t| t.keys().copied().collect::<Vec<_>>()).len(), 3);
        draft.type_in(Setting::Batch, "4");
        draft.type_whole("steps", "20", |settings, steps| settings.steps = steps);
        draft.type_whole("seed", "7", |settings, seed| settings.seed = seed);
        assert!(!faulty(model, draft));
        assert_eq!(draft.settings.with_untracked(|s| (s.steps, s.seed)), (20, 7));
    });
}

#[test]
fn a_number_out_of_its_range_is_a_fault_of_its_field() {
    with_model(|model| {
        add_images(model, 8);
        model.apply(Event::Run(run(State::Paused, 0)));
        let draft = form(model);
        draft.type_in(Setting::Batch, "0");
        let faults = untrack(|| training::faults(model, draft));
        assert!(faults.iter().any(|fault| fault.key == Setting::Batch.row().key
            && matches!(fault.problem, SettingProblem::Range { .. })));
    });
}

#[test]
fn another_preset_keeps_steps_and_seed_and_drops_what_was_changed() {
    with_model(|model| {
        model.apply(Event::Run(run(State::Paused, 0)));
        let draft = form(model);
        draft.type_whole("steps", "123", |settings, steps| settings.steps = steps);
        draft.type_whole("seed", "9", |settings, seed| settings.seed = seed);
        draft.type_in(Setting::Batch, "4");
        draft.type_whole("steps", "x", |settings, steps| settings.steps = steps);
        draft.choose_preset("small".to_owned());
        draft.settings.with_untracked(|settings| {
            assert_eq!((settings.steps, settings.seed), (123, 9));
            assert_eq!(settings.preset, "small");
            assert!(settings.changed.is_empty());
        });
        assert!(draft.typed.with_untracked(|typed| typed.is_empty()));
    });
}

#[test]
fn a_link_is_applied_only_where_there_is_nothing_to_lose() {
    with_model(|model| {
        let linked = Settings::of("small", 3);
        model.apply(Event::Run(run(State::Paused, 0)));
        let draft = form(model);
        assert!(training::take_link(model, draft, &linked, Vec::new()));
        assert_eq!(draft.settings.get_untracked(), linked);
        assert!(
            !training::take_link(model, draft, &Settings::of("spark", 0), Vec::new()),
            "it runs"
        );
        model.apply(Event::Run(run(State::Paused, 5)));
        assert!(!training::take_link(model, draft, &linked, Vec::new()));
        assert!(draft.linked.get_untracked());
        model.apply(Event::Run(run(State::Paused, 0)));
        model.storage.reader.set(true);
        draft.linked.set(false);
        assert!(!training::take_link(model, draft, &linked, Vec::new()), "another tab's run");
        assert!(!draft.linked.get_untracked());
    });
}

#[test]
fn heads_and_other_networks_can_be_chosen_where_the_file_leaves_a_choice() {
    with_model(|model| {
        let shelf = model.shelf;
        let heads = || untrack(|| shelf.heads());
        assert_eq!(heads(), None);
        let account = Account {
            left: vec!["student.".to_owned()],
            heads_guessed: true,
            ..Account::default()
        };
        let loaded = Loaded { name: "x".into(), step: 0, run: false, account, heads: 3, dim: 192 };
        shelf.loaded.set(Some(loaded.clone()));
        assert_eq!(heads(), Some((vec![3, 4, 6, 8, 12, 16, 24, 48], Some(3))));
        assert_eq!(untrack(|| shelf.others()), ["student."]);
        let account = Account { heads_guessed: false, ..loaded.account };
        shelf.loaded.set(Some(Loaded { account, heads: 12, ..loaded }));
        assert_eq!(heads(), None, "the file says it");
        shelf.choice.set(Choice { heads: Some(12), ..Choice::default() });
        assert_eq!(
            heads().map(|(_, now)| now),
            Some(Some(12)),
            "a person said it, and may say another"
        );
        shelf.loaded.set(None);
        shelf.width_of_heads.set(Some((16, String::new())));
        assert_eq!(heads(), Some((vec![1, 2, 4], None)), "nothing tells it, and 64 do not fit");
    });
}

#[test]
fn a_run_that_began_with_weights_is_not_fresh() {
    with_model(|model| {
        let fresh = || untrack(|| training::is_fresh(model));
        model.apply(Event::Run(run(State::Paused, 0)));
        assert!(fresh());
        let (name, account) = ("x.pth".to_owned(), Account::default());
        let loaded = Loaded { name, step: 0, run: false, account, heads: 1, dim: 8 };
        model.shelf.loaded.set(Some(loaded));
        assert!(!fresh());
        model.shelf.forget();
        assert!(fresh());
        model.apply(Event::Saved { step: 0, bytes: 1, seconds: 0.0 });
        assert!(!fresh(), "step 0 was worth saving");
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert!(fresh());
        progress(model, 0..1);
        assert!(!fresh());
    });
}

#[test]
fn nothing_starts_without_a_device_images_or_the_run_of_this_tab() {
    with_model(|model| {
        let unready = || untrack(|| training::unready(model));
        assert!(unready());
        software(model);
        assert!(unready(), "no image");
        add_images(model, 1);
        assert!(!unready());
        model.storage.reader.set(true);
        assert!(unready());
        model.storage.reader.set(false);
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert!(unready());
        model.apply(Event::Run(run(State::Paused, 0)));
        assert!(!unready());
        model.foreign();
        assert!(unready());
    });
}

#[test]
fn a_preset_shows_its_estimate_its_refusal_or_that_none_is_possible() {
    with_model(|model| {
        let takes = |preset| untrack(|| training::takes(model, preset));
        assert_eq!(takes("spark"), Takes::Measuring);
        let estimate = |preset: &str, refused| Estimate {
            preset: preset.to_owned(),
            batch: 8,
            steps: 100,
            seconds: 0.5,
            bytes: 1,
            refused,
        };
        let refused = Error::NoAdapter("none".to_owned());
        let rows = vec![estimate("spark", None), estimate("tiny", Some(refused.clone()))];
        model.apply(Event::Estimates { rows });
        assert_eq!(takes("spark"), Takes::Known(estimate("spark", None)));
        assert_eq!(takes("tiny"), Takes::Refused { error: refused, seconds: 0.5 });
        model.apply(Event::NoGpu(NoGpu::Missing));
        assert_eq!(takes("small"), Takes::Nothing);
    });
}

#[test]
fn start_says_when_it_begins_at_random_although_the_starter_is_shown() {
    with_model(|model| {
        let begins = |frozen| untrack(|| training::begins(model, frozen));
        model.apply(Event::Run(run(State::Paused, 0)));
        assert_eq!(begins(0), None);
        assert_eq!(begins(7), Some(Begins::HeadFirst(7)));
        model.apply(Event::Starter(starter()));
        assert_eq!(begins(7), Some(Begins::AtRandom));
        model.storage.offer.set(Some(saved_run(10)));
        assert_eq!(begins(0), None, "another question is open");
        model.storage.offer.set(None);
        model.attention.decide();
        assert_eq!(begins(7), Some(Begins::HeadFirst(7)));
        progress(model, 0..7);
        assert_eq!(begins(7), None);
    });
}

#[test]
fn health_is_none_without_steps_and_bad_after_a_collapse() {
    with_model(|model| {
        let health = || {
            let sizes = untrack(|| training::sizes(model));
            untrack(|| training::diagnosis(model, sizes)).map(|diagnosis| diagnosis.health)
        };
        model.apply(Event::Run(run(State::Running, 0)));
        assert_eq!(health(), None);
        let uniform = (64_f32).ln();
        let point = |step| Metrics {
            entropy: uniform,
            kl: 0.0,
            feature_std: 0.0,
            ..metrics(step, uniform)
        };
        let points = (0..400).map(point).collect();
        model.apply(Event::Progress { points, images_per_second: 1.0 });
        assert!(health().is_some_and(Health::is_bad), "{:?}", health());
    });
}
