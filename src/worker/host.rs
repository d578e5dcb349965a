//! Host of a session: a device, folders, files, the page's own files, messages. Invariant: no browser types;
//! `web` implements these traits for a browser, the tests in memory.

use dino_core::data::picture::{Picture, Room};
use dino_core::error::{Result, Unread};
use dino_core::protocol::{NoGpu, Request};
use dino_core::storage::{Folder, StorageError};
use dino_engine::tune::TunedGpu;
use std::rc::Rc;
use web_time::Duration;

/// The surroundings of a session: a browser, or the memory of a test.
pub trait Host: 'static {
    type File: HostFile + 'static;
    type Folder: HostFolder + 'static;

    /// The device.
    ///
    /// # Errors
    /// [`NoGpu`] when there is none that can be used.
    fn open_gpu(&self) -> impl Future<Output = std::result::Result<Adapter, NoGpu>>;

    /// The folder of that name, created if it is not there.
    ///
    /// # Errors
    /// [`StorageError`] where nothing can be stored.
    fn folder(
        &self,
        name: &str,
    ) -> impl Future<Output = std::result::Result<Self::Folder, StorageError>>;

    /// An empty folder for this visit; what earlier visits left there is deleted.
    ///
    /// # Errors
    /// [`StorageError`] where nothing can be stored.
    fn scratch(&self) -> impl Future<Output = std::result::Result<Self::Folder, StorageError>>;

    /// Memory for the pixels of images.
    fn room(&self) -> Room;

    /// Bytes that a run may take on a device with buffers of at most so many bytes.
    fn device_memory(&self, largest_buffer: u64) -> u64;

    /// A file of the page's own origin.
    ///
    /// # Errors
    /// [`Error::File`](dino_core::error::Error::File) when the server does not send it.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Vec<u8>>>;

    /// The image of a file of that media type, upright and with a long side of at most `side` pixels; `None` where
    /// the host cannot decode it.
    fn foreign_image(
        &self,
        bytes: &[u8],
        kind: &str,
        side: usize,
    ) -> impl Future<Output = Option<Picture>>;

    /// Milliseconds since 1970.
    fn now(&self) -> f64;
}

/// A device and the name that the page shows for its adapter.
pub struct Adapter {
    pub gpu: Rc<TunedGpu>,
    pub name: String,
}

/// A file that a person chose.
pub trait HostFile: Clone {
    fn name(&self) -> String;

    /// Bytes.
    fn size(&self) -> u64;

    /// Its content.
    ///
    /// # Errors
    /// Why its bytes do not come.
    fn read(&self) -> impl Future<Output = std::result::Result<Vec<u8>, Unread>>;
}

/// A folder that also says how large its files are.
pub trait HostFolder: Folder {
    /// Bytes of a file and when it was written, in milliseconds since 1970; `None` if it is not there.
    ///
    /// # Errors
    /// [`StorageError`].
    fn about(
        &self,
        name: &str,
    ) -> impl Future<Output = std::result::Result<Option<(u64, f64)>, StorageError>>;
}

/// A request and the files that came with it.
pub struct Message<F> {
    pub request: Request,
    pub files: Vec<F>,
}

/// Reason for the end of a wait: a message, or the time.
pub enum Incoming<F> {
    Message(Message<F>),
    /// The time is over.
    Wake,
}

/// Messages from the page.
pub trait Inbox<F> {
    /// The next message if it is there already.
    fn pending(&mut self) -> Option<Message<F>>;

    /// The next message, or [`Incoming::Wake`] after `at_most`; `None` if no message can come any more.
    fn next(&mut self, at_most: Option<Duration>) -> impl Future<Output = Option<Incoming<F>>>;

    /// Lets the event loop turn once, so that messages arrive.
    fn breathe(&self) -> impl Future<Output = ()>;
}
