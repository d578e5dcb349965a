//! Pixels onto canvases. Invariant: a canvas has exactly the pixels that are painted on it; the style
//! sheet scales it.

use dino_core::protocol::Pixels;
use js_sys::Uint8ClampedArray;
use leptos::html::Canvas;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// A canvas that shows whatever `pixels` is now.
#[component]
pub fn Raster(
    #[prop(into)] pixels: Signal<Option<Arc<Pixels>>>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move || {
        if let (Some(canvas), Some(pixels)) = (canvas.get(), pixels.get()) {
            paint(&canvas, &pixels);
        }
    });
    view! { <canvas node_ref=canvas role="img" aria-label=label></canvas> }
}

/// Paints the pixels, resizing the canvas to them.
pub fn paint(canvas: &HtmlCanvasElement, pixels: &Pixels) {
    if let Err(error) = try_paint(canvas, pixels) {
        leptos::logging::error!("painting failed: {error:?}");
    }
}

fn try_paint(canvas: &HtmlCanvasElement, pixels: &Pixels) -> Result<(), JsValue> {
    if canvas.width() != pixels.width || canvas.height() != pixels.height {
        canvas.set_width(pixels.width);
        canvas.set_height(pixels.height);
    }
    let context = canvas.get_context("2d")?.ok_or("no 2d context")?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.put_image_data(&image_data(pixels)?, 0., 0.)
}

/// Pixels as canvases take them.
pub fn image_data(pixels: &Pixels) -> Result<ImageData, JsValue> {
    // A copy of JavaScript's own: a view into the program's memory is gone when that grows meanwhile.
    let data = Uint8ClampedArray::from(pixels.rgba.as_slice());
    ImageData::new_with_js_u8_clamped_array_and_sh(&data, pixels.width, pixels.height)
}
