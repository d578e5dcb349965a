//! Hub, the one foreign request that the page can make: a file of official weights from a hub, in pieces, so that
//! progress shows and it can be stopped. Invariant: what comes out has the length and the SHA-256 that the
//! hub's own list names; anything else is an error.

use js_sys::{Array, ArrayBuffer, JSON, JsString, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Blob, File, ReadableStreamDefaultReader, ReferrerPolicy, RequestCredentials,
    RequestInit, Response,
};

/// The hub, unless the page's `<meta name="dino-hub">` names another; its policy must then allow that one.
const HUB: &str = "https://huggingface.co";

/// The file in every repository.
const FILE: &str = "model.safetensors";

/// No official model of this kind is larger.
const MOST_BYTES: f64 = (1u64 << 30) as f64;

/// What can be fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OfficialModel {
    pub title: &'static str,
    pub repository: &'static str,
    /// Its name in this browser's storage.
    pub kept: &'static str,
    /// About so many bytes: four for each parameter.
    pub bytes: u64,
}

pub const MODELS: [OfficialModel; 2] = [
    OfficialModel {
        title: "ViT-S/16",
        repository: "facebook/dino-vits16",
        kept: "dino-vits16.safetensors",
        bytes: 4 * 21_665_664,
    },
    OfficialModel {
        title: "ViT-S/8",
        repository: "facebook/dino-vits8",
        kept: "dino-vits8.safetensors",
        bytes: 4 * 21_670_272,
    },
];

/// Why there is no file.
pub enum Failure {
    /// The person stopped it.
    Stopped,
    Offline,
    Status(u16),
    /// The list does not name the file.
    Unlisted,
    /// Bytes that came and that should have come.
    Length {
        found: f64,
        expected: f64,
    },
    Checksum,
    Other(JsValue),
}

/// Bytes that are here, and all.
#[derive(Clone, Copy, PartialEq)]
pub struct Progress {
    pub done: f64,
    pub total: f64,
}

/// The address of the hub.
pub fn address() -> String {
    let meta = document().query_selector("meta[name=dino-hub]").ok().flatten();
    let named = meta.and_then(|meta| meta.get_attribute("content")).filter(|url| !url.is_empty());
    named.unwrap_or_else(|| HUB.to_owned()).trim_end_matches('/').to_owned()
}

/// Fetches a model.
///
/// # Errors
/// A [`Failure`]: the hub cannot be reached or does not list the file, the file is not what it lists, or the person
/// stopped.
pub async fn fetch(
    model: OfficialModel,
    signal: &AbortSignal,
    progress: RwSignal<Option<Progress>>,
) -> Result<File, Failure> {
    let hub = address();
    let repository = model.repository;
    let list = get(&format!("{hub}/api/models/{repository}/tree/main"), signal).await?;
    let text: JsString = wait(list.text().map_err(Failure::Other)?, signal).await?.unchecked_into();
    let (size, sum) = listed(&String::from(text)).ok_or(Failure::Unlisted)?;
    progress.set(Some(Progress { done: 0.0, total: size }));
    let response = get(&format!("{hub}/{repository}/resolve/main/{FILE}"), signal).await?;
    let chunks = chunks(&response, size, signal, progress).await?;
    let blob = Blob::new_with_u8_array_sequence(&chunks).map_err(Failure::Other)?;
    let buffer: ArrayBuffer = wait(blob.array_buffer(), signal).await?.unchecked_into();
    let crypto = window().crypto().map_err(Failure::Other)?;
    let digest = crypto.subtle().digest_with_str_and_buffer_source("SHA-256", &buffer);
    let digest = Uint8Array::new(&wait(digest.map_err(Failure::Other)?, signal).await?).to_vec();
    let found: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if found != sum {
        return Err(Failure::Checksum);
    }
    File::new_with_blob_sequence(&Array::of1(&blob), model.kept).map_err(Failure::Other)
}

/// All of a body, in pieces; never more than was announced.
async fn chunks(
    response: &Response,
    total: f64,
    signal: &AbortSignal,
    progress: RwSignal<Option<Progress>>,
) -> Result<Array, Failure> {
    let body = response.body().ok_or(Failure::Offline)?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let (chunks, mut done) = (Array::new(), 0.0);
    loop {
        let next = match JsFuture::from(reader.read()).await {
            Ok(next) => next,
            Err(_) if signal.aborted() => return Err(Failure::Stopped),
            Err(_) => return Err(Failure::Length { found: done, expected: total }),
        };
        let field = |name: &str| Reflect::get(&next, &name.into()).unwrap_or_default();
        if field("done").is_truthy() {
            break;
        }
        let Ok(chunk) = field("value").dyn_into::<Uint8Array>() else { break };
        done += f64::from(chunk.length());
        chunks.push(&chunk);
        progress.set(Some(Progress { done, total }));
        if done > total {
            let _ = reader.cancel();
            break;
        }
    }
    match done == total {
        true => Ok(chunks),
        false => Err(Failure::Length { found: done, expected: total }),
    }
}

/// Size and SHA-256 of the file in a hub's list.
fn listed(text: &str) -> Option<(f64, String)> {
    let list: Array = JSON::parse(text).ok()?.dyn_into().ok()?;
    let field = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let entry = list.iter().find(|entry| {
        field(entry, "path").and_then(|path| path.as_string()).as_deref() == Some(FILE)
    })?;
    let stored = field(&entry, "lfs").filter(JsValue::is_object)?;
    let size = field(&stored, "size")?.as_f64().filter(|size| (1.0..=MOST_BYTES).contains(size))?;
    let sum = field(&stored, "oid")?.as_string()?;
    Some((size, sum.trim_start_matches("sha256:").to_lowercase()))
}

/// A request that tells the other side nothing but what is wanted.
async fn get(url: &str, signal: &AbortSignal) -> Result<Response, Failure> {
    let init = RequestInit::new();
    init.set_signal(Some(signal));
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    let sent = JsFuture::from(window().fetch_with_str_and_init(url, &init)).await;
    let response = match sent {
        Ok(response) => response.unchecked_into::<Response>(),
        Err(_) if signal.aborted() => return Err(Failure::Stopped),
        Err(_) => return Err(Failure::Offline),
    };
    if response.ok() { Ok(response) } else { Err(Failure::Status(response.status())) }
}

async fn wait(promise: js_sys::Promise, signal: &AbortSignal) -> Result<JsValue, Failure> {
    JsFuture::from(promise).await.map_err(|error| match signal.aborted() {
        true => Failure::Stopped,
        false => Failure::Other(error),
    })
}
