//! Pinned images: their mean maps, renewed every so many steps, and the time-lapse of them. Which they are is
//! kept by their names, so that a reload finds them again.

use crate::client::local_storage;
use crate::context::Page;
use crate::state::request;
use crate::ui::canvas::Raster;
use crate::ui::player::Player;
use crate::ui::share_button::{Kind, ShareButton};
use dino_core::data::picture::Picture;
use dino_core::protocol::Command;
use dino_core::view::attention::ImageMaps;
use dino_core::view::{overlay, resize};
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// Time of a frame.
const PACE: Duration = Duration::from_millis(120);

/// Long side in pixels of a pinned picture.
const SIDE: usize = 240;

/// Where their names are kept, a line a name.
const NAMES: &str = "dino.pinned";

/// Pins an image, or takes the pin out.
pub fn toggle(page: Page, image: usize) {
    page.model.attention.toggle_pin(image);
    let names = page.model.pinned_names();
    local_storage::keep(NAMES, &names.join("\n"));
}

/// Tells the worker what is pinned, and again when another run is prepared.
pub fn follow(page: Page) {
    let attention = page.model.attention;
    let ready = Memo::new(move |_| request::layers_of_run(page.model) > 0);
    Effect::new(move || {
        if ready.get() {
            let names = local_storage::read(NAMES).unwrap_or_default();
            page.model.pin_named(names.lines());
        }
    });
    Effect::new(move |told: Option<bool>| {
        let (images, every) = (attention.pinned.get(), attention.every.get());
        let side = request::side_of_run(page.model);
        let some = !images.is_empty();
        // The first time there is nothing to say.
        if ready.get() && (some || told == Some(true)) {
            page.send(Command::Pin { images, every, side });
        }
        some
    });
}

#[component]
pub fn Pinned(page: Page) -> impl IntoView {
    let (attention, words) = (page.model.attention, page.words);
    let text = move || &words.get().attention;
    let some = Memo::new(move |_| attention.pinned.with(|pinned| !pinned.is_empty()));
    // The frame that is shown; `None` = the newest.
    let at = RwSignal::new(None::<usize>);
    let frames = Memo::new(move |_| attention.lapse.with(|lapse| lapse.frames.len()));
    let shown = Memo::new(move |_| {
        let last = frames.get().checked_sub(1)?;
        Some(at.get().map_or(last, |at| at.min(last)))
    });
    let every = move |event: web_sys::Event| {
        if let Ok(every) = event_target_value(&event).parse::<u64>() {
            attention.every.set(every.clamp(1, 100_000));
        }
    };
    view! {
        <div class="pinned" hidden=move || !some.get()>
            <header>
                <h3>{move || text().pinned}</h3>
                <label class="every">
                    {move || text().every}
                    <input
                        type="number"
                        name="every"
                        min="1"
                        max="100000"
                        prop:value=move || attention.every.get().to_string()
                        on:change=every
                    />
                    {move || text().steps}
                </label>
                <ShareButton page kind=Kind::Gif />
            </header>
            <p class="hint">{move || text().pinned_about}</p>
            <ul class="tiles">
                <For
                    each=move || attention.pinned.get()
                    key=|image| *image
                    children=move |image| view! { <li><Tile page image shown /></li> }
                />
            </ul>
            <Player
                page
                name="frame"
                label=Signal::derive(move || text().frame)
                play=Signal::derive(move || text().play)
                value=Signal::derive(move || step(page, shown).map_or_else(
                    || words.get().common.none.to_owned(),
                    text().step,
                ))
                most=Signal::derive(move || frames.get().saturating_sub(1))
                at=Signal::derive(move || shown.get().unwrap_or_default())
                set=move |place| {
                    // The last is followed to the newest.
                    at.set(Some(place).filter(|place| place + 1 < frames.get_untracked()));
                }
                ready=true
                pace=PACE
            />
        </div>
    }
}

/// Step of the frame that is shown.
fn step(page: Page, shown: Memo<Option<usize>>) -> Option<u64> {
    let at = shown.get()?;
    page.model.attention.lapse.with(|lapse| lapse.frames.get(at).map(|frame| frame.step))
}

/// One pinned image.
#[component]
fn Tile(page: Page, image: usize, shown: Memo<Option<usize>>) -> impl IntoView {
    let (model, attention) = (page.model, page.model.attention);
    let text = move || &page.words.get().attention;
    let photo = Memo::new(move |_| -> Option<Arc<Picture>> {
        let thumbnail = model.images.with(|all| all.get(image).map(|i| i.thumbnail.clone()))?;
        Some(Arc::new(resize::resized(&thumbnail.pixels()?, SIDE)))
    });
    let pixels = Signal::derive(move || {
        let photo = photo.get()?;
        let at = shown.get().unwrap_or_default();
        let opacity = attention.opacity.get();
        attention.lapse.with(|lapse| match lapse.map(at, image) {
            Some(ImageMaps { maps, .. }) => {
                let map = maps.head(0);
                let range = overlay::range(map);
                Some(Arc::new(overlay::heat(&photo, maps.grid, map, range, opacity)))
            }
            None => Some(photo),
        })
    });
    let name = Signal::derive(move || page.model.name_of(Some(image)));
    let label = Signal::derive(move || {
        let step = step(page, shown);
        (text().pinned_map_of)(&name.get(), step.unwrap_or_default())
    });
    view! {
        <figure class="tile" data-image=image>
            <button
                class="show"
                title=move || (text().show_of)(&name.get())
                on:click=move |_| page.choose(image)
            >
                <Raster pixels label />
            </button>
            <button
                class="quiet off"
                aria-label=move || (text().unpin_of)(&name.get())
                on:click=move |_| toggle(page, image)
            >"×"</button>
        </figure>
    }
}
