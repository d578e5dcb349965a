//! Live camera through the network, frame after frame, painted as the maps are. Invariant: at most one
//! frame is under way; nothing of a frame is kept.

use crate::context::Page;
use crate::state::request;
use crate::ui::camera::{Camera, CameraError, Finder, picture};
use crate::ui::canvas::paint;
use dino_core::data::picture::Picture;
use dino_core::protocol::{Command, Event};
use dino_core::view::attention::AttentionMaps;
use dino_core::view::overlay;
use js_sys::{Array, Date, Promise};
use leptos::html::Canvas;
use leptos::prelude::*;
use std::collections::VecDeque;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlVideoElement;

/// Long side in pixels of what is painted.
const SIDE: u32 = 480;

/// Frames a second are counted over so many milliseconds.
const WINDOW: f64 = 3000.0;

/// A button that opens the camera's place, and the place.
#[component]
pub fn Live(page: Page) -> impl IntoView {
    let text = move || &page.words.get().attention;
    let open = RwSignal::new(false);
    let closed = move || request::layers(page.model) == 0 && !open.get();
    view! {
        <div class="from-camera">
            <button
                disabled=closed
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >{move || if open.get() { text().live_close } else { text().live_open }}</button>
            <Show when=move || open.get()><Watched page /></Show>
        </div>
    }
}

#[component]
fn Watched(page: Page) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().attention;
    let camera = Camera::new();
    let Camera { video, live, trouble } = camera;
    let canvas = NodeRef::<Canvas>::new();
    let rate = RwSignal::new(None::<f64>);
    let gone = StoredValue::new(false);
    on_cleanup(move || gone.set_value(true));
    Effect::new(move || {
        let (true, Some(video), Some(canvas)) = (live.get(), video.get(), canvas.get()) else {
            return;
        };
        let over = move || gone.try_get_value().unwrap_or(true);
        spawn_local(async move {
            let mut times = VecDeque::new();
            while !over() {
                match frame(page, &video).await {
                    Ok(Some(painted)) if !over() => {
                        paint(&canvas, &painted);
                        rate.try_set(counted(&mut times));
                    }
                    Ok(_) => {}
                    Err(message) => {
                        trouble.try_set(Some(CameraError::Other(message)));
                        return;
                    }
                }
                next_frame().await;
            }
        });
    });
    view! {
        <div class="live" role="group" aria-label=move || text().live>
            <p class="hint">{move || text().live_about}</p>
            <div class="side-by-side">
                <Finder page camera />
                <canvas node_ref=canvas role="img" aria-label=move || text().live></canvas>
            </div>
            <p role="status">
                {move || match (trouble.get(), live.get()) {
                    (Some(trouble), _) => (words.get().images.camera.trouble)(&trouble),
                    (None, false) => words.get().images.camera.waits.to_owned(),
                    (None, true) => String::new(),
                }}
            </p>
            // Not a status: it changes all the time.
            <p class="rate" data-rate=move || rate.get().map(|rate| format!("{rate:.2}"))>
                {move || rate.get().map(text().live_rate)}
            </p>
        </div>
    }
}

/// One frame, painted; `None` while the network is not there.
async fn frame(page: Page, video: &HtmlVideoElement) -> Result<Option<Picture>, String> {
    let words = |error: JsValue| crate::client::dom::describe(&error);
    if untrack(|| request::layers(page.model)) == 0 {
        return Ok(None);
    }
    let (canvas, context) = picture(video, SIDE).map_err(words)?;
    let (width, height) = (canvas.width(), canvas.height());
    let data = context.get_image_data(0.0, 0.0, width.into(), height.into()).map_err(words)?;
    let shown = Picture { width: width as usize, height: height as usize, rgba: data.data().0 };
    let command = untrack(|| Command::Frame {
        picture: shown.clone(),
        network: request::network(page.model),
        layer: request::layer(page.model),
        side: request::side(page.model),
    });
    match page.call(command, &Array::new()).await? {
        Event::Frame(maps) => Ok(Some(untrack(|| painted(page, &shown, &maps)))),
        _ => Ok(None),
    }
}

fn painted(page: Page, shown: &Picture, maps: &AttentionMaps) -> Picture {
    let attention = page.model.attention;
    let style = attention.show().style();
    let mean = maps.mean();
    // A head of a network that was there before means the mean of this one.
    let head = attention.head.get().filter(|head| *head < maps.heads);
    overlay::paint(shown, maps.grid, &maps.select(head, style.mode, &mean), style)
}

/// Frames a second, with one that ended now.
fn counted(times: &mut VecDeque<f64>) -> Option<f64> {
    let now = Date::now();
    times.push_back(now);
    while times.len() > 2 && times.front().is_some_and(|then| now - then > WINDOW) {
        times.pop_front();
    }
    let span = now - times.front()?;
    (times.len() > 1 && span > 0.0).then(|| (times.len() - 1) as f64 / span * 1e3)
}

/// Resolves when the browser paints next; in a hidden tab it does not.
async fn next_frame() {
    let promise = Promise::new(&mut |resolve, _| {
        // Fails only where there is no window.
        let _ = window().request_animation_frame(&resolve);
    });
    let _ = JsFuture::from(promise).await;
}
