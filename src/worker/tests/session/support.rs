//! A page without a browser: it sends commands, lets the session work, and reads what came. Invariant: all tests share
//! one thread and one device, since a device costs more than a test.

use dino_core::data::picture::Picture;
use dino_core::error::{Error, Result};
use dino_core::protocol::{Command, Event, NoGpu, Report, Request, Run, SavedRun, State, View};
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::storage::memory::Memory;
use dino_core::storage::{Folder, StorageError};
use dino_engine::tune::TunedGpu;
use dino_worker::host::{Adapter, Host, HostFile, HostFolder, Message};
use dino_worker::outbox::Outbox;
use dino_worker::session::Session;
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
    /// Says another size than it has.
    pub size: Option<u64>,
    /// `None` = it cannot be read.
    pub bytes: Option<Vec<u8>>,
}

impl HostFile for Chosen {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn size(&self) -> u64 {
        self.size.unwrap_or(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }

    async fn read(&self) -> std::result::Result<Vec<u8>, String> {
        self.bytes.clone().ok_or_else(|| "NotReadableError".to_owned())
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

/// What outlives a session: folders, and files of the page's own origin by address.
#[derive(Clone, Default)]
pub struct Disk {
    folders: Rc<RefCell<BTreeMap<String, Memory>>>,
    pub served: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
    clock: Rc<Cell<f64>>,
}

impl Disk {
    pub fn folder(&self, name: &str) -> Memory {
        self.folders.borrow_mut().entry(name.to_owned()).or_default().clone()
    }

    /// The newest checkpoint's state has another content from now on.
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

/// Where the session of a test runs.
pub struct TestHost {
    disk: Disk,
    /// `None` = the one of all tests.
    gpu: Option<std::result::Result<Rc<TunedGpu>, NoGpu>>,
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

    async fn fetch(&self, url: &str) -> Result<Vec<u8>> {
        let found = self.disk.served.borrow().get(url).cloned();
        found.ok_or_else(|| Error::file(url, "the server answered 404"))
    }

    fn now(&self) -> f64 {
        self.disk.clock.set(self.disk.clock.get() + 1.0);
        self.disk.clock.get()
    }
}

/// A page and its session.
pub struct Page {
    session: Session<TestHost>,
    reports: Rc<RefCell<Vec<Report>>>,
    next: u32,
    /// The answer to [`Command::Open`].
    pub opened: Event,
}

impl Page {
    /// A page on this disk whose session has answered; `reader` if another tab trains.
    pub async fn open(disk: &Disk, reader: bool) -> Self {
        Self::open_on(disk, reader, None).await
    }

    /// The same with a device of its own, or without one.
    pub async fn open_on(
        disk: &Disk,
        reader: bool,
        gpu: Option<std::result::Result<Rc<TunedGpu>, NoGpu>>,
    ) -> Self {
        let reports = Rc::new(RefCell::new(Vec::new()));
        let sent = reports.clone();
        let out = Outbox::new(move |report: &Report| sent.borrow_mut().push(report.clone()));
        let session = Session::new(TestHost { disk: disk.clone(), gpu }, out);
        let mut page = Self { session, reports, next: 0, opened: Event::Done };
        page.opened = page.ask(Command::Open { base: "/".into(), tuning: None, reader }).await;
        page
    }

    /// A page with a tiny run that is prepared on so many images.
    pub async fn with(disk: &Disk, images: usize) -> Self {
        let mut page = Self::open(disk, false).await;
        page.reset(tiny()).await;
        page.add(0..images).await;
        page
    }

    /// Sends a command with files; its id.
    pub async fn send(&mut self, command: Command, files: Vec<Chosen>) -> u32 {
        let id = self.next;
        self.next += 1;
        self.session.turn(Some(Message { request: Request { id, command }, files })).await;
        id
    }

    /// The answer to a request, if it came.
    pub fn answer(&self, id: u32) -> Option<Event> {
        let reports = self.reports.borrow();
        let mut answers = reports.iter().filter(|report| report.reply == Some(id));
        let answer = answers.next().map(|report| report.event.clone());
        assert!(answers.next().is_none(), "request {id} was answered twice");
        answer
    }

    /// Lets the session work until it has answered.
    pub async fn await_answer(&mut self, id: u32) -> Event {
        for _ in 0..10_000 {
            if let Some(event) = self.answer(id) {
                return event;
            }
            self.turn().await;
        }
        panic!("request {id} was never answered");
    }

    /// Sends a command and lets the session work until it has answered.
    pub async fn ask(&mut self, command: Command) -> Event {
        self.ask_with(command, Vec::new()).await
    }

    pub async fn ask_with(&mut self, command: Command, files: Vec<Chosen>) -> Event {
        let id = self.send(command, files).await;
        self.await_answer(id).await
    }

    /// The session does one thing.
    pub async fn turn(&mut self) {
        self.session.turn(None).await;
    }

    /// The session works until there is nothing to do.
    pub async fn settle(&mut self) {
        for _ in 0..10_000 {
            if !self.session.is_busy() {
                return;
            }
            self.turn().await;
        }
        panic!("the session never comes to rest");
    }

    /// Waits until the run is kept, as it is some time after single steps.
    pub async fn kept(&mut self, step: u64) {
        self.settle().await;
        self.ask(Command::Hidden).await;
        assert!(self.saved().contains(&step), "step {step} was not kept: {:?}", self.saved());
    }

    /// All events since [`Page::forget`].
    pub fn events(&self) -> Vec<Event> {
        self.reports.borrow().iter().map(|report| report.event.clone()).collect()
    }

    /// The ids of all answers, in the order in which they came.
    pub fn answered(&self) -> Vec<u32> {
        self.reports.borrow().iter().filter_map(|report| report.reply).collect()
    }

    pub fn forget(&self) {
        self.reports.borrow_mut().clear();
    }

    /// What was told of a kind.
    pub fn all<T>(&self, kind: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.events().iter().filter_map(kind).collect()
    }

    /// The run as the page was told last.
    pub fn run(&self) -> Run {
        let runs = self.all(|event| match event {
            Event::Run(run) => Some(run.clone()),
            _ => None,
        });
        runs.last().expect("no run was told of").clone()
    }

    pub fn states(&self) -> Vec<State> {
        self.all(|event| match event {
            Event::Run(run) => Some(run.state),
            _ => None,
        })
    }

    /// Steps that were reported.
    pub fn steps(&self) -> Vec<u64> {
        let points = self.all(|event| match event {
            Event::Progress { points, .. } => Some(points.clone()),
            _ => None,
        });
        points.into_iter().flatten().map(|point| point.step).collect()
    }

    /// Losses that were reported, to the bit.
    pub fn losses(&self) -> Vec<u32> {
        let points = self.all(|event| match event {
            Event::Progress { points, .. } => Some(points.clone()),
            _ => None,
        });
        points.into_iter().flatten().map(|point| point.loss.to_bits()).collect()
    }

    pub fn saved(&self) -> Vec<u64> {
        self.all(|event| match event {
            Event::Saved { step, .. } => Some(*step),
            _ => None,
        })
    }

    /// Errors that were told.
    pub fn errors(&self) -> Vec<Error> {
        self.all(|event| match event {
            Event::Error { error } | Event::Fatal { error } => Some(error.clone()),
            _ => None,
        })
    }

    /// Views that were shown: image, layer, step.
    pub fn looks(&self) -> Vec<(usize, usize, u64)> {
        self.all(|event| match event {
            Event::AttentionView(look) => Some((look.view.image, look.view.layer, look.step)),
            _ => None,
        })
    }

    pub async fn reset(&mut self, settings: Settings) {
        assert_eq!(self.ask(Command::Reset { settings }).await, Event::Done);
    }

    /// Adds images by their numbers and lets the session come to rest.
    pub async fn add(&mut self, numbers: std::ops::Range<usize>) {
        let files: Vec<Chosen> = numbers.map(image).collect();
        let paths = files.iter().map(|file| file.name.clone()).collect();
        let (count, none) = (files.len(), Vec::new());
        let answer = self.ask_with(Command::AddFiles { paths }, files).await;
        assert_eq!(answer, Event::Imported { added: count, skipped: none });
        self.settle().await;
    }

    pub async fn step(&mut self, steps: u64) {
        assert_eq!(self.ask(Command::Step { steps }).await, Event::Done);
    }

    /// The maps of an image, to the bit.
    pub async fn map(&mut self, image: usize) -> Vec<u32> {
        match self.ask(Command::Attention { image }).await {
            Event::Attention(attention) => {
                attention.maps.values.iter().map(|value| value.to_bits()).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    /// The run that the answer to [`Command::Open`] offers.
    pub fn offered(&self) -> Option<SavedRun> {
        match &self.opened {
            Event::Opened { kept, .. } => kept.clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// Settings of a run whose steps take little time.
pub fn tiny() -> Settings {
    let changed = [
        (Setting::Batch, 2.0),
        (Setting::Locals, 1.0),
        (Setting::Width, 16.0),
        (Setting::Depth, 2.0),
        (Setting::Heads, 2.0),
        (Setting::GlobalSize, 16.0),
        (Setting::LocalSize, 8.0),
    ];
    Settings { steps: 40, changed: changed.into_iter().collect(), ..Settings::of("spark", 7) }
}

/// An image of two colours that depend on its number; odd and even ones have different labels.
pub fn image(number: usize) -> Chosen {
    let (width, height) = (24 + number % 3 * 8, 24);
    let pixel = |i: usize| {
        let left = i % width < width / 2;
        let shade = (number * 53 % 200) as u8;
        if left { [shade, 255 - shade, 40, 255] } else { [200, shade, shade / 2, 255] }
    };
    let picture = Picture { width, height, rgba: (0..width * height).flat_map(pixel).collect() };
    let label = if number.is_multiple_of(2) { "even" } else { "odd" };
    Chosen { name: format!("{label}/{number}.jpg"), size: None, bytes: Some(picture.jpeg()) }
}

/// The command that watches an image.
pub fn watch(image: usize, network: Network, layer: usize) -> Command {
    Command::Watch { view: View { image, network, layer, side: 32 } }
}

/// The kind of error that an answer is.
pub fn error(event: Event) -> Error {
    match event {
        Event::Error { error } | Event::Fatal { error } => error,
        other => panic!("expected an error, found {other:?}"),
    }
}
