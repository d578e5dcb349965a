//! Tests of the page's state, without a browser and without a worker. Invariant: each sends the events that a worker sends and
//! reads the signals that the components read.

use crate::i18n::{Language, Words};
use crate::state::draft::Draft;
use crate::state::model::Model;
use crate::state::recovery::{Outcome, Recovery, Source};
use crate::state::request;
use crate::state::saved::Opening;
use crate::state::share::Share;
use crate::state::tour::Tour;
use crate::state::training;
use crate::state::training::{Begins, Takes};
use crate::state::weights::is_weights;
use dino_core::Error;
use dino_core::data::picture::Picture;
use dino_core::eval::health::Health;
use dino_core::eval::metrics::Metrics;
use dino_core::floats::Floats;
use dino_core::protocol::{
    Accuracy, AttentionView, BUILD, Command, Estimate, Event, Loaded, NoGpu, Report, Run, SavedRun,
    Starter, State, StoredFile, Thumbnail, View,
};
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, SettingProblem, Settings};
use dino_core::view::attention::{AttentionMaps, ImageMaps};
use leptos::prelude::*;

/// Runs a test with a model, as a page has it that was just opened.
fn with_model(test: impl FnOnce(Model)) {
    Owner::new().with(|| {
        let [english, ..] = Language::ALL;
        test(Model::new(Words(RwSignal::new(english))));
    });
}

fn picture() -> Picture {
    Picture { width: 1, height: 1, rgba: vec![0, 0, 0, 255] }
}

fn add(model: Model, name: &str, label: Option<&str>) {
    let index = model.images.with_untracked(Vec::len);
    let thumbnail = Thumbnail { width: 1, height: 1, jpeg: Vec::new() };
    let label = label.map(str::to_owned);
    model.apply(Event::Added { index, name: name.to_owned(), label, thumbnail });
}

fn add_images(model: Model, count: usize) {
    (0..count).for_each(|i| add(model, &format!("{i}.jpg"), None));
}

fn run(state: State, step: u64) -> Run {
    Run {
        state,
        settings: Settings::of("spark", 0),
        step,
        total_steps: 100,
        trained: 0.0,
        batch: 8,
        prototypes: 64,
        bytes: 0,
        dim: 64,
        layers: 3,
        heads: 3,
    }
}

fn metrics(step: u64, loss: f32) -> Metrics {
    Metrics {
        step,
        loss,
        entropy: 3.0,
        kl: 1.0,
        feature_std: 0.1,
        center_norm: 0.1,
        lr: 1e-4,
        weight_decay: 0.04,
        momentum: 0.996,
        teacher_temp: 0.04,
    }
}

fn progress(model: Model, steps: impl IntoIterator<Item = u64>) {
    let points = steps.into_iter().map(|step| metrics(step, 4.0)).collect();
    model.apply(Event::Progress { points, images_per_second: 10.0 });
}

fn steps_of_history(model: Model) -> Vec<u64> {
    model.history.with_untracked(|h| h.samples().iter().map(|s| s.point.step).collect())
}

fn starter() -> Starter {
    Starter { parameters: 1, layers: 12, heads: 3, dim: 192, side: 96 }
}

fn software(model: Model) {
    let (adapter, presets) = ("llvmpipe".to_owned(), Vec::new());
    model.apply(Event::Opened { adapter, software: true, presets, kept: None });
}

fn view(image: usize) -> View {
    View { image, network: Network::Teacher, layer: 2, side: 224 }
}

fn maps(heads: usize) -> AttentionMaps {
    AttentionMaps { heads, grid: [2, 2], values: vec![0.25; heads * 4] }
}

fn answer(view: View, heads: usize) -> AttentionView {
    AttentionView {
        view,
        step: 5,
        picture: picture(),
        patch: 8,
        layers: 3,
        maps: maps(heads),
        features: Floats(Vec::new()),
        dim: 64,
        queries: Floats(Vec::new()),
        keys: Floats(Vec::new()),
    }
}

fn shown_image(model: Model) -> Option<usize> {
    model.attention.shown.with_untracked(|s| s.as_ref().map(|s| s.answer.view.image))
}

/// The model asks for a view and gets it.
fn show(model: Model, image: usize) {
    let asked = model.attention.next(Some(view(image))).unwrap();
    model.apply(Event::AttentionView(answer(asked, 3)));
    model.attention.busy.set(false);
}

fn saved_run(step: u64) -> SavedRun {
    let settings = Settings::of("spark", 0);
    SavedRun { settings, step, total_steps: 100, images: 4, saved: 0.0, bytes: 1000 }
}

// What the worker says.

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

// Images that are removed.

#[test]
fn removing_an_image_before_the_chosen_one_keeps_the_choice_on_its_image() {
    with_model(|model| {
        add_images(model, 4);
        model.chosen.set(2);
        model.apply(Event::Removed { index: 0 });
        assert_eq!(model.chosen.get_untracked(), 1);
        assert_eq!(model.name_of(Some(1)), "2.jpg");
        let indices: Vec<_> =
            model.images.with_untracked(|all| all.iter().map(|i| i.index).collect());
        assert_eq!(indices, [0, 1, 2]);
        model.apply(Event::Removed { index: 2 });
        assert_eq!(model.chosen.get_untracked(), 1);
    });
}

#[test]
fn removing_the_chosen_image_chooses_the_next_or_else_the_last() {
    with_model(|model| {
        add_images(model, 3);
        model.chosen.set(1);
        model.apply(Event::Removed { index: 1 });
        assert_eq!(model.name_of(Some(model.chosen.get_untracked())), "2.jpg");
        model.apply(Event::Removed { index: 1 });
        assert_eq!(model.name_of(Some(model.chosen.get_untracked())), "0.jpg");
        model.apply(Event::Removed { index: 0 });
        assert_eq!(model.chosen.get_untracked(), 0);
        model.apply(Event::Removed { index: 7 });
        assert_eq!(model.images.with_untracked(Vec::len), 0);
    });
}

#[test]
fn a_removed_image_leaves_its_label_its_pin_and_its_maps() {
    with_model(|model| {
        add(model, "a", Some("cat"));
        add(model, "b", Some("dog"));
        add(model, "c", Some("cat"));
        [0, 1, 2].iter().for_each(|image| model.attention.toggle_pin(*image));
        let map = |image| ImageMaps { image, maps: maps(1) };
        model.apply(Event::Pinned { step: 3, maps: vec![map(1), map(2)] });
        model.apply(Event::Removed { index: 1 });
        assert_eq!(model.attention.pinned.get_untracked(), [0, 1]);
        assert_eq!(model.pinned_names(), ["a", "c"]);
        assert_eq!(
            model.labels.get_untracked().into_iter().collect::<Vec<_>>(),
            [("cat".to_owned(), 2)]
        );
        model.attention.lapse.with_untracked(|lapse| {
            assert!(lapse.map(0, 1).is_some(), "c moved up");
            assert!(lapse.map(0, 2).is_none());
        });
    });
}

#[test]
fn removing_any_image_asks_for_the_watched_view_again() {
    with_model(|model| {
        add_images(model, 3);
        show(model, 1);
        assert_eq!(shown_image(model), Some(1));
        assert_eq!(model.attention.next(Some(view(1))), None, "it is here");
        model.apply(Event::Removed { index: 1 });
        assert_eq!(shown_image(model), None);
        assert_eq!(model.attention.next(Some(view(1))), Some(view(1)));
    });
}

#[test]
fn clearing_the_set_forgets_choice_pins_and_summary() {
    with_model(|model| {
        add_images(model, 3);
        model.chosen.set(2);
        model.attention.toggle_pin(1);
        show(model, 2);
        model.apply(Event::Imported { added: 3, skipped: Vec::new() });
        model.apply(Event::Cleared);
        assert_eq!(model.chosen.get_untracked(), 0);
        assert!(model.attention.pinned.get_untracked().is_empty());
        assert!(model.summary.get_untracked().is_none());
        assert_eq!(shown_image(model), None);
    });
}

// Attention.

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
fn a_layer_and_a_side_that_a_network_has_not_give_way_to_what_suits() {
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

// The form.

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
        model.keeping.reader.set(true);
        draft.linked.set(false);
        assert!(!training::take_link(model, draft, &linked, Vec::new()), "another tab's run");
        assert!(!draft.linked.get_untracked());
    });
}

#[test]
fn a_run_that_began_with_weights_is_not_fresh() {
    with_model(|model| {
        let fresh = || untrack(|| training::is_fresh(model));
        model.apply(Event::Run(run(State::Paused, 0)));
        assert!(fresh());
        let loaded = Loaded { name: "x.pth".to_owned(), step: 0, run: false, unused: Vec::new() };
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
        model.keeping.reader.set(true);
        assert!(unready());
        model.keeping.reader.set(false);
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert!(unready());
        model.apply(Event::Run(run(State::Paused, 0)));
        assert!(!unready());
        model.foreign();
        assert!(unready());
    });
}

#[test]
fn a_preset_is_measured_known_refused_or_without_a_device() {
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
        let refused = Error::Died("too large".to_owned());
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
        model.keeping.offer.set(Some(saved_run(10)));
        assert_eq!(begins(0), None, "another question is open");
        model.keeping.offer.set(None);
        model.attention.decide();
        assert_eq!(begins(7), Some(Begins::HeadFirst(7)));
        progress(model, 0..7);
        assert_eq!(begins(7), None);
    });
}

#[test]
fn a_collapsed_teacher_is_called_so_and_an_empty_run_nothing() {
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

// What the browser keeps.

#[test]
fn a_saved_step_ends_the_offer_and_the_warning_and_is_the_line() {
    with_model(|model| {
        let keeping = model.keeping;
        let line = || untrack(|| keeping.line());
        keeping.offer.set(Some(saved_run(10)));
        model.apply(Event::NotSaved { error: Error::Died("full".to_owned()) });
        assert_eq!((line(), keeping.not_saved.get_untracked().is_some()), (None, true));
        model.apply(Event::Saved { step: 40, bytes: 1000, seconds: 29.6 });
        assert_eq!(line(), Some((40, 1000, 30)));
        assert!(keeping.offer.get_untracked().is_none());
        assert!(keeping.not_saved.get_untracked().is_none());
        assert!(model.attention.decided.get_untracked());
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert_eq!(line(), None, "another run");
    });
}

#[test]
fn damage_and_other_images_are_noticed_until_another_run_is_prepared() {
    with_model(|model| {
        let keeping = model.keeping;
        model.apply(Event::Damaged { step: Some(7), reason: "short".to_owned() });
        model.apply(Event::OtherImages { kept: 4, found: 3 });
        assert_eq!(keeping.damaged.get_untracked(), Some((Some(7), "short".to_owned())));
        assert_eq!(keeping.other_images.get_untracked(), Some((4, 3)));
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert_eq!(keeping.other_images.get_untracked(), None);
        assert!(keeping.damaged.get_untracked().is_some(), "a person closes it");
    });
}

#[test]
fn a_second_tab_resumes_the_run_by_itself_and_the_first_is_asked() {
    with_model(|model| {
        let keeping = model.keeping;
        let saved = saved_run(10);
        let first = Opening { samples: true, resumes: false, offer: Some(saved.clone()) };
        assert_eq!(keeping.opening(Some(saved.clone())), first);
        model.apply(Event::ImagesKept { keep: true, bytes: 5 });
        keeping.reader.set(true);
        let second = Opening { samples: false, resumes: true, offer: None };
        assert_eq!(keeping.opening(Some(saved)), second);
        assert!(!keeping.opening(None).resumes);
    });
}

#[test]
fn only_the_newest_checkpoint_of_the_run_is_listed() {
    with_model(|model| {
        let file =
            |name: &str, step| StoredFile { name: name.to_owned(), step, bytes: 1, saved: 0.0 };
        let files = vec![file("run", Some(30)), file("run", Some(20)), file("dino.pth", None)];
        model.shelf.files.set(files);
        let listed: Vec<_> = untrack(|| model.shelf.listed()).into_iter().map(|f| f.step).collect();
        assert_eq!(listed, [Some(30), None]);
        assert!(untrack(|| model.shelf.has("dino.pth") && !model.shelf.has("x")));
        assert!(is_weights("A.PTH") && is_weights("b.safetensors") && !is_weights("pt.jpg"));
    });
}

// Recovery.

/// Lists of files are numbers here.
fn recovery() -> Recovery<u8> {
    Recovery::new()
}

fn crash(recovery: Recovery<u8>, model: Model, at: f64) -> bool {
    recovery.crashed(model, Error::Died("gone".to_owned()), false, at)
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
        recovery.crashed(model, Error::Died("gone".to_owned()), true, 0.0);
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
        let files = Command::AddFiles { paths: vec!["a".to_owned()] };
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
        recovery.note(&report(None, Event::Imported { added: 1, skipped: Vec::new() }));
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

// Tour and share dialog.

#[test]
fn the_tour_goes_through_every_stop_once_in_the_order_of_the_page() {
    with_model(|_| {
        let walk = |narrow| {
            let tour = Tour::new(true);
            let mut stops = Vec::new();
            while let Some(stop) = tour.at.get_untracked() {
                stops.push(stop);
                tour.go_on(stop, narrow);
            }
            assert!(!tour.walking.get_untracked());
            stops
        };
        assert_eq!(walk(false), [0, 1, 2, 3]);
        assert_eq!(walk(true), [0, 2, 1, 3]);
        assert_eq!(Tour::new(false).at.get_untracked(), None);
    });
}

#[test]
fn what_is_made_for_nobody_changes_nothing_in_the_dialog() {
    with_model(|_| {
        let share = Share::new();
        let first = share.begin();
        assert!(share.advance(first, 1, 4));
        let second = share.begin();
        assert!(!share.advance(first, 2, 4));
        assert_eq!(share.progress.get_untracked(), Some((0, 0)));
        assert!(share.waits_for(second));
        share.stop();
        assert!(!share.waits_for(second));
        assert_eq!(share.progress.get_untracked(), None);
    });
}
