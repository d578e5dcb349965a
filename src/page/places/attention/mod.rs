//! Attention: the chosen image patch by patch, the maps of its heads, what is watched and how it is shown,
//! pinned images, colours of patches. Invariant: pictures go from signals into canvases; a refresh
//! builds no element anew.

mod colors;
pub mod controls;
mod live;
mod maps;
mod pinned;
pub mod request;
mod snapshots;
mod stage;
mod starter_choice;
pub mod state;

use crate::app::Page;
use crate::places::share::{Kind, ShareButton};
use crate::ui::term::{Concepts, Term, TermKey};
use dino_core::data::picture::Picture;
use dino_core::protocol::{Command, State};
use dino_core::run::network::Network;
use dino_core::view::resize;
use leptos::prelude::*;
use std::sync::Arc;

/// Long side in pixels of the large picture, and of those of the heads.
const LARGE: usize = 768;
const SMALL: usize = 240;

#[component]
pub fn AttentionPlace(page: Page) -> impl IntoView {
    let (sight, words) = (page.model.sight, page.words);
    let text = move || &words.get().attention;
    request::follow(page);
    pinned::follow(page);
    Effect::new(move || {
        // Keys beyond the last head mean nothing.
        let heads =
            sight.seen.with_untracked(|seen| seen.as_ref().map_or(0, |s| s.look.maps.heads));
        match page.head_key.get() {
            Some(0) => sight.head.set(None),
            Some(key) if key <= heads => sight.head.set(Some(key - 1)),
            _ => {}
        }
    });
    let some = Memo::new(move |_| sight.seen.with(Option::is_some));
    let step = move || {
        sight.seen.with(|seen| {
            let look = &seen.as_ref()?.look;
            Some(match look.view.network {
                Network::Starter => text().starter.to_owned(),
                _ => (words.get().common.at_step)(look.step),
            })
        })
    };
    view! {
        <section class="attention" aria-labelledby="attention">
            <header>
                <h2 id="attention">{move || text().title}</h2>
                <Term page which=TermKey::Attention />
                <span class="count">{step}</span>
                {move || some.get().then(|| view! { <ShareButton page kind=Kind::Map /> })}
            </header>
            <p class="hint">{move || text().about}</p>
            <Concepts page which=&[TermKey::Head, TermKey::Cls, TermKey::Patch] />
            <starter_choice::Begin page />
            {move || if some.get() {
                view! { <Shown page /> }.into_any()
            } else {
                view! { <p class="empty">{text().waits}</p> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Shown(page: Page) -> impl IntoView {
    let source = source(page);
    let (large, small) = (enlarged(source, LARGE), enlarged(source, SMALL));
    view! {
        <div class="sight">
            <div class="seeing">
                <stage::Stage page photo=large />
                <snapshots::Snapshots page />
                <maps::Maps page photo=small />
            </div>
            <controls::Controls page />
        </div>
        <live::Live page />
        <pinned::Pinned page />
        <colors::Colors page />
    }
}

/// The photograph that maps are painted over: as fine as there is, otherwise what the network saw.
fn source(page: Page) -> Memo<Option<Arc<Picture>>> {
    let (model, sight) = (page.model, page.model.sight);
    // What decides; the pixels themselves are compared only when it changes.
    let key = Memo::new(move |_| {
        let image = sight.seen.with(|seen| seen.as_ref().map(|s| s.look.view.image))?;
        let id = model.images.with(|images| images.get(image).map(|image| image.id));
        let fine = model.crops.with(|crops| crops.as_ref().is_some_and(|c| c.image == image));
        let size = sight.seen.with(|s| s.as_ref().map(|s| s.look.picture.width)).filter(|_| !fine);
        Some((id, fine, size))
    });
    Memo::new(move |_| {
        let (_, fine, _) = key.get()?;
        let crops = model.crops.get_untracked().filter(|_| fine);
        let seen = || sight.seen.with_untracked(|s| s.as_ref().map(|s| s.look.picture.clone()));
        crops.map(|crops| crops.original.clone()).or_else(seen).map(Arc::new)
    })
}

fn enlarged(source: Memo<Option<Arc<Picture>>>, side: usize) -> Memo<Option<Arc<Picture>>> {
    Memo::new(move |_| source.get().map(|pixels| Arc::new(resize::resized(&pixels, side))))
}

/// The name of an image, or nothing.
pub fn name_of(page: Page, image: Option<usize>) -> String {
    let find =
        |image: usize| page.model.images.with(|all| all.get(image).map(|image| image.name.clone()));
    image.and_then(find).unwrap_or_default()
}

/// The name of the image that is shown.
fn shown_name(page: Page) -> Signal<String> {
    let seen = page.model.sight.seen;
    Signal::derive(move || {
        let image = seen.with(|seen| seen.as_ref().map(|seen| seen.look.view.image));
        name_of(page, image)
    })
}

/// Shows an image here and in the places beside.
pub fn choose(page: Page, image: usize) {
    page.model.chosen.set(image);
    if page.model.state() != State::Stopped {
        page.send(Command::Choose { image });
    }
}
