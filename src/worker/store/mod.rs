//! What this browser keeps between visits: the run and, if the person agrees, the images. Invariant: keeping
//! changes nothing of the run, takes at most a twentieth of the time, and when it fails training goes on.

pub mod images;
pub mod resume;
pub mod snapshots;

pub use images::Origin;

use crate::session::Session;
use crate::web::opfs::Opfs;
use dino_core::error::{Error, Result};
use dino_core::protocol::{Event, Failure, State, StoredFile};
use dino_core::storage::SavedRun;
use dino_core::storage::{About, Damage, ImageStore, Manifest, Runs, StorageError, fingerprint};
use web_time::{Duration, Instant};

/// A run is kept so often …
pub(crate) const EVERY: Duration = Duration::from_secs(20);
/// … and takes at most one part in so many of the time.
pub(crate) const SHARE: u32 = 20;
/// After single steps it is kept when nothing was asked for so long: somebody may click for the next one.
pub(crate) const QUIET: Duration = Duration::from_millis(300);
/// Longest such time.
pub(crate) const LONGEST_QUIET: Duration = Duration::from_secs(10);

pub(crate) const RUNS: &str = "runs";
pub(crate) const IMAGES: &str = "images";

/// The browser's storage.
pub struct Store {
    /// Another tab owns the run: nothing is written.
    pub reader: bool,
    /// A [`Command::Resume`](dino_core::protocol::Command::Resume) that waits for images on their way.
    pub resume_after: Option<u32>,
    pub(crate) runs: Option<Runs<Opfs>>,
    pub(crate) pictures: Option<ImageStore<Opfs>>,
    /// Where the images of the set came from, in their order.
    pub(crate) origins: Vec<Origin>,
    /// An image could not be kept: the others are not tried until the person asks again.
    pub(crate) stuck: bool,
    /// Why nothing can be kept, until the page has been told.
    pub(crate) missing: Option<StorageError>,
    /// Step at which the run was kept, or tried to be.
    pub(crate) saved_step: u64,
    pub(crate) saved_at: Instant,
    /// Time that keeping the run takes.
    pub(crate) cost: Duration,
    /// A run that does not train is kept from then on.
    pub(crate) rest_until: Instant,
    /// Images that the run was trained on before it went on here, if the page was not told of others.
    pub(crate) images_before: Option<(usize, u64)>,
}

impl Default for Store {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            reader: false,
            resume_after: None,
            runs: None,
            pictures: None,
            origins: Vec::new(),
            stuck: false,
            missing: None,
            saved_step: 0,
            saved_at: now,
            cost: Duration::ZERO,
            rest_until: now,
            images_before: None,
        }
    }
}

impl Store {
    /// Another run begins.
    pub fn begin(&mut self) {
        self.saved_step = 0;
        self.images_before = None;
        if let Some(runs) = &mut self.runs {
            runs.begin(now() as u64);
        }
    }

    /// Training begins: nothing is due yet.
    pub fn postpone(&mut self) {
        self.saved_at = Instant::now();
    }

    /// Training pauses; `briefly` if the next step may be asked for in a moment.
    pub fn rest(&mut self, briefly: bool) {
        let quiet = (self.cost * SHARE).clamp(QUIET, LONGEST_QUIET);
        self.rest_until = Instant::now() + if briefly { quiet } else { Duration::ZERO };
    }

    /// Time between two checkpoints.
    pub(crate) fn interval(&self) -> Duration {
        EVERY.max(self.cost * SHARE)
    }
}

impl Session {
    /// Looks what is there: the run is told to the page by its answer, images by an event, and read
    /// before any others.
    pub(crate) async fn open_store(&mut self) -> Option<SavedRun> {
        let kept = match self.open_runs().await {
            Ok(kept) => kept,
            Err(trouble) => {
                self.store.missing = Some(trouble);
                None
            }
        };
        self.open_images().await;
        kept
    }

    pub(crate) async fn open_runs(
        &mut self,
    ) -> std::result::Result<Option<SavedRun>, StorageError> {
        let folder = Opfs::open(RUNS).await?;
        let (runs, damages) = Runs::open(folder, now() as u64, !self.store.reader).await?;
        let kept = runs.newest().map(|manifest| manifest.kept());
        self.store.runs = Some(runs);
        damages.into_iter().for_each(|damage| self.tell(damage));
        Ok(kept)
    }

    pub(crate) fn tell(&self, Damage { step, reason }: Damage) {
        self.link.post(Event::Damaged { step, reason });
    }

    /// Time until the run is to be kept, if it does not train and is not kept yet.
    pub(crate) fn time_to_keep(&self) -> Option<Duration> {
        let rests = matches!(self.state, State::Paused | State::Finished);
        (rests && self.is_new())
            .then(|| self.store.rest_until.saturating_duration_since(Instant::now()))
    }

    /// True if the run has steps that are not kept.
    pub(crate) fn is_new(&self) -> bool {
        let step = self.trainer.as_ref().map_or(0, |trainer| trainer.step_index());
        !self.store.reader && step > 0 && step != self.store.saved_step
    }

    /// Keeps a run that does not train, when it is time.
    pub(crate) async fn keep_at_rest(&mut self) {
        if self.time_to_keep() == Some(Duration::ZERO)
            && let Err(error) = self.keep_run().await
        {
            self.fail(None, error);
        }
    }

    /// Keeps the run when it is time.
    pub(crate) async fn keep_now_and_then(&mut self) -> Result<()> {
        if self.is_new() && self.store.saved_at.elapsed() >= self.store.interval() {
            self.keep_run().await?;
        }
        Ok(())
    }

    /// Keeps what is not kept: the page may be gone in a moment.
    pub(crate) async fn hidden(&mut self) -> Result<()> {
        let runs = matches!(self.state, State::Running | State::Paused | State::Finished);
        if runs && self.is_new() {
            self.keep_run().await?;
        }
        Ok(())
    }

    /// Keeps the run, or tells the page why not.
    pub(crate) async fn keep_run(&mut self) -> Result<()> {
        let begin = Instant::now();
        let Some(trainer) = self.trainer.as_mut() else { return Ok(()) };
        let step = trainer.step_index();
        self.store.saved_step = step;
        if let Some(trouble) = self.store.missing.take() {
            self.link.post(Event::NotSaved { error: trouble.into() });
        }
        // One for which there is no room is tried again; the run itself matters more.
        let _ = self.store.keep_snapshots(trainer.snapshots()).await;
        let Some(runs) = self.store.runs.as_mut() else { return Ok(()) };
        let state = match trainer.save().await {
            Err(error @ (Error::Device(_) | Error::NotFinite { .. })) => return Err(error),
            state => state,
        };
        self.meter.take(trainer.drain());
        let about = About {
            settings: self.settings.clone(),
            step,
            total_steps: trainer.config().total_steps() as u64,
            trained: self.meter.trained(),
            micro_batch: trainer.micro_batch(),
            images: self.images.len(),
            fingerprint: fingerprint(&self.images),
            saved: now(),
        };
        let kept = match state {
            Ok(state) => runs.save(about, &state, self.meter.history()).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        (self.store.cost, self.store.saved_at) = (begin.elapsed(), Instant::now());
        let seconds = self.store.interval().as_secs_f64();
        self.link.post(match kept {
            Ok(bytes) => Event::Saved { step, bytes, seconds },
            Err(error) => Event::NotSaved { error },
        });
        Ok(())
    }

    /// Keeps a run that came from a file, which no seed could make again.
    pub(crate) async fn keep_what_came(&mut self) -> Result<()> {
        if self.store.reader { Ok(()) } else { self.keep_run().await }
    }

    /// Checkpoints of the run that are kept, the newest first.
    pub(crate) fn kept_runs(&self) -> Vec<StoredFile> {
        let all = self.store.runs.iter().flat_map(Runs::all);
        let file = |manifest: &Manifest| StoredFile {
            name: manifest.about.settings.preset.clone(),
            step: Some(manifest.about.step),
            bytes: manifest.bytes(),
            saved: manifest.about.saved,
        };
        all.map(file).rev().collect()
    }

    /// Does what a test asks for.
    ///
    /// # Panics
    /// When that is what it asks for.
    pub(crate) fn provoke(&mut self, how: Failure) {
        match how {
            Failure::KillWorker => panic!("a test ended the worker"),
            Failure::LoseDevice => {
                if let Some(gpu) = &self.gpu {
                    gpu.device.destroy();
                }
            }
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}
