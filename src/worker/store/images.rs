//! Images in this browser's storage, if the person agrees. They are stored in the order of the set, one after the
//! other, while nothing else is to be done or between two steps. Invariant: the stored images are the beginning
//! of the set.

use crate::host::{Host, HostFile};
use crate::outbox::Outbox;
use crate::store::{IMAGES, Store};
use dino_core::data::picture::ImageSet;
use dino_core::error::{Result, StateError};
use dino_core::protocol::Event;
use dino_core::storage::{ImageStore, StoredImage};

/// Images between two messages about the stored images.
const TOLD: usize = 16;

/// Where an image of the set came from.
#[derive(Debug)]
pub struct Origin<F> {
    /// Its number in the storage, if it is stored.
    pub number: Option<u64>,
    /// The person's file.
    pub file: Option<F>,
    /// True for one of the page's sample photographs.
    pub sample: bool,
}

impl<H: Host> Store<H> {
    /// Opens the folder of images; the numbers of those in it.
    pub(super) async fn open_images(&mut self, host: &H, out: &Outbox) -> Vec<u64> {
        let Ok(folder) = host.folder(IMAGES).await else { return Vec::new() };
        let Ok(pictures) = ImageStore::open(folder).await else { return Vec::new() };
        let numbers = pictures.numbers();
        self.pictures = Some(pictures);
        self.tell_images(out);
        numbers
    }

    /// Notes the origin of an image that was added to the set.
    pub fn added(&mut self, origin: Origin<H::File>) {
        self.origins.push(origin);
    }

    /// Reads a stored image.
    ///
    /// # Errors
    /// [`Error::Storage`] when it is not there, or not whole.
    pub async fn picture(&mut self, number: u64) -> Result<StoredImage> {
        let kept = match &mut self.pictures {
            Some(pictures) => pictures.read(number).await?,
            None => None,
        };
        kept.ok_or(StateError::NoStoredImage.into())
    }

    /// True if an image is to be stored and is not yet.
    pub fn image_waits(&self) -> bool {
        self.next_image().is_some()
    }

    fn next_image(&self) -> Option<usize> {
        let keep = self.pictures.as_ref().is_some_and(ImageStore::keep);
        if !keep || self.reader || self.stuck {
            return None;
        }
        self.origins.iter().position(|origin| origin.number.is_none())
    }

    /// The images' folder, if this tab may change it.
    fn own_pictures(&mut self) -> Result<&mut ImageStore<H::Folder>> {
        self.owned()?;
        self.pictures.as_mut().ok_or(StateError::NoStorage.into())
    }

    /// Event that says whether images are stored, and their bytes.
    pub fn images_kept(&self) -> Event {
        let pictures = self.pictures.as_ref();
        Event::ImagesKept {
            keep: pictures.is_some_and(ImageStore::keep),
            bytes: pictures.map_or(0, ImageStore::bytes),
        }
    }

    fn tell_images(&self, out: &Outbox) {
        out.post(self.images_kept());
    }

    /// Stores the images from now on.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn agree(&mut self) -> Result<()> {
        self.own_pictures()?.agree().await?;
        self.stuck = false;
        Ok(())
    }

    /// Deletes the stored images and stores none from now on.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn disagree(&mut self) -> Result<()> {
        self.own_pictures()?.disagree().await?;
        self.origins.iter_mut().for_each(|origin| origin.number = None);
        Ok(())
    }

    /// Stores one image, if one waits; tells the page if it cannot be stored.
    pub async fn keep_next_image(&mut self, images: &ImageSet, out: &Outbox) {
        let Some(index) = self.next_image() else { return };
        match self.keep_image(index, images).await {
            Ok(()) if index % TOLD == 0 || !self.image_waits() => self.tell_images(out),
            Ok(()) => {}
            Err(error) => {
                self.stuck = true;
                self.tell_images(out);
                out.post(Event::Error { error });
            }
        }
    }

    async fn keep_image(&mut self, index: usize, images: &ImageSet) -> Result<()> {
        let Some(entry) = images.entry(index) else { return Ok(()) };
        let Some(origin) = self.origins.get(index) else { return Ok(()) };
        let bytes = if origin.sample {
            Vec::new()
        } else {
            let file = match &origin.file {
                // The file may be gone from the disk: the decoded image is then stored.
                Some(file) => file.read().await.ok(),
                None => None,
            };
            StoredImage::smaller(file, &*images.picture(index).await?)
        };
        let kept = StoredImage {
            name: entry.name.clone(),
            label: entry.label.clone(),
            sample: origin.sample,
            file: Some(entry.file),
            bytes,
        };
        let number = self.own_pictures()?.add(&kept).await?;
        if let Some(origin) = self.origins.get_mut(index) {
            origin.number = Some(number);
        }
        Ok(())
    }

    /// Forgets the origin of an image that left the set; its number in the storage.
    pub fn removed(&mut self, image: usize) -> Option<u64> {
        let there = image < self.origins.len();
        there.then(|| self.origins.remove(image)).and_then(|origin| origin.number)
    }

    /// Deletes the stored image of that number, if this tab may.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn delete_image(&mut self, number: Option<u64>, out: &Outbox) -> Result<()> {
        if let (Some(number), false) = (number, self.reader) {
            self.own_pictures()?.remove(number).await?;
            self.tell_images(out);
        }
        Ok(())
    }

    /// Deletes all stored images, because the set is empty.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn clear_images(&mut self, out: &Outbox) -> Result<()> {
        self.origins.clear();
        if self.reader || self.pictures.is_none() {
            return Ok(());
        }
        self.own_pictures()?.clear().await?;
        self.tell_images(out);
        Ok(())
    }
}
