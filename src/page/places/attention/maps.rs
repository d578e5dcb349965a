//! Attention maps, small: the mean and every head; a press enlarges one. Invariant: each is painted in the style of the stage.

use crate::context::Page;
use crate::places::attention::shown_name;
use crate::ui::canvas::Raster;
use dino_core::data::picture::Picture;
use dino_core::view::overlay;
use dino_core::view::overlay::Mode;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Maps(page: Page, photo: Memo<Option<Arc<Picture>>>) -> impl IntoView {
    let attention = page.model.attention;
    let text = move || &page.words.get().attention;
    let heads =
        Memo::new(move |_| attention.shown.with(|s| s.as_ref().map_or(0, |s| s.answer.maps.heads)));
    let all = move || {
        let each = (0..heads.get()).map(|head| view! { <Map page photo head=Some(head) /> });
        each.collect_view()
    };
    view! {
        <div class="maps" role="group" aria-label=move || text().maps>
            <Map page photo head=None />
            {all}
        </div>
    }
}

/// One head, or the mean of all.
#[component]
fn Map(page: Page, photo: Memo<Option<Arc<Picture>>>, head: Option<usize>) -> impl IntoView {
    let attention = page.model.attention;
    let text = move || &page.words.get().attention;
    let mode = attention.mode;
    let title = move || match head {
        None if mode.get() == Mode::Heads => text().all_heads.to_owned(),
        None => text().mean.to_owned(),
        Some(head) => (text().head)(head),
    };
    let pixels = Signal::derive(move || {
        let (photo, shown) = (photo.get()?, attention.shown.get()?);
        let style = attention.show().style();
        Some(Arc::new(overlay::paint(&photo, shown.grid(), &shown.maps(head, style.mode), style)))
    });
    let name = shown_name(page);
    let label = Signal::derive(move || (text().map_of)(&title(), &name.get()));
    let which = head.map_or_else(|| "mean".to_owned(), |head| head.to_string());
    // A key for each of the first nine, see the keyboard of the page.
    let key = head.map_or(Some(0), |head| (head < 9).then_some(head + 1));
    view! {
        <figure class="map" data-head=which>
            <button
                aria-pressed=move || (attention.head.get() == head).to_string()
                aria-keyshortcuts=key.map(|key| key.to_string())
                on:click=move |_| attention.head.set(head)
            >
                <Raster pixels label />
                <span class="caption">{title}</span>
            </button>
        </figure>
    }
}
