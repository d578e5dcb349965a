//! Requests about files of weights: taking one in, saving one, listing those in the browser's storage. Invariant: what is refused
//! changes nothing of the run that is here.

use crate::client::dom::describe;
use crate::client::download;
use crate::context::Page;
use dino_core::protocol::{Command, Content, Event};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// What a browser calls a file that it knows nothing of.
const KIND: &str = "application/octet-stream";

impl Page {
    /// Takes a file of weights in; if that fails, the page says why.
    pub fn load_weights(self, file: File, keep: Option<String>) {
        let settings = self.draft.settings.get_untracked();
        self.take_weights(Command::Load { settings, keep }, Array::of1(&file));
    }

    /// The same for any command that takes weights in.
    pub fn take_weights(self, command: Command, files: Array) {
        let shelf = self.model.shelf;
        if shelf.busy.get_untracked() {
            return;
        }
        shelf.busy.set(true);
        shelf.loaded.set(None);
        spawn_local(async move {
            match self.call(command, &files).await {
                Ok(Event::Loaded(loaded)) => {
                    self.model.storage.offer.set(None);
                    self.model.attention.decide();
                    shelf.loaded.set(Some(loaded));
                }
                Ok(_) => {}
                Err(message) => self.model.complain(message),
            }
            shelf.busy.set(false);
            self.list_weights();
        });
    }

    /// Asks what is kept.
    pub fn list_weights(self) {
        self.ask_weights(Command::StoredFiles);
    }

    /// Sends a command whose answer is the list of saved files.
    pub fn ask_weights(self, command: Command) {
        spawn_local(async move {
            match self.call(command, &Array::new()).await {
                Ok(Event::StoredFiles { files }) => self.model.shelf.files.set(files),
                Ok(_) => {}
                // A browser that keeps nothing has said so elsewhere.
                Err(_) => self.model.shelf.files.set(Vec::new()),
            }
        });
    }

    /// Lets the browser save the run, or its backbone alone, as a file.
    pub fn save_weights(self, content: Content) {
        let shelf = self.model.shelf;
        shelf.busy.set(true);
        spawn_local(async move {
            let saved = match self.call(Command::Save { content }, &Array::new()).await {
                Ok(Event::File { name, bytes }) => {
                    download::bytes(&bytes, KIND, &name).map_err(|e| describe(&e))
                }
                Ok(_) => Ok(()),
                Err(message) => Err(message),
            };
            if let Err(message) = saved {
                self.model.complain(message);
            }
            shelf.busy.set(false);
        });
    }
}
