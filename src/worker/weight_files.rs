//! Files of weights in this browser's storage. Invariant: a file that could not be written whole is removed.

use crate::host::{Host, HostFolder};
use dino_core::error::{Error, FileProblem, Result};
use dino_core::protocol::StoredFile;
use dino_core::storage::{Folder, StorageError};

/// The folder of files that were fetched or stored on request.
const FOLDER: &str = "weights";

/// Longest name of a stored file.
const NAME: usize = 100;

/// All stored files of weights, the newest first.
///
/// # Errors
/// [`Error::Storage`].
pub async fn list<H: Host>(host: &H) -> Result<Vec<StoredFile>> {
    let folder = host.folder(FOLDER).await?;
    let mut files = Vec::new();
    for name in folder.names().await? {
        if let Some((bytes, saved)) = folder.about(&name).await? {
            files.push(StoredFile { name, step: None, bytes, saved });
        }
    }
    files.sort_by(|a, b| b.saved.total_cmp(&a.saved));
    Ok(files)
}

/// The content of a file.
///
/// # Errors
/// [`Error::Storage`], or [`Error::File`] when it is not stored.
pub async fn read<H: Host>(host: &H, name: &str) -> Result<Vec<u8>> {
    let folder = host.folder(FOLDER).await?;
    let bytes = folder.read(name).await?;
    bytes.ok_or_else(|| Error::file(name, FileProblem::NotStored))
}

/// Stores a file; characters of its name other than letters, digits and `-_.` are left out.
///
/// # Errors
/// [`StorageError`].
pub async fn put<H: Host>(
    host: &H,
    name: &str,
    bytes: &[u8],
) -> std::result::Result<(), StorageError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = name.chars().filter(|c| allowed(*c)).take(NAME).collect();
    let folder = host.folder(FOLDER).await?;
    let outcome = folder.write(&name, bytes).await;
    if outcome.is_err() {
        let _ = folder.remove(&name).await;
    }
    outcome
}

/// Deletes a file.
///
/// # Errors
/// [`Error::Storage`].
pub async fn remove<H: Host>(host: &H, name: &str) -> Result<()> {
    let folder = host.folder(FOLDER).await?;
    folder.remove(name).await.map_err(Error::from)
}
