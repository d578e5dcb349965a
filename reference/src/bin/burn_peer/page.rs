//! Steps of the peer for a page: `begin` loads a work, each `step` gives its loss. Invariant: a step that fails
//! ends the run.

use reference::peer::Peer;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    static PEER: RefCell<Option<Peer>> = const { RefCell::new(None) };
}

/// Makes panics readable in the browser's console.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// Puts the work of this name on the device.
///
/// # Errors
/// Those of [`Peer::device`] and [`Peer::new`].
#[wasm_bindgen]
pub async fn begin(work: String) -> Result<(), JsError> {
    let device = Peer::device().await?;
    PEER.set(Some(Peer::new(&device, &work)?));
    Ok(())
}

/// One step; its loss.
///
/// # Errors
/// A call before [`begin`], or those of [`Peer::step`].
#[wasm_bindgen]
pub async fn step() -> Result<f32, JsError> {
    let peer = PEER.take().ok_or_else(|| JsError::new("there is no run: call `begin`"))?;
    let (peer, loss) = peer.step().await?;
    PEER.set(Some(peer));
    Ok(loss)
}
