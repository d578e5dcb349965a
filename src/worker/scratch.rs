//! Scratch files: pixels of the images that have no room in memory, in this browser's storage for this visit alone.
//! Invariant: what is read back is what was written, to the bit; where it is not, the image is decoded again from the
//! file that it came from.

use crate::host::{Host, HostFile};
use dino_core::data::picture::{DEFAULT_SIDE, Picture, PixelSource, Reading, Rejected, read};
use dino_core::storage::{Folder, StorageError};
use std::rc::Rc;

/// The folder of scratch files, which begins empty.
pub struct Scratch<H: Host> {
    folder: Option<Rc<H::Folder>>,
    /// Name of the next file.
    next: u64,
    /// Nothing can be written: there is no storage, or it is full.
    closed: bool,
}

impl<H: Host> Default for Scratch<H> {
    fn default() -> Self {
        Self { folder: None, next: 0, closed: false }
    }
}

impl<H: Host> Scratch<H> {
    /// Nothing is to be written: the storage belongs to another tab.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Forgets all files; the next one begins the folder anew.
    pub fn forget(&mut self) {
        self.folder = None;
    }

    /// Writes the pixels of an image, and says where they are to be had from then on; `None` if they can be had from
    /// nowhere. `file` is what the image was decoded from, if a person chose it.
    pub async fn put(
        &mut self,
        host: &Rc<H>,
        picture: &Picture,
        file: Option<H::File>,
    ) -> Option<Rc<dyn PixelSource>> {
        let scratch = match self.write(host, picture).await {
            Ok(scratch) => scratch,
            Err(_) => {
                self.closed = true;
                None
            }
        };
        if scratch.is_none() && file.is_none() {
            return None;
        }
        let size = (picture.width, picture.height);
        Some(Rc::new(Elsewhere { scratch, size, host: host.clone(), file }))
    }

    async fn write(
        &mut self,
        host: &Rc<H>,
        picture: &Picture,
    ) -> Result<Option<(Rc<H::Folder>, String)>, StorageError> {
        if self.closed {
            return Ok(None);
        }
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => Rc::new(host.scratch().await?),
        };
        self.folder = Some(folder.clone());
        let name = self.next.to_string();
        self.next += 1;
        // Every fourth byte is 255.
        let (pixels, _) = picture.rgba.as_chunks::<4>();
        let rgb: Vec<u8> = pixels.iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
        folder.write(&name, &rgb).await?;
        Ok(Some((folder, name)))
    }
}

/// The pixels of one image, outside of the memory.
struct Elsewhere<H: Host> {
    /// The folder and the name of the file there.
    scratch: Option<(Rc<H::Folder>, String)>,
    /// Width and height.
    size: (usize, usize),
    host: Rc<H>,
    file: Option<H::File>,
}

impl<H: Host> PixelSource for Elsewhere<H> {
    fn read(&self) -> Reading<'_> {
        Box::pin(async {
            if let Some(picture) = self.scratch().await {
                return Ok(picture);
            }
            let file = self.file.as_ref().ok_or(Rejected::Full)?;
            let bytes = file.read().await.map_err(|why| Rejected::Unread { why })?;
            decoded(&*self.host, &bytes).await
        })
    }
}

impl<H: Host> Elsewhere<H> {
    /// The pixels of the scratch file, if it is there and whole.
    async fn scratch(&self) -> Option<Picture> {
        let (folder, name) = self.scratch.as_ref()?;
        let rgb = folder.read(name).await.ok()??;
        let (width, height) = self.size;
        let (pixels, rest) = rgb.as_chunks::<3>();
        if pixels.len() != width * height || !rest.is_empty() {
            return None;
        }
        let rgba = pixels.iter().flat_map(|p| [p[0], p[1], p[2], 255]).collect();
        Some(Picture { width, height, rgba })
    }
}

/// The image of a file, decoded here, or by the browser where it knows more formats.
///
/// # Errors
/// The [`Rejected`] for which the file is skipped.
pub async fn decoded<H: Host>(host: &H, bytes: &[u8]) -> Result<Picture, Rejected> {
    match read(bytes, DEFAULT_SIDE) {
        Err(refused @ (Rejected::Avif | Rejected::Heic)) => {
            let kind = if refused == Rejected::Avif { "image/avif" } else { "image/heic" };
            host.foreign_image(bytes, kind, DEFAULT_SIDE).await.ok_or(refused)
        }
        other => other,
    }
}
