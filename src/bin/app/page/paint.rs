//! Pixels onto canvases, and attention as heat over a picture. Invariant: a canvas has exactly the
//! pixels that are painted on it; the style sheet scales it.

use dino::protocol::Pixels;
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
    // A copy of JavaScript's own: a view into the program's memory is gone when that grows meanwhile.
    let data = Uint8ClampedArray::from(pixels.rgba.as_slice());
    let image = ImageData::new_with_js_u8_clamped_array_and_sh(&data, pixels.width, pixels.height)?;
    context.put_image_data(&image, 0., 0.)
}

/// A map of `grid` = [across, down] values as heat over the picture, which stays visible as shades
/// within the colours; the picture alone if the map is empty.
pub fn heat(picture: &Pixels, map: &[f32], grid: [usize; 2]) -> Pixels {
    let Ok(colors) = dino::pictures::heat(map, grid, 1) else { return picture.clone() };
    let (width, height) = (picture.width.max(1) as usize, picture.height.max(1) as usize);
    let mut rgba = Vec::with_capacity(picture.rgba.len());
    for (i, pixel) in picture.rgba.chunks_exact(4).enumerate() {
        let (x, y) = (i % width, i / width);
        let patch = y * grid[1] / height * grid[0] + x * grid[0] / width;
        let color = colors.rgba.get(patch * 4..patch * 4 + 3).unwrap_or_default();
        let luma = match pixel {
            [r, g, b, _] => 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b),
            _ => 0.,
        };
        let shade = 0.55 + 0.45 * luma / 255.;
        rgba.extend(color.iter().map(|channel| (f32::from(*channel) * shade) as u8));
        rgba.push(255);
    }
    Pixels { width: picture.width, height: picture.height, rgba }
}
