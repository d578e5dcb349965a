//! Features of images at one step: neighbours, and how often their vote is right. Invariants: features are
//! of one step and one set of images, or thrown away; measuring takes at most one part in [`SHARE`] of the
//! time of a run, and never more than about [`LIMIT`] at once.

use super::super::Session;
use crate::error::{Error, Result};
use crate::feature_plan::FeaturePlan;
use crate::images::{ImageSet, Picture};
use crate::knn::{self, PIXELS_DIM};
use crate::protocol::{Accuracy, Event};
use crate::seen;
use crate::trainer::Trainer;
use std::collections::{BTreeMap, HashMap};
use web_time::{Duration, Instant};

/// Images with a label that take part at most, evenly taken; fewer where they would take longer than
/// [`LIMIT`].
const MOST: usize = 1000;
/// What computing features may take at once.
const LIMIT: Duration = Duration::from_secs(2);
/// The accuracy is measured at most so often while training …
const REFRESH: Duration = Duration::from_secs(3);
/// … and takes at most one part in so many of the time.
const SHARE: u32 = 20;
/// Squares are kept from one time to the next while they take no more than this.
const SQUARE_BYTES: usize = 64 << 20;

/// What is known of the images.
#[derive(Default)]
pub struct Features {
    /// Step and version of the set that `rows` belong to.
    of: (u64, u64),
    /// Features of length 1 by image.
    rows: HashMap<usize, Vec<f32>>,
    /// Version of the set that `squares` and `pixels` belong to.
    version: u64,
    squares: HashMap<usize, Picture>,
    pixels: HashMap<usize, Vec<f32>>,
    /// Images that fit into [`LIMIT`], once that is known.
    sample: Option<usize>,
    /// Time that the rows took so far.
    spent: Duration,
    /// Step of the last accuracy.
    measured: Option<u64>,
    measure_at: Option<Instant>,
    /// An accuracy is to be measured that nobody waits for.
    pub owed: bool,
}

impl Features {
    /// Another run, perhaps of another size.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// The accuracy at this step is wanted unless it is known.
    pub fn owe(&mut self, step: u64) {
        self.owed = self.measured != Some(step);
    }

    /// Nothing more is measured.
    pub fn give_up(&mut self) {
        self.owed = false;
        self.measured = self.measured.or(Some(0));
        self.measure_at = Some(Instant::now() + Duration::from_secs(1 << 30));
    }

    /// Computes features of the next few of `wanted` that have none; true when no more are missing.
    async fn fill(
        &mut self,
        trainer: &mut Trainer,
        images: &ImageSet,
        wanted: &[usize],
    ) -> Result<bool> {
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
            self.sample = None;
        }
        let missing: Vec<usize> = wanted
            .iter()
            .copied()
            .filter(|image| !self.rows.contains_key(image))
            .take(FeaturePlan::COUNT + 1)
            .collect();
        let now = &missing[..missing.len().min(FeaturePlan::COUNT)];
        if now.is_empty() {
            return Ok(true);
        }
        let side = trainer.config().crops.global_size;
        let keeps = SQUARE_BYTES / (4 * side * side);
        let mut squares = Vec::with_capacity(now.len());
        for image in now {
            squares.push(match self.squares.get(image) {
                Some(square) => square.clone(),
                None => {
                    let working = images.working().get(*image).ok_or(Error::NoImages)?;
                    let square = seen::square(working, side)?;
                    if self.squares.len() < keeps {
                        self.squares.insert(*image, square.clone());
                    }
                    square
                }
            });
        }
        let begin = Instant::now();
        let mut rows = trainer.features(&squares).await?;
        self.spent += begin.elapsed();
        let dim = trainer.config().vit.embed_dim;
        knn::normalize(&mut rows, dim);
        let rows = rows.chunks_exact(dim).map(<[f32]>::to_vec);
        self.rows.extend(now.iter().copied().zip(rows));
        Ok(missing.len() <= FeaturePlan::COUNT)
    }

    /// Images that take part in the vote and the numbers of their labels; nothing unless there are two
    /// labels.
    fn labelled(&self, images: &ImageSet) -> (Vec<usize>, Vec<usize>) {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut all = Vec::new();
        for image in 0..images.len() {
            let label = images.get(image).and_then(|(entry, _)| entry.label.as_deref());
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

    /// Whether the limit is reached; then fewer images take part from now on.
    fn is_late(&mut self, wanted: &[usize]) -> bool {
        let late = self.spent >= LIMIT;
        if late {
            let done = wanted.iter().filter(|image| self.rows.contains_key(image)).count();
            self.sample = Some(done);
        }
        late
    }

    /// The accuracy of those of the images that have features.
    fn accuracy(
        &mut self,
        images: &ImageSet,
        (wanted, labels): (&[usize], &[usize]),
    ) -> Result<Option<Accuracy>> {
        let (mut rows, mut pixels, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for (image, label) in wanted.iter().zip(labels) {
            let Some(row) = self.rows.get(image) else { continue };
            rows.extend(row);
            known.push(*label);
            if !self.pixels.contains_key(image) {
                let working = images.working().get(*image).ok_or(Error::NoImages)?;
                self.pixels.insert(*image, knn::pixels(working)?);
            }
            pixels.extend(self.pixels.get(image).into_iter().flatten());
        }
        let mut different = known.clone();
        different.sort_unstable();
        different.dedup();
        if different.len() < 2 {
            return Ok(None);
        }
        let dim = rows.len() / known.len();
        Ok(Some(Accuracy {
            step: self.of.0,
            knn: knn::leave_one_out(&rows, dim, &known),
            chance: knn::chance(&known),
            pixels: knn::leave_one_out(&pixels, PIXELS_DIM, &known),
            images: known.len(),
            labels: different.len(),
        }))
    }
}

impl Session {
    pub(in super::super) async fn neighbors(
        &mut self,
        image: usize,
        count: usize,
    ) -> Result<Event> {
        self.known(image)?;
        self.trainer().await?;
        let Some(trainer) = self.trainer.as_mut() else { return Err(Error::NoImages) };
        let (features, images) = (&mut self.views.features, &self.images);
        let others = knn::spread(images.len());
        let wanted: Vec<usize> = std::iter::once(image).chain(others).collect();
        let begin = Instant::now();
        while !features.fill(trainer, images, &wanted).await? && begin.elapsed() < LIMIT {}
        let mut known: Vec<usize> = features.rows.keys().copied().collect();
        known.sort_unstable();
        let rows: Vec<f32> =
            known.iter().filter_map(|i| features.rows.get(i)).flatten().copied().collect();
        let query = features.rows.get(&image).ok_or(Error::NoImages)?;
        let own = known.binary_search(&image).ok();
        let nearest = knn::nearest(query, &rows, query.len(), own, count);
        let nearest = nearest.into_iter().map(|(at, similarity)| (known[at], similarity)).collect();
        Ok(Event::Neighbors { image, step: trainer.step_index(), nearest })
    }

    /// The accuracy, if it is time.
    pub(super) async fn measure_now_and_then(&mut self) -> Result<()> {
        match self.views.features.measure_at {
            Some(at) if Instant::now() < at => Ok(()),
            _ => self.measure().await,
        }
    }

    /// The accuracy before the first step, unless it was measured already.
    pub(super) async fn measure_first(&mut self) -> Result<()> {
        match self.views.features.measured {
            Some(_) => Ok(()),
            None => self.measure().await,
        }
    }

    /// The accuracy at this step, all at once.
    async fn measure(&mut self) -> Result<()> {
        let begin = Instant::now();
        while !self.measure_part(begin).await? {}
        Ok(())
    }

    /// A few images of the accuracy at this step.
    pub(super) async fn measure_a_little(&mut self) -> Result<()> {
        self.measure_part(Instant::now()).await.map(|_| ())
    }

    /// Features of a few images; the accuracy when all have theirs or the time since `begin` is over. True
    /// when nothing is left to do.
    async fn measure_part(&mut self, begin: Instant) -> Result<bool> {
        let Some(trainer) = self.trainer.as_mut() else { return Ok(true) };
        let (features, images) = (&mut self.views.features, &self.images);
        let (wanted, labels) = features.labelled(images);
        let all = wanted.is_empty() || features.fill(trainer, images, &wanted).await?;
        if !all && !features.is_late(&wanted) && begin.elapsed() < 2 * LIMIT {
            return Ok(false);
        }
        let step = trainer.step_index();
        (features.owed, features.measured) = (false, Some(step));
        if let Some(accuracy) = features.accuracy(images, (&wanted, &labels))? {
            self.link.post(Event::Accuracy(accuracy));
        }
        let pause = REFRESH.max(begin.elapsed() * SHARE);
        features.measure_at = Some(Instant::now() + pause);
        Ok(true)
    }
}
