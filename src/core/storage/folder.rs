//! Folder of files, as the browser's storage offers it. Invariant: a file that was written is flushed and
//! closed; a name is never half of another file's content and half of this one's.

use crate::error::StorageError;
use crate::storage::hash;

type Outcome<T> = std::result::Result<T, StorageError>;

/// Files by name, no folders within.
pub trait Folder {
    /// All names, in any order.
    fn names(&self) -> impl Future<Output = Outcome<Vec<String>>>;

    /// A file's bytes; `None` if there is none of that name.
    fn read(&self, name: &str) -> impl Future<Output = Outcome<Option<Vec<u8>>>>;

    /// Creates or replaces a file: written, flushed, closed.
    fn write(&self, name: &str, bytes: &[u8]) -> impl Future<Output = Outcome<()>>;

    /// Deletes a file, if it is there.
    fn remove(&self, name: &str) -> impl Future<Output = Outcome<()>>;
}

/// Writes a file and reads it back.
pub(super) async fn write_surely<F: Folder>(folder: &F, name: &str, bytes: &[u8]) -> Outcome<()> {
    folder.write(name, bytes).await?;
    match folder.read(name).await? {
        Some(found) if found.len() == bytes.len() && hash(&found) == hash(bytes) => Ok(()),
        found => {
            let found = found.map_or(0, |found| found.len());
            let (name, written, read) = (name.to_owned(), bytes.len(), found);
            Err(StorageError::NotAsWritten { name, written, read })
        }
    }
}
