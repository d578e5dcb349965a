//! Attention request: which network, layer and side a view is asked of. Invariant: what a person chose wins where it can be
//! had; otherwise the starter is watched until a run begins, at the side that suits the adapter.

use crate::state::model::Model;
use dino_core::data::preprocess::MOST_SIDE;
use dino_core::protocol::{Starter, State, View};
use dino_core::run::network::Network;
use leptos::prelude::*;

/// Long side at which maps look good, if the adapter is up to it.
const GOOD_SIDE: usize = 224;

/// Sides to choose from, besides the one that was trained at.
const SIDES: [usize; 7] = [64, 96, 128, 224, 320, 384, MOST_SIDE];

/// Blocks × width² above which a program that plays a GPU shows the size of the training first.
const HEAVY: usize = 60_000;

/// The network that is looked through: the one that was chosen, otherwise the starter until there is a run
/// to be shown.
pub fn network(model: Model) -> Network {
    let attention = model.attention;
    let there = attention.starter.with(Option::is_some);
    if attention.snapshot.with(Option::is_some) {
        // Only the teacher is kept.
        return Network::Teacher;
    }
    match attention.network.get() {
        Some(Network::Starter) if !there => Network::Teacher,
        Some(network) => network,
        None if there && undecided(model) => Network::Starter,
        None => Network::Teacher,
    }
}

/// No run has begun, and nobody has said what one should begin with.
pub fn undecided(model: Model) -> bool {
    let begun = model.step() > 0 || model.state() == State::Running;
    !begun && !model.attention.decided.get()
}

/// The starter, if it is what is looked through.
fn starter(model: Model) -> Option<Starter> {
    model.attention.starter.get().filter(|_| network(model) == Network::Starter)
}

/// Side in pixels that the network was trained at.
pub fn trained_side(model: Model) -> usize {
    starter(model).map_or_else(|| trained_side_of_run(model), |starter| starter.side)
}

fn trained_side_of_run(model: Model) -> usize {
    let images = model.images.with(Vec::len);
    model.run.with(|run| {
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
pub fn side(model: Model) -> usize {
    let size = starter(model).map(|s| s.layers * s.dim * s.dim);
    suited(model, trained_side(model), size.unwrap_or_else(|| size_of_run(model)))
}

/// The same for the run's networks, whatever is looked through.
pub fn side_of_run(model: Model) -> usize {
    suited(model, trained_side_of_run(model), size_of_run(model))
}

fn size_of_run(model: Model) -> usize {
    model.run.with(|r| r.as_ref().map_or(0, |r| r.layers * r.dim * r.dim))
}

/// `size`: blocks × width².
fn suited(model: Model, trained: usize, size: usize) -> usize {
    let chosen = model.attention.side.get();
    chosen.filter(|side| sides(trained).contains(side)).unwrap_or_else(|| {
        let software = model.adapter.with(|a| a.as_ref().is_some_and(|a| a.software));
        if software && size > HEAVY { trained } else { trained.max(GOOD_SIDE) }
    })
}

/// Blocks of the network that is looked through; 0 while there is none.
pub fn layers(model: Model) -> usize {
    starter(model).map_or_else(|| layers_of_run(model), |starter| starter.layers)
}

/// Blocks of the run's networks; 0 while no run is prepared.
pub fn layers_of_run(model: Model) -> usize {
    model.run.with(|run| run.as_ref().map_or(0, |run| run.layers))
}

/// The layer that is wanted, from 0.
pub fn layer(model: Model) -> usize {
    let last = layers(model).saturating_sub(1);
    model.attention.layer.get().map_or(last, |layer| layer.min(last))
}

/// Which image of all that ever were, and its view.
pub type Wanted = Option<(u64, View)>;

/// The view that is wanted; `None` while there is no image or no network.
pub fn wanted(model: Model) -> Wanted {
    let attention = model.attention;
    let image = model.chosen.get();
    let id = model.images.with(|all| all.get(image).map(|image| image.id))?;
    if layers(model) == 0 {
        return None;
    }
    let network = match attention.snapshot.get() {
        Some(step) => Network::Snapshot(step),
        None => network(model),
    };
    Some((id, View { image, network, layer: layer(model), side: side(model) }))
}
