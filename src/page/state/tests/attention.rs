//! Tests of the attention state and its requests. Invariant: only an answer to the last request is shown.

use super::{
    add_images, answer, maps, run, show, shown_image, software, starter, view, with_model,
};
use crate::state::request;
use dino_core::protocol::{Event, Run, State, View};
use dino_core::run::network::Network;
use dino_core::view::attention::ImageMaps;
use leptos::prelude::*;

#[test]
fn a_late_answer_for_a_view_that_is_no_longer_wanted_is_dropped() {
    with_model(|model| {
        add_images(model, 2);
        let attention = model.attention;
        let first = attention.next(Some(view(0))).unwrap();
        assert_eq!(attention.next(Some(view(1))), None, "one request at a time");
        attention.busy.set(false);
        let second = attention.next(Some(view(1))).unwrap();
        model.apply(Event::AttentionView(answer(first, 3)));
        assert_eq!(shown_image(model), None);
        // The worker may have changed the side.
        model.apply(Event::AttentionView(answer(View { side: 96, ..second }, 3)));
        assert_eq!(shown_image(model), Some(1));
    });
}

#[test]
fn a_head_and_a_patch_go_when_the_network_or_the_image_has_none_such() {
    with_model(|model| {
        let attention = model.attention;
        show(model, 0);
        attention.press_head(Some(3));
        attention.press_head(Some(4));
        assert_eq!(attention.head.get_untracked(), Some(2), "there are three heads");
        attention.patch.set(Some(3));
        attention.held.set(true);
        show(model, 1);
        assert_eq!(attention.patch.get_untracked(), None);
        assert!(!attention.held.get_untracked());
        assert_eq!(attention.head.get_untracked(), Some(2));
        attention.asked.set_value(Some(view(0)));
        attention.take(answer(view(0), 2));
        assert_eq!(attention.head.get_untracked(), None);
        attention.head.set(Some(1));
        attention.press_head(Some(0));
        assert_eq!(attention.head.get_untracked(), None);
    });
}

#[test]
fn a_snapshot_that_vanished_gives_way_to_the_one_after_it() {
    with_model(|model| {
        let attention = model.attention;
        model.apply(Event::Snapshots { steps: vec![0, 10, 20, 30] });
        attention.snapshot.set(Some(10));
        assert_eq!(attention.snapshot_place(&attention.earlier(30)), 1);
        model.apply(Event::Snapshots { steps: vec![0, 20, 30] });
        assert_eq!(attention.snapshot.get_untracked(), Some(20));
        model.apply(Event::Snapshots { steps: vec![0] });
        assert_eq!(attention.snapshot.get_untracked(), None, "which is now");
        assert_eq!(attention.snapshot_place(&[0]), 1);
        model.apply(Event::Snapshots { steps: vec![0, 40] });
        assert_eq!(attention.earlier(40), [0], "step 40 is now");
    });
}

#[test]
fn the_starter_is_watched_until_a_run_begins_or_something_is_chosen() {
    with_model(|model| {
        let network = || untrack(|| request::network(model));
        model.apply(Event::Run(run(State::Paused, 0)));
        assert_eq!(network(), Network::Teacher);
        model.apply(Event::Starter(starter()));
        assert_eq!(network(), Network::Starter);
        assert_eq!(untrack(|| request::layers(model)), 12);
        assert_eq!(untrack(|| request::trained_side(model)), 96);
        model.attention.network.set(Some(Network::Student));
        assert_eq!(network(), Network::Student);
        model.attention.network.set(None);
        model.apply(Event::Run(run(State::Running, 0)));
        assert_eq!(network(), Network::Teacher);
        model.attention.network.set(Some(Network::Starter));
        assert_eq!(network(), Network::Starter, "it can still be chosen");
        model.attention.snapshot.set(Some(10));
        assert_eq!(network(), Network::Teacher, "snapshots are the teacher's");
        model.attention.snapshot.set(None);
        model.attention.decide();
        assert_eq!(network(), Network::Teacher);
    });
}

#[test]
fn a_missing_layer_or_side_falls_back_to_the_default() {
    with_model(|model| {
        add_images(model, 1);
        let wanted = || untrack(|| request::wanted(model)).map(|(_, view)| (view.layer, view.side));
        assert_eq!(wanted(), None, "no network yet");
        model.apply(Event::Run(run(State::Paused, 0)));
        assert_eq!(wanted(), Some((2, 224)));
        model.attention.layer.set(Some(1));
        model.attention.side.set(Some(96));
        assert_eq!(wanted(), Some((1, 96)));
        model.attention.layer.set(Some(9));
        model.attention.side.set(Some(97));
        assert_eq!(wanted(), Some((2, 224)));
        let large = Run { layers: 12, dim: 192, ..run(State::Paused, 0) };
        model.apply(Event::Run(large));
        assert_eq!(wanted().unwrap().1, 224);
        software(model);
        assert_eq!(wanted().unwrap().1, 32, "a large network on a software adapter");
    });
}

#[test]
fn a_snapshot_is_asked_for_by_its_step_and_an_image_by_its_place() {
    with_model(|model| {
        add_images(model, 2);
        model.apply(Event::Run(run(State::Paused, 20)));
        model.attention.snapshot.set(Some(10));
        model.chosen.set(1);
        let (id, view) = untrack(|| request::wanted(model)).unwrap();
        assert_eq!((view.image, view.network), (1, Network::Snapshot(10)));
        model.apply(Event::Removed { index: 0 });
        let (same, view) = untrack(|| request::wanted(model)).unwrap();
        assert_eq!((same, view.image), (id, 0));
    });
}

#[test]
fn pinned_images_are_found_again_by_their_names() {
    with_model(|model| {
        add_images(model, 3);
        model.pin_named(["2.jpg", "gone.jpg", "0.jpg"].into_iter());
        assert_eq!(model.attention.pinned.get_untracked(), [2, 0]);
        model.pin_named(std::iter::once("1.jpg"));
        assert_eq!(model.attention.pinned.get_untracked(), [2, 0], "something is pinned");
        model.attention.toggle_pin(2);
        assert_eq!(model.pinned_names(), ["0.jpg"]);
    });
}

#[test]
fn the_time_lapse_outlives_the_next_run_and_not_the_images() {
    with_model(|model| {
        add_images(model, 1);
        model.apply(Event::Pinned { step: 1, maps: vec![ImageMaps { image: 0, maps: maps(1) }] });
        model.apply(Event::Pinned { step: 2, maps: vec![ImageMaps { image: 0, maps: maps(1) }] });
        let frames = || model.attention.lapse.with_untracked(|lapse| lapse.frames.len());
        assert_eq!(frames(), 2);
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert_eq!(frames(), 2);
        model.apply(Event::Cleared);
        assert_eq!(frames(), 0);
    });
}

#[test]
fn a_run_that_is_prepared_hides_the_last_run_s_map_and_not_the_starter_s() {
    with_model(|model| {
        show(model, 0);
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert_eq!(shown_image(model), None);
        let of_starter = View { network: Network::Starter, ..view(0) };
        model.attention.asked.set_value(Some(of_starter.clone()));
        model.apply(Event::AttentionView(answer(of_starter, 6)));
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert_eq!(shown_image(model), Some(0));
    });
}
