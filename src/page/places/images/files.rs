//! Files out of what was dropped, pasted or picked, with the folders that they came in. Invariant: no
//! folder, however deep or full, gives more than [`MOST`] files.

use futures_channel::oneshot;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, DataTransferItem, File, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry,
};

/// Files that are taken at once; more pictures than these would not fit into a worker's 4 GB.
pub const MOST: usize = 10_000;

/// What systems leave in folders and nobody means to give.
const LITTER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Files with their paths.
#[derive(Default)]
pub struct Files {
    pub paths: Vec<String>,
    pub files: Array,
    /// There were more than [`MOST`].
    pub cut: bool,
}

impl Files {
    fn push(&mut self, path: String, file: &File) {
        if self.paths.len() < MOST {
            self.paths.push(path);
            self.files.push(file);
        } else {
            self.cut = true;
        }
    }

    /// The files of a picker.
    pub fn picked(list: &Array) -> Option<Self> {
        let names = crate::client::worker_client::names(list)?;
        let mut found = Self::default();
        for (path, file) in names.into_iter().zip(list.iter()) {
            if let Some(file) = file.dyn_ref::<File>().filter(|file| !is_litter(&file.name())) {
                found.push(path, file);
            }
        }
        Some(found)
    }
}

/// A thing that was dropped.
enum Thing {
    Entry(FileSystemEntry),
    File(File),
}

/// What lies in a transfer now: it is empty once its event is over.
pub struct Dropped(Vec<Thing>);

impl Dropped {
    pub fn new(data: &DataTransfer) -> Self {
        let items = data.items();
        let things = (0..items.length()).filter_map(|i| {
            let item: DataTransferItem = items.get(i)?;
            if item.kind() != "file" {
                return None;
            }
            // Scripts' transfers have files without entries.
            match item.webkit_get_as_entry() {
                Ok(Some(entry)) => Some(Thing::Entry(entry)),
                _ => item.get_as_file().ok().flatten().map(Thing::File),
            }
        });
        Self(things.collect())
    }

    /// The files in it and in its folders, in the order of their names; `count` follows how many were
    /// found.
    ///
    /// # Errors
    /// What the browser said of a file or a folder that it could not read.
    pub async fn files(self, count: RwSignal<Option<usize>>) -> Result<Files, JsValue> {
        let mut found = Files::default();
        let mut stack: Vec<Thing> = self.0.into_iter().rev().collect();
        while let Some(thing) = stack.pop() {
            match thing {
                Thing::File(file) => found.push(file.name(), &file),
                Thing::Entry(entry) if is_litter(&entry.name()) => {}
                Thing::Entry(entry) if entry.is_directory() => {
                    let mut inside = children(&entry.unchecked_into()).await?;
                    inside.sort_by_key(|entry| std::cmp::Reverse(entry.name()));
                    stack.extend(inside.into_iter().map(Thing::Entry));
                    count.set(Some(found.paths.len()));
                }
                Thing::Entry(entry) => {
                    let path = entry.full_path();
                    let file = file(&entry.unchecked_into()).await?;
                    found.push(path.trim_start_matches('/').to_owned(), &file);
                }
            }
            if found.cut {
                break;
            }
        }
        Ok(found)
    }
}

fn is_litter(name: &str) -> bool {
    LITTER.contains(&name) || name.starts_with("._")
}

/// Everything in a folder; a reader gives a hundred at a time, and none when it is done.
async fn children(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let batch = asked(|resolve, reject| {
            reader.read_entries_with_callback_and_callback(resolve, reject)
        });
        let batch = Array::from(&batch.await?);
        if batch.length() == 0 {
            return Ok(all);
        }
        all.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn file(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let file = asked(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    });
    file.await?.dyn_into()
}

/// The answer to a question that takes two callbacks.
async fn asked(
    ask: impl Fn(&js_sys::Function, &js_sys::Function) -> Result<(), JsValue>,
) -> Result<JsValue, JsValue> {
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        if let Err(error) = ask(&resolve, &reject) {
            // A promise's own function does not fail.
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    JsFuture::from(promise).await
}

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
