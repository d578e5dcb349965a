//! Masks of images, and how well the last layer's attention covers the objects in them. Invariant: an image
//! without a mask of its name takes no part.

use crate::evaluate::network::Measurable;
use crate::options::Evaluate;
use crate::{files, folder, train_loop};
use dino_core::data::mask;
use dino_core::data::mask::{By, Mask};
use dino_core::data::picture::DEFAULT_SIDE;
use dino_core::error::{Error, FileProblem, Result};
use dino_core::eval::quality;
use dino_core::eval::quality::Object;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Sides of a mask may be to each other as those of its image, but for so much: sides are whole pixels.
const SHAPE: f64 = 0.02;

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
        let mut account = Account::default();
        for (image, path) in found {
            let shown = path.display().to_string();
            let mask = mask::read(&shown, &files::image(&path, &shown)?)?;
            let picture = files::picture(&image, DEFAULT_SIDE)?;
            account.add(&shown, &mask, [picture.width, picture.height]);
            let Mask { width, height, inside, .. } = mask;
            objects.push((image, Object { width, height, inside }));
            bar.inc(1);
        }
        bar.finish_and_clear();
        for line in account.words() {
            eprintln!("{line}");
        }
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

/// Masks of which a person must know something, by their paths.
#[derive(Default)]
struct Account {
    classes: Vec<String>,
    transparent: Vec<String>,
    empty: Vec<String>,
    full: Vec<String>,
    stretched: Vec<String>,
}

impl Account {
    fn add(&mut self, path: &str, mask: &Mask, [across, down]: [usize; 2]) {
        let note = |list: &mut Vec<String>, holds: bool| {
            if holds {
                list.push(path.to_owned());
            }
        };
        note(&mut self.classes, mask.by == By::Classes);
        note(&mut self.transparent, mask.by == By::Transparency);
        note(&mut self.empty, !mask.inside.contains(&true));
        note(&mut self.full, !mask.inside.contains(&false));
        // One pixel more or less is a rounding.
        let off = |height: usize| {
            let expected = mask.width as f64 * down as f64 / across.max(1) as f64;
            (height as f64 - expected).abs() > (SHAPE * expected).max(1.0)
        };
        note(&mut self.stretched, off(mask.height));
    }

    fn words(&self) -> Vec<String> {
        [
            (&self.classes, "masks of classes, all of which but 0 and 255 are the object"),
            (&self.transparent, "masks that are transparent around the object"),
            (&self.empty, "masks without an object, black everywhere"),
            (&self.full, "masks that are nothing but object"),
            (&self.stretched, "masks of another shape than their image, stretched over it"),
        ]
        .into_iter()
        .filter_map(|(masks, what)| {
            let first = masks.first()?;
            Some(format!("{what}: {}, such as {first}", masks.len()))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unusual_of_masks_is_told() {
        let mask = |width, height, inside: [bool; 4], by| Mask {
            width,
            height,
            inside: inside.to_vec(),
            by,
        };
        let mut account = Account::default();
        account.add("a.png", &mask(40, 20, [true, false, true, false], By::Brightness), [80, 40]);
        account.add("a.png", &mask(41, 20, [true, false, true, false], By::Brightness), [512, 256]);
        assert_eq!(account.words(), [""; 0]);
        account.add("b.png", &mask(20, 40, [false; 4], By::Brightness), [80, 40]);
        account.add("c.png", &mask(40, 20, [true; 4], By::Classes), [80, 40]);
        account.add("d.png", &mask(40, 20, [true, false, false, true], By::Transparency), [80, 40]);
        let words = account.words();
        for (line, start, end) in [
            (0, "masks of classes", ": 1, such as c.png"),
            (1, "masks that are transparent", ": 1, such as d.png"),
            (2, "masks without an object", ": 1, such as b.png"),
            (3, "masks that are nothing but", ": 1, such as c.png"),
            (4, "masks of another shape", ": 1, such as b.png"),
        ] {
            assert!(words[line].starts_with(start) && words[line].ends_with(end), "{words:?}");
        }
        assert_eq!(words.len(), 5);
    }
}
