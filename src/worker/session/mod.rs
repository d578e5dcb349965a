//! Session: carries out commands one after another, and between them reads files, trains and shows. It owns the
//! device, the run, the images, the views and the storage. Invariant: one thing at a time, so no command waits
//! longer than one step or one file; see [`Session::turn`] for the order.
//!
//! The states of a run, as the page is told of them:
//!
//! ```text
//!        images are here           prepared            Start, Step          all steps are done
//!   Idle ──────────────► Preparing ──────────► Paused ─────────────► Running ──────────────► Finished
//!    ▲                    │     │                ▲                   │     │
//!    │   Resume failed    │     │ refused        └───────────────────┘     │ the loss is not finite,
//!    └────────────────────┘     ▼                  Pause, Step is done     │ the device is lost
//!                            Stopped ◄─────────────────────────────────────┘
//!
//!   From every state: Reset leads to Idle, Resume and Load to Preparing; a run that trains pauses first. A run that
//!   is complete when it is prepared is Finished instead of Paused.
//! ```

mod check;
mod files;
mod images;
mod looks;
mod resume;
mod training;

use crate::estimate::estimate;
use crate::host::{Adapter, Host, Inbox, Incoming, Message};
use crate::imports;
use crate::imports::{Imports, Source};
use crate::observe;
use crate::observe::Views;
use crate::outbox::Outbox;
use crate::run::TrainingRun;
use crate::scratch::Scratch;
use crate::starter::Starter;
use crate::store::Store;
use crate::weight_files;
use dino_core::data::picture::ImageSet;
use dino_core::error::{Error, Result, StateError};
use dino_core::protocol::{Attempt, Command, Event, Failure, LabelBy, PresetInfo, State};
use dino_core::run::presets;
use dino_core::run::settings::Settings;
use dino_engine::tune::TunedGpu;
use std::rc::Rc;
use web_time::Duration;

/// The preset for a GPU, where it trains in minutes on the hundred thousand images that a run needs before there is
/// something to see. On a software adapter it is the smallest preset.
const GPU_PRESET: &str = "small";

/// Time that a submit may take: the browser draws its windows between two of them, those of other tabs, too.
pub(crate) const SEEN: Duration = Duration::from_millis(30);
/// The same while the page is hidden.
const UNSEEN: Duration = Duration::from_millis(300);

/// Everything that the worker holds.
pub struct Session<H: Host> {
    host: Rc<H>,
    out: Outbox,
    /// The address of the page's folder.
    base: String,
    gpu: Option<Rc<TunedGpu>>,
    /// What a run took over what was predicted for it.
    correction: f64,
    /// It is this run's.
    corrected: bool,
    /// The model that comes with the page, once it was asked for.
    starter: Option<Starter>,
    run: TrainingRun,
    images: ImageSet,
    imports: Imports<H::File>,
    /// Where the labels come from, if a person said it.
    label_by: Option<LabelBy>,
    scratch: Scratch<H>,
    /// A [`Command::Resume`] that waits for images on their way.
    resume_after: Option<u32>,
    /// A check of the device under way.
    checking: Option<check::Checking>,
    /// Views of the page.
    views: Views,
    /// This browser's storage.
    store: Store<H>,
}

/// The networks of a session, without borrowing the rest of it.
macro_rules! networks {
    ($session:ident) => {
        &mut Networks { trainer: $session.run.trainer_mut(), starter: $session.starter.as_mut() }
    };
}
use networks;

impl<H: Host> Session<H> {
    /// An empty session, whose events go to `out`.
    pub fn new(host: H, out: Outbox) -> Self {
        Self {
            images: ImageSet::with_room(host.room()),
            host: Rc::new(host),
            out,
            base: String::new(),
            gpu: None,
            correction: 1.0,
            corrected: false,
            starter: None,
            run: TrainingRun::new(Settings::of(GPU_PRESET, 0)),
            imports: Imports::default(),
            label_by: None,
            scratch: Scratch::default(),
            resume_after: None,
            checking: None,
            views: Views::default(),
            store: Store::default(),
        }
    }

    /// Works until the page is gone.
    pub async fn serve(mut self, mut inbox: impl Inbox<H::File>) {
        loop {
            let message = if self.is_busy() {
                inbox.pending()
            } else {
                match inbox.next(self.store.time_to_keep(&self.run)).await {
                    Some(Incoming::Message(message)) => Some(message),
                    Some(Incoming::Wake) => None,
                    // The page is gone.
                    None => return,
                }
            };
            self.turn(message).await;
            inbox.breathe().await;
        }
    }

    /// One piece of work, the first that there is: a command, a file of an import, a [`Command::Resume`] that waited
    /// for images, a view while the run does not train, and at last storing one image and then a training step or,
    /// at rest, storing the run.
    pub async fn turn(&mut self, message: Option<Message<H::File>>) {
        if let Some(message) = message {
            self.answer(message).await;
        } else if !self.imports.is_empty() {
            self.import_next().await;
        } else if let Some(request) = self.resume_after.take() {
            let resumed = self.resume().await;
            self.reply(request, resumed.map(|()| Some(Event::Done)));
        } else if self.checking.is_some() {
            self.check_next().await;
        } else if !self.run.is_running() && self.views.owes() {
            self.catch_up().await;
        } else {
            self.store.keep_next_image(&self.images, &self.out).await;
            let done = match self.run.state() {
                State::Running => self.train().await,
                _ => {
                    let (run, images) = (&mut self.run, &self.images);
                    self.store.keep_at_rest(run, images, &self.host, &self.out).await
                }
            };
            if let Err(error) = done {
                self.fail(None, error);
            }
        }
        self.tell_strays();
    }

    /// Tells the page of errors of the device that end no run. What is shown while training may have caused them, so it is
    /// shown no more.
    fn tell_strays(&mut self) {
        let strays = self.gpu.as_ref().map(|gpu| gpu.take_strays()).unwrap_or_default();
        if !strays.is_empty() {
            self.views.give_up();
        }
        for words in strays {
            self.out.post(Event::Stray { words });
        }
    }

    /// True if there is something to do without being asked.
    pub fn is_busy(&self) -> bool {
        self.run.is_running()
            || !self.imports.is_empty()
            || self.resume_after.is_some()
            || self.checking.is_some()
            || self.store.image_waits()
            || self.views.owes()
    }

    async fn answer(&mut self, message: Message<H::File>) {
        let id = message.request.id;
        let outcome = self.carry_out(message).await;
        self.reply(id, outcome);
    }

    fn reply(&mut self, id: u32, outcome: Result<Option<Event>>) {
        match outcome {
            Ok(Some(event)) => self.out.reply(id, event),
            Ok(None) => {}
            Err(error) => self.fail(Some(id), error),
        }
    }

    /// Carries a command out; `None` if its answer comes later.
    async fn carry_out(&mut self, message: Message<H::File>) -> Result<Option<Event>> {
        let id = message.request.id;
        let event = match message.request.command {
            Command::Open { base, tuning, attempt, memory, reader } => {
                self.base = base;
                self.open(tuning, attempt, memory, reader).await
            }
            Command::Memory { bytes } => {
                self.allow(&*self.device()?, bytes);
                Event::Done
            }
            Command::Estimate { settings } => {
                let (gpu, images) = (self.device()?, self.images.len());
                estimate(&gpu, self.correction, &settings, images).await?
            }
            Command::AddSamples => {
                let sources = imports::samples(&*self.host, &self.base).await?;
                self.imports.push(Some(id), sources);
                return Ok(None);
            }
            Command::AddFiles { paths, unread, passed_over } => {
                let sources = paths.into_iter().zip(message.files);
                let sources = sources.map(|(path, file)| Source::file(path, file)).collect();
                self.imports.push_with(Some(id), sources, unread, passed_over);
                return Ok(None);
            }
            Command::LabelBy { by } => self.label_by(by).await?,
            Command::Remove { image } => done(self.remove(image).await)?,
            Command::Clear => done(self.clear().await)?,
            Command::KeepImages { keep } => self.keep_images(keep).await?,
            Command::Start => done(self.start(None).await)?,
            Command::Step { steps } => {
                self.start(Some((steps, id))).await?;
                return Ok(None);
            }
            Command::Pause => done(self.pause().await)?,
            Command::Reset { settings } => done(self.reset(settings).await)?,
            // The run is resumed with the images that are still being read.
            Command::Resume if !self.imports.is_empty() => {
                self.resume_after = Some(id);
                return Ok(None);
            }
            Command::Resume => done(self.resume().await)?,
            Command::Forget => done(self.store.forget().await)?,
            Command::Shown => {
                self.run.aim_submits(SEEN);
                Event::Done
            }
            Command::Hidden => {
                self.run.aim_submits(UNSEEN);
                let (run, images) = (&mut self.run, &self.images);
                done(self.store.keep_before_leaving(run, images, &self.host, &self.out).await)?
            }
            Command::Starter => {
                self.fetch_starter().await?;
                Event::Starter(self.starter.as_ref().ok_or_else(observe::absent)?.about())
            }
            Command::Continue { settings } => self.continue_starter(settings).await?,
            Command::Load { settings, keep, choice } => {
                let mut files = message.files.into_iter();
                let file = files.next().ok_or(StateError::NoFile)?;
                let choice = self.with_card(choice, files.next()).await?;
                self.load(file, settings, keep, &choice).await?
            }
            Command::LoadStored { name, settings, choice } => {
                let bytes = weight_files::read(&*self.host, &name).await?;
                Event::Loaded(self.take_in(&name, &bytes, settings, &choice).await?)
            }
            Command::Save { content } => self.save(content).await?,
            Command::StoredFiles => self.stored_files().await?,
            Command::DeleteKept { name } => {
                self.store.owned()?;
                weight_files::remove(&*self.host, &name).await?;
                self.stored_files().await?
            }
            Command::Fail { how } => self.provoke(how),
            Command::CheckDevice => {
                self.begin_checks(id).await?;
                return Ok(None);
            }
            Command::StopChecks => {
                self.end_checks().await;
                Event::Done
            }
            Command::Choose { image } => done(self.choose(image).await)?,
            Command::Crops { image, draw } => self.crops(image, draw).await?,
            Command::Attention { image } => self.attention(image).await?,
            Command::Watch { view } => self.watch(view).await?,
            Command::Frame { picture, network, layer, side } => {
                self.frame(picture, network, layer, side).await?
            }
            Command::Colors { images, network, side } => {
                self.colors(&images, network, side).await?
            }
            Command::Neighbors { image, count } => self.neighbors(image, count).await?,
            Command::Pin { images, every, side } => done(self.pin(images, every, side).await)?,
        };
        Ok(Some(event))
    }

    /// Opens the device, chooses the preset that suits it, and opens the storage.
    async fn open(
        &mut self,
        tuning: Option<String>,
        attempt: Option<Attempt>,
        memory: Option<u64>,
        reader: bool,
    ) -> Event {
        let Adapter { gpu, name: adapter } = match self.host.open_gpu().await {
            Ok(adapter) => adapter,
            Err(reason) => return Event::NoGpu(reason),
        };
        self.allow(&gpu, memory);
        if let Some(text) = tuning {
            // After an update the text may be of another build or adapter: everything is then measured again.
            let _ = gpu.tuner.borrow_mut().recall(&gpu, &text);
        }
        self.run.beware(&gpu, attempt);
        let software = gpu.is_software();
        let smallest = presets::all().first().map_or(GPU_PRESET, |preset| preset.name);
        self.run.choose(Settings::of(if software { smallest } else { GPU_PRESET }, 0));
        self.work_at_size();
        self.gpu = Some(gpu);
        self.run.set_state(State::Idle, &self.out);
        let presets = presets::all()
            .iter()
            .map(|p| PresetInfo { name: p.name.to_owned(), title: p.title.to_owned() });
        if reader {
            self.scratch.close();
        }
        let (kept, images) = self.store.open(&self.host, reader, &self.out).await;
        if !images.is_empty() {
            self.imports.push(None, images.into_iter().map(Source::kept).collect());
        }
        Event::Opened { adapter, software, presets: presets.collect(), kept }
    }

    /// Sets how many bytes a run may take: what a person said or, without that, what suits the device.
    fn allow(&self, gpu: &TunedGpu, said: Option<u64>) {
        let suits = || self.host.device_memory(gpu.limits.max_buffer_size);
        gpu.allow(said.unwrap_or_else(suits));
    }

    /// The device.
    fn device(&self) -> Result<Rc<TunedGpu>> {
        self.gpu.clone().ok_or(StateError::NoDevice.into())
    }

    /// Refuses what changes the run if another tab trains.
    fn only_reads(&self) -> Result<()> {
        if self.store.is_reader() {
            return Err(StateError::OtherTab.into());
        }
        Ok(())
    }

    /// Tells the page of an error. The error of a request does not stop a run, unless it is one of the run itself or
    /// of the device.
    fn fail(&mut self, request: Option<u32>, error: Error) {
        let lost = error.loses_device();
        let stops = lost || matches!(error, Error::NotFinite { .. });
        if stops || (request.is_none() && self.run.is_running()) {
            if lost {
                self.run.lose();
            } else {
                self.run.set_state(State::Stopped, &self.out);
            }
            self.run.answer_goal(Event::Error { error: error.clone() }, &self.out);
        }
        let event = if lost { Event::Fatal { error } } else { Event::Error { error } };
        match request {
            Some(id) => self.out.reply(id, event),
            None => self.out.post(event),
        }
    }

    /// Does what a test asks for.
    ///
    /// # Panics
    /// When that is what it asks for.
    fn provoke(&mut self, how: Failure) -> Event {
        match how {
            Failure::KillWorker => panic!("a test ended the worker"),
            Failure::LoseDevice => {
                if let Some(gpu) = &self.gpu {
                    gpu.device.destroy();
                }
            }
        }
        Event::Done
    }
}

/// The answer to a command that has nothing to tell.
fn done(outcome: Result<()>) -> Result<Event> {
    outcome.map(|()| Event::Done)
}
