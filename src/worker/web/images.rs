//! Images that only the browser can decode, such as AVIF and HEIC. Invariant: what comes from here is upright, over
//! white and not larger than asked for; whatever fails means that the browser cannot.

use crate::web::channel::scope;
use dino_core::data::picture::{MAX_JPEG_PIXELS, Picture};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d,
};

/// The image of a file of that media type, its long side at most `side`.
pub async fn decode(bytes: &[u8], kind: &str, side: usize) -> Option<Picture> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let promise = scope().create_image_bitmap_with_blob(&blob).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    let picture = drawn(&bitmap, side);
    bitmap.close();
    picture
}

fn drawn(bitmap: &ImageBitmap, side: usize) -> Option<Picture> {
    let (width, height) = (bitmap.width(), bitmap.height());
    if u64::from(width) * u64::from(height) > MAX_JPEG_PIXELS {
        return None;
    }
    // To twice the side: the last halving is ours, which is finer.
    let scale = (2.0 * side as f64 / f64::from(width.max(height).max(1))).min(1.0);
    let scaled = |length: u32| (f64::from(length) * scale).round().max(1.0);
    let (across, down) = (scaled(width), scaled(height));
    // A row more stays white: a browser that hides what a canvas shows puts noise there, too.
    let canvas = OffscreenCanvas::new(across as u32, down as u32 + 1).ok()?;
    let context = canvas.get_context("2d").ok()??;
    let context: OffscreenCanvasRenderingContext2d = context.dyn_into().ok()?;
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, across, down + 1.0);
    Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into()).ok()?;
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, across, down).ok()?;
    let mut rgba = context.get_image_data(0.0, 0.0, across, down + 1.0).ok()?.data().0;
    let hidden = rgba.split_off(4 * across as usize * down as usize);
    if hidden.iter().any(|value| *value < 250) {
        return None;
    }
    let picture = Picture { width: across as usize, height: down as usize, rgba };
    picture.checked().ok().map(|picture| picture.shrunk(side))
}
