//! The only file where the engine meets the browser: a [`Command`] in, an [`Event`] out. Owns the
//! device, the run and the images. Invariant: one thing at a time, in this order: a command, one
//! file of an import, one training step, something to look at, sleep; so no command ever waits longer than one of them.

mod estimate;
pub(crate) mod import;
pub(crate) mod progress;
mod run;
pub(crate) mod starter;
mod weights;

use crate::observe::Views;
use crate::store::Store;
use crate::web::channel::{Channel, Incoming, Message};
use dino_core::data::picture::ImageSet;
use dino_core::error::{Error, Result};
use dino_core::protocol::{BUILD, Command, Event, NoGpu, PresetInfo, State};
use dino_core::run::presets;
use dino_core::run::settings::Settings;
use dino_engine::train::estimate::Calibration;
use dino_engine::train::trainer::Trainer;
use dino_engine::tune::TunedGpu;
use import::{Import, Source};
use progress::Progress;
use starter::Starter;
use std::collections::VecDeque;
use std::rc::Rc;

/// The preset for a GPU, where it sees in minutes the hundred thousand images that a run needs before
/// there is something to see; without one it is the smallest.
pub(crate) const GPU_PRESET: &str = "small";

/// Long side of a thumbnail in pixels: twice what the page shows, for fine screens.
pub(crate) const THUMBNAIL: usize = 144;

/// The worker's main function.
pub fn start() {
    let link = Channel::new();
    link.report_panics();
    link.post(Event::Hello { build: BUILD.to_owned() });
    wasm_bindgen_futures::spawn_local(Session::new(link).serve());
}

/// Everything that the worker holds.
pub(crate) struct Session {
    pub(crate) link: Channel,
    pub(crate) base: String,
    pub(crate) gpu: Option<Rc<TunedGpu>>,
    pub(crate) trainer: Option<Trainer>,
    /// The model that comes with the page, once it was asked for.
    pub(crate) starter: Option<Starter>,
    pub(crate) settings: Settings,
    pub(crate) state: State,
    pub(crate) images: ImageSet,
    pub(crate) imports: VecDeque<Import>,
    /// A [`Command::Step`] under way: the step at which it is done, and its request.
    pub(crate) goal: Option<(u64, u32)>,
    /// What the page sees.
    pub(crate) views: Views,
    /// What this browser keeps.
    pub(crate) store: Store,
    pub(crate) meter: Progress,
    /// How fast the device is, once it was measured.
    pub(crate) calibration: Option<Calibration>,
    /// Images and batch that the page was told about, see [`Event::Repeating`].
    pub(crate) repeating: (usize, usize),
}

impl Session {
    pub(crate) fn new(link: Channel) -> Self {
        Self {
            link,
            base: String::new(),
            gpu: None,
            trainer: None,
            starter: None,
            settings: Settings::of(GPU_PRESET, 0),
            state: State::Idle,
            images: ImageSet::default(),
            imports: VecDeque::new(),
            goal: None,
            views: Views::default(),
            store: Store::default(),
            meter: Progress::new(),
            calibration: None,
            repeating: (0, 0),
        }
    }

    pub(crate) async fn serve(mut self) {
        loop {
            let message = if self.is_busy() {
                self.link.pending()
            } else {
                match self.link.next(self.time_to_keep()).await {
                    Some(Incoming::Message(message)) => Some(message),
                    Some(Incoming::Wake) => None,
                    // The page is gone.
                    None => return,
                }
            };
            if let Some(message) = message {
                self.answer(message).await;
            } else if let Some(import) = self.imports.pop_front() {
                self.import(import).await;
            } else if let Some(request) = self.store.resume_after.take() {
                self.answer_resume(request).await;
            } else if self.state != State::Running && self.views.owes() {
                self.catch_up().await;
            } else {
                self.keep_next_image().await;
                if self.state == State::Running {
                    self.train().await;
                } else {
                    self.keep_at_rest().await;
                }
            }
            self.link.breathe().await;
        }
    }

    /// True if there is something to do without being asked.
    pub(crate) fn is_busy(&self) -> bool {
        self.state == State::Running
            || !self.imports.is_empty()
            || self.store.resume_after.is_some()
            || self.store.image_waits()
            || self.views.owes()
    }

    pub(crate) async fn answer(&mut self, message: Message) {
        let id = message.request.id;
        match self.carry_out(message).await {
            Ok(Some(event)) => self.link.reply(id, event),
            Ok(None) => {}
            Err(error) => self.fail(Some(id), error),
        }
    }

    /// Carries a command out; `None` if its answer comes later.
    pub(crate) async fn carry_out(&mut self, message: Message) -> Result<Option<Event>> {
        let id = message.request.id;
        match message.request.command {
            Command::Open { base, tuning, reader } => {
                self.store.reader = reader;
                return self.open(base, tuning).await.map(Some);
            }
            Command::Estimate { settings } => return self.estimate(settings).await.map(Some),
            Command::AddSamples => {
                let sources = import::samples(&self.base).await?;
                self.imports.push_back(Import::new(Some(id), sources));
                return Ok(None);
            }
            Command::AddFiles { paths } => {
                let sources = paths.into_iter().zip(message.files);
                let sources = sources.map(|(path, file)| Source::file(path, file)).collect();
                self.imports.push_back(Import::new(Some(id), sources));
                return Ok(None);
            }
            Command::Remove { image } => self.remove(image).await?,
            Command::Clear => {
                self.pause().await?;
                self.images.clear();
                self.views.forget();
                self.link.post(Event::Cleared);
                self.clear_kept_images().await?;
            }
            Command::KeepImages { keep } => return self.keep_images(keep).await.map(Some),
            Command::Start => self.run(None).await?,
            Command::Step { steps } => {
                self.run(Some((steps, id))).await?;
                return Ok(None);
            }
            Command::Pause => self.pause().await?,
            Command::Reset { settings } => self.reset(settings).await?,
            // With the images that are on their way.
            Command::Resume if !self.imports.is_empty() => {
                self.store.resume_after = Some(id);
                return Ok(None);
            }
            Command::Resume => self.resume().await?,
            Command::Forget => self.forget().await?,
            Command::Hidden => self.hidden().await?,
            Command::Choose { image } => self.choose(image).await?,
            Command::Crops { image, draw } => return self.crops(image, draw).await.map(Some),
            Command::Attention { image } => return self.attention(image).await.map(Some),
            Command::Watch { view } => return self.watch(view).await.map(Some),
            Command::Starter => return self.fetch_starter().await.map(Some),
            Command::Continue { settings } => {
                return self.continue_starter(settings).await.map(Some);
            }
            Command::Frame { picture, network, layer, side } => {
                return self.frame(picture, network, layer, side).await.map(Some);
            }
            Command::Colors { images, network, side } => {
                return self.colors(&images, network, side).await.map(Some);
            }
            Command::Neighbors { image, count } => {
                return self.neighbors(image, count).await.map(Some);
            }
            Command::Pin { images, every, side } => self.pin(images, every, side).await?,
            Command::Load { settings, keep } => {
                let file = message.files.into_iter().next();
                let file = file.ok_or_else(|| Error::config("file", "expected one, found none"))?;
                return self.load(file, settings, keep).await.map(Some);
            }
            Command::LoadKept { name, settings } => {
                return self.load_kept(name, settings).await.map(Some);
            }
            Command::Save { content } => return self.save(content).await.map(Some),
            Command::StoredFiles => return self.kept_files().await.map(Some),
            Command::DeleteKept { name } => {
                self.delete_kept(&name).await?;
                return self.kept_files().await.map(Some);
            }
            Command::Fail { how } => self.provoke(how),
        }
        Ok(Some(Event::Done))
    }

    /// Finds the device and chooses the preset that suits it.
    pub(crate) async fn open(&mut self, base: String, tuning: Option<String>) -> Result<Event> {
        self.base = base;
        if !crate::web::channel::has_webgpu() {
            return Ok(Event::NoGpu(NoGpu::Missing));
        }
        let gpu = match TunedGpu::new().await {
            Ok(gpu) => Rc::new(gpu),
            Err(e) => return Ok(Event::NoGpu(NoGpu::NoAdapter { message: e.to_string() })),
        };
        if let Some(text) = tuning {
            // Of another build or adapter after an update: then all is measured again, as on a first visit.
            let _ = gpu.tuner.borrow_mut().recall(&gpu, &text);
        }
        let software = gpu.is_software();
        let smallest = presets::all().first().map_or(GPU_PRESET, |preset| preset.name);
        self.settings = Settings::of(if software { smallest } else { GPU_PRESET }, 0);
        self.work_at_size();
        let adapter = crate::web::channel::adapter_name().await.unwrap_or_else(|| gpu.name());
        self.gpu = Some(gpu);
        self.set_state(State::Idle);
        let presets = presets::all()
            .iter()
            .map(|p| PresetInfo { name: p.name.to_owned(), title: p.title.to_owned() });
        let kept = self.open_store().await;
        Ok(Event::Opened { adapter, software, presets: presets.collect(), kept })
    }

    /// Reads one file of an import; the next one, or the end, waits its turn.
    pub(crate) async fn import(&mut self, mut import: Import) {
        if let Some(mut source) = import.next() {
            match source.read(&self.base, &mut self.store, &mut self.images).await {
                Ok(index) => {
                    if let Some((entry, picture)) = self.images.get(index) {
                        self.link.post(Event::Added {
                            index,
                            name: entry.name.clone(),
                            label: entry.label.clone(),
                            thumbnail: picture.shrunk(THUMBNAIL).into(),
                        });
                    }
                    import.added();
                }
                Err(fault) => import.skipped(source, fault),
            }
            if self.meter.may_post() || import.is_finished() {
                self.link.post(import.progress());
            }
        }
        if !import.is_finished() {
            self.imports.push_front(import);
            return;
        }
        match import.id() {
            Some(id) => self.link.reply(id, import.imported()),
            None => self.link.post(import.imported()),
        }
        self.images_changed();
        if self.store.resume_after.is_some() {
            // The run that goes on comes with its own pictures.
            return;
        }
        if !self.views.shown && self.gpu.is_some() && !self.images.is_empty() {
            let prepared = match self.trainer().await {
                Ok(_) => self.show().await,
                Err(e) => Err(e),
            };
            if let Err(error) = prepared {
                self.fail(None, error);
            }
        }
    }

    /// Says what went wrong. What a request asked for in vain does not stop a run; what happened to
    /// the run or to the device does.
    pub(crate) fn fail(&mut self, request: Option<u32>, error: Error) {
        let lost = matches!(error, Error::Device(_));
        let stops = lost || matches!(error, Error::NotFinite { .. });
        if stops || (request.is_none() && self.state == State::Running) {
            if lost {
                // The page ends this worker: it should know what the run did before.
                self.state = State::Stopped;
            } else {
                self.set_state(State::Stopped);
            }
            if let Some((_, waiting)) = self.goal.take() {
                self.link.reply(waiting, Event::Error { error: error.clone() });
            }
        }
        let event = if lost { Event::Fatal { error } } else { Event::Error { error } };
        match request {
            Some(id) => self.link.reply(id, event),
            None => self.link.post(event),
        }
    }
}
