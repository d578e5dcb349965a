//! Snapshots of the teacher in the storage, beside the run: they are read and deleted with it. Invariant: a
//! stored snapshot never changes, so it is written once.

use crate::host::Host;
use crate::store::Store;
use dino_core::error::Result;

/// Beginning of a snapshot's file name, the same since the first version.
const SNAPSHOT: &str = "moment-";

impl<H: Host> Store<H> {
    /// Stores the snapshots (step and words) that are not stored yet; the next checkpoint will name them.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub(super) async fn keep_snapshots(
        &mut self,
        snapshots: impl Iterator<Item = (u64, &[f32])>,
    ) -> Result<()> {
        let Some(runs) = self.runs.as_mut().filter(|_| !self.reader) else { return Ok(()) };
        for (step, words) in snapshots {
            let name = format!("{SNAPSHOT}{step}");
            if runs.blobs().all(|known| known != name) {
                runs.keep_blob(&name, bytemuck::cast_slice(words)).await?;
            }
        }
        Ok(())
    }

    /// The stored snapshots of the resumed run, the earliest first. A damaged one is left out, because snapshots are
    /// only shown.
    pub async fn read_snapshots(&self) -> Vec<(u64, Vec<f32>)> {
        let Some(runs) = &self.runs else { return Vec::new() };
        let mut snapshots = Vec::new();
        for name in runs.blobs() {
            let Some(step) = name.strip_prefix(SNAPSHOT).and_then(|step| step.parse().ok()) else {
                continue;
            };
            if let Ok(Some(bytes)) = runs.read_blob(name).await {
                let (words, _) = bytes.as_chunks::<4>();
                snapshots
                    .push((step, words.iter().map(|word| f32::from_le_bytes(*word)).collect()));
            }
        }
        snapshots.sort_by_key(|(step, _)| *step);
        snapshots
    }
}
