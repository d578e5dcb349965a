//! Settings from the address: read at the start and when the address changes. Invariant: what a link says is only applied by
//! itself where there is nothing to lose.

use crate::client::url;
use crate::context::Page;
use crate::state::training;
use dino_core::protocol::Command;
use js_sys::Array;
use leptos::prelude::*;

impl Page {
    /// Applies what the address says before the first run is prepared, and follows it from then on.
    pub(super) async fn follow_address(self) {
        url::follow(move || wasm_bindgen_futures::spawn_local(self.read_address()));
        self.read_address().await;
    }

    async fn read_address(self) {
        let preset =
            self.model.run.with_untracked(|r| r.as_ref().map(|r| r.settings.preset.clone()));
        let preset = preset.unwrap_or_else(|| url::usual().to_owned());
        let Some((settings, notices)) = url::read(&preset) else { return };
        if !training::take_link(self.model, self.draft, &settings, notices) {
            return;
        }
        if let Err(message) = self.call(Command::Reset { settings }, &Array::new()).await {
            self.model.complain(message);
        }
    }
}
