//! Viewer of a map that came in a link: heads, strength, threshold, over its photograph. Invariant: it needs no worker
//! and no GPU, and nothing starts behind it before somebody wants to train.

use crate::context::Page;
use crate::i18n::Text;
use crate::places::share::map;
use crate::state::attention::Show;
use crate::ui::canvas::Raster;
use crate::ui::map_style::MapStyle;
use crate::ui::switches::{Languages, Mark, Themes};
use dino_core::data::picture::Picture;
use dino_core::share::SharedMap;
use dino_core::share::map_link::Refusal;
use dino_core::view::overlay;
use dino_core::view::overlay::Mode;
use dino_core::view::resize;
use leptos::prelude::*;
use std::sync::Arc;

/// Long side in pixels of the large picture, and of those of the heads.
const LARGE: usize = 768;
const SMALL: usize = 200;

#[component]
pub fn Viewer(page: Page) -> impl IntoView {
    let words = page.words;
    let text = move || words.get();
    let shown = move || {
        page.arrived.get().map(|arrived| match arrived.as_ref() {
            Ok(shared) => {
                let shared = Arc::new(shared.clone());
                view! { <Shown page shared /> }.into_any()
            }
            Err(refusal) => {
                let refusal = refusal.clone();
                view! { <Refused page refusal /> }.into_any()
            }
        })
    };
    view! {
        <header class="top">
            <div class="brand">
                <Mark />
                <div>
                    <h1>{move || text().share.viewer}</h1>
                    <p>{move || text().share.viewer_about}</p>
                </div>
            </div>
            <div class="switches">
                <Languages page />
                <Themes page />
            </div>
        </header>
        <main id="viewer">{shown}</main>
    }
}

#[component]
fn Refused(page: Page, refusal: Refusal) -> impl IntoView {
    let text = move || &page.words.get().share;
    view! {
        <p class="alert grave" role="alert">
            <strong>{move || text().refused}</strong>" "{move || (text().refusal)(&refusal)}
        </p>
        <p><a class="button" href="#v=1">{move || text().to_page}</a></p>
    }
}

#[component]
fn Shown(page: Page, shared: Arc<SharedMap>) -> impl IntoView {
    let text = move || page.words.get();
    let chosen = RwSignal::new(None);
    let show = Show::new();
    let heads = shared.maps.heads;
    Effect::new(move || match page.head_key.get() {
        Some(0) => chosen.set(None),
        Some(key) if key <= heads => chosen.set(Some(key - 1)),
        _ => {}
    });
    let mean = Arc::new(shared.maps.mean());
    let picture = {
        let shared = shared.clone();
        move |photo: &Picture, head: Option<usize>| {
            let style = show.style();
            let maps = shared.maps.select(head, style.mode, &mean);
            Arc::new(overlay::paint(photo, shared.maps.grid, &maps, style))
        }
    };
    let (large, small) = (
        Arc::new(resize::resized(&shared.photo, LARGE)),
        Arc::new(resize::resized(&shared.photo, SMALL)),
    );
    let stage = {
        let picture = picture.clone();
        Signal::derive(move || Some(picture(&large, chosen.get())))
    };
    let name = move |head: Option<usize>| name(text(), head, show.mode.get());
    let label = move |head| (text().attention.map_of)(&name(head), text().share.shared_image);
    let maps = std::iter::once(None).chain((0..heads).map(Some)).map(|head| {
        let (picture, small) = (picture.clone(), small.clone());
        let pixels = Signal::derive(move || Some(picture(&small, head)));
        let label = Signal::derive(move || label(head));
        view! {
            <figure class="map" data-head=head.map_or_else(|| "mean".to_owned(), |head| head.to_string())>
                <button
                    aria-pressed=move || (chosen.get() == head).to_string()
                    on:click=move |_| chosen.set(head)
                >
                    <Raster pixels label />
                    <span class="caption">{move || name(head)}</span>
                </button>
            </figure>
        }
    });
    let train = format!(
        "#{}",
        shared
            .settings
            .as_ref()
            .map_or_else(|| "v=1".to_owned(), |settings| settings.to_fragment())
    );
    let facts = {
        let shared = shared.clone();
        move || {
            let mut facts = vec![map::of_map(text(), &shared).join(" · ")];
            let grid = shared.maps.grid;
            facts.extend(shared.settings.as_ref().map(|s| map::of_settings(text(), s).join(" · ")));
            facts.push((text().share.viewer_maps)(shared.maps.heads, grid));
            facts.into_iter().map(|fact| view! { <li>{fact}</li> }).collect_view()
        }
    };
    view! {
        <section class="attention viewer" aria-label=move || text().share.viewer>
            <div class="sight">
                <div class="seeing">
                    <div class="stage">
                        <div class="picture">
                            <Raster pixels=stage label=Signal::derive(move || label(chosen.get())) />
                        </div>
                    </div>
                    <div class="maps" role="group" aria-label=move || text().attention.maps>
                        {maps.collect_view()}
                    </div>
                </div>
                <div class="controls">
                    <MapStyle page show />
                    <div class="about-map">
                        <h2>{move || text().share.facts}</h2>
                        <ul class="facts">{facts}</ul>
                        <p class="hint">{move || text().share.viewer_private}</p>
                    </div>
                    <p class="train">
                        <a class="button main" href=train>{move || text().share.train}</a>
                        <span class="hint">{move || text().share.train_about}</span>
                    </p>
                </div>
            </div>
        </section>
    }
}

fn name(text: &Text, head: Option<usize>, mode: Mode) -> String {
    match head {
        Some(head) => (text.attention.head)(head),
        None if mode == Mode::Heads => text.attention.all_heads.to_owned(),
        None => text.attention.mean.to_owned(),
    }
}
