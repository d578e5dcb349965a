//! Tests of the recovery from a crash. Invariant: the same images and the same run, once in two minutes.

use super::{progress, run, software, with_model};
use crate::state::model::Model;
use crate::state::recovery::{Outcome, Recovery, Source};
use dino_core::Error;
use dino_core::error::WorkerProblem;
use dino_core::protocol::{Command, Event, Report, State, Thumbnail};
use leptos::prelude::*;

/// Lists of files are numbers here.
fn recovery() -> Recovery<u8> {
    Recovery::new()
}

fn crash(recovery: Recovery<u8>, model: Model, at: f64) -> bool {
    recovery.crashed(model, Error::Died(WorkerProblem::Crashed("gone".to_owned())), false, Some(at))
}

fn outcome(recovery: Recovery<u8>) -> Outcome {
    recovery.accident.get_untracked().unwrap().outcome
}

fn report(reply: Option<u32>, event: Event) -> Report {
    Report { reply, event }
}

fn note_added(recovery: Recovery<u8>) {
    let thumbnail = Thumbnail { width: 1, height: 1, jpeg: Vec::new() };
    let event = Event::Added { index: 0, name: String::new(), label: None, thumbnail };
    recovery.note(&report(None, event));
}

#[test]
fn a_crash_starts_another_worker_by_itself_once_in_two_minutes() {
    with_model(|model| {
        let recovery = recovery();
        software(model);
        model.apply(Event::Run(run(State::Running, 0)));
        progress(model, 0..9);
        assert!(crash(recovery, model, 1_000.0));
        assert_eq!(outcome(recovery), Outcome::Recovering);
        assert_eq!(untrack(|| model.state()), State::Stopped);
        assert!(model.adapter.get_untracked().is_none());
        let accident = recovery.accident.get_untracked().unwrap();
        assert_eq!((accident.step, accident.adapter.as_str()), (9, "llvmpipe"));
        recovery.settle(Ok(8));
        assert_eq!(outcome(recovery), Outcome::Recovered { step: 8 });
        assert!(!crash(recovery, model, 120_999.0));
        assert_eq!(outcome(recovery), Outcome::Asks);
        assert!(crash(recovery, model, 121_001.0));
    });
}

#[test]
fn a_run_that_trained_trains_again_even_if_the_next_worker_dies_too() {
    with_model(|model| {
        let recovery = recovery();
        assert!(recovery.try_again().is_none(), "nothing happened");
        model.apply(Event::Run(run(State::Running, 3)));
        model.apply(Event::Saved { step: 3, bytes: 1, seconds: 0.0 });
        crash(recovery, model, 0.0);
        let before = recovery.try_again().unwrap();
        assert!(before.ran && before.saved);
        // The next worker dies at once, when its run is stopped already.
        crash(recovery, model, 10.0);
        recovery.settle(Err("it died".to_owned()));
        assert_eq!(outcome(recovery), Outcome::Asks, "the second crash is what counts");
        assert_eq!(recovery.try_again().unwrap(), before);
        recovery.settle(Err("no adapter".to_owned()));
        assert_eq!(outcome(recovery), Outcome::Failed("no adapter".to_owned()));
    });
}

#[test]
fn steps_that_somebody_waited_for_are_not_trained_again() {
    with_model(|model| {
        let recovery = recovery();
        model.apply(Event::Run(run(State::Running, 3)));
        recovery.crashed(
            model,
            Error::Died(WorkerProblem::Crashed("gone".to_owned())),
            true,
            Some(0.0),
        );
        assert!(!recovery.try_again().unwrap().ran);
    });
}

#[test]
fn the_next_worker_gets_the_same_images_without_those_that_were_removed() {
    with_model(|_| {
        let recovery = recovery();
        assert_eq!(recovery.begin(&Command::Start, &0), None);
        let samples = recovery.begin(&Command::AddSamples, &1);
        (0..2).for_each(|_| note_added(recovery));
        recovery.end(samples);
        let files =
            Command::AddFiles { paths: vec!["a".to_owned()], unread: Vec::new(), passed_over: 0 };
        let unfinished = recovery.begin(&files, &2);
        assert!(unfinished.is_some());
        recovery.note(&report(None, Event::Removed { index: 1 }));
        let before = recovery.restart();
        assert_eq!(recovery.images(), 0);
        let again = recovery.replay(&before);
        assert_eq!(again, [(Command::AddSamples, 1, vec![1]), (files, 2, Vec::new())]);
        // A worker that dies before it has them all leaves the older ledger.
        assert_eq!(recovery.replay(&recovery.restart()).len(), 2);
        recovery.restarted();
        assert!(recovery.replay(&recovery.restart()).is_empty());
    });
}

#[test]
fn images_of_the_browser_s_storage_are_read_by_the_worker_and_not_replayed() {
    with_model(|_| {
        let recovery = recovery();
        recovery.note(&report(None, Event::ImagesKept { keep: true, bytes: 9 }));
        note_added(recovery);
        recovery
            .note(&report(None, Event::Imported { added: 1, skipped: Vec::new(), passed_over: 0 }));
        assert_eq!(recovery.images(), 1);
        let before = recovery.restart();
        assert!(recovery.replay(&before).is_empty());
        let sources: Vec<_> = before.replay(0).into_iter().map(|again| again.source).collect();
        assert_eq!(sources, [Source::Storage]);
    });
}

#[test]
fn a_worker_that_trains_and_is_silent_for_too_long_is_dead() {
    with_model(|_| {
        let recovery = recovery();
        let silent = |beats, running, software| {
            (0..beats).filter_map(|_| recovery.beat(running, software)).next()
        };
        assert_eq!(silent(1_000, false, false), None, "it does not train");
        assert_eq!(silent(24, true, false), None, "the first step compiles shaders");
        assert_eq!(silent(1, true, false), Some(125));
        progress_note(recovery);
        assert_eq!(silent(6, true, false), None);
        recovery.heard();
        assert_eq!(silent(24, true, true), None);
        recovery.heard();
        // A silence of two minutes ended well.
        assert_eq!(silent(96, true, false), None);
        assert_eq!(silent(1, true, false), Some(485));
    });
}

fn progress_note(recovery: Recovery<u8>) {
    let event = Event::Progress { points: Vec::new(), images_per_second: 0.0 };
    recovery.note(&report(None, event));
}
