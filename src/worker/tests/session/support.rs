//! Page without a browser, for the tests. Invariant: it only sends commands, lets the session work, and reads
//! what came.

use crate::host::TestHost;
pub use crate::host::{Chosen, Disk, on_device};
use dino_core::data::picture::Picture;
use dino_core::error::Error;
use dino_core::protocol::{Attempt, Command, Event, NoGpu, Report, Request, Run, State, View};
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::storage::SavedRun;
use dino_engine::tune::TunedGpu;
use dino_worker::host::Message;
use dino_worker::outbox::Outbox;
use dino_worker::session::Session;
use std::cell::RefCell;
use std::rc::Rc;

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
        page.opened = page
            .ask(Command::Open {
                base: "/".into(),
                tuning: None,
                attempt: None,
                memory: None,
                reader,
            })
            .await;
        page
    }

    /// A page with a device of its own that an earlier visit tried something on, which never ended.
    pub async fn open_after(attempt: Attempt, gpu: Rc<TunedGpu>) -> Self {
        let mut page = Self::open_on(&Disk::default(), false, Some(Ok(gpu))).await;
        let (base, attempt) = ("/".into(), Some(attempt));
        let open = Command::Open { base, tuning: None, attempt, memory: None, reader: false };
        page.opened = page.ask(open).await;
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

    /// Lets the session do one piece of work.
    pub async fn turn(&mut self) {
        self.session.turn(None).await;
    }

    /// Lets the session work until there is nothing to do.
    pub async fn settle(&mut self) {
        for _ in 0..10_000 {
            if !self.session.is_busy() {
                return;
            }
            self.turn().await;
        }
        panic!("the session never comes to rest");
    }

    /// Waits until the run is stored, which happens some time after single steps.
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

    /// What the events of a kind told.
    pub fn all<T>(&self, kind: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.events().iter().filter_map(kind).collect()
    }

    /// The run as the last event about it described it.
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
        let answer = self
            .ask_with(Command::AddFiles { paths, unread: Vec::new(), passed_over: 0 }, files)
            .await;
        assert_eq!(answer, Event::Imported { added: count, skipped: none, passed_over: 0 });
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
    Settings {
        steps: 40,
        changed: changed.into_iter().map(|(setting, value)| (setting, value.into())).collect(),
        ..Settings::of("spark", 7)
    }
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

/// The error in an answer.
pub fn error(event: Event) -> Error {
    match event {
        Event::Error { error } | Event::Fatal { error } => error,
        other => panic!("expected an error, found {other:?}"),
    }
}
