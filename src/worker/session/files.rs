//! Files of weights in a session: a run, a backbone or the starter in, the run out. Invariant: a file is read and
//! judged whole before the present run is touched.

use crate::host::{Host, HostFile};
use crate::observe::absent;
use crate::session::Session;
use crate::starter;
use crate::starter::Starter;
use crate::weight_files;
use dino_core::error::{Error, FileProblem, Result, StateError};
use dino_core::protocol::{Content, Event, Loaded};
use dino_core::run::config::Config;
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::weights;
use dino_core::weights::checkpoint::Checkpoint;
use dino_core::weights::{Account, Choice, Precision, Weights};
use dino_engine::train::fit;
use dino_engine::tune::tuner;

/// Largest file of weights: a worker has 4 GB, and holds a file both as bytes and as numbers.
const MOST_BYTES: u64 = 1 << 30;

/// Largest configuration beside a file of weights: it is a page of text.
const MOST_CARD: u64 = 1 << 20;

/// Images a step of a run with a large network on a software adapter …
const SOFTWARE_BATCH: f64 = 2.0;
/// … and its local crops, unless others are chosen.
const SOFTWARE_LOCALS: f64 = 2.0;

impl<H: Host> Session<H> {
    /// Continues from a file; stores the file if `keep` names it.
    pub(super) async fn load(
        &mut self,
        file: H::File,
        settings: Settings,
        keep: Option<String>,
        choice: &Choice,
    ) -> Result<Event> {
        let (name, found) = (file.name(), file.size());
        if found > MOST_BYTES {
            return Err(Error::file(name, FileProblem::TooLong { most: MOST_BYTES, found }));
        }
        let bytes = file.read().await;
        let bytes = bytes.map_err(|e| Error::file(&name, FileProblem::Unread(e)))?;
        let loaded = self.take_in(&name, &bytes, settings, choice).await?;
        if let Some(keep) = keep.filter(|_| !self.store.is_reader())
            && let Err(trouble) = weight_files::put(&*self.host, &keep, &bytes).await
        {
            self.out.post(Event::Error { error: trouble.into() });
        }
        Ok(Event::Loaded(loaded))
    }

    /// A choice with the heads that the configuration beside a file tells, unless they are chosen.
    pub(super) async fn with_card(
        &self,
        mut choice: Choice,
        card: Option<H::File>,
    ) -> Result<Choice> {
        let Some(card) = card else { return Ok(choice) };
        let (name, found) = (card.name(), card.size());
        if found > MOST_CARD {
            return Err(Error::file(name, FileProblem::TooLong { most: MOST_CARD, found }));
        }
        let text = card.read().await;
        let text = text.map_err(|e| Error::file(&name, FileProblem::Unread(e)))?;
        choice.card = weights::heads(&name, &text)?;
        Ok(choice)
    }

    /// Continues from the content of a file.
    pub(super) async fn take_in(
        &mut self,
        name: &str,
        bytes: &[u8],
        settings: Settings,
        choice: &Choice,
    ) -> Result<Loaded> {
        self.only_reads()?;
        match weights::open_chosen(name, bytes, choice)? {
            weights::WeightsContent::Run(checkpoint) => {
                let Checkpoint { config, seed, step, .. } = checkpoint.as_ref();
                let settings = Settings::describing(config, *seed, self.images.len());
                let (name, step, account) = (name.to_owned(), *step, Account::default());
                let (heads, dim) = (config.vit.num_heads, config.vit.embed_dim);
                self.go_on_from(*checkpoint, settings).await?;
                Ok(Loaded { name, step, run: true, account, heads, dim })
            }
            weights::WeightsContent::Backbone(weights) => {
                let chosen = self.suited(settings, weights::PRESET);
                self.go_on_from_backbone(name, weights, &chosen).await
            }
        }
    }

    /// Continues from a backbone with a fresh head.
    async fn go_on_from_backbone(
        &mut self,
        name: &str,
        weights: Weights,
        chosen: &Settings,
    ) -> Result<Loaded> {
        let images = self.images.len();
        let (name, account) = (name.to_owned(), weights.account.clone());
        let (heads, dim) = (weights.vit.num_heads, weights.vit.embed_dim);
        let settings = weights::settings(&weights, chosen, images)?;
        let config = weights::config(&weights, chosen, images)?;
        let checkpoint = weights::start(weights, config, settings.seed)?;
        self.go_on_from(checkpoint, settings).await?;
        Ok(Loaded { name, step: 0, run: false, account, heads, dim })
    }

    /// Settings for a file: its network, the head and crops of a preset, and, for a large network on a software
    /// adapter, batch and local crops that suit it.
    fn suited(&self, mut settings: Settings, preset: &str) -> Settings {
        for setting in [Setting::Patch, Setting::Width, Setting::Depth, Setting::Heads] {
            settings.changed.remove(&setting);
        }
        settings.preset = preset.to_owned();
        let software = self.gpu.as_ref().is_some_and(|gpu| gpu.is_software());
        if software && preset == weights::PRESET {
            settings.changed.entry(Setting::Batch).or_insert(SOFTWARE_BATCH.into());
            settings.changed.entry(Setting::Locals).or_insert(SOFTWARE_LOCALS.into());
        }
        settings
    }

    /// Plans a run, before the present one is dropped, to know whether it fits the device.
    fn fits(&self, config: &Config) -> Result<()> {
        let gpu = self.device()?;
        let limits = gpu.bounds();
        fit::micro_batch(config, limits, &tuner::untuned(&gpu), None, u64::MAX).map(|_| ())
    }

    async fn go_on_from(&mut self, checkpoint: Checkpoint, settings: Settings) -> Result<()> {
        self.fits(&checkpoint.config)?;
        self.pause().await?;
        self.run.choose(settings);
        self.images.work_at(checkpoint.config.crops.picture_side());
        self.views.begin();
        self.prepare(checkpoint.config.clone(), None).await?;
        self.run.restore(&checkpoint).await?;
        let images = checkpoint.images;
        drop(checkpoint);
        self.store.begin(&self.host);
        self.store.trained_on(images);
        if !self.images.is_empty() {
            self.store.compare_images(&self.images, &self.out);
        }
        self.run.rest(&self.out);
        self.show().await?;
        // No seed gives the weights of a file again, not even at step 0.
        self.store.keep_loaded(&mut self.run, &self.images, &self.host, &self.out).await
    }

    /// Fetches the starter, unless it is loaded.
    pub(super) async fn fetch_starter(&mut self) -> Result<()> {
        let gpu = self.device()?;
        if self.starter.is_none() {
            self.starter = Some(Starter::fetch(&*self.host, &self.base, gpu).await?);
        }
        Ok(())
    }

    /// Continues from the starter on the images of the set.
    pub(super) async fn continue_starter(&mut self, settings: Settings) -> Result<Event> {
        self.only_reads()?;
        self.fetch_starter().await?;
        let weights = self.starter.as_ref().map(|starter| starter.weights().clone());
        let weights = weights.ok_or_else(absent)?;
        let mut settings = self.suited(settings, starter::PRESET);
        settings.changed.entry(Setting::Batch).or_insert(starter::BATCH.into());
        self.go_on_from_backbone(starter::FILE, weights, &settings).await.map(Event::Loaded)
    }

    /// The run as a file.
    pub(super) async fn save(&mut self, content: Content) -> Result<Event> {
        if self.run.trainer().is_none() {
            return Err(StateError::NoRun.into());
        }
        let state = self.run.save().await?;
        let step = self.run.step();
        let (name, bytes) = match content {
            Content::Run => (format!("dino-step-{step}.safetensors"), state),
            Content::Backbone => {
                let checkpoint = Checkpoint::from_bytes("checkpoint", &state)?;
                drop(state);
                let teacher: Weights = weights::ours(checkpoint, Network::Teacher);
                (
                    format!("dino-backbone-step-{step}.safetensors"),
                    weights::backbone(&teacher, Precision::Full)?,
                )
            }
        };
        Ok(Event::File { name, bytes })
    }

    /// Files in this browser's storage: checkpoints of the run, then files of weights, the newest first.
    pub(super) async fn stored_files(&self) -> Result<Event> {
        let mut files = self.store.checkpoints();
        files.extend(weight_files::list(&*self.host).await?);
        Ok(Event::StoredFiles { files })
    }
}
