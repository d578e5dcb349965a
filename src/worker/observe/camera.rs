//! Frames of a camera through a network. Invariant: a frame goes through once and is not stored.

use crate::observe::infer::Networks;
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::protocol::Event;
use dino_core::run::network::Network;

/// Attention of a frame, which is not in the set: of the given layer, or of the last if the network has fewer.
///
/// # Errors
/// Those of [`Networks::infer`].
pub async fn frame(
    networks: &mut Networks<'_>,
    picture: &Picture,
    network: Network,
    layer: usize,
    side: usize,
) -> Result<Event> {
    let layer = layer.min(networks.depth(network)?.saturating_sub(1));
    let inference = networks.infer(picture, network, layer, side).await?;
    Ok(Event::Frame(inference.into()))
}
