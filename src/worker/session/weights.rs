//! Files of weights: a run or a backbone in, the run out, and what of them this browser keeps. Invariant:
//! a file is read and judged whole before anything of the run that is here is touched.

use crate::session::Session;
use crate::session::import::read;
use crate::web::opfs::Opfs;
use dino_core::error::{Error, Result};
use dino_core::protocol::{Content, Event, Loaded, State, StoredFile};
use dino_core::run::config::Config;
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::storage::{Folder, StorageError};
use dino_core::weights;
use dino_core::weights::checkpoint::Checkpoint;
use dino_core::weights::{Precision, Weights};
use dino_engine::gpu::limits::Limits;
use dino_engine::train::fit;
use dino_engine::tune::tuner;
use web_sys::File;

/// Largest file of weights: a worker has 4 GB, and a file lies there as bytes and as numbers.
pub(crate) const MOST_BYTES: f64 = (1u64 << 30) as f64;

/// The folder of files that were fetched or kept on request.
pub(crate) const FOLDER: &str = "weights";

/// Longest name of a kept file.
pub(crate) const NAME: usize = 100;

/// Where a program plays the graphics card, a run with a large network has so many images a step …
pub(crate) const SOFTWARE_BATCH: f64 = 2.0;
/// … and so many local crops, unless others are chosen.
pub(crate) const SOFTWARE_LOCALS: f64 = 2.0;

impl Session {
    /// Goes on with what is in a file; keeps the file under a name if there is one.
    pub(crate) async fn load(
        &mut self,
        file: File,
        settings: Settings,
        keep: Option<String>,
    ) -> Result<Event> {
        let name = file.name();
        if file.size() > MOST_BYTES {
            let found = file.size();
            return Err(Error::file(
                name,
                format!("expected at most {MOST_BYTES} bytes, found {found}"),
            ));
        }
        let bytes = read(&file)
            .await
            .map_err(|e| Error::file(&name, format!("it could not be read: {e:?}")))?;
        let loaded = self.take_in(&name, &bytes, settings).await?;
        if let Some(keep) = keep.filter(|_| !self.store.reader)
            && let Err(trouble) = put(&keep, &bytes).await
        {
            self.link.post(Event::Error { error: trouble.into() });
        }
        Ok(Event::Loaded(loaded))
    }

    /// Goes on with a file that is kept.
    pub(crate) async fn load_kept(&mut self, name: String, settings: Settings) -> Result<Event> {
        let folder = Opfs::open(FOLDER).await.map_err(Error::from)?;
        let bytes = folder.read(&name).await.map_err(Error::from)?;
        let bytes =
            bytes.ok_or_else(|| Error::file(&name, "this browser does not keep it any more"))?;
        self.take_in(&name, &bytes, settings).await.map(Event::Loaded)
    }

    pub(crate) async fn take_in(
        &mut self,
        name: &str,
        bytes: &[u8],
        settings: Settings,
    ) -> Result<Loaded> {
        self.only_reads()?;
        match weights::open(name, bytes, Network::Teacher, None)? {
            weights::Content::Run(checkpoint) => {
                let Checkpoint { config, seed, step, .. } = checkpoint.as_ref();
                let settings = Settings::describing(config, *seed, self.images.len());
                let (name, step, unused) = (name.to_owned(), *step, Vec::new());
                self.go_on_from(*checkpoint, settings).await?;
                Ok(Loaded { name, step, run: true, unused })
            }
            weights::Content::Backbone(weights) => {
                let chosen = self.suited(settings, weights::PRESET);
                self.go_on_from_backbone(name, weights, &chosen).await
            }
        }
    }

    /// Goes on with a backbone under a fresh head.
    pub(crate) async fn go_on_from_backbone(
        &mut self,
        name: &str,
        weights: Weights,
        chosen: &Settings,
    ) -> Result<Loaded> {
        let images = self.images.len();
        let (name, unused) = (name.to_owned(), weights.unused.clone());
        let settings = weights::settings(&weights, chosen, images)?;
        let config = weights::config(&weights, chosen, images)?;
        let checkpoint = weights::start(weights, config, settings.seed)?;
        self.go_on_from(checkpoint, settings).await?;
        Ok(Loaded { name, step: 0, run: false, unused })
    }

    /// The network is the file's, head and crops are a preset's; batch and crops are for this adapter where
    /// the network is large.
    pub(crate) fn suited(&self, mut settings: Settings, preset: &str) -> Settings {
        for setting in [Setting::Patch, Setting::Width, Setting::Depth, Setting::Heads] {
            settings.changed.remove(&setting);
        }
        settings.preset = preset.to_owned();
        let software = self.gpu.as_ref().is_some_and(|gpu| gpu.is_software());
        if software && preset == weights::PRESET {
            settings.changed.entry(Setting::Batch).or_insert(SOFTWARE_BATCH);
            settings.changed.entry(Setting::Locals).or_insert(SOFTWARE_LOCALS);
        }
        settings
    }

    /// Plans the run, which says if it would fit, before the one that is here goes.
    pub(crate) fn fits(&self, config: &Config) -> Result<()> {
        let gpu = self.gpu.as_ref().ok_or_else(|| Error::NoGpu("no device yet".to_owned()))?;
        let limits = Limits::of(&gpu.limits);
        fit::micro_batch(config, limits, &tuner::untuned(gpu), None, u64::MAX).map(|_| ())
    }

    pub(crate) async fn go_on_from(
        &mut self,
        checkpoint: Checkpoint,
        settings: Settings,
    ) -> Result<()> {
        self.fits(&checkpoint.config)?;
        self.pause().await?;
        self.settings = settings;
        self.images.work_at(checkpoint.config.crops.picture_side());
        self.views.begin();
        self.prepare(checkpoint.config.clone(), None).await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        trainer.restore(&checkpoint).await?;
        let done = trainer.step_index() >= trainer.config().total_steps() as u64;
        drop(checkpoint);
        self.store.begin();
        self.set_state(if done { State::Finished } else { State::Paused });
        self.show().await?;
        // Weights of step 0 cannot be had back from a seed.
        self.keep_what_came().await
    }

    /// The run as a file.
    pub(crate) async fn save(&mut self, content: Content) -> Result<Event> {
        let Some(trainer) = self.trainer.as_mut() else {
            return Err(Error::config("run", "there is no run yet: add images first"));
        };
        let state = trainer.save().await?;
        let step = trainer.step_index();
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
        let finished = self.trainer.as_mut().map(|trainer| trainer.drain()).unwrap_or_default();
        self.meter.take(finished);
        Ok(Event::File { name, bytes })
    }

    /// What this browser keeps: checkpoints of the run, then files, the newest first.
    pub(crate) async fn kept_files(&self) -> Result<Event> {
        let mut files = self.kept_runs();
        let folder = Opfs::open(FOLDER).await.map_err(Error::from)?;
        let mut others = Vec::new();
        for name in folder.names().await.map_err(Error::from)? {
            if let Some((bytes, saved)) = folder.about(&name).await.map_err(Error::from)? {
                others.push(StoredFile { name, step: None, bytes, saved });
            }
        }
        others.sort_by(|a, b| b.saved.total_cmp(&a.saved));
        files.extend(others);
        Ok(Event::StoredFiles { files })
    }

    /// Deletes a kept file.
    pub(crate) async fn delete_kept(&self, name: &str) -> Result<()> {
        if self.store.reader {
            return Err(Error::Storage("another tab owns what is kept".to_owned()));
        }
        let folder = Opfs::open(FOLDER).await.map_err(Error::from)?;
        folder.remove(name).await.map_err(Error::from)
    }
}

pub(crate) async fn put(name: &str, bytes: &[u8]) -> std::result::Result<(), StorageError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = name.chars().filter(|c| allowed(*c)).take(NAME).collect();
    let folder = Opfs::open(FOLDER).await?;
    let outcome = folder.write(&name, bytes).await;
    if outcome.is_err() {
        // Half a file is none.
        let _ = folder.remove(&name).await;
    }
    outcome
}
