//! Imports: files on their way into the set, which are samples from the page's own origin, files that a person
//! chose, or images from this browser's storage. Invariant: one file at a time is in memory, and no command waits
//! for more than one.

use crate::host::{Host, HostFile};
use crate::outbox::Outbox;
use crate::scratch::{Scratch, decoded};
use crate::store::{Origin, Store};
use dino_core::data::identity::FileIdentity;
use dino_core::data::picture;
use dino_core::data::picture::{ImageSet, MOST_IMAGES, NewImage, Picture, Rejected};
use dino_core::error::{Error, FileProblem, Result, Unread};
use dino_core::protocol::Event;
use serde::Deserialize;
use std::collections::VecDeque;
use std::rc::Rc;

/// Long side of a thumbnail in pixels: twice what the page shows, for fine screens.
const THUMBNAIL: usize = 144;

/// Where images come from and where they go.
pub struct Shelves<'a, H: Host> {
    pub host: &'a Rc<H>,
    /// Address of the page's folder, where the samples are.
    pub base: &'a str,
    pub store: &'a mut Store<H>,
    pub scratch: &'a mut Scratch<H>,
    pub set: &'a mut ImageSet,
}

/// Where an image comes from.
pub struct Source<F> {
    name: String,
    label: Option<String>,
    place: Place<F>,
}

enum Place<F> {
    Url(String),
    File(F),
    /// The number of an image in this browser's storage.
    Stored(u64),
}

#[derive(Deserialize)]
struct Manifest {
    images: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    file: String,
    label: String,
}

/// The sample photographs that the manifest lists.
///
/// # Errors
/// [`Error::File`] when the manifest cannot be fetched or read.
pub async fn samples<H: Host>(host: &H, base: &str) -> Result<VecDeque<Source<H::File>>> {
    let bytes = host.fetch(&format!("{base}samples/manifest.json")).await?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|e| Error::file("samples/manifest.json", FileProblem::Content(e.to_string())))?;
    let source = |sample: Sample| Source {
        place: Place::Url(format!("{base}samples/{}", sample.file)),
        name: sample.file,
        label: Some(sample.label),
    };
    Ok(manifest.images.into_iter().map(source).collect())
}

impl<F: HostFile> Source<F> {
    /// A file of a person.
    pub fn file(path: String, file: F) -> Self {
        Self { name: path, label: None, place: Place::File(file) }
    }

    /// An image in this browser's storage; its name is in its file.
    pub fn kept(number: u64) -> Self {
        Self { name: format!("image {number}"), label: None, place: Place::Stored(number) }
    }

    /// Reads, decodes and adds the image; returns its index and its thumbnail.
    async fn read<H: Host<File = F>>(
        &mut self,
        shelves: &mut Shelves<'_, H>,
    ) -> std::result::Result<(usize, Picture), Rejected> {
        let Shelves { host, base, store, scratch, set } = shelves;
        if set.len() >= MOST_IMAGES {
            return Err(Rejected::TooMany { most: MOST_IMAGES });
        }
        let failed = |error: Error| Rejected::NotLoaded { error: Box::new(error) };
        let mut origin = Origin { number: None, file: None, sample: false };
        let mut kept_identity = None;
        let bytes = match &self.place {
            Place::Stored(number) => {
                let kept = store.picture(*number).await.map_err(failed)?;
                (self.name, self.label) = (kept.name, kept.label.filter(|_| kept.sample));
                (origin.number, origin.sample) = (Some(*number), kept.sample);
                kept_identity = kept.file;
                if kept.sample {
                    let url = format!("{base}samples/{}", self.name);
                    host.fetch(&url).await.map_err(failed)?
                } else {
                    kept.bytes
                }
            }
            Place::Url(url) => {
                origin.sample = true;
                host.fetch(url).await.map_err(failed)?
            }
            // Refused before it is read, because there may not be memory for it.
            Place::File(file) if file.size() > picture::MAX_BYTES => {
                return Err(Rejected::Heavy { bytes: file.size() });
            }
            Place::File(file) => {
                origin.file = Some(file.clone());
                file.read().await.map_err(|why| Rejected::Unread { why })?
            }
        };
        let picture = decoded(&***host, &bytes).await?;
        let identity = kept_identity.unwrap_or_else(|| FileIdentity::of(&bytes));
        drop(bytes);
        let thumbnail = picture.shrunk(THUMBNAIL);
        let source = if set.has_room(&picture) {
            None
        } else {
            let source = scratch.put(host, &picture, origin.file.clone()).await;
            Some(source.ok_or(Rejected::Full)?)
        };
        let (name, label) = (self.name.clone(), self.label.clone());
        let image = NewImage { name, label, file: identity, picture, source };
        let index = set.add_image(image);
        store.added(origin);
        Ok((index, thumbnail))
    }
}

/// The files of one request, or, without a request, the images in this browser's storage.
struct Import<F> {
    request: Option<u32>,
    total: usize,
    waiting: VecDeque<Source<F>>,
    result: picture::Import,
    passed_over: usize,
}

impl<F> Import<F> {
    fn tell_end(self, out: &Outbox) {
        let picture::Import { added, skipped } = self.result;
        let event = Event::Imported { added, skipped, passed_over: self.passed_over };
        match self.request {
            Some(request) => out.reply(request, event),
            None => out.post(event),
        }
    }
}

/// All imports under way, in the order of their requests.
pub struct Imports<F> {
    queue: VecDeque<Import<F>>,
}

impl<F> Default for Imports<F> {
    fn default() -> Self {
        Self { queue: VecDeque::new() }
    }
}

impl<F: HostFile> Imports<F> {
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Queues files to be read: those of a request, or, without a request, the images in this browser's storage.
    pub fn push(&mut self, request: Option<u32>, waiting: VecDeque<Source<F>>) {
        self.push_with(request, waiting, Vec::new(), 0);
    }

    /// [`Imports::push`] of files of which some could not be read, and so many were passed over.
    pub fn push_with(
        &mut self,
        request: Option<u32>,
        waiting: VecDeque<Source<F>>,
        unread: Vec<(String, Unread)>,
        passed_over: usize,
    ) {
        let total = waiting.len();
        let skipped = unread.into_iter().map(|(name, why)| (name, Rejected::Unread { why }));
        let result = picture::Import { added: 0, skipped: skipped.collect() };
        self.queue.push_back(Import { request, total, waiting, result, passed_over });
    }

    /// True if the next file is in this browser's storage.
    pub fn reads_kept(&self) -> bool {
        self.queue.front().is_some_and(|import| import.request.is_none())
    }

    /// Drops the images in this browser's storage that are not read yet, and tells the page that their import ended.
    pub fn forget_kept(&mut self, out: &Outbox) {
        while let Some(at) = self.queue.iter().position(|import| import.request.is_none()) {
            if let Some(import) = self.queue.remove(at) {
                import.tell_end(out);
            }
        }
    }

    /// Reads one file. `may_post` says whether an event that only shows progress may be posted. True if it was the
    /// last one of its import, whose end is told.
    pub async fn read_next<H: Host<File = F>>(
        &mut self,
        shelves: &mut Shelves<'_, H>,
        may_post: impl FnOnce() -> bool,
        out: &Outbox,
    ) -> bool {
        let Some(import) = self.queue.front_mut() else { return false };
        if let Some(mut source) = import.waiting.pop_front() {
            match source.read(shelves).await {
                Ok((index, thumbnail)) => {
                    out.post(Event::Added {
                        index,
                        name: source.name,
                        label: source.label,
                        thumbnail: thumbnail.into(),
                    });
                    import.result.added += 1;
                }
                Err(fault) => import.result.skipped.push((source.name, fault)),
            }
            if may_post() || import.waiting.is_empty() {
                let total = import.total;
                out.post(Event::Importing { done: total - import.waiting.len(), total });
            }
        }
        if !import.waiting.is_empty() {
            return false;
        }
        if let Some(import) = self.queue.pop_front() {
            import.tell_end(out);
        }
        true
    }
}
