//! ImageStore of a camera through the network. Invariant: such a picture is seen once and forgotten.

use crate::session::Session;
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::protocol::{Event, Floats, Frame, Pixels, Seer};

impl Session {
    /// Attention of a picture that is not of the set.
    pub(crate) async fn frame(
        &mut self,
        picture: Pixels,
        seer: Seer,
        layer: usize,
        side: usize,
    ) -> Result<Event> {
        let picture = Picture::try_from(picture)?;
        let layer = layer.min(self.depth(seer).await?.saturating_sub(1));
        let sight = self.see_picture(&picture, seer, layer, side).await?;
        let [width, height] = sight.grid;
        let attention = Floats(sight.result.attention);
        Ok(Event::Frame(Frame { width, height, heads: sight.heads, attention }))
    }
}
