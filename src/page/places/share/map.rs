//! Shared map: the map that is shown, as it can be shared, and what is said of it. Invariant: nothing of a file but its
//! pixels.

use crate::context::Page;
use crate::i18n::Text;
use dino_core::run::network::Network;
use dino_core::run::settings::Settings;
use dino_core::share::SharedMap;
use dino_core::view::overlay::Style;
use leptos::prelude::*;

/// What the attention place shows, frozen.
pub fn shown(page: Page) -> Option<SharedMap> {
    let shown = page.model.attention.shown.get_untracked()?;
    let answer = &shown.answer;
    let fine = page.model.crops.get_untracked().filter(|crops| crops.image == answer.view.image);
    let run = page.model.run.get_untracked();
    let network = answer.view.network;
    // The run has nothing to do with the starter.
    let (step, run) = match network {
        Network::Starter => (0, None),
        _ => (answer.step, run),
    };
    Some(SharedMap {
        photo: fine.map_or_else(|| answer.picture.clone(), |crops| crops.original.clone()),
        maps: answer.maps.clone(),
        network,
        layer: answer.view.layer,
        layers: answer.layers,
        step,
        settings: run.map(|run| run.settings),
    })
}

/// How it is shown.
pub fn style(page: Page) -> Style {
    untrack(|| page.model.attention.show().style())
}

/// What a map is of: network, layer, step.
pub fn of_map(text: &Text, map: &SharedMap) -> Vec<String> {
    let layer = (text.share.layer)(map.layer + 1, map.layers);
    let network = match map.network {
        Network::Teacher | Network::Snapshot(_) => text.attention.teacher,
        Network::Student => text.attention.student,
        Network::Starter => return vec![text.attention.starter.to_owned(), layer],
    };
    vec![network.to_owned(), layer, (text.share.step)(map.step)]
}

/// The settings of a run: preset, seed, steps, and what differs.
pub fn of_settings(text: &Text, settings: &Settings) -> Vec<String> {
    let title = (text.training.preset)(&settings.preset).map(|(title, _)| title.to_owned());
    let mut parts = vec![
        title.unwrap_or_else(|| settings.preset.clone()),
        (text.share.seed)(settings.seed),
        (text.share.steps)(settings.steps),
    ];
    let changed = settings.changed.iter();
    parts.extend(changed.map(|(setting, value)| format!("{} = {value}", setting.row().key)));
    parts
}
