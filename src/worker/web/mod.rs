//! Browser side of the worker: messages, files of the origin's private file system, fetched files, the adapter's
//! name. Invariant: no other folder names a type of a browser.

mod channel;
mod files;
mod images;
mod memory;
mod opfs;

use crate::host::{Adapter, Host};
use crate::outbox::Outbox;
use crate::session::Session;
use channel::Channel;
use dino_core::data::picture::{Picture, Room};
use dino_core::error::Result;
use dino_core::protocol::{BUILD, Event, NoGpu};
use dino_core::storage::StorageError;
use dino_engine::tune::TunedGpu;
use opfs::Opfs;
use std::rc::Rc;
use web_sys::File;

/// The worker's main function.
pub fn start() {
    let channel = Channel::new();
    channel::report_panics();
    let outbox = Outbox::new(channel::post);
    outbox.post(Event::Hello { build: BUILD.to_owned() });
    wasm_bindgen_futures::spawn_local(Session::new(Browser, outbox).serve(channel));
}

/// A worker of a browser.
pub struct Browser;

impl Host for Browser {
    type File = File;
    type Folder = Opfs;

    async fn open_gpu(&self) -> std::result::Result<Adapter, NoGpu> {
        if !channel::has_webgpu() {
            return Err(NoGpu::Missing);
        }
        let gpu = TunedGpu::new().await;
        let gpu = Rc::new(gpu.map_err(|e| NoGpu::NoAdapter { message: e.to_string() })?);
        let name = gpu.name();
        Ok(Adapter { gpu, name })
    }

    async fn folder(&self, name: &str) -> std::result::Result<Opfs, StorageError> {
        Opfs::open(name).await
    }

    async fn scratch(&self) -> std::result::Result<Opfs, StorageError> {
        Opfs::open_empty("scratch").await
    }

    fn room(&self) -> Room {
        memory::room()
    }

    fn device_memory(&self, largest_buffer: u64) -> u64 {
        memory::of_device(largest_buffer)
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>> {
        files::fetch(url).await
    }

    async fn foreign_image(&self, bytes: &[u8], kind: &str, side: usize) -> Option<Picture> {
        images::decode(bytes, kind, side).await
    }

    fn now(&self) -> f64 {
        js_sys::Date::now()
    }
}
