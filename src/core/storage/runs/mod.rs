//! Stored checkpoints of the run in a folder. A checkpoint's parts are written under new names and read back,
//! then its manifest, and only then are older checkpoints deleted. Invariant: a checkpoint counts only if its
//! manifest is sound and every file that it names is there with its length and hash.

use crate::error::{Error, FileProblem, StorageError};
use crate::eval::metrics::Metrics;
use crate::storage::curves;
use crate::storage::folder::{Folder, write_surely};
use crate::storage::manifest::{ASIDE, About, Manifest, Part, is_name};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Checkpoints of the present run that are kept: one to go on from, and one in case that is damaged.
const KEEP: usize = 2;

const STATE: &str = "state";
const HISTORY: &str = "history-";

type Outcome<T> = std::result::Result<T, StorageError>;

/// A checkpoint that does not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    /// Its step, if that much can be read.
    pub step: Option<u64>,
    /// Which file, and what is wrong with it.
    pub reason: Error,
}

/// A checkpoint's content.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCheckpoint {
    pub manifest: Manifest,
    pub state: Vec<u8>,
    pub history: Vec<Metrics>,
}

/// What [`Runs::load`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    Nothing,
    /// The newest one did not count and was set aside; an older one may be there.
    Damaged(Damage),
    Run(Box<StoredCheckpoint>),
}

/// The checkpoints in a folder.
#[derive(Debug)]
pub struct Runs<F> {
    folder: F,
    /// False where another tab owns the folder.
    writable: bool,
    /// Of the next checkpoint.
    number: u64,
    /// Id of the present run.
    run: u64,
    /// Checkpoints that count, the oldest first.
    kept: Vec<Manifest>,
    /// What else belongs to the present run.
    blobs: Vec<Part>,
}

impl<F: Folder> Runs<F> {
    /// Looks for the newest checkpoints that count; tells of those that do not, which are set aside
    /// if the folder may be changed. `run` is the id of a run that may begin now.
    ///
    /// # Errors
    /// [`StorageError`] when the folder cannot be listed.
    pub async fn open(folder: F, run: u64, writable: bool) -> Outcome<(Self, Vec<Damage>)> {
        let names = folder.names().await?;
        let mut numbers: Vec<u64> = names.iter().filter_map(|n| Manifest::number_of(n)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let (kept, blobs) = (Vec::new(), Vec::new());
        let mut runs = Self { folder, writable, number: 0, run, kept, blobs };
        let mut damages = Vec::new();
        for number in numbers.iter().rev() {
            if runs.kept.len() == KEEP {
                break;
            }
            let file = format!("{number:08}.run");
            let sound = match runs.manifest(&file).await {
                Ok(manifest) => match runs.check(&manifest).await {
                    Ok(()) => Ok(manifest),
                    Err(reason) => Err(Damage { step: Some(manifest.about.step), reason }),
                },
                Err(reason) => Err(Damage { step: None, reason }),
            };
            match sound {
                Ok(manifest) => runs.kept.insert(0, manifest),
                Err(damage) => {
                    runs.set_aside(&file).await;
                    damages.push(damage);
                }
            }
        }
        // Above it is nothing now that counts.
        runs.number = runs.kept.last().map_or(0, |newest| newest.number.saturating_add(1));
        Ok((runs, damages))
    }

    /// The newest checkpoint.
    pub fn newest(&self) -> Option<&Manifest> {
        self.kept.last()
    }

    /// All checkpoints that count, the oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Manifest> {
        self.kept.iter()
    }

    /// Another run begins: what is kept from now on belongs to it.
    pub fn begin(&mut self, run: u64) {
        self.run = run;
        self.blobs.clear();
    }

    /// A run that was kept goes on.
    pub fn go_on(&mut self, manifest: &Manifest) {
        self.run = manifest.run;
        self.blobs = manifest.blobs.clone();
    }

    /// Reads the newest checkpoint. One that turned out to be damaged is set aside.
    pub async fn load(&mut self) -> Found {
        let Some(manifest) = self.kept.last().cloned() else { return Found::Nothing };
        match self.parts(&manifest).await {
            Ok((state, history)) => {
                Found::Run(Box::new(StoredCheckpoint { manifest, state, history }))
            }
            Err(reason) => Found::Damaged(self.reject(reason).await),
        }
    }

    /// Sets the newest checkpoint aside: its files are whole, but not what they should be.
    pub async fn reject(&mut self, reason: Error) -> Damage {
        let step = match self.kept.pop() {
            Some(manifest) => {
                self.set_aside(&manifest.file()).await;
                Some(manifest.about.step)
            }
            None => None,
        };
        Damage { step, reason }
    }

    /// Keeps the run; returns the bytes of the checkpoint. When the storage is full, the oldest
    /// checkpoint goes unless it is the only one, and all is tried once more.
    ///
    /// # Errors
    /// [`StorageError`]; earlier checkpoints are as they were, but for the one that went.
    pub async fn save(&mut self, about: About, state: &[u8], points: &[Metrics]) -> Outcome<u64> {
        let mut files = vec![(Part::of(STATE, state), Cow::Borrowed(state))];
        for (i, points) in points.chunks(curves::POINTS).enumerate() {
            let bytes = curves::pack(points);
            files.push((Part::of(&format!("{HISTORY}{i}"), &bytes), Cow::Owned(bytes)));
        }
        let mut outcome = self.write(&about, &files).await;
        if outcome == Err(StorageError::Full) {
            self.make_room().await;
            outcome = self.write(&about, &files).await;
        }
        match outcome {
            Ok(manifest) => {
                let bytes = manifest.bytes();
                self.kept.push(manifest);
                let own = self.kept.iter().rev().take_while(|m| m.run == self.run).count();
                if own >= KEEP {
                    self.kept.drain(..self.kept.len() - KEEP);
                    self.tidy().await;
                }
                Ok(bytes)
            }
            Err(trouble) => {
                // What was written of it takes the room of the next attempt.
                for (part, _) in files.iter().filter(|(part, _)| !self.has(part)) {
                    let _ = self.folder.remove(&part.file()).await;
                }
                Err(trouble)
            }
        }
    }

    /// Keeps some bytes beside the run under a name of small letters, digits and hyphens, replacing
    /// what had that name; they count once the next checkpoint is written.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn keep_blob(&mut self, name: &str, bytes: &[u8]) -> Outcome<()> {
        if !is_name(name) {
            return Err(StorageError::BadName(name.to_owned()));
        }
        let part = Part::of(name, bytes);
        if self.writable && !self.has(&part) {
            let file = part.file();
            let mut outcome = write_surely(&self.folder, &file, bytes).await;
            if outcome == Err(StorageError::Full) {
                self.make_room().await;
                outcome = write_surely(&self.folder, &file, bytes).await;
            }
            if outcome.is_err() {
                let _ = self.folder.remove(&file).await;
                return outcome;
            }
        }
        self.blobs.retain(|blob| blob.name != name);
        self.blobs.push(part);
        Ok(())
    }

    /// Names of what is kept beside the run.
    pub fn blobs(&self) -> impl Iterator<Item = &str> {
        self.blobs.iter().map(|blob| blob.name.as_str())
    }

    /// What was kept under a name; `None` if there is nothing.
    ///
    /// # Errors
    /// [`Error::Storage`], or [`Error::File`] when it is damaged.
    pub async fn read_blob(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.blobs.iter().find(|blob| blob.name == name) {
            Some(part) => self.part(part).await.map(Some),
            None => Ok(None),
        }
    }

    /// Deletes all checkpoints.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn forget(&mut self) -> Outcome<()> {
        self.kept.clear();
        // The run under way may be kept again: what belongs to it stays.
        self.delete(&self.blobs.iter().map(Part::file).collect()).await
    }

    /// Writes a checkpoint's files, then its manifest.
    async fn write(&mut self, about: &About, files: &[(Part, Cow<'_, [u8]>)]) -> Outcome<Manifest> {
        for (part, bytes) in files {
            if !self.has(part) {
                write_surely(&self.folder, &part.file(), bytes).await?;
            }
        }
        let parts = files.iter().map(|(part, _)| part.clone()).collect();
        let manifest =
            Manifest::new(self.number, self.run, about.clone(), parts, self.blobs.clone());
        self.number = self.number.saturating_add(1);
        if let Err(trouble) =
            write_surely(&self.folder, &manifest.file(), &manifest.to_bytes()).await
        {
            let _ = self.folder.remove(&manifest.file()).await;
            return Err(trouble);
        }
        Ok(manifest)
    }

    /// True if the part is in the folder, read back before.
    fn has(&self, part: &Part) -> bool {
        self.kept.iter().flat_map(Manifest::all).chain(&self.blobs).any(|known| known == part)
    }

    /// The oldest checkpoint goes, unless it is the only one, and what none needs.
    async fn make_room(&mut self) {
        if self.kept.len() > 1 {
            self.kept.remove(0);
        }
        self.tidy().await;
    }

    /// Deletes what no checkpoint that counts needs. What cannot be deleted now will be later.
    async fn tidy(&self) {
        let needed = self.kept.iter().flat_map(Manifest::all).chain(&self.blobs).map(Part::file);
        let needed = needed.chain(self.kept.iter().map(Manifest::file)).collect();
        let _ = self.delete(&needed).await;
    }

    /// Deletes everything but some files: manifests first, so that none ever lacks a part.
    async fn delete(&self, but: &BTreeSet<String>) -> Outcome<()> {
        if !self.writable {
            return Ok(());
        }
        let mut names = self.folder.names().await?;
        names.sort_by_key(|name| Manifest::number_of(name).is_none());
        for name in names.iter().filter(|name| !but.contains(*name)) {
            self.folder.remove(name).await?;
        }
        Ok(())
    }

    async fn manifest(&self, file: &str) -> Result<Manifest, Error> {
        let refused = |problem: FileProblem| Error::file(file, problem);
        let bytes = self.folder.read(file).await?;
        let bytes = bytes.ok_or_else(|| refused(FileProblem::Absent))?;
        let manifest = Manifest::from_bytes(&bytes).map_err(refused)?;
        if manifest.file() != file {
            return Err(refused(FileProblem::Misnamed { of: manifest.file() }));
        }
        Ok(manifest)
    }

    /// Reads all parts of a checkpoint.
    async fn check(&self, manifest: &Manifest) -> Result<(), Error> {
        for part in manifest.all() {
            self.part(part).await?;
        }
        Ok(())
    }

    async fn parts(&self, manifest: &Manifest) -> Result<(Vec<u8>, Vec<Metrics>), Error> {
        let (mut state, mut history) = (None, Vec::new());
        for part in &manifest.parts {
            let bytes = self.part(part).await?;
            if part.name == STATE {
                state = Some(bytes);
            } else if part.name.starts_with(HISTORY) {
                history.extend(curves::unpack(&bytes, &manifest.columns));
            }
        }
        let missing =
            || Error::file(manifest.file(), FileProblem::NoPart { part: STATE.to_owned() });
        Ok((state.ok_or_else(missing)?, history))
    }

    async fn part(&self, part: &Part) -> Result<Vec<u8>, Error> {
        let file = part.file();
        let bytes = self.folder.read(&file).await?;
        let bytes = bytes.ok_or_else(|| Error::file(&file, FileProblem::Absent))?;
        if part.fits(&bytes) {
            return Ok(bytes);
        }
        let (expected, found) = (part.length, bytes.len() as u64);
        let problem = match expected == found {
            true => FileProblem::Changed,
            false => FileProblem::Length { expected, found },
        };
        Err(Error::file(file, problem))
    }

    /// Renames a manifest, so that nobody takes it for a checkpoint; it goes when others have been kept.
    async fn set_aside(&self, file: &str) {
        if !self.writable {
            return;
        }
        if let Ok(Some(bytes)) = self.folder.read(file).await {
            // If there is no room for it, it is lost: it was damaged already.
            let _ = self.folder.write(&format!("{ASIDE}{file}"), &bytes).await;
        }
        let _ = self.folder.remove(file).await;
    }
}

#[cfg(test)]
mod tests;
