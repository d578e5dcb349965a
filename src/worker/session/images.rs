//! Images of a session: read one file at a time, removed, stored. Invariant: the set, the images' origins and
//! their copies in the storage have the same order.

use crate::host::Host;
use crate::imports::Shelves;
use crate::observe::known;
use crate::session::Session;
use dino_core::error::Result;
use dino_core::protocol::{Event, LabelBy};

impl<H: Host> Session<H> {
    /// Reads one file of an import; after its last one, a run is prepared if there is none.
    pub(super) async fn import_next(&mut self) {
        let run = &self.run;
        let mut shelves = Shelves {
            host: &self.host,
            base: &self.base,
            store: &mut self.store,
            scratch: &mut self.scratch,
            set: &mut self.images,
        };
        if !self.imports.read_next(&mut shelves, || run.may_post(), &self.out).await {
            return;
        }
        let labelling = self.images.label_by(self.label_by);
        self.out.post(Event::Labelled(labelling));
        if self.run.is_running() {
            self.note_images();
        }
        self.views.images_changed(self.run.trainer(), &self.images);
        if self.resume_after.is_some() {
            // The run that is resumed has settings of its own.
            return;
        }
        if !self.views.is_shown() && self.gpu.is_some() && !self.images.is_empty() {
            let prepared = match self.prepared().await {
                Ok(()) => self.show().await,
                Err(e) => Err(e),
            };
            if let Err(error) = prepared {
                self.fail(None, error);
            }
        }
    }

    /// Takes the labels from there, and measures by them.
    pub(super) async fn label_by(&mut self, by: LabelBy) -> Result<Event> {
        self.label_by = Some(by);
        let labelling = self.images.label_by(self.label_by);
        self.views.images_changed(self.run.trainer(), &self.images);
        Ok(Event::Labelled(labelling))
    }

    /// Takes one image out of the set and out of the storage.
    pub(super) async fn remove(&mut self, image: usize) -> Result<()> {
        known(image, &self.images)?;
        if self.images.len() == 1 {
            self.pause().await?;
        }
        self.images.remove(image);
        if self.run.is_running() {
            self.note_images();
        }
        self.views.removed(image);
        let number = self.store.removed(image);
        self.out.post(Event::Removed { index: image });
        if self.images.is_empty() {
            self.views.forget();
        } else if self.run.trainer().is_some() && !self.run.is_running() {
            self.show().await?;
        }
        self.store.delete_image(number, &self.out).await
    }

    /// Takes all images out of the set and out of the storage.
    pub(super) async fn clear(&mut self) -> Result<()> {
        self.pause().await?;
        self.images.clear();
        self.label_by = None;
        self.scratch.forget();
        self.views.forget();
        self.out.post(Event::Cleared);
        self.imports.forget_kept(&self.out);
        self.store.clear_images(&self.out).await
    }

    /// Stores the images from now on, or deletes the stored ones.
    pub(super) async fn keep_images(&mut self, keep: bool) -> Result<Event> {
        if keep {
            self.store.agree().await?;
        } else {
            // Stored images that are not read yet belong to the set.
            while self.imports.reads_kept() {
                self.import_next().await;
            }
            self.store.disagree().await?;
        }
        Ok(self.store.images_kept())
    }
}
