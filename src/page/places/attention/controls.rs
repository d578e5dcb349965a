//! What is watched and how it is shown: network, layer, resolution; mode, strength, threshold, pointing.

use crate::app::Page;
use crate::i18n::Text;
use crate::places::attention::state::Pointing;
use crate::places::attention::{pinned, request, shown_name};
use crate::ui::term::{Term, TermKey};
use dino_core::protocol::MOST_PINNED;
use dino_core::run::network::Network;
use dino_core::view::overlay::{Mode, Style};
use leptos::prelude::*;

pub type Word = fn(&Text) -> &'static str;

#[component]
pub fn Controls(page: Page) -> impl IntoView {
    let (sight, words) = (page.model.sight, page.words);
    let text = move || &words.get().attention;
    let kept = move || sight.moment.with(Option::is_some);
    let there = Memo::new(move |_| sight.starter.with(Option::is_some));
    view! {
        <div class="controls">
            {move || view! {
                <Choice
                    page
                    name="network"
                    legend=|text| text.attention.network
                    options=networks(there.get())
                    chosen=Signal::derive(move || request::network(page))
                    choose=move |network| sight.network.set(Some(network))
                    disabled=Signal::derive(kept)
                />
            }}
            {move || kept().then(|| view! { <p class="hint">{text().only_teacher}</p> })}
            <Layer page />
            <Side page />
            <How page show=sight.show() />
            <Choice
                page
                name="pointing"
                legend=|text| text.attention.pointing
                options=vec![
                    (Pointing::Similarity, (|text| text.attention.similarity) as Word),
                    (Pointing::Attention, |text| text.attention.from_patch),
                ]
                chosen=sight.pointing
                choose=move |pointing| sight.pointing.set(pointing)
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

/// How maps are shown, the page's or those of a link.
#[derive(Clone, Copy)]
pub struct Show {
    pub mode: RwSignal<Mode>,
    /// From 0 to 1, as is `share`.
    pub opacity: RwSignal<f32>,
    pub outlined: RwSignal<bool>,
    /// Of the mass that an outline or a mask holds.
    pub share: RwSignal<f32>,
}

impl Show {
    pub fn style(self) -> Style {
        let mode = self.mode.get();
        let outlined = mode == Mode::Mask || self.outlined.get();
        Style { mode, opacity: self.opacity.get(), mass: outlined.then(|| self.share.get()) }
    }
}

/// Mode, strength, threshold.
#[component]
pub fn How(page: Page, show: Show) -> impl IntoView {
    let text = move || &page.words.get().attention;
    let masked = move || show.mode.get() == Mode::Mask;
    view! {
        <Choice
            page
            name="mode"
            legend=|text| text.attention.display
            options=vec![
                (Mode::Heat, (|text| text.attention.heat) as Word),
                (Mode::Mask, |text| text.attention.mask),
                (Mode::Heads, |text| text.attention.in_colours),
            ]
            chosen=show.mode
            choose=move |mode| show.mode.set(mode)
            disabled=false
        />
        <Percent name="opacity" label=Signal::derive(move || text().opacity) share=show.opacity disabled=false />
        <div class="threshold">
            <div class="with-term">
                <label class="tick">
                    <input
                        type="checkbox"
                        name="outlined"
                        prop:checked=move || masked() || show.outlined.get()
                        disabled=masked
                        on:change=move |event| show.outlined.set(event_target_checked(&event))
                    />
                    {move || text().threshold}
                </label>
                <Term page which=TermKey::MassThreshold />
            </div>
            <Percent
                name="mass"
                label=Signal::derive(move || text().share_of_mass)
                share=show.share
                disabled=Signal::derive(move || !masked() && !show.outlined.get())
            />
        </div>
    }
}

/// A slider from 0 to 100 % of a share from 0 to 1.
#[component]
fn Percent(
    name: &'static str,
    label: Signal<&'static str>,
    share: RwSignal<f32>,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <Slider
            name
            label
            value=Signal::derive(move || format!("{:.0} %", share.get() * 100.0))
            most=Signal::stored(100)
            at=Signal::derive(move || (share.get() * 100.0).round() as usize)
            set=move |at| share.set(at as f32 / 100.0)
            disabled
        />
    }
}

#[component]
fn Layer(page: Page) -> impl IntoView {
    let text = move || &page.words.get().attention;
    let layers = move || request::layers(page);
    let layer = move || request::layer(page);
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
                page.model.sight.layer.set((!last).then_some(at));
            }
            disabled=Signal::derive(move || layers() < 2)
        />
    }
}

#[component]
fn Side(page: Page) -> impl IntoView {
    let sight = page.model.sight;
    let text = move || &page.words.get().attention;
    let trained = Memo::new(move |_| request::trained_side(page));
    let sides = move || request::sides(trained.get());
    let at = move || {
        let side = request::side(page);
        sides().iter().rposition(|s| *s <= side).unwrap_or_default()
    };
    let value = move || {
        let side = request::side(page);
        // The grid is the worker's: it is known once it has answered.
        let grid = sight.seen.with(|seen| match seen {
            Some(seen) if !sight.busy.get() => seen.grid(),
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
            set=move |at| sight.side.set(untrack(sides).get(at).copied())
            disabled=false
        />
    }
}

#[component]
fn Pin(page: Page) -> impl IntoView {
    let sight = page.model.sight;
    let text = move || &page.words.get().attention;
    let chosen = page.model.chosen;
    let is_pinned = move || sight.pinned.with(|pinned| pinned.contains(&chosen.get()));
    let full = move || !is_pinned() && sight.pinned.with(Vec::len) >= MOST_PINNED;
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

/// A choice between a few things.
#[component]
pub fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    page: Page,
    name: &'static str,
    legend: Word,
    options: Vec<(T, Word)>,
    #[prop(into)] chosen: Signal<T>,
    choose: impl Fn(T) + Copy + 'static,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    let text = move || page.words.get();
    let options = options.into_iter().enumerate().map(|(i, (value, word))| {
        view! {
            <label>
                <input
                    type="radio"
                    name=name
                    value=i
                    prop:checked=move || chosen.get() == value
                    on:change=move |_| choose(value)
                />
                <span>{move || word(text())}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choice" disabled=disabled>
            <legend>{move || legend(text())}</legend>
            <div class="segments">{options.collect_view()}</div>
        </fieldset>
    }
}

/// A number from 0 to `most`.
#[component]
pub fn Slider(
    name: &'static str,
    label: Signal<&'static str>,
    value: Signal<String>,
    most: Signal<usize>,
    at: Signal<usize>,
    set: impl Fn(usize) + Copy + 'static,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="slider">
            // Before `output`: a label names the first control in it.
            <span>{label}</span>
            <input
                type="range"
                name=name
                min="0"
                max=move || most.get().to_string()
                step="1"
                aria-valuetext=value
                prop:value=move || {
                    // After `max`, which would cut it off.
                    most.get();
                    at.get().to_string()
                }
                disabled=disabled
                on:input=move |event| {
                    if let Ok(at) = event_target_value(&event).parse() {
                        set(at);
                    }
                }
            />
            <output>{value}</output>
        </label>
    }
}
