//! Origin Private File System: a folder that belongs to the page's origin and that nobody else sees. Invariant:
//! files are written through synchronous handles, the only ones that can be flushed.

use crate::host::HostFolder;
use crate::web::channel::{pause, scope};
use dino_core::storage::{Folder, StorageError};
use js_sys::{AsyncIterator, IteratorNext, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemRemoveOptions, FileSystemSyncAccessHandle,
};
use web_time::Duration;

/// The folder of everything of this page.
const HOME: &str = "dino";

/// Attempts to open a file that a worker which has just ended may still hold, …
const ATTEMPTS: usize = 20;
/// … with so long a wait between them.
const WAIT: Duration = Duration::from_millis(100);

type Outcome<T> = Result<T, StorageError>;

/// A folder.
#[derive(Debug)]
pub struct Opfs {
    handle: FileSystemDirectoryHandle,
}

impl Opfs {
    /// The folder of that name, created if it is not there.
    ///
    /// # Errors
    /// [`StorageError`] where the browser stores nothing: in some private windows, or by its settings.
    pub async fn open(name: &str) -> Outcome<Self> {
        Self::open_path(&[HOME, name]).await
    }

    async fn open_path(path: &[&str]) -> Outcome<Self> {
        let none = || StorageError::NoFiles;
        let storage = Reflect::get(&scope().navigator(), &"storage".into()).unwrap_or_default();
        if !storage.is_object() || !has(&storage, "getDirectory") {
            return Err(none());
        }
        let mut handle: FileSystemDirectoryHandle =
            wait(scope().navigator().storage().get_directory()).await?;
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        for name in path {
            handle = wait(handle.get_directory_handle_with_options(name, &options)).await?;
        }
        Ok(Self { handle })
    }

    /// The same folder without the files that are in it.
    ///
    /// # Errors
    /// Those of [`Opfs::open`].
    pub async fn open_empty(name: &str) -> Outcome<Self> {
        let home = Self::open_path(&[HOME]).await?;
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        // It is usually not there.
        let _ = JsFuture::from(home.handle.remove_entry_with_options(name, &options)).await;
        Self::open(name).await
    }

    /// `None` if there is no such file.
    async fn file(&self, name: &str, create: bool) -> Outcome<Option<FileSystemFileHandle>> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(create);
        let found = self.handle.get_file_handle_with_options(name, &options);
        match JsFuture::from(found).await {
            Ok(handle) => Ok(Some(handle.unchecked_into())),
            Err(e) if is(&e, "NotFoundError") => Ok(None),
            Err(e) => Err(trouble(&e)),
        }
    }
}

impl HostFolder for Opfs {
    async fn about(&self, name: &str) -> Outcome<Option<(u64, f64)>> {
        let Some(handle) = self.file(name, false).await? else { return Ok(None) };
        let file: File = wait(handle.get_file()).await?;
        Ok(Some((file.size() as u64, file.last_modified())))
    }
}

impl Folder for Opfs {
    async fn names(&self) -> Outcome<Vec<String>> {
        let keys: AsyncIterator = self.handle.keys().unchecked_into();
        let mut names = Vec::new();
        loop {
            let next: IteratorNext = wait(keys.next().map_err(|e| trouble(&e))?).await?;
            if next.done() {
                return Ok(names);
            }
            names.extend(next.value().as_string());
        }
    }

    async fn read(&self, name: &str) -> Outcome<Option<Vec<u8>>> {
        let Some(handle) = self.file(name, false).await? else { return Ok(None) };
        let file: File = wait(handle.get_file()).await?;
        let buffer: JsValue = wait(file.array_buffer().unchecked_into()).await?;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
        let Some(handle) = self.file(name, true).await? else {
            return Err(StorageError::NotCreated(name.to_owned()));
        };
        if !has(&handle, "createSyncAccessHandle") {
            return Err(StorageError::NoWriting);
        }
        let mut attempt = 0;
        let access: FileSystemSyncAccessHandle = loop {
            match JsFuture::from(handle.create_sync_access_handle()).await {
                Ok(access) => break access.unchecked_into(),
                Err(e) if is(&e, "NoModificationAllowedError") && attempt < ATTEMPTS => {
                    attempt += 1;
                    pause(WAIT).await;
                }
                Err(e) => return Err(trouble(&e)),
            }
        };
        let outcome = fill(&access, bytes);
        access.close();
        match outcome {
            Ok(written) if written == bytes.len() as f64 => Ok(()),
            // The browser wrote as much as it had room for.
            Ok(_) => Err(StorageError::Full),
            Err(e) => Err(trouble(&e)),
        }
    }

    async fn remove(&self, name: &str) -> Outcome<()> {
        match JsFuture::from(self.handle.remove_entry(name)).await {
            Ok(_) => Ok(()),
            Err(e) if is(&e, "NotFoundError") => Ok(()),
            Err(e) => Err(trouble(&e)),
        }
    }
}

fn fill(access: &FileSystemSyncAccessHandle, bytes: &[u8]) -> Result<f64, JsValue> {
    access.truncate_with_u32(0)?;
    let written = access.write_with_u8_array(bytes)?;
    access.flush()?;
    Ok(written)
}

/// A promise's value, which is what the interface says.
async fn wait<T: JsCast>(promise: Promise) -> Outcome<T> {
    JsFuture::from(promise).await.map(JsCast::unchecked_into).map_err(|e| trouble(&e))
}

fn has(object: &JsValue, name: &str) -> bool {
    Reflect::has(object, &name.into()).unwrap_or(false)
}

fn field(error: &JsValue, name: &str) -> String {
    Reflect::get(error, &name.into()).ok().and_then(|v| v.as_string()).unwrap_or_default()
}

fn is(error: &JsValue, name: &str) -> bool {
    field(error, "name") == name
}

fn trouble(error: &JsValue) -> StorageError {
    if is(error, "QuotaExceededError") {
        return StorageError::Full;
    }
    StorageError::Other(format!("{}: {}", field(error, "name"), field(error, "message")))
}
