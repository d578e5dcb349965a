//! The camera: its live picture, and a button that adds what it sees. Invariant: the camera is on only
//! while its panel is open.

use super::super::{Page, describe};
use super::files::{named, photograph};
use js_sys::{Array, Reflect};
use leptos::html::Video;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlVideoElement, MediaStream,
    MediaStreamConstraints, MediaStreamTrack,
};

/// JPEG quality of a picture.
const QUALITY: f64 = 0.92;

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    Denied,
    Missing,
    Busy,
    Forbidden,
    Other(String),
}

impl Trouble {
    fn of(error: &JsValue) -> Self {
        let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
        match name.as_str() {
            "NotAllowedError" => Self::Denied,
            "NotFoundError" | "OverconstrainedError" => Self::Missing,
            "NotReadableError" | "AbortError" => Self::Busy,
            "SecurityError" => Self::Forbidden,
            _ => Self::Other(
                error
                    .dyn_ref::<DomException>()
                    .map_or_else(|| describe(error), DomException::message),
            ),
        }
    }
}

#[component]
pub fn Camera(page: Page, open: RwSignal<bool>, taken: RwSignal<usize>) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().images.camera;
    let video = NodeRef::<Video>::new();
    let trouble = RwSignal::new(None::<Trouble>);
    let live = RwSignal::new(false);
    let last = RwSignal::new(None::<String>);
    let stream = StoredValue::new_local(None::<MediaStream>);
    let gone = StoredValue::new(false);
    on_cleanup(move || {
        gone.set_value(true);
        stream.with_value(|stream| stream.iter().for_each(stop));
    });
    Effect::new(move || {
        let Some(video) = video.get() else { return };
        spawn_local(async move {
            match begin().await {
                // The panel was closed while the browser asked.
                Ok(found) if gone.try_get_value().unwrap_or(true) => stop(&found),
                Ok(found) => {
                    video.set_src_object(Some(&found));
                    stream.set_value(Some(found));
                }
                Err(error) => {
                    trouble.try_set(Some(Trouble::of(&error)));
                }
            }
        });
    });
    let take = move |_| {
        let Some(video) = video.get_untracked() else { return };
        taken.update(|taken| *taken += 1);
        let name = format!("camera-{}.jpg", taken.get_untracked());
        spawn_local(async move {
            match picture(&video, &name).await {
                Ok(file) => {
                    last.try_set(Some(name.clone()));
                    page.add_paths(vec![name], &Array::of1(&file)).await;
                }
                Err(error) => {
                    trouble.try_set(Some(Trouble::of(&error)));
                }
            }
        });
    };
    view! {
        <div class="camera" role="group" aria-label=move || text().title>
            <video
                node_ref=video
                class:live=live
                autoplay
                muted
                playsinline
                aria-label=move || text().title
                on:playing=move |_| live.set(true)
            ></video>
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

/// Asks for a camera, the one at a phone's back first.
async fn begin() -> Result<MediaStream, JsValue> {
    // Absent on insecure origins.
    let devices = window().navigator().media_devices()?;
    if devices.is_undefined() {
        return Err(DomException::new_with_message_and_name("", "SecurityError")?.into());
    }
    let video = js_sys::Object::new();
    let width = js_sys::Object::new();
    Reflect::set(&width, &"ideal".into(), &1280.into())?;
    Reflect::set(&video, &"width".into(), &width)?;
    Reflect::set(&video, &"facingMode".into(), &"environment".into())?;
    let wanted = MediaStreamConstraints::new();
    wanted.set_video(&video);
    JsFuture::from(devices.get_user_media_with_constraints(&wanted)?).await?.dyn_into()
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

/// What the camera sees now, as a file.
async fn picture(video: &HtmlVideoElement, name: &str) -> Result<web_sys::File, JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.dyn_into()?;
    canvas.set_width(video.video_width());
    canvas.set_height(video.video_height());
    let context = canvas.get_context("2d")?.ok_or("no 2d context")?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_video_element(video, 0.0, 0.0)?;
    let blob = photograph(&canvas, QUALITY).await.ok_or("no picture")?;
    named(&blob, name)
}
