//! Storage of this browser between visits: the run and, if the person agrees, the images. Invariant: storing
//! changes nothing of the run, takes at most a twentieth of the time, and when it fails training goes on.

mod images;
mod snapshots;

pub use images::Origin;

use crate::host::Host;
use crate::outbox::Outbox;
use crate::run::TrainingRun;
use dino_core::data::identity::SetIdentity;
use dino_core::data::picture::ImageSet;
use dino_core::error::{Error, Result, StateError};
use dino_core::protocol::{Event, State, StoredFile};
use dino_core::storage::{
    About, Damage, Found, ImageStore, Manifest, Runs, SavedRun, StorageError, fingerprint,
};
use web_time::{Duration, Instant};

/// A run that trains is stored so often …
const EVERY: Duration = Duration::from_secs(20);
/// … and storing it takes at most one part in so many of the time.
const SHARE: u32 = 20;
/// After single steps it is stored once no request came for so long, because somebody may click for the next step.
const QUIET: Duration = Duration::from_millis(300);
/// Longest such wait.
const LONGEST_QUIET: Duration = Duration::from_secs(10);

/// The folder of checkpoints.
const RUNS: &str = "runs";
/// The folder of images.
const IMAGES: &str = "images";

/// The images that a run was trained on.
#[derive(Debug, Clone, Copy)]
enum ImagesBefore {
    /// By their files.
    Known(SetIdentity),
    /// As checkpoints noted them that do not know the files: their number, and [`fingerprint`].
    Named(usize, u64),
}

/// The browser's storage.
pub struct Store<H: Host> {
    /// Another tab owns the storage, so this one writes nothing.
    reader: bool,
    runs: Option<Runs<H::Folder>>,
    pictures: Option<ImageStore<H::Folder>>,
    /// Origins of the images of the set, in their order.
    origins: Vec<Origin<H::File>>,
    /// An image could not be stored; the others are not tried until the person asks again.
    stuck: bool,
    /// Why nothing can be stored, until the page has been told.
    missing: Option<StorageError>,
    /// Step at which the run was last stored, or could not be.
    saved_step: u64,
    saved_at: Instant,
    /// Time that storing the run took.
    cost: Duration,
    /// Time from which on a run that does not train is stored.
    rest_until: Instant,
    /// The images that a resumed run was trained on, until they were compared.
    images_before: Option<ImagesBefore>,
}

impl<H: Host> Default for Store<H> {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            reader: false,
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

impl<H: Host> Store<H> {
    /// Opens the storage: the newest checkpoint, and the numbers of the images, which are to be read before any
    /// others.
    pub async fn open(
        &mut self,
        host: &H,
        reader: bool,
        out: &Outbox,
    ) -> (Option<SavedRun>, Vec<u64>) {
        self.reader = reader;
        let kept = match self.open_runs(host, out).await {
            Ok(kept) => kept,
            Err(trouble) => {
                self.missing = Some(trouble);
                None
            }
        };
        (kept, self.open_images(host, out).await)
    }

    /// Opens the folder of checkpoints; the newest one.
    ///
    /// # Errors
    /// [`StorageError`] when the folder cannot be opened or listed.
    pub async fn open_runs(
        &mut self,
        host: &H,
        out: &Outbox,
    ) -> std::result::Result<Option<SavedRun>, StorageError> {
        let folder = host.folder(RUNS).await?;
        let (runs, damages) = Runs::open(folder, host.now() as u64, !self.reader).await?;
        let kept = runs.newest().map(|manifest| manifest.kept());
        self.runs = Some(runs);
        damages.into_iter().for_each(|damage| tell(damage, out));
        Ok(kept)
    }

    /// True if another tab owns the storage.
    pub fn is_reader(&self) -> bool {
        self.reader
    }

    /// Refuses what changes the storage if another tab owns it.
    ///
    /// # Errors
    /// [`StateError::OtherTabStores`].
    pub fn owned(&self) -> Result<()> {
        if self.reader {
            return Err(StateError::OtherTabStores.into());
        }
        Ok(())
    }

    /// Begins the checkpoints of another run.
    pub fn begin(&mut self, host: &H) {
        self.saved_step = 0;
        self.images_before = None;
        if let Some(runs) = &mut self.runs {
            runs.begin(host.now() as u64);
        }
    }

    /// Postpones the next checkpoint, because training begins.
    pub fn postpone(&mut self) {
        self.saved_at = Instant::now();
    }

    /// Sets when a run that has paused is stored: at once, or, if it paused `briefly`, when no request comes for a
    /// while.
    pub fn rest(&mut self, briefly: bool) {
        let quiet = (self.cost * SHARE).clamp(QUIET, LONGEST_QUIET);
        self.rest_until = Instant::now() + if briefly { quiet } else { Duration::ZERO };
    }

    /// Time between two checkpoints.
    fn interval(&self) -> Duration {
        EVERY.max(self.cost * SHARE)
    }

    /// Time until the run is to be stored, if it does not train and is not stored yet.
    pub fn time_to_keep(&self, run: &TrainingRun) -> Option<Duration> {
        let rests = matches!(run.state(), State::Paused | State::Finished);
        (rests && self.is_new(run))
            .then(|| self.rest_until.saturating_duration_since(Instant::now()))
    }

    /// True if the run has steps that are not stored.
    fn is_new(&self, run: &TrainingRun) -> bool {
        let step = run.step();
        !self.reader && step > 0 && step != self.saved_step
    }

    /// Stores a run that does not train, when it is time.
    ///
    /// # Errors
    /// Those of [`Store::keep`].
    pub async fn keep_at_rest(
        &mut self,
        run: &mut TrainingRun,
        images: &ImageSet,
        host: &H,
        out: &Outbox,
    ) -> Result<()> {
        if self.time_to_keep(run) == Some(Duration::ZERO) {
            self.keep(run, images, host, out).await?;
        }
        Ok(())
    }

    /// Stores a run that trains, when it is time.
    ///
    /// # Errors
    /// Those of [`Store::keep`].
    pub async fn keep_now_and_then(
        &mut self,
        run: &mut TrainingRun,
        images: &ImageSet,
        host: &H,
        out: &Outbox,
    ) -> Result<()> {
        if self.is_new(run) && self.saved_at.elapsed() >= self.interval() {
            self.keep(run, images, host, out).await?;
        }
        Ok(())
    }

    /// Stores what is not stored yet, because the page may be closed now.
    ///
    /// # Errors
    /// Those of [`Store::keep`].
    pub async fn keep_before_leaving(
        &mut self,
        run: &mut TrainingRun,
        images: &ImageSet,
        host: &H,
        out: &Outbox,
    ) -> Result<()> {
        let runs = matches!(run.state(), State::Running | State::Paused | State::Finished);
        if runs && self.is_new(run) {
            self.keep(run, images, host, out).await?;
        }
        Ok(())
    }

    /// Stores a run that came from a file, which no seed gives again.
    ///
    /// # Errors
    /// Those of [`Store::keep`].
    pub async fn keep_loaded(
        &mut self,
        run: &mut TrainingRun,
        images: &ImageSet,
        host: &H,
        out: &Outbox,
    ) -> Result<()> {
        if self.reader { Ok(()) } else { self.keep(run, images, host, out).await }
    }

    /// Stores the run, or tells the page why not.
    ///
    /// # Errors
    /// [`Error::Device`] and [`Error::NotFinite`], which end a run.
    async fn keep(
        &mut self,
        run: &mut TrainingRun,
        images: &ImageSet,
        host: &H,
        out: &Outbox,
    ) -> Result<()> {
        let begin = Instant::now();
        let Some(trainer) = run.trainer() else { return Ok(()) };
        let (step, micro_batch) = (trainer.step_index(), trainer.micro_batch());
        self.saved_step = step;
        if let Some(trouble) = self.missing.take() {
            out.post(Event::NotSaved { error: trouble.into() });
        }
        // A snapshot for which there is no room is tried again; the run itself matters more.
        let _ = self.keep_snapshots(trainer.snapshots()).await;
        let Some(runs) = self.runs.as_mut() else { return Ok(()) };
        let state = match run.save().await {
            Err(error) if error.loses_device() || matches!(error, Error::NotFinite { .. }) => {
                return Err(error);
            }
            state => state,
        };
        let about = About {
            settings: run.settings().clone(),
            step,
            total_steps: run.total_steps(),
            trained: run.trained(),
            micro_batch,
            images: images.len(),
            fingerprint: fingerprint(images),
            saved: host.now(),
        };
        let kept = match state {
            Ok(state) => runs.save(about, &state, run.history()).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        (self.cost, self.saved_at) = (begin.elapsed(), Instant::now());
        let seconds = self.interval().as_secs_f64();
        out.post(match kept {
            Ok(bytes) => Event::Saved { step, bytes, seconds },
            Err(error) => Event::NotSaved { error },
        });
        Ok(())
    }

    /// Reads the newest checkpoint.
    ///
    /// # Errors
    /// [`StateError::NoSavedRun`] where there is no storage.
    pub async fn load(&mut self) -> Result<Found> {
        match self.runs.as_mut() {
            Some(runs) => Ok(runs.load().await),
            None => Err(nothing()),
        }
    }

    /// Sets the newest checkpoint aside: its files are whole, but the run cannot go on with them.
    ///
    /// # Errors
    /// `error` itself where there is no storage.
    pub async fn reject(&mut self, error: Error) -> Result<Damage> {
        match self.runs.as_mut() {
            Some(runs) => Ok(runs.reject(error).await),
            None => Err(error),
        }
    }

    /// Continues the checkpoints of a stored run.
    pub fn go_on(&mut self, manifest: &Manifest) {
        if let Some(runs) = self.runs.as_mut() {
            runs.go_on(manifest);
        }
    }

    /// Notes that the present run is that of a checkpoint, and tells the page.
    pub fn went_on(&mut self, manifest: &Manifest, images: Option<SetIdentity>, out: &Outbox) {
        let about = &manifest.about;
        self.saved_step = about.step;
        let named = ImagesBefore::Named(about.images, about.fingerprint);
        self.images_before = Some(images.map_or(named, ImagesBefore::Known));
        out.post(Event::Saved {
            step: about.step,
            bytes: manifest.bytes(),
            seconds: self.interval().as_secs_f64(),
        });
    }

    /// Notes the images that a run from a file was trained on, if the file knows them.
    pub fn trained_on(&mut self, images: Option<SetIdentity>) {
        self.images_before = images.map(ImagesBefore::Known);
    }

    /// Tells the page once if a run is resumed with other images.
    pub fn compare_images(&mut self, images: &ImageSet, out: &Outbox) {
        let Some(before) = self.images_before.take() else { return };
        let found = images.len();
        let (kept, same) = match before {
            ImagesBefore::Known(identity) => (identity.count, identity == images.identity()),
            ImagesBefore::Named(kept, print) => {
                (kept, (kept, print) == (found, fingerprint(images)))
            }
        };
        if !same {
            out.post(Event::OtherImages { kept, found });
        }
    }

    /// Deletes the checkpoints.
    ///
    /// # Errors
    /// [`Error::Storage`], or [`StateError::OtherTabStores`].
    pub async fn forget(&mut self) -> Result<()> {
        self.owned()?;
        if let Some(runs) = self.runs.as_mut() {
            runs.forget().await?;
        }
        Ok(())
    }

    /// Checkpoints of the run, the newest first.
    pub fn checkpoints(&self) -> Vec<StoredFile> {
        let all = self.runs.iter().flat_map(Runs::all);
        let file = |manifest: &Manifest| StoredFile {
            name: manifest.about.settings.preset.clone(),
            step: Some(manifest.about.step),
            bytes: manifest.bytes(),
            saved: manifest.about.saved,
        };
        all.map(file).rev().collect()
    }
}

/// Tells the page of a checkpoint that was set aside.
pub fn tell(Damage { step, reason }: Damage, out: &Outbox) {
    out.post(Event::Damaged { step, reason });
}

/// The error when no run is stored.
pub fn nothing() -> Error {
    StateError::NoSavedRun.into()
}
