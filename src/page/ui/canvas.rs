//! Picture onto canvases. Invariant: a canvas has exactly the pixels that are painted on it; the style
//! sheet scales it.

use dino_core::data::picture::Picture;
use js_sys::Uint8ClampedArray;
use leptos::html::Canvas;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// A canvas that shows whatever `pixels` is now.
#[component]
pub fn Raster(
    #[prop(into)] pixels: Signal<Option<Arc<Picture>>>,
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

/// Width and height as a canvas counts them.
pub fn size(picture: &Picture) -> [u32; 2] {
    [picture.width as u32, picture.height as u32]
}

/// Paints the pixels, resizing the canvas to them.
pub fn paint(canvas: &HtmlCanvasElement, pixels: &Picture) {
    if let Err(error) = try_paint(canvas, pixels) {
        leptos::logging::error!("painting failed: {error:?}");
    }
}

fn try_paint(canvas: &HtmlCanvasElement, pixels: &Picture) -> Result<(), JsValue> {
    let [width, height] = size(pixels);
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context = canvas.get_context("2d")?.ok_or("no 2d context")?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.put_image_data(&image_data(pixels)?, 0., 0.)
}

/// Pixels as canvases take them.
///
/// # Errors
/// The browser's, for pixels that do not fill their size.
pub fn image_data(pixels: &Picture) -> Result<ImageData, JsValue> {
    // A copy of JavaScript's own: a view into the program's memory is gone when that grows meanwhile.
    let data = Uint8ClampedArray::from(pixels.rgba.as_slice());
    let [width, height] = size(pixels);
    ImageData::new_with_js_u8_clamped_array_and_sh(&data, width, height)
}
