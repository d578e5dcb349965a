//! Files on their way into the set, one by one, so that one large picture at a time is in memory:
//! the sample photographs from the page's own origin, and files that a person dropped.

use crate::store::{Origin, Store};
use crate::web::channel::scope;
use dino_core::data::picture;
use dino_core::data::picture::{ImageSet, Rejected};
use dino_core::error::{Error, Result};
use dino_core::protocol::Event;
use js_sys::{Promise, Uint8Array};
use serde::Deserialize;
use std::collections::VecDeque;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, File, RequestInit, Response};

/// Seconds that a file of the page's own origin may take.
pub(crate) const PATIENCE: u32 = 30;

/// Where a picture comes from.
pub struct Source {
    pub(crate) name: String,
    pub(crate) label: Option<String>,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Url(String),
    File(File),
    /// The number of an image that this browser keeps.
    SavedRun(u64),
}

#[derive(Deserialize)]
pub(crate) struct Manifest {
    pub(crate) images: Vec<Sample>,
}

#[derive(Deserialize)]
pub(crate) struct Sample {
    pub(crate) file: String,
    pub(crate) label: String,
}

/// The sample photographs that the manifest lists.
pub async fn samples(base: &str) -> Result<VecDeque<Source>> {
    let bytes = fetch(&format!("{base}samples/manifest.json")).await?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|e| Error::file("samples/manifest.json", e))?;
    let source = |sample: Sample| Source {
        place: Place::Url(format!("{base}samples/{}", sample.file)),
        name: sample.file,
        label: Some(sample.label),
    };
    Ok(manifest.images.into_iter().map(source).collect())
}

impl Source {
    /// A file of a person; the folder that it lies in, if it came with one, is its label.
    pub fn file(path: String, file: File) -> Self {
        let label = path.rsplit('/').nth(1).filter(|folder| !folder.is_empty()).map(str::to_owned);
        Self { name: path, label, place: Place::File(file) }
    }

    /// An image that was kept; its name is in its file.
    pub fn kept(number: u64) -> Self {
        Self { name: format!("image {number}"), label: None, place: Place::SavedRun(number) }
    }

    /// Reads, decodes and adds the picture; returns its index. `base` is where the samples are.
    pub async fn read(
        &mut self,
        base: &str,
        store: &mut Store,
        set: &mut ImageSet,
    ) -> std::result::Result<usize, Rejected> {
        let damaged = |message: String| Rejected::Damaged { message };
        let mut origin = Origin::default();
        let bytes = match &self.place {
            Place::SavedRun(number) => {
                let kept = store.picture(*number).await.map_err(|e| damaged(e.to_string()))?;
                (self.name, self.label) = (kept.name, kept.label);
                origin = Origin { number: Some(*number), file: None, sample: kept.sample };
                if kept.sample {
                    let url = format!("{base}samples/{}", self.name);
                    fetch(&url).await.map_err(|e| damaged(e.to_string()))?
                } else {
                    kept.bytes
                }
            }
            Place::Url(url) => {
                origin.sample = true;
                fetch(url).await.map_err(|e| damaged(e.to_string()))?
            }
            // Judged before it is read: there may not be memory for it.
            Place::File(file) if file.size() > picture::MAX_BYTES as f64 => {
                return Err(Rejected::Heavy { bytes: file.size() as u64 });
            }
            Place::File(file) => {
                origin.file = Some(file.clone());
                read(file).await.map_err(|e| damaged(format!("it could not be read: {e:?}")))?
            }
        };
        let index = set.add(&self.name, self.label.clone(), &bytes)?;
        store.added(origin);
        Ok(index)
    }
}

/// The files of one request.
pub struct Import {
    pub(crate) id: Option<u32>,
    pub(crate) total: usize,
    pub(crate) waiting: VecDeque<Source>,
    pub(crate) result: picture::Import,
}

impl Import {
    /// The files of a request, or, without one, those that this browser keeps.
    pub fn new(id: Option<u32>, waiting: VecDeque<Source>) -> Self {
        Self { id, total: waiting.len(), waiting, result: picture::Import::default() }
    }

    pub fn id(&self) -> Option<u32> {
        self.id
    }

    pub fn next(&mut self) -> Option<Source> {
        self.waiting.pop_front()
    }

    pub fn added(&mut self) {
        self.result.added += 1;
    }

    pub fn skipped(&mut self, source: Source, fault: Rejected) {
        self.result.skipped.push((source.name, fault));
    }

    pub fn is_finished(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn progress(&self) -> Event {
        Event::Importing { done: self.total - self.waiting.len(), total: self.total }
    }

    pub fn imported(&self) -> Event {
        Event::Imported { added: self.result.added, skipped: self.result.skipped.clone() }
    }
}

pub async fn read(blob: &Blob) -> std::result::Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(blob.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Gets a file of the page's own origin: a small one, so a server that has not sent it in [`PATIENCE`] never
/// will, and the worker must not wait for it.
pub async fn fetch(url: &str) -> Result<Vec<u8>> {
    let failed = |what: &str| Error::file(url, what);
    let patience = AbortSignal::timeout_with_u32(1000 * PATIENCE);
    let offline = |_: JsValue| {
        if patience.aborted() {
            return failed(&format!("the server did not send it within {PATIENCE} seconds"));
        }
        failed("the server did not answer")
    };
    let init = RequestInit::new();
    init.set_signal(Some(&patience));
    let answer = scope().fetch_with_str_and_init(url, &init);
    let response = JsFuture::from(answer).await.map_err(offline)?;
    let response: Response = response.dyn_into().map_err(offline)?;
    if !response.ok() {
        return Err(failed(&format!("the server answered {}", response.status())));
    }
    let promise: Promise = response.array_buffer().map_err(offline)?.unchecked_into();
    let buffer = JsFuture::from(promise).await.map_err(offline)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
