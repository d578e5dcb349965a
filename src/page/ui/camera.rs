//! A camera: asked for, seen live, turned off. Invariant: it is on only while its picture is on the page.

use crate::client::dom::describe;
use crate::context::Page;
pub use crate::i18n::images::CameraError;
use js_sys::Reflect;
use leptos::html::Video;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlVideoElement, MediaStream,
    MediaStreamConstraints, MediaStreamTrack,
};

impl CameraError {
    pub fn of(error: &JsValue) -> Self {
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

/// What a camera's place knows.
#[derive(Clone, Copy)]
pub struct Camera {
    pub video: NodeRef<Video>,
    /// Pictures come.
    pub live: RwSignal<bool>,
    pub trouble: RwSignal<Option<CameraError>>,
}

impl Camera {
    pub fn new() -> Self {
        let (live, trouble) = (RwSignal::new(false), RwSignal::new(None));
        Self { video: NodeRef::new(), live, trouble }
    }
}

/// The camera's live picture: on as long as this is on the page.
#[component]
pub fn Finder(page: Page, camera: Camera) -> impl IntoView {
    let Camera { video, live, trouble } = camera;
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
                // The place was closed while the browser asked.
                Ok(found) if gone.try_get_value().unwrap_or(true) => stop(&found),
                Ok(found) => {
                    video.set_src_object(Some(&found));
                    stream.set_value(Some(found));
                }
                Err(error) => {
                    trouble.try_set(Some(CameraError::of(&error)));
                }
            }
        });
    });
    view! {
        <video
            node_ref=video
            class:live=live
            autoplay
            muted
            playsinline
            aria-label=move || page.words.get().images.camera.title
            on:playing=move |_| live.set(true)
        ></video>
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

/// What the camera sees now, with at most so many pixels on its long side.
///
/// # Errors
/// What the browser threw.
pub fn picture(
    video: &HtmlVideoElement,
    most: u32,
) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.dyn_into()?;
    let (width, height) = (video.video_width().max(1), video.video_height().max(1));
    let scale = (f64::from(most) / f64::from(width.max(height))).min(1.0);
    let [width, height] = [width, height].map(|side| (f64::from(side) * scale).round().max(1.0));
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d")?.ok_or("no 2d context")?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, width, height)?;
    Ok((canvas, context))
}
