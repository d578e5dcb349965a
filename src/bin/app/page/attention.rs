//! Attention: the chosen image, and the map of every head and of their mean as heat over it.

use super::Page;
use super::paint::{Raster, heat};
use dino::protocol::Attention;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn AttentionPlace(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().attention;
    let attention = model.attention;
    let name = Signal::derive(move || {
        let shown = attention.with(|a| a.as_ref().map(|a| a.image));
        name_of(page, shown)
    });
    let picture =
        Signal::derive(move || attention.with(|a| a.as_ref().map(|a| Arc::new(a.picture.clone()))));
    let heads = Memo::new(move |_| attention.with(|a| a.as_ref().map_or(0, |a| a.heads.len())));
    let step = move || attention.with(|a| a.as_ref().map(|a| (words.get().common.at_step)(a.step)));
    view! {
        <section aria-labelledby="attention">
            <header>
                <h2 id="attention">{move || text().title}</h2>
                <span class="count">{step}</span>
            </header>
            <p class="hint">{move || text().about}</p>
            {move || if heads.get() == 0 {
                view! { <p class="empty">{text().waits}</p> }.into_any()
            } else {
                view! {
                    <div class="maps">
                        <figure>
                            <Raster pixels=picture label=name />
                            <figcaption>{move || text().original}</figcaption>
                        </figure>
                        <Map page name head=None />
                        {(0..heads.get()).map(|head| view! {
                            <Map page name head=Some(head) />
                        }).collect_view()}
                    </div>
                }.into_any()
            }}
        </section>
    }
}

/// The name of an image, or nothing.
pub fn name_of(page: Page, image: Option<usize>) -> String {
    let find =
        |image: usize| page.model.images.with(|all| all.get(image).map(|image| image.name.clone()));
    image.and_then(find).unwrap_or_default()
}

/// One head, or the mean of all.
#[component]
fn Map(page: Page, name: Signal<String>, head: Option<usize>) -> impl IntoView {
    let text = move || &page.words.get().attention;
    let title = move || head.map_or_else(|| text().mean.to_owned(), text().head);
    let pixels = Signal::derive(move || {
        page.model.attention.with(|a| a.as_ref().map(|a| Arc::new(heated(a, head))))
    });
    let label = Signal::derive(move || (text().map_of)(&title(), &name.get()));
    let which = head.map_or_else(|| "mean".to_owned(), |head| head.to_string());
    view! {
        <figure class="map" data-head=which>
            <Raster pixels label />
            <figcaption>{title}</figcaption>
        </figure>
    }
}

fn heated(attention: &Attention, head: Option<usize>) -> dino::protocol::Pixels {
    let map = match head {
        None => Some(&attention.mean),
        Some(head) => attention.heads.get(head),
    };
    let map = map.map_or(&[][..], Vec::as_slice);
    heat(&attention.picture, map, [attention.width, attention.height])
}
