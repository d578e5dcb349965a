//! Image store in a folder: each image is one file with its name, its label and its bytes, numbered in the
//! order of the set. Invariant: a file that was read is as it was written, so half a file is no image.

use crate::data::identity::FileIdentity;
use crate::data::picture::Picture;
use crate::error::StorageError;
use crate::storage::folder::Folder;
use crate::storage::hash;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use serde::{Deserialize, Serialize};

/// Its presence says that the person agreed.
const AGREED: &str = "keep";
const ENDING: &str = ".picture";

type Outcome<T> = std::result::Result<T, StorageError>;

/// An image as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    pub name: String,
    pub label: Option<String>,
    /// One of the page's own: only its name is kept.
    pub sample: bool,
    /// Of the file that it was decoded from, where that is known.
    pub file: Option<FileIdentity>,
    /// A file of an image.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    name: String,
    label: Option<String>,
    sample: bool,
    /// Older files do not say.
    #[serde(default)]
    file: Option<(u32, u64)>,
}

impl StoredImage {
    /// The hash of all that follows, the header's length, the header, the image.
    fn to_bytes(&self) -> Vec<u8> {
        let Self { name, label, sample, file, bytes } = self;
        let file = file.map(|file| (file.crc, file.length));
        let header = Header { name: name.clone(), label: label.clone(), sample: *sample, file };
        // Text and a flag: this cannot fail.
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let mut rest = (header.len() as u32).to_le_bytes().to_vec();
        rest.extend(header);
        rest.extend(bytes);
        let mut all = hash(&rest).to_le_bytes().to_vec();
        all.extend(rest);
        all
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (sum, rest) = bytes.split_first_chunk::<8>()?;
        if hash(rest) != u64::from_le_bytes(*sum) {
            return None;
        }
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (header, bytes) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let Header { name, label, sample, file } = serde_json::from_slice(header).ok()?;
        let file = file.map(|(crc, length)| FileIdentity { crc, length });
        Some(Self { name, label, sample, file, bytes: bytes.to_vec() })
    }

    /// What to keep of an image: its file, or the image as it was decoded where that is smaller or
    /// there is no file; decoded again it is the same to the bit.
    pub fn smaller(file: Option<Vec<u8>>, picture: &Picture) -> Vec<u8> {
        match file {
            // No photograph is packed better: the trial is left out.
            Some(file) if file.len() <= picture.rgba.len() / 8 => file,
            Some(file) => {
                let packed = png(picture);
                if packed.is_empty() || file.len() <= packed.len() { file } else { packed }
            }
            None => png(picture),
        }
    }
}

/// The image as a PNG file; empty if it has no pixels.
pub(super) fn png(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
    let rgb: Vec<u8> =
        picture.rgba.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
    let (width, height) = (picture.width as u32, picture.height as u32);
    match encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}

/// The images in a folder.
#[derive(Debug)]
pub struct ImageStore<F> {
    folder: F,
    keep: bool,
    /// Number and length of every file, in order.
    files: Vec<(u64, u64)>,
    next: u64,
}

impl<F: Folder> ImageStore<F> {
    /// Lists what is there.
    ///
    /// # Errors
    /// [`StorageError`] when the folder cannot be listed.
    pub async fn open(folder: F) -> Outcome<Self> {
        let names = folder.names().await?;
        let mut files: Vec<_> = names.iter().filter_map(|name| number_and_length(name)).collect();
        files.sort_unstable();
        files.dedup_by_key(|(number, _)| *number);
        let next = files.last().map_or(0, |(number, _)| number.saturating_add(1));
        Ok(Self { folder, keep: names.iter().any(|name| name == AGREED), files, next })
    }

    /// True if the person agreed.
    pub fn keep(&self) -> bool {
        self.keep
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, (_, length)| sum.saturating_add(*length))
    }

    /// The images' numbers, in order.
    pub fn numbers(&self) -> Vec<u64> {
        self.files.iter().map(|(number, _)| *number).collect()
    }

    /// The person agrees.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn agree(&mut self) -> Outcome<()> {
        self.folder.write(AGREED, b"1").await?;
        self.keep = true;
        Ok(())
    }

    /// The person does not agree any more: nothing is left.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn disagree(&mut self) -> Outcome<()> {
        self.keep = false;
        self.files.clear();
        for name in self.folder.names().await? {
            self.folder.remove(&name).await?;
        }
        Ok(())
    }

    /// Deletes all images.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn clear(&mut self) -> Outcome<()> {
        self.files.clear();
        for name in self.folder.names().await?.iter().filter(|name| *name != AGREED) {
            self.folder.remove(name).await?;
        }
        Ok(())
    }

    /// Keeps an image behind the others; returns its number.
    ///
    /// # Errors
    /// [`StorageError`]; the others are as they were.
    pub async fn add(&mut self, picture: &StoredImage) -> Outcome<u64> {
        let (number, bytes) = (self.next, picture.to_bytes());
        let name = file(number, bytes.len() as u64);
        if let Err(trouble) = self.folder.write(&name, &bytes).await {
            let _ = self.folder.remove(&name).await;
            return Err(trouble);
        }
        self.next = number.saturating_add(1);
        self.files.push((number, bytes.len() as u64));
        Ok(number)
    }

    /// Reads an image; one that is damaged is deleted and is none.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn read(&mut self, number: u64) -> Outcome<Option<StoredImage>> {
        let Some(name) = self.name(number) else { return Ok(None) };
        let picture = self.folder.read(&name).await?.as_deref().and_then(StoredImage::from_bytes);
        if picture.is_none() {
            self.remove(number).await?;
        }
        Ok(picture)
    }

    /// Deletes an image.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn remove(&mut self, number: u64) -> Outcome<()> {
        let Some(name) = self.name(number) else { return Ok(()) };
        self.files.retain(|(other, _)| *other != number);
        self.folder.remove(&name).await
    }

    fn name(&self, number: u64) -> Option<String> {
        let found = self.files.iter().find(|(other, _)| *other == number)?;
        Some(file(found.0, found.1))
    }
}

fn file(number: u64, length: u64) -> String {
    format!("{number:08}-{length}{ENDING}")
}

fn number_and_length(name: &str) -> Option<(u64, u64)> {
    let (number, length) = name.strip_suffix(ENDING)?.split_once('-')?;
    Some((number.parse().ok()?, length.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::decode::decode;
    use crate::storage::memory::Memory;
    use pollster::block_on;
    use proptest::prelude::*;

    fn picture(name: &str, bytes: usize) -> StoredImage {
        let label = (bytes > 5).then(|| "bird".to_owned());
        StoredImage {
            name: name.into(),
            label,
            sample: bytes == 0,
            file: None,
            bytes: vec![3; bytes],
        }
    }

    #[test]
    fn images_come_back_in_order_and_go() {
        let folder = Memory::default();
        let mut pictures = block_on(ImageStore::open(folder.clone())).unwrap();
        assert!(!pictures.keep());
        block_on(pictures.agree()).unwrap();
        for i in 0..12 {
            assert_eq!(block_on(pictures.add(&picture(&format!("{i}"), i))), Ok(i as u64));
        }
        block_on(pictures.remove(4)).unwrap();
        let mut pictures = block_on(ImageStore::open(folder.clone())).unwrap();
        assert!(pictures.keep());
        let numbers = pictures.numbers();
        assert_eq!(numbers.len(), 11);
        for (number, i) in numbers.into_iter().zip((0..12).filter(|i| *i != 4)) {
            assert_eq!(block_on(pictures.read(number)), Ok(Some(picture(&format!("{i}"), i))));
        }
        assert_eq!(pictures.bytes() as usize, folder.bytes() - 1);
        block_on(pictures.clear()).unwrap();
        assert_eq!((pictures.bytes(), folder.bytes()), (0, 1));
        assert!(block_on(ImageStore::open(folder.clone())).unwrap().keep());
        block_on(pictures.disagree()).unwrap();
        assert_eq!(folder.files.borrow().len(), 0);
    }

    #[test]
    fn half_an_image_is_none_and_is_deleted() {
        let folder = Memory::default();
        let mut pictures = block_on(ImageStore::open(folder.clone())).unwrap();
        folder.room.set(Some(100));
        assert_eq!(block_on(pictures.add(&picture("large", 500))), Err(StorageError::Full));
        assert_eq!(folder.files.borrow().len(), 0);
        block_on(pictures.add(&picture("small", 9))).unwrap();
        folder.files.borrow_mut().values_mut().for_each(|bytes| bytes.truncate(20));
        let mut pictures = block_on(ImageStore::open(folder.clone())).unwrap();
        assert_eq!(block_on(pictures.read(0)), Ok(None));
        assert_eq!(folder.files.borrow().len(), 0);
    }

    #[test]
    fn what_is_kept_decodes_to_the_same_picture() {
        let noise = |i: usize| (i * i * 31 % 251) as u8;
        let rgba = (0..40 * 30 * 4).map(|i| if i % 4 == 3 { 255 } else { noise(i) }).collect();
        let picture = Picture { width: 40, height: 30, rgba };
        let packed = StoredImage::smaller(None, &picture);
        assert_eq!(decode("x", &packed, 512).unwrap(), picture);
        let large = vec![0; 50_000];
        assert_eq!(StoredImage::smaller(Some(large), &picture), packed);
        for small in [vec![0; 100], vec![0; 1000]] {
            assert_eq!(StoredImage::smaller(Some(small.clone()), &picture), small);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_no_image_and_no_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            prop_assert_eq!(StoredImage::from_bytes(&bytes), None);
            // Even if the sum fits.
            let mut sound = hash(&bytes).to_le_bytes().to_vec();
            sound.extend(&bytes);
            prop_assert_eq!(StoredImage::from_bytes(&sound), None);
        }

        #[test]
        fn any_names_of_files_are_survived(names in proptest::collection::vec(".{0,12}(\\.picture)?", 0..9)) {
            let folder = Memory::default();
            for name in names {
                folder.files.borrow_mut().insert(name, vec![1]);
            }
            let mut pictures = block_on(ImageStore::open(folder)).unwrap();
            for number in pictures.numbers() {
                prop_assert_eq!(block_on(pictures.read(number)), Ok(None));
            }
            prop_assert!(block_on(pictures.add(&picture("a", 3))).is_ok());
        }
    }
}
