//! What this browser keeps between visits: the run and, if the person agrees, the images.

use super::Session;
use crate::error::Result;
use crate::protocol::{Event, Failure, Kept};

/// The browser's storage.
#[derive(Default)]
pub struct Store {
    /// Another tab owns the run: nothing is written.
    pub reader: bool,
}

impl Store {
    /// The run that is kept.
    pub async fn open(&mut self) -> Option<Kept> {
        None
    }
}

impl Session {
    pub(super) async fn remove(&mut self, image: usize) -> Result<()> {
        self.known(image)?;
        todo!()
    }

    pub(super) async fn keep_images(&mut self, _keep: bool) -> Result<Event> {
        todo!()
    }

    pub(super) async fn resume(&mut self) -> Result<()> {
        todo!()
    }

    pub(super) async fn forget(&mut self) -> Result<()> {
        todo!()
    }

    pub(super) async fn hidden(&mut self) -> Result<()> {
        Ok(())
    }

    /// Keeps the run when it is time.
    pub(super) async fn keep_now_and_then(&mut self) -> Result<()> {
        Ok(())
    }

    pub(super) fn provoke(&mut self, _how: Failure) {
        todo!()
    }
}
