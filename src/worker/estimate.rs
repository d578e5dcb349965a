//! What every preset would take on this adapter.

use super::Session;
use crate::error::Result;
use crate::protocol::Event;

impl Session {
    pub(super) async fn estimate(&mut self) -> Result<Event> {
        todo!()
    }
}
