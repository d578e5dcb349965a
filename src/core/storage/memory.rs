//! A folder in memory for tests, here and in the worker: it can be full, or end the program at any operation.
//! Invariant: a write that fails leaves half of its bytes, as a browser may.

use crate::error::StorageError;
use crate::storage::folder::Folder;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A folder in memory; clones share their files.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Contents by name.
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

    /// Bytes of all files.
    pub fn bytes(&self) -> usize {
        self.files.borrow().values().map(Vec::len).sum()
    }
}

type Outcome<T> = std::result::Result<T, StorageError>;

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
