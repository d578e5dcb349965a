//! Masks of images, and how well the last layer's attention covers the objects in them. Invariant: an image
//! without a mask of its name takes no part.

use crate::evaluate::network::Measurable;
use crate::options::Evaluate;
use crate::{files, folder, train_loop};
use dino_core::data::picture::DEFAULT_SIDE;
use dino_core::error::{Error, FileProblem, Result};
use dino_core::eval::quality;
use dino_core::eval::quality::Object;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Mean of red, green and blue from which on a pixel of a mask belongs to the object.
const BRIGHT: u32 = 128;

/// Images, each with its object.
pub struct Masks(Vec<(PathBuf, Object)>);

impl Masks {
    /// The masks under `masks_in` with the same paths as the images under `images`, whatever their endings.
    ///
    /// # Errors
    /// [`Error::File`] if no image has one, [`Error::Image`] for one that cannot be read.
    pub fn find(images: &Path, masks_in: &Path, quiet: bool) -> Result<Self> {
        let stem = |name: &str| Path::new(name).with_extension("");
        let listing = folder::list(masks_in)?;
        listing.tell();
        let masks: BTreeMap<PathBuf, PathBuf> =
            listing.files.into_iter().map(|mask| (stem(&mask.name), mask.path)).collect();
        let mut found = Vec::new();
        for image in folder::list(images)?.files {
            if let Some(mask) = masks.get(&stem(&image.name)) {
                found.push((image.path, mask.clone()));
            }
        }
        if found.is_empty() {
            return Err(Error::file(
                masks_in.display(),
                FileProblem::NoMasks { images: images.display().to_string(), files: masks.len() },
            ));
        }
        let bar = train_loop::bar(quiet, found.len() as u64, "masks read");
        let mut objects = Vec::with_capacity(found.len());
        for (image, mask) in found {
            objects.push((image, object(&mask)?));
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(Self(objects))
    }

    /// Number of images with a mask.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Mean intersection over union of the best head of each image, of the mean over the heads, and of a
    /// [central] map.
    ///
    /// [central]: quality::central
    ///
    /// # Errors
    /// [`Error::Image`] for an image that cannot be read, [`Error::Device`].
    pub async fn measure(
        &self,
        network: &mut impl Measurable,
        options: &Evaluate,
        name: &str,
    ) -> Result<[f64; 3]> {
        let bar = train_loop::bar(options.json, self.len() as u64, &format!("masks, {name}"));
        let (mut best, mut mean, mut central) = (0.0, 0.0, 0.0);
        for (image, object) in &self.0 {
            let picture = files::picture(image, DEFAULT_SIDE)?;
            let maps = network.maps(&picture, options.side).await?;
            let heads = 0..maps.heads;
            let of_head = |head| quality::jaccard(maps.head(head), maps.grid, object);
            best += heads.map(of_head).fold(0.0, f64::max);
            mean += quality::jaccard(&maps.mean(), maps.grid, object);
            central += quality::jaccard(&quality::central(maps.grid), maps.grid, object);
            bar.inc(1);
        }
        bar.finish_and_clear();
        let count = self.len().max(1) as f64;
        Ok([best / count, mean / count, central / count])
    }
}

/// A mask's bright pixels.
fn object(path: &Path) -> Result<Object> {
    let picture = files::picture(path, usize::MAX)?;
    let bright = |p: &[u8]| p[..3].iter().map(|v| u32::from(*v)).sum::<u32>() >= 3 * BRIGHT;
    let inside = picture.rgba.chunks_exact(4).map(bright).collect();
    Ok(Object { width: picture.width, height: picture.height, inside })
}
