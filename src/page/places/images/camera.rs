//! Camera among the ways to add images: its live picture, and a button that adds what it sees.

use crate::client::blob::{named, photograph};
use crate::context::Page;
use crate::ui::camera::{Camera, CameraError, Finder, picture};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlVideoElement;

/// JPEG quality of a picture.
const QUALITY: f64 = 0.92;

/// Longest side of a picture that is added; what is larger is only read to be shrunk.
const MOST: u32 = 4096;

#[component]
pub fn Photograph(page: Page, open: RwSignal<bool>, taken: RwSignal<usize>) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().images.camera;
    let camera = Camera::new();
    let Camera { video, live, trouble } = camera;
    let last = RwSignal::new(None::<String>);
    let take = move |_| {
        let Some(video) = video.get_untracked() else { return };
        taken.update(|taken| *taken += 1);
        let name = format!("camera-{}.jpg", taken.get_untracked());
        spawn_local(async move {
            match file(&video, &name).await {
                Ok(file) => {
                    last.try_set(Some(name.clone()));
                    page.add_one(name, file).await;
                }
                Err(error) => {
                    trouble.try_set(Some(CameraError::of(&error)));
                }
            }
        });
    };
    view! {
        <div class="camera" role="group" aria-label=move || text().title>
            <Finder page camera />
            <p role="status">
                {move || match (trouble.get(), live.get(), last.get()) {
                    (Some(trouble), ..) => (text().trouble)(&trouble),
                    (None, false, _) => text().waits.to_owned(),
                    (None, true, Some(name)) => (text().taken)(&name),
                    (None, true, None) => String::new(),
                }}
            </p>
            <p class="buttons">
                <button class="main" disabled=move || !live.get() on:click=take>
                    {move || text().take}
                </button>
                <button on:click=move |_| open.set(false)>{move || text().close}</button>
            </p>
        </div>
    }
}

/// What the camera sees now, as a file.
async fn file(video: &HtmlVideoElement, name: &str) -> Result<web_sys::File, JsValue> {
    let (canvas, _) = picture(video, MOST)?;
    let blob = photograph(&canvas, QUALITY).await.ok_or("no picture")?;
    named(&blob, name)
}
