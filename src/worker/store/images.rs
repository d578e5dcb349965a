//! The images that this browser keeps, if the person agrees: in the order of the set, one after the other
//! while nothing else is to be done or between two steps. Invariant: what is kept is the beginning of the set.

use crate::session::Session;
use crate::session::import;
use crate::session::import::{Import, Source};
use crate::store::Opfs;
use crate::store::{IMAGES, Store};
use dino_core::error::{Error, Result};
use dino_core::protocol::Event;
use dino_core::storage::{ImageStore, StoredImage};
use web_sys::File;

/// Images between two messages that tell how much is kept.
pub(crate) const TOLD: usize = 16;

/// Where an image of the set came from.
#[derive(Debug, Default)]
pub struct Origin {
    /// Its number among the kept ones.
    pub number: Option<u64>,
    /// The person's file.
    pub file: Option<File>,
    /// One of the page's own.
    pub sample: bool,
}

impl Store {
    /// An image was added to the set.
    pub fn added(&mut self, origin: Origin) {
        self.origins.push(origin);
    }

    /// An image that is kept.
    pub async fn picture(&mut self, number: u64) -> Result<StoredImage> {
        let kept = match &mut self.pictures {
            Some(pictures) => pictures.read(number).await?,
            None => None,
        };
        kept.ok_or_else(|| Error::Storage("what was kept of it is not whole".to_owned()))
    }

    /// True if an image is to be kept and is not yet.
    pub fn image_waits(&self) -> bool {
        self.next_image().is_some()
    }

    pub(crate) fn next_image(&self) -> Option<usize> {
        let keep = self.pictures.as_ref().is_some_and(ImageStore::keep);
        if !keep || self.reader || self.stuck {
            return None;
        }
        self.origins.iter().position(|origin| origin.number.is_none())
    }

    /// The pictures' folder, if this tab may change it.
    pub(crate) fn own_pictures(&mut self) -> Result<&mut ImageStore<Opfs>> {
        if self.reader {
            return Err(Error::Storage("another tab owns what is kept".to_owned()));
        }
        let none = "this browser keeps no files for this page";
        self.pictures.as_mut().ok_or_else(|| Error::Storage(none.to_owned()))
    }

    pub(crate) fn images_kept(&self) -> Event {
        let pictures = self.pictures.as_ref();
        Event::ImagesKept {
            keep: pictures.is_some_and(ImageStore::keep),
            bytes: pictures.map_or(0, ImageStore::bytes),
        }
    }
}

impl Session {
    /// Images that are kept are read before anything else.
    pub(crate) async fn open_images(&mut self) {
        let Ok(folder) = Opfs::open(IMAGES).await else { return };
        let Ok(pictures) = ImageStore::open(folder).await else { return };
        let sources: std::collections::VecDeque<Source> =
            pictures.numbers().into_iter().map(Source::kept).collect();
        self.store.pictures = Some(pictures);
        self.link.post(self.store.images_kept());
        if !sources.is_empty() {
            self.imports.push_back(Import::new(None, sources));
        }
    }

    /// Keeps the images from now on, or deletes those that are kept.
    pub(crate) async fn keep_images(&mut self, keep: bool) -> Result<Event> {
        if keep {
            self.store.own_pictures()?.agree().await?;
            self.store.stuck = false;
        } else {
            // Images that are still being read belong to the set.
            while self.imports.front().is_some_and(|import| import.id().is_none()) {
                let Some(import) = self.imports.pop_front() else { break };
                self.import(import).await;
            }
            self.store.own_pictures()?.disagree().await?;
            self.store.origins.iter_mut().for_each(|origin| origin.number = None);
        }
        Ok(self.store.images_kept())
    }

    /// Keeps one image, if one waits for it.
    pub(crate) async fn keep_next_image(&mut self) {
        let Some(index) = self.store.next_image() else { return };
        match self.keep_image(index).await {
            Ok(()) if index % TOLD == 0 || !self.store.image_waits() => {
                self.link.post(self.store.images_kept());
            }
            Ok(()) => {}
            Err(error) => {
                self.store.stuck = true;
                self.link.post(self.store.images_kept());
                self.link.post(Event::Error { error });
            }
        }
    }

    pub(crate) async fn keep_image(&mut self, index: usize) -> Result<()> {
        let Some((entry, picture)) = self.images.get(index) else { return Ok(()) };
        let Some(origin) = self.store.origins.get(index) else { return Ok(()) };
        let bytes = if origin.sample {
            Vec::new()
        } else {
            let file = match &origin.file {
                // It may be gone from the disk since: then what was decoded is kept.
                Some(file) => import::read(file).await.ok(),
                None => None,
            };
            StoredImage::smaller(file, picture)
        };
        let kept = StoredImage {
            name: entry.name.clone(),
            label: entry.label.clone(),
            sample: origin.sample,
            bytes,
        };
        let number = self.store.own_pictures()?.add(&kept).await?;
        if let Some(origin) = self.store.origins.get_mut(index) {
            origin.number = Some(number);
        }
        Ok(())
    }

    /// Takes one image out of the set and out of what is kept.
    pub(crate) async fn remove(&mut self, image: usize) -> Result<()> {
        self.known(image)?;
        if self.images.len() == 1 {
            self.pause().await?;
        }
        self.images.remove(image);
        self.views.removed(image);
        let origin = (image < self.store.origins.len()).then(|| self.store.origins.remove(image));
        self.link.post(Event::Removed { index: image });
        if self.images.is_empty() {
            self.views.forget();
        } else if self.trainer.is_some() && self.state != dino_core::protocol::State::Running {
            self.show().await?;
        }
        let number = origin.and_then(|origin| origin.number);
        if let (Some(number), false) = (number, self.store.reader) {
            self.store.own_pictures()?.remove(number).await?;
            self.link.post(self.store.images_kept());
        }
        Ok(())
    }

    /// The set is empty, so nothing of it is kept.
    pub(crate) async fn clear_kept_images(&mut self) -> Result<()> {
        while let Some(at) = self.imports.iter().position(|import| import.id().is_none()) {
            // Nobody waits for it, but the page counts on an end.
            if let Some(import) = self.imports.remove(at) {
                self.link.post(import.imported());
            }
        }
        self.store.origins.clear();
        if self.store.reader || self.store.pictures.is_none() {
            return Ok(());
        }
        self.store.own_pictures()?.clear().await?;
        self.link.post(self.store.images_kept());
        Ok(())
    }
}
