//! Features of images at one step: neighbours, and the share of images whose neighbours' vote is right.
//! Invariants: features are of one step and one set of images, or thrown away; measuring takes at most one part
//! in [`SHARE`] of the time of a run, and never more than about [`LIMIT`] at once.

use crate::outbox::Outbox;
use dino_core::data::picture::{ImageSet, Picture};
use dino_core::data::preprocess;
use dino_core::error::{Error, Result};
use dino_core::eval::knn;
use dino_core::eval::knn::PIXELS_DIM;
use dino_core::protocol::{Accuracy, Event};
use dino_engine::infer::feature_pass::FeaturePass;
use dino_engine::train::trainer::Trainer;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use web_time::{Duration, Instant};

/// Largest number of images with a label that take part, evenly taken; fewer if they would take longer than [`LIMIT`].
const MOST: usize = 1000;
/// Time that computing features may take at once.
const LIMIT: Duration = Duration::from_secs(2);
/// The accuracy is measured at most so often while training …
const REFRESH: Duration = Duration::from_secs(3);
/// … and takes at most one part in so many of the time.
const SHARE: u32 = 20;
/// Bytes of squares that are kept from one measurement to the next.
const SQUARE_BYTES: usize = 64 << 20;

/// Features of the images, and what the next measurement can use again.
#[derive(Default)]
pub struct Features {
    /// Step and version of the set that `rows` belong to.
    of: (u64, u64),
    /// Features of length 1 by image.
    rows: HashMap<usize, Vec<f32>>,
    /// Version of the set that all fields below belong to.
    version: u64,
    squares: HashMap<usize, Picture>,
    pixels: HashMap<usize, Vec<f32>>,
    /// The vote over pixels, and the images that took part.
    pixels_vote: Option<(Vec<usize>, f32)>,
    /// Images that fit into [`LIMIT`], once that is known.
    sample: Option<usize>,
    /// Time that the rows took so far for an accuracy.
    spent: Duration,
    /// Features of this run were computed before. The first ones wait for compilation, so their time does not tell how
    /// many images fit.
    warm: bool,
    /// Step of the last accuracy and version of its set.
    measured: Option<(u64, u64)>,
    measure_at: Option<Instant>,
    /// An accuracy that no request waits for is to be measured.
    pub owed: bool,
}

impl Features {
    /// Forgets everything, because another run begins.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// Asks for the accuracy of a set at a step, unless it is known.
    pub fn owe(&mut self, step: u64, version: u64) {
        self.owed = self.measured != Some((step, version));
    }

    /// Stops measuring.
    pub fn give_up(&mut self) {
        self.owed = false;
        self.measure_at = Some(Instant::now() + Duration::from_secs(1 << 30));
    }

    /// Computes features of the next few of `wanted` that have none. True when no more are missing, and the
    /// time that the device took.
    async fn fill(
        &mut self,
        trainer: &mut Trainer,
        images: &ImageSet,
        wanted: &[usize],
    ) -> Result<(bool, Duration)> {
        let of = (trainer.step_index(), images.version());
        if self.of != of {
            self.of = of;
            self.rows.clear();
            self.spent = Duration::ZERO;
        }
        if self.version != images.version() {
            self.version = images.version();
            self.squares.clear();
            self.pixels.clear();
            self.pixels_vote = None;
            self.sample = None;
        }
        let missing: Vec<usize> = wanted
            .iter()
            .copied()
            .filter(|image| !self.rows.contains_key(image))
            .take(FeaturePass::COUNT + 1)
            .collect();
        let now = &missing[..missing.len().min(FeaturePass::COUNT)];
        if now.is_empty() {
            return Ok((true, Duration::ZERO));
        }
        let side = trainer.config().crops.global_size;
        let keeps = SQUARE_BYTES / (4 * side * side);
        let mut squares = Vec::with_capacity(now.len());
        for image in now {
            squares.push(match self.squares.get(image) {
                Some(square) => square.clone(),
                None => {
                    let working = images.working(*image).await?;
                    let square = preprocess::square(&working, side)?;
                    if self.squares.len() < keeps {
                        self.squares.insert(*image, square.clone());
                    }
                    square
                }
            });
        }
        let begin = Instant::now();
        let mut rows = trainer.features(&squares).await?;
        let took = begin.elapsed();
        let dim = trainer.config().vit.embed_dim;
        knn::normalize(&mut rows, dim);
        let rows = rows.chunks_exact(dim).map(<[f32]>::to_vec);
        self.rows.extend(now.iter().copied().zip(rows));
        Ok((missing.len() <= FeaturePass::COUNT, took))
    }

    /// Images that take part in the vote and the numbers of their labels; nothing unless there are two
    /// labels.
    fn labelled(&self, images: &ImageSet) -> (Vec<usize>, Vec<usize>) {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut all = Vec::new();
        for image in 0..images.len() {
            let label = images.entry(image).and_then(|entry| entry.label.as_deref());
            if let Some(label) = label {
                let next = numbers.len();
                all.push((image, *numbers.entry(label).or_insert(next)));
            }
        }
        if numbers.len() < 2 {
            return (Vec::new(), Vec::new());
        }
        let most = self.sample.unwrap_or(MOST).min(MOST);
        knn::spread(all.len()).into_iter().take(most).map(|i| all[i]).unzip()
    }

    /// Whether the limit is reached; if so, fewer images take part from now on.
    fn is_late(&mut self, wanted: &[usize]) -> bool {
        let late = self.spent >= LIMIT;
        if late {
            let done = wanted.iter().filter(|image| self.rows.contains_key(image)).count();
            self.sample = Some(done);
        }
        late
    }

    /// Makes small copies of the images that have features but no copy yet.
    async fn copy(&mut self, images: &ImageSet, wanted: &[usize]) -> Result<()> {
        for image in wanted {
            if self.rows.contains_key(image) && !self.pixels.contains_key(image) {
                let working = images.working(*image).await?;
                self.pixels.insert(*image, knn::pixels(&working)?);
            }
        }
        Ok(())
    }

    /// The accuracy over the images that have features; `None` if they all have one label.
    fn accuracy(&mut self, wanted: &[usize], labels: &[usize]) -> Option<Accuracy> {
        let (images, known): (Vec<usize>, Vec<usize>) =
            wanted.iter().zip(labels).filter(|(image, _)| self.rows.contains_key(image)).unzip();
        let all = |rows: &HashMap<usize, Vec<f32>>| -> Vec<f32> {
            images.iter().filter_map(|image| rows.get(image)).flatten().copied().collect()
        };
        let rows = all(&self.rows);
        let kinds = known.iter().collect::<BTreeSet<_>>().len();
        if kinds < 2 {
            return None;
        }
        let pixels = match &self.pixels_vote {
            Some((took_part, vote)) if *took_part == images => *vote,
            _ => knn::leave_one_out(&all(&self.pixels), PIXELS_DIM, &known),
        };
        let count = images.len();
        self.pixels_vote = Some((images, pixels));
        Some(Accuracy {
            step: self.of.0,
            knn: knn::leave_one_out(&rows, rows.len() / count, &known),
            chance: knn::chance(&known),
            pixels,
            images: count,
            labels: kinds,
        })
    }

    /// The images whose features are nearest to an image's, among as many as fit into [`LIMIT`].
    ///
    /// # Errors
    /// Those of [`Trainer::features`].
    pub async fn neighbors(
        &mut self,
        image: usize,
        count: usize,
        trainer: &mut Trainer,
        images: &ImageSet,
    ) -> Result<Event> {
        let others = knn::spread(images.len());
        let wanted: Vec<usize> = std::iter::once(image).chain(others).collect();
        let begin = Instant::now();
        while !self.fill(trainer, images, &wanted).await?.0 && begin.elapsed() < LIMIT {}
        let mut known: Vec<usize> = self.rows.keys().copied().collect();
        known.sort_unstable();
        let rows: Vec<f32> =
            known.iter().filter_map(|i| self.rows.get(i)).flatten().copied().collect();
        let query = self.rows.get(&image).ok_or(Error::NoImages)?;
        let own = known.binary_search(&image).ok();
        let nearest = knn::nearest(query, &rows, query.len(), own, count);
        let nearest = nearest.into_iter().map(|(at, similarity)| (known[at], similarity)).collect();
        Ok(Event::Neighbors { image, step: trainer.step_index(), nearest })
    }

    /// Measures the accuracy, if it is time.
    ///
    /// # Errors
    /// Those of [`Trainer::features`].
    pub async fn measure_now_and_then(
        &mut self,
        trainer: &mut Trainer,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        match self.measure_at {
            Some(at) if Instant::now() < at => Ok(()),
            _ => self.measure(trainer, images, out).await,
        }
    }

    /// Measures the accuracy before the first step, unless it is known for these images.
    ///
    /// # Errors
    /// Those of [`Trainer::features`].
    pub async fn measure_first(
        &mut self,
        trainer: &mut Trainer,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        match self.measured {
            Some((step, version)) if step > 0 || version == images.version() => Ok(()),
            _ => self.measure(trainer, images, out).await,
        }
    }

    /// Measures the accuracy at this step, all at once.
    async fn measure(
        &mut self,
        trainer: &mut Trainer,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<()> {
        let mut begin = Instant::now();
        loop {
            let cold = !self.warm;
            if self.measure_part(begin, trainer, images, out).await? {
                return Ok(());
            }
            if cold {
                begin = Instant::now();
            }
        }
    }

    /// Computes features of a few images, and the accuracy once all have theirs or the time since `begin` is over.
    /// True when the accuracy is done.
    ///
    /// # Errors
    /// Those of [`Trainer::features`].
    pub async fn measure_part(
        &mut self,
        begin: Instant,
        trainer: &mut Trainer,
        images: &ImageSet,
        out: &Outbox,
    ) -> Result<bool> {
        let (wanted, labels) = self.labelled(images);
        let (all, took) = match wanted.is_empty() {
            true => (true, Duration::ZERO),
            false => self.fill(trainer, images, &wanted).await?,
        };
        self.copy(images, &wanted).await?;
        let cold = !std::mem::replace(&mut self.warm, true);
        self.spent += if cold { Duration::ZERO } else { took };
        if !all && (cold || !self.is_late(&wanted) && begin.elapsed() < LIMIT) {
            return Ok(false);
        }
        (self.owed, self.measured) = (false, Some((trainer.step_index(), images.version())));
        if let Some(accuracy) = self.accuracy(&wanted, &labels) {
            out.post(Event::Accuracy(accuracy));
        }
        let pause = REFRESH.max(self.spent.max(begin.elapsed()) * SHARE);
        self.measure_at = Some(Instant::now() + pause);
        Ok(true)
    }
}
