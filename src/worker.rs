//! The only file where the engine meets the browser: a [`Command`] in, an [`Event`] out. Owns the
//! device, the run and the images. Invariant: one thing at a time, in this order: a command, one
//! file of an import, one training step, sleep; so no command ever waits longer than one of them.

mod import;
mod link;
mod meter;

use crate::error::{Error, Result};
use crate::gpu::Gpu;
use crate::images::ImageSet;
use crate::presets;
use crate::protocol::{Attention, BUILD, Command, Crop, Event, NoGpu, PresetInfo, Run, State};
use crate::trainer::{Network, Trainer};
use import::{Import, Source};
use link::{Link, Message};
use meter::Meter;
use std::collections::VecDeque;
use std::rc::Rc;
use web_time::{Duration, Instant};

/// Steps of a run: minutes on the smallest preset without a GPU.
const STEPS: usize = 1000;

/// The preset for a GPU; without one it is the smallest.
const GPU_PRESET: &str = "tiny";

/// Long side of a thumbnail in pixels: twice what the page shows, for fine screens.
const THUMBNAIL: usize = 144;

/// Long side in pixels of a picture that goes to the page to be shown.
const SHOWN: usize = 384;

/// The attention of the chosen image is renewed at most so often while training …
const REFRESH: Duration = Duration::from_secs(2);

/// … and takes at most one part in so many of the time.
const REFRESH_SHARE: u32 = 10;

/// The worker's main function.
pub fn start() {
    let link = Link::new();
    link.report_panics();
    link.post(Event::Hello { build: BUILD.to_owned() });
    wasm_bindgen_futures::spawn_local(Session::new(link).serve());
}

/// Everything that the worker holds.
struct Session {
    link: Link,
    base: String,
    gpu: Option<Rc<Gpu>>,
    trainer: Option<Trainer>,
    /// Name of the preset.
    preset: String,
    seed: u64,
    state: State,
    images: ImageSet,
    imports: VecDeque<Import>,
    /// A [`Command::Step`] under way: the step at which it is done, and its request.
    goal: Option<(u64, u32)>,
    chosen: usize,
    /// The page has crops and attention of the chosen image.
    shown: bool,
    meter: Meter,
    refresh_at: Instant,
    /// Images and batch that the page was told about, see [`Event::Repeating`].
    repeating: (usize, usize),
}

impl Session {
    fn new(link: Link) -> Self {
        Self {
            link,
            base: String::new(),
            gpu: None,
            trainer: None,
            preset: String::new(),
            seed: 0,
            state: State::Idle,
            images: ImageSet::default(),
            imports: VecDeque::new(),
            goal: None,
            chosen: 0,
            shown: false,
            meter: Meter::new(),
            refresh_at: Instant::now(),
            repeating: (0, 0),
        }
    }

    async fn serve(mut self) {
        loop {
            let busy = self.state == State::Running || !self.imports.is_empty();
            let message = if busy { self.link.pending() } else { self.link.next().await };
            if let Some(message) = message {
                self.answer(message).await;
            } else if let Some(import) = self.imports.pop_front() {
                self.import(import).await;
            } else if self.state == State::Running {
                self.train().await;
            } else {
                // The page is gone.
                return;
            }
            self.link.breathe().await;
        }
    }

    async fn answer(&mut self, message: Message) {
        let id = message.request.id;
        match self.carry_out(message).await {
            Ok(Some(event)) => self.link.reply(id, event),
            Ok(None) => {}
            Err(error) => self.fail(Some(id), error),
        }
    }

    /// Carries a command out; `None` if its answer comes later.
    async fn carry_out(&mut self, message: Message) -> Result<Option<Event>> {
        let id = message.request.id;
        match message.request.command {
            Command::Open { base, tuning } => return self.open(base, tuning).await.map(Some),
            Command::AddSamples => {
                let sources = import::samples(&self.base).await?;
                self.imports.push_back(Import::new(id, sources));
                return Ok(None);
            }
            Command::AddFiles { paths } => {
                let sources = paths.into_iter().zip(message.files);
                let sources = sources.map(|(path, file)| Source::file(path, file)).collect();
                self.imports.push_back(Import::new(id, sources));
                return Ok(None);
            }
            Command::Clear => {
                self.pause().await?;
                self.images.clear();
                self.chosen = 0;
                self.shown = false;
                self.link.post(Event::Cleared);
            }
            Command::Start => self.run(None).await?,
            Command::Step { steps } => {
                self.run(Some((steps, id))).await?;
                return Ok(None);
            }
            Command::Pause => self.pause().await?,
            Command::Reset { preset, seed } => {
                self.pause().await?;
                self.choose_preset(&preset)?;
                self.seed = seed;
                self.trainer = None;
                self.shown = false;
                self.set_state(State::Idle);
                if !self.images.is_empty() {
                    self.trainer().await?;
                    self.show().await?;
                }
            }
            Command::Choose { image } => {
                self.chosen = image;
                if self.trainer.is_some() && image < self.images.len() {
                    self.show().await?;
                }
            }
            Command::Crops { image } => return self.crops(image).await.map(Some),
            Command::Attention { image } => return self.attention(image).await.map(Some),
        }
        Ok(Some(Event::Done))
    }

    /// Finds the device and chooses the preset that suits it.
    async fn open(&mut self, base: String, tuning: Option<String>) -> Result<Event> {
        self.base = base;
        if !link::has_webgpu() {
            return Ok(Event::NoGpu(NoGpu::Missing));
        }
        let gpu = match Gpu::new().await {
            Ok(gpu) => Rc::new(gpu),
            Err(e) => return Ok(Event::NoGpu(NoGpu::NoAdapter { message: e.to_string() })),
        };
        if let Some(text) = tuning {
            // Of another build or adapter after an update: then all is measured again, as on a first visit.
            let _ = gpu.tuner.borrow_mut().recall(&gpu, &text);
        }
        let software = gpu.is_software();
        let smallest = presets::all().first().map_or(GPU_PRESET, |preset| preset.name);
        self.choose_preset(if software { smallest } else { GPU_PRESET })?;
        let adapter = link::adapter_name().await.unwrap_or_else(|| gpu.name());
        self.gpu = Some(gpu);
        self.set_state(State::Idle);
        let presets = presets::all().iter().map(|p| PresetInfo {
            name: p.name.to_owned(),
            title: p.title.to_owned(),
            about: p.about.to_owned(),
        });
        Ok(Event::Opened { adapter, software, presets: presets.collect() })
    }

    /// Reads one file of an import; the next one, or the end, waits its turn.
    async fn import(&mut self, mut import: Import) {
        if let Some(source) = import.next() {
            match source.read(&mut self.images).await {
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
        self.link.reply(import.id(), import.imported());
        if !self.shown && self.gpu.is_some() && !self.images.is_empty() {
            let prepared = match self.trainer().await {
                Ok(_) => self.show().await,
                Err(e) => Err(e),
            };
            if let Err(error) = prepared {
                self.fail(None, error);
            }
        }
    }

    /// The preset of runs from now on; images are kept at the size that it takes.
    fn choose_preset(&mut self, name: &str) -> Result<()> {
        let preset = presets::by_name(name).ok_or_else(|| unknown_preset(name))?;
        name.clone_into(&mut self.preset);
        self.images.work_at(preset.crops.picture_side());
        Ok(())
    }

    /// The run, prepared if there is none.
    async fn trainer(&mut self) -> Result<&mut Trainer> {
        if self.trainer.is_none() {
            let gpu = self.gpu.clone().ok_or_else(|| Error::NoGpu("no device yet".to_owned()))?;
            if self.images.is_empty() {
                return Err(Error::NoImages);
            }
            self.set_state(State::Preparing);
            let preset =
                presets::by_name(&self.preset).ok_or_else(|| unknown_preset(&self.preset))?;
            let config = preset.config(self.images.len(), STEPS, None);
            self.meter = Meter::new();
            self.repeating = (0, 0);
            match Trainer::new(gpu.clone(), config, self.seed).await {
                Ok(trainer) => {
                    self.trainer = Some(trainer);
                    let text = gpu.tuner.borrow().remember(&gpu);
                    let refused = std::mem::take(&mut gpu.tuner.borrow_mut().refused);
                    self.link.post(Event::Tuned { text, refused });
                }
                Err(error) => {
                    self.set_state(State::Stopped);
                    return Err(error);
                }
            }
            self.set_state(State::Paused);
        }
        self.trainer.as_mut().ok_or(Error::NoImages)
    }

    /// Begins to train, for some steps only if a request says so.
    async fn run(&mut self, steps: Option<(u64, u32)>) -> Result<()> {
        if self.images.is_empty() {
            return Err(Error::NoImages);
        }
        let trainer = self.trainer().await?;
        let (step, batch) = (trainer.step_index(), trainer.config().train.batch);
        let total = trainer.config().total_steps() as u64;
        if step >= total {
            let message = format!("the run of {total} steps is complete: reset to begin another");
            return Err(Error::config("steps", message));
        }
        if let Some((_, request)) = self.goal.take() {
            self.link.reply(request, Event::Done);
        }
        self.goal = steps.map(|(steps, request)| (step.saturating_add(steps), request));
        let images = self.images.len();
        if images < batch && self.repeating != (images, batch) {
            self.repeating = (images, batch);
            self.link.post(Event::Repeating { images, batch });
        }
        self.meter.begin(step);
        self.refresh_at = Instant::now() + REFRESH;
        self.set_state(State::Running);
        if self.goal.is_some_and(|(end, _)| step >= end) {
            self.pause().await?;
        }
        Ok(())
    }

    /// One step, and what is due with it.
    async fn train(&mut self) {
        if let Err(error) = self.try_train().await {
            self.fail(None, error);
        }
    }

    async fn try_train(&mut self) -> Result<()> {
        let Some(trainer) = self.trainer.as_mut() else { return self.pause().await };
        trainer.step(self.images.working()).await?;
        let step = trainer.step_index();
        let (batch, total) = (trainer.config().train.batch, trainer.config().total_steps() as u64);
        self.meter.take(trainer.drain());
        if let Some(progress) = self.meter.progress(batch) {
            self.link.post(progress);
        }
        if step >= total || self.goal.is_some_and(|(end, _)| step >= end) {
            return self.pause().await;
        }
        if Instant::now() >= self.refresh_at {
            let begin = Instant::now();
            let event = self.attention(self.chosen).await?;
            self.link.post(event);
            self.refresh_at = Instant::now() + REFRESH.max(begin.elapsed() * REFRESH_SHARE);
        }
        Ok(())
    }

    /// Lets the steps in flight end, and shows where the run stands.
    async fn pause(&mut self) -> Result<()> {
        if self.state != State::Running {
            return Ok(());
        }
        if let Some(trainer) = self.trainer.as_mut() {
            trainer.finish().await?;
            let done = trainer.step_index() >= trainer.config().total_steps() as u64;
            let batch = trainer.config().train.batch;
            self.meter.take(trainer.drain());
            self.link.post(self.meter.rest(batch));
            self.set_state(if done { State::Finished } else { State::Paused });
            self.show().await?;
        }
        if let Some((_, request)) = self.goal.take() {
            self.link.reply(request, Event::Done);
        }
        Ok(())
    }

    /// Crops and attention of the chosen image, for the page.
    async fn show(&mut self) -> Result<()> {
        if self.images.is_empty() {
            return Ok(());
        }
        self.chosen = self.chosen.min(self.images.len() - 1);
        let crops = self.crops(self.chosen).await?;
        self.link.post(crops);
        let attention = self.attention(self.chosen).await?;
        self.link.post(attention);
        self.shown = true;
        Ok(())
    }

    async fn crops(&mut self, image: usize) -> Result<Event> {
        self.known(image)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let working = self.images.working();
        let views = trainer.crops(working, image).await?;
        let cut = working.get(image).ok_or(Error::NoImages)?;
        let crops = views.into_iter().map(|view| Crop::new(view, cut)).collect();
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        Ok(Event::Crops { image, original: picture.shrunk(SHOWN).into(), crops })
    }

    async fn attention(&mut self, image: usize) -> Result<Event> {
        self.known(image)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let (_, picture) = self.images.get(image).ok_or(Error::NoImages)?;
        let maps = trainer.attention(picture, Network::Teacher).await?;
        let step = trainer.step_index();
        let attention = Attention::new(image, step, picture.shrunk(SHOWN).into(), &maps);
        Ok(Event::Attention(attention))
    }

    fn known(&self, image: usize) -> Result<()> {
        if image < self.images.len() {
            return Ok(());
        }
        let message = match self.images.len() {
            0 => return Err(Error::NoImages),
            count => format!("expected an index from 0 to {}, found {image}", count - 1),
        };
        Err(Error::config("image", message))
    }

    fn set_state(&mut self, state: State) {
        self.state = state;
        let config = self.trainer.as_ref().map(Trainer::config);
        self.link.post(Event::Run(Run {
            state,
            preset: self.preset.clone(),
            seed: self.seed,
            step: self.trainer.as_ref().map_or(0, Trainer::step_index),
            total_steps: config.map_or(0, |c| c.total_steps() as u64),
            batch: config.map_or(0, |c| c.train.batch),
            prototypes: config.map_or(0, |c| c.head.out_dim),
            bytes: self.trainer.as_ref().map_or(0, Trainer::bytes),
        }));
    }

    /// Says what went wrong. What a request asked for in vain does not stop a run; what happened to
    /// the run or to the device does.
    fn fail(&mut self, request: Option<u32>, error: Error) {
        let message = error.to_string();
        let lost = matches!(error, Error::Device(_));
        let stops = lost || matches!(error, Error::NotFinite { .. });
        if stops || (request.is_none() && self.state == State::Running) {
            self.set_state(State::Stopped);
            if let Some((_, waiting)) = self.goal.take() {
                self.link.reply(waiting, Event::Error { message: message.clone() });
            }
        }
        let event = if lost { Event::Fatal { message } } else { Event::Error { message } };
        match request {
            Some(id) => self.link.reply(id, event),
            None => self.link.post(event),
        }
    }
}

fn unknown_preset(name: &str) -> Error {
    let names: Vec<&str> = presets::all().iter().map(|preset| preset.name).collect();
    let message = format!("expected one of {}, found `{name}`", names.join(", "));
    Error::config("preset", message)
}
