//! Blob of a canvas or the clipboard as a file. Invariant: nothing is kept here.

use futures_channel::oneshot;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::File;

/// A canvas's or a clipboard's bytes as a file of that name.
///
/// # Errors
/// The browser's, if it refuses the bytes.
pub fn named(blob: &web_sys::Blob, name: &str) -> Result<File, JsValue> {
    let kind = web_sys::FilePropertyBag::new();
    kind.set_type(&blob.type_());
    File::new_with_blob_sequence_and_options(&Array::of1(blob), name, &kind)
}

/// The answer of `canvas.toBlob`, which takes one callback.
pub async fn photograph(
    canvas: &web_sys::HtmlCanvasElement,
    quality: f64,
) -> Option<web_sys::Blob> {
    let (sender, receiver) = oneshot::channel();
    let done = Closure::once_into_js(move |blob: JsValue| {
        // Nobody waits any more when the page is gone.
        let _ = sender.send(blob);
    });
    canvas
        .to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &quality.into())
        .ok()?;
    receiver.await.ok()?.dyn_into().ok()
}
