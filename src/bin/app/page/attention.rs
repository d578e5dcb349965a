//! Attention: the chosen image, and the map of every head and of their mean as heat over it.

use super::paint::{Raster, heat};
use super::{Page, text};
use dino::protocol::Attention;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn AttentionPlace(page: Page) -> impl IntoView {
    let model = page.model;
    let attention = model.attention;
    let name = Signal::derive(move || {
        let shown = attention.with(|a| a.as_ref().map(|a| a.image));
        name_of(page, shown)
    });
    let picture =
        Signal::derive(move || attention.with(|a| a.as_ref().map(|a| Arc::new(a.picture.clone()))));
    let heads = Memo::new(move |_| attention.with(|a| a.as_ref().map_or(0, |a| a.heads.len())));
    let step = move || attention.with(|a| a.as_ref().map(|a| text::at_step(a.step)));
    view! {
        <section aria-labelledby="attention">
            <header>
                <h2 id="attention">{text::ATTENTION}</h2>
                <span class="count">{step}</span>
            </header>
            <p class="hint">{text::ATTENTION_ABOUT}</p>
            {move || if heads.get() == 0 {
                view! { <p class="empty">{text::ATTENTION_WAITS}</p> }.into_any()
            } else {
                view! {
                    <div class="maps">
                        <figure>
                            <Raster pixels=picture label=name />
                            <figcaption>{text::ORIGINAL}</figcaption>
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
    let title = head.map_or_else(|| text::MEAN.to_owned(), text::head);
    let pixels = Signal::derive(move || {
        page.model.attention.with(|a| a.as_ref().map(|a| Arc::new(heated(a, head))))
    });
    let label = {
        let title = title.clone();
        Signal::derive(move || text::map_of(&title, &name.get()))
    };
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
