//! Tests of what the model takes from a worker. Invariant: the last word counts.

use super::{add_images, progress, run, steps_of_history, with_model};
use dino_core::protocol::{Accuracy, BUILD, Event, State};
use leptos::prelude::*;

#[test]
fn a_worker_of_another_build_is_fatal_and_one_of_this_build_is_not() {
    with_model(|model| {
        model.apply(Event::Hello { build: BUILD.to_owned() });
        assert_eq!(model.fatal.get_untracked(), None);
        model.apply(Event::Hello { build: "another".to_owned() });
        assert!(model.fatal.get_untracked().is_some());
    });
}

#[test]
fn progress_extends_the_history_and_a_resumed_run_goes_back_to_its_step() {
    with_model(|model| {
        model.apply(Event::Run(run(State::Running, 0)));
        progress(model, 0..5);
        progress(model, 5..8);
        assert_eq!(steps_of_history(model), (0..8).collect::<Vec<_>>());
        assert_eq!(model.step_untracked(), 8);
        // A checkpoint of step 4 is resumed: its steps are told anew.
        progress(model, 4..6);
        assert_eq!(steps_of_history(model), (0..6).collect::<Vec<_>>());
        assert_eq!(model.last.get_untracked().unwrap().step, 5);
    });
}

#[test]
fn a_run_that_begins_anew_has_no_history_no_accuracies_and_no_speed() {
    with_model(|model| {
        progress(model, 0..5);
        model.apply(Event::Accuracy(accuracy(4, 2)));
        model.apply(Event::Run(run(State::Running, 5)));
        assert_eq!(steps_of_history(model).len(), 5);
        model.apply(Event::Run(run(State::Paused, 0)));
        assert!(steps_of_history(model).is_empty());
        assert!(model.accuracies.get_untracked().is_empty());
        assert_eq!(model.images_per_second.get_untracked(), 0.0);
        assert_eq!(model.step_untracked(), 0);
    });
}

fn accuracy(step: u64, labels: usize) -> Accuracy {
    Accuracy { step, knn: 0.5, chance: 0.5, pixels: 0.5, images: 8, labels }
}

#[test]
fn an_accuracy_replaces_later_ones_and_those_of_other_labels() {
    with_model(|model| {
        for (step, labels) in [(10, 2), (20, 2), (30, 2), (20, 2)] {
            model.apply(Event::Accuracy(accuracy(step, labels)));
        }
        let steps =
            || model.accuracies.with_untracked(|a| a.iter().map(|a| a.step).collect::<Vec<_>>());
        assert_eq!(steps(), [10, 20]);
        model.apply(Event::Accuracy(accuracy(30, 3)));
        assert_eq!(steps(), [30]);
    });
}

#[test]
fn at_most_four_problems_are_shown_and_none_twice() {
    with_model(|model| {
        ["a", "b", "c", "a", "d", "e"].iter().for_each(|text| model.complain((*text).to_owned()));
        let shown = model.problems.get_untracked();
        assert_eq!(shown.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["c", "a", "d", "e"]);
        model.dismiss(shown[1].id);
        assert_eq!(model.problems.with_untracked(Vec::len), 3);
    });
}

#[test]
fn a_warning_of_repeated_images_ends_when_there_are_enough() {
    with_model(|model| {
        add_images(model, 7);
        model.apply(Event::Repeating { images: 7, batch: 8 });
        assert_eq!(untrack(|| model.too_few()), Some((7, 8)));
        add_images(model, 1);
        assert_eq!(untrack(|| model.too_few()), None);
    });
}
