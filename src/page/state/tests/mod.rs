//! Tests of the page's state, without a browser and without a worker. Invariant: each sends the events that a worker sends and
//! reads the signals that the components read.

mod attention;
mod dialogs;
mod form;
mod recovery;
mod removal;
mod storage;
mod worker;

use crate::i18n::{Language, Words};
use crate::state::model::Model;
use dino_core::data::picture::Picture;
use dino_core::eval::metrics::Metrics;
use dino_core::floats::Floats;
use dino_core::protocol::{AttentionView, Event, Run, SavedRun, Starter, State, Thumbnail, View};
use dino_core::run::network::Network;
use dino_core::run::settings::Settings;
use dino_core::view::attention::AttentionMaps;
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
    Metrics { loss, entropy: 3.0, kl: 1.0, feature_std: 0.1, ..Metrics::at(step) }
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
