//! Attention place: the chosen image patch by patch, the maps of its heads, what is watched and how it is shown,
//! pinned images, colours of patches. Invariant: pictures go from signals into canvases; a refresh
//! builds no element anew.

mod colors;
mod controls;
mod live;
mod maps;
mod pinned;
mod snapshots;
mod stage;
mod starter_choice;
mod watch;

use crate::context::Page;
use crate::ui::share_button::{Kind, ShareButton};
use crate::ui::term::{Concepts, Term, TermKey};
use dino_core::data::picture::Picture;
use dino_core::run::network::Network;
use dino_core::view::resize;
use leptos::prelude::*;
use std::sync::Arc;

/// Long side in pixels of the large picture, and of those of the heads.
const LARGE: usize = 768;
const SMALL: usize = 240;

#[component]
pub fn AttentionPlace(page: Page) -> impl IntoView {
    let (attention, words) = (page.model.attention, page.words);
    let text = move || &words.get().attention;
    watch::follow(page);
    pinned::follow(page);
    Effect::new(move || attention.press_head(page.head_key.get()));
    let some = Memo::new(move |_| attention.shown.with(Option::is_some));
    let step = move || {
        attention.shown.with(|shown| {
            let answer = &shown.as_ref()?.answer;
            Some(match answer.view.network {
                Network::Starter => text().starter.to_owned(),
                _ => (words.get().common.at_step)(answer.step),
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
    let (model, attention) = (page.model, page.model.attention);
    // What decides; the pixels themselves are compared only when it changes.
    let key = Memo::new(move |_| {
        let image = attention.shown.with(|shown| shown.as_ref().map(|s| s.answer.view.image))?;
        let id = model.images.with(|images| images.get(image).map(|image| image.id));
        let fine = model.crops.with(|crops| crops.as_ref().is_some_and(|c| c.image == image));
        let size =
            attention.shown.with(|s| s.as_ref().map(|s| s.answer.picture.width)).filter(|_| !fine);
        Some((id, fine, size))
    });
    Memo::new(move |_| {
        let (_, fine, _) = key.get()?;
        let crops = model.crops.get_untracked().filter(|_| fine);
        let shown =
            || attention.shown.with_untracked(|s| s.as_ref().map(|s| s.answer.picture.clone()));
        crops.map(|crops| crops.original.clone()).or_else(shown).map(Arc::new)
    })
}

fn enlarged(source: Memo<Option<Arc<Picture>>>, side: usize) -> Memo<Option<Arc<Picture>>> {
    Memo::new(move |_| source.get().map(|pixels| Arc::new(resize::resized(&pixels, side))))
}

/// The name of the image that is shown.
fn shown_name(page: Page) -> Signal<String> {
    let shown = page.model.attention.shown;
    Signal::derive(move || {
        let image = shown.with(|shown| shown.as_ref().map(|shown| shown.answer.view.image));
        page.model.name_of(image)
    })
}
