//! Transfer of files out of what was dropped, pasted or picked, with the folders that they came in. Invariant: what
//! cannot be read is listed with its path and loses nothing else; no folder, however deep or full, gives more than
//! [`MOST`] files.

use dino_core::data::folder;
use dino_core::error::Unread;
use js_sys::{Array, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, DataTransferItem, File, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry,
};

/// Files that are looked at in one transfer: twice as many as a set of images can have.
pub const MOST: usize = 20_000;

/// What a transfer holds.
#[derive(Default)]
pub struct Found {
    /// Files with their paths, in the order of [`folder::order`].
    pub files: Vec<(String, File)>,
    /// Files and folders that could not be read.
    pub unread: Vec<(String, Unread)>,
    /// Hidden files, and what systems leave in folders.
    pub passed_over: usize,
    /// There were more than [`MOST`].
    pub cut: bool,
    /// There were addresses in it, and no files.
    pub address: bool,
}

impl Found {
    /// The files of a picker or of the clipboard.
    pub fn picked(list: &Array) -> Self {
        let files = list.iter().filter_map(|file| file.dyn_into::<File>().ok());
        let named: Vec<(String, File)> = files.map(|file| (path_of(&file), file)).collect();
        let mut found = Self::default();
        let one = named.len() == 1;
        for (path, file) in named {
            if !one && folder::is_passed_over(below(&path)) {
                found.passed_over += 1;
            } else if found.files.len() < MOST {
                found.files.push((path, file));
            } else {
                found.cut = true;
            }
        }
        found.sorted()
    }

    fn sorted(mut self) -> Self {
        self.files.sort_by(|(a, _), (b, _)| folder::order(a, b));
        self
    }
}

/// The part of a path that is judged: without the folder that was chosen and stands first, unless what counts in it
/// depends on what it is.
fn below(path: &str) -> &str {
    match path.split_once('/') {
        Some((chosen, below)) if !folder::is_library(chosen) => below,
        _ => path,
    }
}

/// A file's path below the folder that was picked, that folder included; its name where it came alone.
fn path_of(file: &File) -> String {
    let path = Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|p| p.as_string());
    path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}

/// A thing that was dropped.
enum Thing {
    Entry(FileSystemEntry),
    File(File),
}

/// What lies in a transfer now: it is empty once its event is over.
pub struct Dropped {
    things: Vec<Thing>,
    address: bool,
}

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
        let address =
            data.types().iter().any(|kind| kind.as_string().as_deref() == Some("text/uri-list"));
        Self { things: things.collect(), address }
    }

    /// The files in it and in its folders; `count` follows how many were found.
    pub async fn files(self, count: RwSignal<Option<usize>>) -> Found {
        let mut found =
            Found { address: self.address && self.things.is_empty(), ..Found::default() };
        // One folder or file that was chosen by itself is meant, whatever its name is.
        let chosen = self.things.len() == 1;
        let mut stack = self.things;
        while let Some(thing) = stack.pop() {
            if found.files.len() == MOST {
                found.cut = true;
                break;
            }
            let entry = match thing {
                Thing::Entry(entry) => entry,
                Thing::File(file) => {
                    found.files.push((file.name(), file));
                    continue;
                }
            };
            let path = entry.full_path().trim_start_matches('/').to_owned();
            let judged = match path.contains('/') {
                true if chosen => below(&path),
                false if chosen => "",
                _ => &path,
            };
            if folder::is_passed_over(judged) {
                found.passed_over += 1;
            } else if entry.is_directory() {
                let (inside, trouble) = children(&entry.unchecked_into()).await;
                stack.extend(inside.into_iter().map(Thing::Entry));
                found.unread.extend(trouble.map(|why| (path, why)));
                count.set(Some(found.files.len()));
            } else {
                match file(&entry.unchecked_into()).await {
                    Ok(file) => found.files.push((path, file)),
                    Err(why) => found.unread.push((path, unread(&why))),
                }
            }
        }
        found.unread.sort_by(|(a, _), (b, _)| folder::order(a, b));
        found.sorted()
    }
}

/// Why the browser gives no file.
fn unread(error: &JsValue) -> Unread {
    let field = |name: &str| Reflect::get(error, &name.into()).ok().and_then(|v| v.as_string());
    let (name, words) = (field("name").unwrap_or_default(), field("message").unwrap_or_default());
    match name.as_str() {
        // Chromium says so of a folder that may not be read.
        "NoModificationAllowedError" => Unread::Denied,
        _ => Unread::of_browser(&name, &words),
    }
}

/// Everything in a folder, as far as it can be read, and why it cannot be read further; a reader gives a hundred at a
/// time, and none when it is done.
async fn children(folder: &FileSystemDirectoryEntry) -> (Vec<FileSystemEntry>, Option<Unread>) {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let batch = asked(|resolve, reject| {
            reader.read_entries_with_callback_and_callback(resolve, reject)
        });
        let batch = match batch.await {
            Ok(batch) => Array::from(&batch),
            Err(why) => return (all, Some(unread(&why))),
        };
        if batch.length() == 0 {
            return (all, None);
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

/// The first bytes of a file; none if they cannot be read.
pub async fn head(file: &File, bytes: u32) -> Vec<u8> {
    let Ok(part) = file.slice_with_i32_and_i32(0, bytes as i32) else { return Vec::new() };
    match JsFuture::from(part.array_buffer()).await {
        Ok(buffer) => js_sys::Uint8Array::new(&buffer).to_vec(),
        Err(_) => Vec::new(),
    }
}
