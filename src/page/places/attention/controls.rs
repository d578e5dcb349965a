//! Attention controls: network, layer, resolution; style, pointing, pin. Invariant: a control sets a choice; what is asked of the
//! worker follows from the choices, see [`request`].

use crate::context::Page;
use crate::places::attention::{pinned, shown_name};
use crate::state::attention::Pointing;
use crate::state::request;
use crate::ui::controls::{Choice, Slider, Word};
use crate::ui::map_style::MapStyle;
use dino_core::protocol::MOST_PINNED;
use dino_core::run::network::Network;
use leptos::prelude::*;

#[component]
pub fn Controls(page: Page) -> impl IntoView {
    let (attention, words) = (page.model.attention, page.words);
    let text = move || &words.get().attention;
    let of_snapshot = move || attention.snapshot.with(Option::is_some);
    let there = Memo::new(move |_| attention.starter.with(Option::is_some));
    view! {
        <div class="controls">
            {move || view! {
                <Choice
                    page
                    name="network"
                    legend=|text| text.attention.network
                    options=networks(there.get())
                    chosen=Signal::derive(move || request::network(page.model))
                    choose=move |network| attention.network.set(Some(network))
                    disabled=Signal::derive(of_snapshot)
                />
            }}
            {move || of_snapshot().then(|| view! { <p class="hint">{text().only_teacher}</p> })}
            <Layer page />
            <Side page />
            <MapStyle page show=attention.show() />
            <Choice
                page
                name="pointing"
                legend=|text| text.attention.pointing
                options=vec![
                    (Pointing::Similarity, (|text| text.attention.similarity) as Word),
                    (Pointing::Attention, |text| text.attention.from_patch),
                ]
                chosen=attention.pointing
                choose=move |pointing| attention.pointing.set(pointing)
                disabled=false
            />
            <Pin page />
        </div>
    }
}

/// The networks that can be looked through.
fn networks(starter: bool) -> Vec<(Network, Word)> {
    let mut networks: Vec<(Network, Word)> = vec![
        (Network::Teacher, |text| text.attention.teacher),
        (Network::Student, |text| text.attention.student),
    ];
    if starter {
        networks.push((Network::Starter, |text| text.attention.starter));
    }
    networks
}

#[component]
fn Layer(page: Page) -> impl IntoView {
    let text = move || &page.words.get().attention;
    let layers = move || request::layers(page.model);
    let layer = move || request::layer(page.model);
    view! {
        <Slider
            name="layer"
            label=Signal::derive(move || text().layer)
            value=Signal::derive(move || (text().of)(layer() + 1, layers()))
            most=Signal::derive(move || layers().saturating_sub(1))
            at=Signal::derive(layer)
            set=move |at| {
                // The last is followed to the last of another network.
                let last = at + 1 >= untrack(layers);
                page.model.attention.layer.set((!last).then_some(at));
            }
            disabled=Signal::derive(move || layers() < 2)
        />
    }
}

#[component]
fn Side(page: Page) -> impl IntoView {
    let attention = page.model.attention;
    let text = move || &page.words.get().attention;
    let trained = Memo::new(move |_| request::trained_side(page.model));
    let sides = move || request::sides(trained.get());
    let at = move || {
        let side = request::side(page.model);
        sides().iter().rposition(|s| *s <= side).unwrap_or_default()
    };
    let value = move || {
        let side = request::side(page.model);
        // The grid is the worker's: it is known once it has answered.
        let grid = attention.shown.with(|shown| match shown {
            Some(shown) if !attention.busy.get() => shown.grid(),
            _ => [0, 0],
        });
        (text().side_of)(side, grid, side == trained.get())
    };
    view! {
        <Slider
            name="side"
            label=Signal::derive(move || text().side)
            value=Signal::derive(value)
            most=Signal::derive(move || sides().len().saturating_sub(1))
            at=Signal::derive(at)
            set=move |at| attention.side.set(untrack(sides).get(at).copied())
            disabled=false
        />
    }
}

#[component]
fn Pin(page: Page) -> impl IntoView {
    let attention = page.model.attention;
    let text = move || &page.words.get().attention;
    let chosen = page.model.chosen;
    let is_pinned = move || attention.pinned.with(|pinned| pinned.contains(&chosen.get()));
    let full = move || !is_pinned() && attention.pinned.with(Vec::len) >= MOST_PINNED;
    let name = shown_name(page);
    view! {
        <button
            class="pin"
            aria-pressed=move || is_pinned().to_string()
            disabled=full
            title=move || if full() { (text().most_pinned)(MOST_PINNED) } else { name.get() }
            on:click=move |_| {
                let image = chosen.get_untracked();
                pinned::toggle(page, image);
            }
        >{move || if is_pinned() { text().unpin } else { text().pin }}</button>
    }
}
