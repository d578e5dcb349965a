//! Video, a film recorded by the browser, in the time that it takes to play. Invariant: a recording without a
//! picture is an error, never a file.

use crate::client::dom::describe;
use crate::places::share::film::{Film, wait};
use futures_channel::oneshot;
use js_sys::Array;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobEvent, BlobPropertyBag, HtmlVideoElement, MediaRecorder, MediaRecorderOptions, Url,
};

/// What is recorded where it is supported, the most widely played first, with the file's ending.
const KINDS: [(&str, &str); 5] = [
    ("video/mp4;codecs=avc1.640028", "mp4"),
    ("video/mp4;codecs=avc1.42E01E", "mp4"),
    ("video/webm;codecs=vp9", "webm"),
    ("video/webm;codecs=vp8", "webm"),
    ("video/webm", "webm"),
];

/// Bits of a second: maps are flat squares with sharp edges.
const BITS: u32 = 4_000_000;

/// The recorder has so long to finish, and a player to show the first picture.
const PATIENCE: Duration = Duration::from_secs(5);

/// What this browser can record: its name for it and the file's ending.
pub fn supported() -> Option<(&'static str, &'static str)> {
    let has = js_sys::Reflect::has(&window(), &"MediaRecorder".into()).unwrap_or(false);
    let kinds = || KINDS.into_iter().find(|(kind, _)| MediaRecorder::is_type_supported(kind));
    has.then(kinds).flatten()
}

/// Plays the film once before the recorder. `told` hears which frame it is and answers whether anybody
/// still waits. `None` if the recording is empty.
///
/// # Errors
/// The browser's words.
pub async fn record(
    film: &Film,
    kind: &str,
    told: impl Fn(usize, usize) -> bool,
) -> Result<Option<Blob>, String> {
    let words = |error: JsValue| describe(&error);
    film.draw(0)?;
    let stream = film.board.canvas.capture_stream().map_err(words)?;
    let options = MediaRecorderOptions::new();
    options.set_mime_type(kind);
    options.set_video_bits_per_second(BITS);
    let recorder =
        MediaRecorder::new_with_media_stream_and_media_recorder_options(&stream, &options)
            .map_err(words)?;
    let parts = Array::new();
    let kept = parts.clone();
    let keep = Closure::<dyn Fn(BlobEvent)>::new(move |event: BlobEvent| {
        if let Some(blob) = event.data() {
            kept.push(&blob);
        }
    });
    recorder.set_ondataavailable(Some(keep.as_ref().unchecked_ref()));
    let (sender, stopped) = oneshot::channel::<()>();
    let stop = Closure::once(move |_: JsValue| {
        let _ = sender.send(());
    });
    recorder.set_onstop(Some(stop.as_ref().unchecked_ref()));
    recorder.start().map_err(words)?;
    for frame in 0..film.frames() {
        if !told(frame, film.frames()) {
            break;
        }
        film.draw(frame)?;
        wait(Duration::from_millis(u64::from(film.hundredths(frame)) * 10)).await;
    }
    // The last frame once more: a recorder may only take what changes.
    film.draw(film.frames().saturating_sub(1))?;
    recorder.stop().map_err(words)?;
    finished(stopped).await;
    let properties = BlobPropertyBag::new();
    properties.set_type(kind.split(';').next().unwrap_or(kind));
    let blob = Blob::new_with_blob_sequence_and_options(&parts, &properties).map_err(words)?;
    Ok(if blob.size() > 0.0 && shows(&blob).await { Some(blob) } else { None })
}

/// Waits for the end of the recording, but not for ever.
async fn finished(stopped: oneshot::Receiver<()>) {
    let (sender, done) = oneshot::channel::<()>();
    let sender = std::rc::Rc::new(std::cell::Cell::new(Some(sender)));
    let late = sender.clone();
    set_timeout(
        move || {
            let _ = late.take().map(|sender| sender.send(()));
        },
        PATIENCE,
    );
    wasm_bindgen_futures::spawn_local(async move {
        let _ = stopped.await;
        let _ = sender.take().map(|sender| sender.send(()));
    });
    let _ = done.await;
}

/// True if a player finds a picture in it.
async fn shows(blob: &Blob) -> bool {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return false };
    let Ok(video) = document().create_element("video") else { return false };
    let video: HtmlVideoElement = video.unchecked_into();
    let loaded = js_sys::Promise::new(&mut |resolve, _| {
        // Whatever comes first: a picture, an error, the end of patience.
        let listen = |name| video.add_event_listener_with_callback(name, &resolve);
        let _ = (listen("loadeddata"), listen("error"));
        let resolve = resolve.clone();
        set_timeout(
            move || {
                let _ = resolve.call0(&JsValue::NULL);
            },
            PATIENCE,
        );
    });
    video.set_muted(true);
    video.set_src(&address);
    let _ = JsFuture::from(loaded).await;
    let found = video.video_width() > 0;
    let _ = Url::revoke_object_url(&address);
    found
}
