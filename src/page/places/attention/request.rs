//! Asks the worker for the view that is wanted. Invariant: at most one request is under way; when its
//! answer comes, the newest wish is next, so that a slider can be dragged over any number of them.

use crate::app::Page;
use dino_core::data::preprocess::MOST_SIDE;
use dino_core::protocol::{Command, Event, Starter, State, View};
use dino_core::run::network::Network;
use js_sys::Array;
use leptos::prelude::*;

/// Long side at which maps look good, if the adapter is up to it.
const GOOD_SIDE: usize = 224;

/// Sides to choose from, besides the one that was trained at.
const SIDES: [usize; 7] = [64, 96, 128, 224, 320, 384, MOST_SIDE];

/// Blocks × width² above which a program that plays a GPU shows the size of the training first.
const HEAVY: usize = 60_000;

/// The network that is looked through: the one that was chosen, otherwise the starter until there is a run
/// to be seen.
pub fn network(page: Page) -> Network {
    let sight = page.model.sight;
    let there = sight.starter.with(Option::is_some);
    if sight.moment.with(Option::is_some) {
        // Only the teacher is kept.
        return Network::Teacher;
    }
    match sight.network.get() {
        Some(Network::Starter) if !there => Network::Teacher,
        Some(network) => network,
        None if there && undecided(page) => Network::Starter,
        None => Network::Teacher,
    }
}

/// No run has begun, and nobody has said what one should begin with.
pub fn undecided(page: Page) -> bool {
    let begun = page.model.step() > 0 || page.model.state() == State::Running;
    !begun && !page.model.sight.decided.get()
}

/// The starter, if it is what is looked through.
fn starter(page: Page) -> Option<Starter> {
    page.model.sight.starter.get().filter(|_| network(page) == Network::Starter)
}

/// Side in pixels that the network was trained at.
pub fn trained_side(page: Page) -> usize {
    starter(page).map_or_else(|| trained_side_of_run(page), |starter| starter.side)
}

fn trained_side_of_run(page: Page) -> usize {
    let images = page.model.images.with(Vec::len);
    page.model.run.with(|run| {
        let config = run.as_ref().and_then(|run| run.settings.config(images).ok());
        config.map_or(GOOD_SIDE, |config| config.vit.img_size)
    })
}

/// The sides that can be chosen.
pub fn sides(trained: usize) -> Vec<usize> {
    let mut sides: Vec<usize> = SIDES.into_iter().filter(|side| *side > trained).collect();
    sides.insert(0, trained.min(MOST_SIDE));
    sides
}

/// The side that is wanted: chosen, or what suits the adapter.
pub fn side(page: Page) -> usize {
    let size = starter(page).map(|s| s.layers * s.dim * s.dim);
    suited(page, trained_side(page), size.unwrap_or_else(|| size_of_run(page)))
}

/// The same for the run's networks, whatever is looked through.
pub fn side_of_run(page: Page) -> usize {
    suited(page, trained_side_of_run(page), size_of_run(page))
}

fn size_of_run(page: Page) -> usize {
    page.model.run.with(|r| r.as_ref().map_or(0, |r| r.layers * r.dim * r.dim))
}

/// `size`: blocks × width².
fn suited(page: Page, trained: usize, size: usize) -> usize {
    let chosen = page.model.sight.side.get();
    chosen.filter(|side| sides(trained).contains(side)).unwrap_or_else(|| {
        let software = page.model.adapter.with(|a| a.as_ref().is_some_and(|a| a.software));
        if software && size > HEAVY { trained } else { trained.max(GOOD_SIDE) }
    })
}

/// Blocks of the network that is looked through; 0 while there is none.
pub fn layers(page: Page) -> usize {
    starter(page).map_or_else(|| layers_of_run(page), |starter| starter.layers)
}

/// Blocks of the run's networks; 0 while no run is prepared.
pub fn layers_of_run(page: Page) -> usize {
    page.model.run.with(|run| run.as_ref().map_or(0, |run| run.layers))
}

/// The layer that is wanted, from 0.
pub fn layer(page: Page) -> usize {
    let last = layers(page).saturating_sub(1);
    page.model.sight.layer.get().map_or(last, |layer| layer.min(last))
}

/// Which image of all that ever were, and its view.
type Wanted = Option<(u64, View)>;

fn wanted(page: Page) -> Wanted {
    let (model, sight) = (page.model, page.model.sight);
    let image = model.chosen.get();
    let id = model.images.with(|all| all.get(image).map(|image| image.id))?;
    if layers(page) == 0 {
        return None;
    }
    let network = match sight.moment.get() {
        Some(step) => Network::Snapshot(step),
        None => network(page),
    };
    Some((id, View { image, network, layer: layer(page), side: side(page) }))
}

/// Follows what is wanted from now on.
pub fn follow(page: Page) {
    let wanted = Memo::new(move |_| wanted(page));
    Effect::new(move || {
        page.model.sight.moved.track();
        if wanted.get().is_none() {
            // Whatever comes next is of another run.
            page.model.sight.asked.set_value(None);
        }
        ask(page, wanted);
    });
}

fn ask(page: Page, wanted: Memo<Wanted>) {
    let sight = page.model.sight;
    let Some((_, view)) = wanted.get_untracked() else { return };
    if sight.busy.get_untracked() || sight.asked.get_value().as_ref() == Some(&view) {
        return;
    }
    sight.busy.set(true);
    sight.asked.set_value(Some(view.clone()));
    wasm_bindgen_futures::spawn_local(async move {
        match page.call(Command::Watch { view }, &Array::new()).await {
            Ok(Event::AttentionView(look)) => sight.take(look),
            Ok(_) => {}
            Err(message) => page.model.complain(message),
        }
        sight.busy.set(false);
        ask(page, wanted);
    });
}
