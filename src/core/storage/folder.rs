//! A folder of files, as the browser's storage offers it. Invariant: a file that was written is flushed
//! and closed; a name is never half of another file's content and half of this one's.

use crate::error::Error;
use crate::storage::hash;
use std::fmt;

/// Why the storage failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageError {
    /// There is no room.
    Full,
    /// The browser's words.
    Other(String),
}

impl StorageError {
    /// What [`Error::Storage`] says of a full storage, so that it can be told from other failures.
    pub const FULL: &str = "there is no room left";
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(f, "{}", Self::FULL),
            Self::Other(words) => write!(f, "{words}"),
        }
    }
}

impl From<StorageError> for Error {
    fn from(trouble: StorageError) -> Self {
        Self::Storage(trouble.to_string())
    }
}

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
            let words = format!("`{name}`: wrote {} bytes, read {found} or others", bytes.len());
            Err(StorageError::Other(words))
        }
    }
}

/// A folder in memory for tests: it can be full, or end the program at any operation.
#[cfg(test)]
pub(super) mod memory {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::rc::Rc;

    #[derive(Debug, Clone, Default)]
    pub struct Memory {
        pub files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
        /// Bytes that fit; `None` = any number.
        pub room: Rc<Cell<Option<usize>>>,
        /// Changes left until the program ends; `None` = it does not.
        pub life: Rc<Cell<Option<usize>>>,
        /// Bytes written so far.
        pub written: Rc<Cell<usize>>,
        /// The program ended within a write.
        pub torn: Rc<Cell<bool>>,
    }

    impl Memory {
        /// False once the program has ended.
        fn lives(&self) -> bool {
            match self.life.get() {
                Some(0) => false,
                Some(left) => {
                    self.life.set(Some(left - 1));
                    true
                }
                None => true,
            }
        }

        pub fn bytes(&self) -> usize {
            self.files.borrow().values().map(Vec::len).sum()
        }
    }

    const ENDED: &str = "the program has ended";

    impl Folder for Memory {
        async fn names(&self) -> Outcome<Vec<String>> {
            Ok(self.files.borrow().keys().cloned().collect())
        }

        async fn read(&self, name: &str) -> Outcome<Option<Vec<u8>>> {
            Ok(self.files.borrow().get(name).cloned())
        }

        async fn write(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
            let half = bytes[..bytes.len() / 2].to_vec();
            if !self.lives() {
                if !self.torn.replace(true) {
                    self.files.borrow_mut().insert(name.to_owned(), half);
                }
                return Err(StorageError::Other(ENDED.into()));
            }
            let before = self.files.borrow().get(name).map_or(0, Vec::len);
            if self.room.get().is_some_and(|room| self.bytes() - before + bytes.len() > room) {
                self.files.borrow_mut().insert(name.to_owned(), half);
                return Err(StorageError::Full);
            }
            self.written.set(self.written.get() + bytes.len());
            self.files.borrow_mut().insert(name.to_owned(), bytes.to_vec());
            Ok(())
        }

        async fn remove(&self, name: &str) -> Outcome<()> {
            if !self.lives() {
                return Err(StorageError::Other(ENDED.into()));
            }
            self.files.borrow_mut().remove(name);
            Ok(())
        }
    }
}
