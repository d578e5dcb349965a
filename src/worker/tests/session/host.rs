//! Host of the tests' sessions: one device, folders and files in memory. Invariant: all tests share one thread
//! and one device, since a device costs more than a test.

use dino_core::data::picture::{Picture, Room};
use dino_core::error::{Error, FileProblem, Result, Unread};
use dino_core::protocol::NoGpu;
use dino_core::storage::memory::Memory;
use dino_core::storage::{Folder, StorageError};
use dino_engine::tune::TunedGpu;
use dino_worker::host::{Adapter, Host, HostFile, HostFolder};
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex};

type Outcome<T> = std::result::Result<T, StorageError>;
type Job = (Box<dyn FnOnce() + Send>, Sender<std::result::Result<(), Box<dyn Any + Send>>>);

/// Runs a test on the thread that has the device.
pub fn on_device(test: impl AsyncFnOnce() + Send + 'static) {
    static THREAD: LazyLock<Mutex<Sender<Job>>> = LazyLock::new(|| {
        let (sender, jobs) = channel::<Job>();
        std::thread::spawn(move || {
            for (job, done) in jobs {
                let _ = done.send(catch_unwind(AssertUnwindSafe(job)));
            }
        });
        Mutex::new(sender)
    });
    let (done, outcome) = channel();
    let job = Box::new(move || pollster::block_on(test()));
    THREAD.lock().unwrap().send((job, done)).unwrap();
    if let Err(panic) = outcome.recv().unwrap() {
        resume_unwind(panic);
    }
}

async fn shared_gpu() -> Rc<TunedGpu> {
    thread_local!(static GPU: OnceCell<Rc<TunedGpu>> = const { OnceCell::new() });
    if let Some(gpu) = GPU.with(|gpu| gpu.get().cloned()) {
        return gpu;
    }
    let gpu = Rc::new(TunedGpu::new().await.unwrap());
    GPU.with(|cell| cell.get_or_init(|| gpu).clone())
}

/// A file that a person chose.
#[derive(Clone)]
pub struct Chosen {
    pub name: String,
    /// The size that the file claims, if not its own.
    pub size: Option<u64>,
    /// `None` = it is gone.
    pub bytes: Option<Vec<u8>>,
}

impl HostFile for Chosen {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn size(&self) -> u64 {
        self.size.unwrap_or(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }

    async fn read(&self) -> std::result::Result<Vec<u8>, Unread> {
        self.bytes.clone().ok_or(Unread::Gone)
    }
}

/// A folder in memory.
pub struct Shelf(Memory);

impl Folder for Shelf {
    async fn names(&self) -> Outcome<Vec<String>> {
        self.0.names().await
    }

    async fn read(&self, name: &str) -> Outcome<Option<Vec<u8>>> {
        self.0.read(name).await
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
        self.0.write(name, bytes).await
    }

    async fn remove(&self, name: &str) -> Outcome<()> {
        self.0.remove(name).await
    }
}

impl HostFolder for Shelf {
    async fn about(&self, name: &str) -> Outcome<Option<(u64, f64)>> {
        Ok(self.0.files.borrow().get(name).map(|bytes| (bytes.len() as u64, 1.0)))
    }
}

/// Storage that outlives a session: folders, and files of the page's own origin by address.
#[derive(Clone, Default)]
pub struct Disk {
    folders: Rc<RefCell<BTreeMap<String, Memory>>>,
    pub served: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
    clock: Rc<Cell<f64>>,
    /// Memory of a session that is opened from now on.
    pub room: Rc<Cell<Room>>,
    /// There is no folder for scratch files.
    pub no_scratch: Rc<Cell<bool>>,
}

impl Disk {
    pub fn folder(&self, name: &str) -> Memory {
        self.folders.borrow_mut().entry(name.to_owned()).or_default().clone()
    }

    /// Changes a byte of the newest checkpoint's state.
    pub fn damage_newest(&self) {
        let runs = self.folder("runs");
        let mut files = runs.files.borrow_mut();
        let newest = files.keys().filter(|name| name.ends_with(".run")).max().unwrap().clone();
        let manifest = String::from_utf8_lossy(&files[&newest]).into_owned();
        let is_its = |name: &&String| {
            let hash = name.strip_prefix("state-").and_then(|h| u64::from_str_radix(h, 16).ok());
            hash.is_some_and(|hash| manifest.contains(&hash.to_string()))
        };
        let state = files.keys().find(is_its).unwrap().clone();
        files.get_mut(&state).unwrap()[1000] ^= 1;
    }
}

/// Host of a test's session.
pub struct TestHost {
    pub disk: Disk,
    /// `None` = the device of all tests.
    pub gpu: Option<std::result::Result<Rc<TunedGpu>, NoGpu>>,
}

impl Host for TestHost {
    type File = Chosen;
    type Folder = Shelf;

    async fn open_gpu(&self) -> std::result::Result<Adapter, NoGpu> {
        let gpu = match &self.gpu {
            Some(gpu) => gpu.clone()?,
            None => shared_gpu().await,
        };
        Ok(Adapter { gpu, name: "test".to_owned() })
    }

    async fn folder(&self, name: &str) -> Outcome<Shelf> {
        Ok(Shelf(self.disk.folder(name)))
    }

    async fn scratch(&self) -> Outcome<Shelf> {
        if self.disk.no_scratch.get() {
            return Err(StorageError::NoFiles);
        }
        let folder = self.disk.folder("scratch");
        folder.files.borrow_mut().clear();
        Ok(Shelf(folder))
    }

    fn device_memory(&self, _: u64) -> u64 {
        4 << 30
    }

    fn room(&self) -> Room {
        self.disk.room.get()
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>> {
        let found = self.disk.served.borrow().get(url).cloned();
        found.ok_or_else(|| Error::file(url, FileProblem::Status { status: 404 }))
    }

    async fn foreign_image(&self, bytes: &[u8], kind: &str, side: usize) -> Option<Picture> {
        // As a browser that knows AVIF, of which only the first bytes are real here.
        let white = Picture { width: 8, height: 4, rgba: vec![255; 128] };
        (kind == "image/avif" && side >= 8 && bytes.len() > 20).then_some(white)
    }

    fn now(&self) -> f64 {
        self.disk.clock.set(self.disk.clock.get() + 1.0);
        self.disk.clock.get()
    }
}
