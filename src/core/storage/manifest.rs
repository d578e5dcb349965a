//! Manifest of a stored checkpoint: the small file that names its parts. Invariant: a manifest that was read is
//! the one that was written, and names only files of its own folder.

use crate::error::FileProblem;
use crate::run::settings::Settings;
use crate::storage::{SavedRun, curves, hash};
use serde::{Deserialize, Serialize};

/// Version of the format; another one is refused.
const VERSION: u32 = 1;
/// How the names of manifests end.
const ENDING: &str = ".run";
/// How the names of manifests begin that were set aside.
pub(super) const ASIDE: &str = "damaged-";

/// A file of a checkpoint. Its name on disk has its hash in it: what has not changed since an earlier
/// checkpoint is the same file, and a new content never overwrites an old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub length: u64,
    pub hash: u64,
}

impl Part {
    /// The part that these bytes are.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), length: bytes.len() as u64, hash: hash(bytes) }
    }

    /// Its name in the folder.
    pub fn file(&self) -> String {
        format!("{}-{:016x}", self.name, self.hash)
    }

    /// True if these are its bytes.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.length && hash(bytes) == self.hash
    }
}

/// True of names that parts may have.
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.len() <= 64 && name.chars().all(allowed)
}

/// What a checkpoint is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub settings: Settings,
    /// Steps done.
    pub step: u64,
    pub total_steps: u64,
    /// Seconds that it has trained; older files do not say.
    #[serde(default)]
    pub trained: f64,
    /// Images at a time: another division of the batch rounds otherwise.
    pub micro_batch: usize,
    pub images: usize,
    /// [`crate::storage::fingerprint`] of the images.
    pub fingerprint: u64,
    /// Milliseconds since 1970.
    pub saved: f64,
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    /// Later ones have larger numbers.
    pub number: u64,
    /// Checkpoints of one run share it.
    pub run: u64,
    pub about: About,
    /// State and history.
    pub parts: Vec<Part>,
    /// Columns of the history's files; older manifests do not say.
    #[serde(default = "curves::first_columns")]
    pub columns: Vec<String>,
    /// Whatever else belongs to the run.
    pub blobs: Vec<Part>,
}

impl Manifest {
    pub fn new(number: u64, run: u64, about: About, parts: Vec<Part>, blobs: Vec<Part>) -> Self {
        Self { version: VERSION, number, run, about, parts, columns: curves::columns(), blobs }
    }

    /// Its name in the folder.
    pub fn file(&self) -> String {
        format!("{:08}{ENDING}", self.number)
    }

    /// The number of the manifest of this name, if it is a manifest's.
    pub fn number_of(file: &str) -> Option<u64> {
        file.strip_suffix(ENDING)?.parse().ok()
    }

    /// All files that it needs.
    pub fn all(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().chain(&self.blobs)
    }

    /// Bytes of all its files.
    pub fn bytes(&self) -> u64 {
        self.all().fold(0, |sum, part| sum.saturating_add(part.length))
    }

    /// What the page is told of it.
    pub fn kept(&self) -> SavedRun {
        let about = &self.about;
        SavedRun {
            settings: about.settings.clone(),
            step: about.step,
            total_steps: about.total_steps,
            images: about.images,
            saved: about.saved,
            bytes: self.bytes(),
        }
    }

    /// A line with the hash of the rest, and the rest as JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Settings hold no maps with keys that are not text, so this cannot fail.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{:016x}\n{json}", hash(json.as_bytes())).into_bytes()
    }

    /// Reads what [`Manifest::to_bytes`] wrote.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileProblem> {
        let text = std::str::from_utf8(bytes).map_err(|_| FileProblem::Changed)?;
        let (sum, json) = text.split_once('\n').ok_or(FileProblem::Changed)?;
        if sum != format!("{:016x}", hash(json.as_bytes())) {
            return Err(FileProblem::Changed);
        }
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let invalid = |e: serde_json::Error| FileProblem::Content(e.to_string());
        let Version { version } = serde_json::from_str(json).map_err(invalid)?;
        if version != VERSION {
            return Err(FileProblem::Version { expected: VERSION, found: version });
        }
        let manifest: Self = serde_json::from_str(json).map_err(invalid)?;
        if let Some(part) = manifest.all().find(|part| !is_name(&part.name)) {
            return Err(FileProblem::BadPart { name: part.name.clone() });
        }
        Ok(manifest)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn about(step: u64) -> About {
        About {
            trained: 2.5,
            settings: Settings::of("spark", u64::MAX - 3),
            step,
            total_steps: 1000,
            micro_batch: 4,
            images: 204,
            fingerprint: u64::MAX - 1,
            saved: 1_700_000_000_000.5,
        }
    }

    fn manifest() -> Manifest {
        let parts = vec![Part::of("state", b"abc"), Part::of("history-0", b"")];
        Manifest::new(7, u64::MAX, about(9), parts, vec![Part::of("moment-0", b"x")])
    }

    #[test]
    fn a_manifest_survives_the_journey() {
        let manifest = manifest();
        assert_eq!(Manifest::from_bytes(&manifest.to_bytes()), Ok(manifest.clone()));
        assert_eq!(manifest.file(), "00000007.run");
        assert_eq!(Manifest::number_of(&manifest.file()), Some(7));
        assert_eq!(manifest.bytes(), 4);
        for other in ["7.ru", ".run", "state-7", "damaged-00000007.run", "-1.run"] {
            assert_eq!(Manifest::number_of(other), None, "{other}");
        }
    }

    #[test]
    fn other_versions_and_names_that_lead_elsewhere_are_refused() {
        let mut later = manifest();
        later.version = 2;
        let found = Manifest::from_bytes(&later.to_bytes());
        assert_eq!(found, Err(FileProblem::Version { expected: 1, found: 2 }));
        for name in ["../x", "", "a/b", "A", "a\0"] {
            let mut bad = manifest();
            bad.blobs[0].name = name.to_owned();
            assert!(Manifest::from_bytes(&bad.to_bytes()).is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_cut_or_changed_byte_is_refused(
            at in any::<proptest::sample::Index>(),
            change in 1..=255u8,
        ) {
            let bytes = manifest().to_bytes();
            let at = at.index(bytes.len());
            prop_assert!(Manifest::from_bytes(&bytes[..at]).is_err());
            let mut other = bytes.clone();
            other[at] ^= change;
            prop_assert!(Manifest::from_bytes(&other).is_err());
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            prop_assert!(Manifest::from_bytes(&bytes).is_err());
        }
    }
}
