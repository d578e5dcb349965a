//! Pictures of a camera through the network. Invariant: such a picture is seen once and forgotten.

use super::super::Session;
use crate::error::{Error, Result};
use crate::images::Picture;
use crate::protocol::{Event, Floats, Frame, Pixels};
use crate::trainer::Network;

impl Session {
    /// Attention of a picture that is not of the set.
    pub(in super::super) async fn frame(
        &mut self,
        picture: Pixels,
        network: Network,
        layer: usize,
        side: usize,
    ) -> Result<Event> {
        let picture = Picture::try_from(picture)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let layer = layer.min(trainer.config().vit.depth.saturating_sub(1));
        let sight = trainer.look(&picture, network, layer, side, None).await?;
        let [width, height] = sight.grid;
        let attention = Floats(sight.result.attention);
        Ok(Event::Frame(Frame { width, height, heads: sight.heads, attention }))
    }
}
