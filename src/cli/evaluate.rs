//! `dino evaluate`: scores of the features of a run or of a backbone alone, beside the same network untrained,
//! raw pixels and chance. Invariant: every number is of the same images, and the same command gives the same
//! numbers.

mod labels;
mod masks;
mod network;
mod table;

use crate::folder::Found;
use crate::options::{Evaluate, Whose};
use crate::{files, folder, open, train_loop, tune_cache};
use dino_core::data::folder::Level;
use dino_core::data::picture::{DEFAULT_SIDE, Picture};
use dino_core::data::preprocess;
use dino_core::error::{Error, FileProblem, Result};
use dino_core::eval::knn;
use dino_core::eval::knn::PIXELS_DIM;
use dino_core::eval::{probe, quality};
use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::checkpoint::Checkpoint;
use dino_core::weights::{Weights, WeightsContent};
use dino_engine::infer::frozen_backbone::FrozenBackbone;
use dino_engine::train::trainer::Trainer;
use masks::Masks;
use network::Measurable;
use std::collections::BTreeMap;
use std::path::Path;
use table::{Beside, Lacking, Scores};

/// Number of images in the mean entropy; the head runs on the CPU.
const ENTROPY_IMAGES: usize = 256;
/// Images between two updates of the progress bar.
const AT_A_TIME: usize = 64;

/// Images in the forms in which they are compared.
struct Set {
    /// Middle squares: for a run, of a global crop's size; for a backbone, as [`FrozenBackbone::features`] takes
    /// them.
    squares: Vec<Picture>,
    /// (n, PIXELS_DIM) of length 1.
    pixels: Vec<f32>,
    labels: Vec<Option<String>>,
}

/// Training and test images with their labels, and masks.
struct Exam {
    teach: Set,
    /// Test images, if they are not the training images.
    ask: Option<Set>,
    /// Labels of the training images, as numbers.
    known: Vec<usize>,
    /// Labels of the test images.
    wanted: Option<Vec<usize>>,
    lacking: Option<Lacking>,
    masks: Option<Masks>,
}

/// Scores of one network.
struct Measured {
    /// Accuracy of neighbours and of a linear probe; none without two labels.
    accuracy: Option<[f32; 2]>,
    /// Of the best head, of the mean of heads, and of a map that is highest in the middle.
    iou: Option<[f64; 3]>,
    /// Entropy of the teacher's answers; none without a head.
    entropy: Option<f64>,
    spread: f64,
}

/// Measures a run or a backbone and prints its scores.
///
/// # Errors
/// [`Error::File`], [`Error::Tensor`] or [`Error::Image`] for a file that cannot be read, otherwise those of the
/// networks.
pub async fn run(options: &Evaluate) -> Result<()> {
    let shown = options.checkpoint.display().to_string();
    let bytes = files::read(&options.checkpoint)?;
    let choice = files::choice(&options.checkpoint, options.network.into(), options.heads);
    let content = weights::open_chosen(&shown, &bytes, &choice)?;
    drop(bytes);
    let scores = match content {
        // The head and the start of a run are the teacher's, so its student is measured as a backbone alone.
        WeightsContent::Run(checkpoint) if options.network == Whose::Student => {
            of_backbone(options, &weights::ours(*checkpoint, Network::Student)).await?
        }
        WeightsContent::Run(checkpoint) => of_run(options, *checkpoint).await?,
        WeightsContent::Backbone(weights) => {
            files::tell(&weights.account, weights.vit.num_heads);
            of_backbone(options, &weights).await?
        }
    };
    if options.json {
        println!("{}", scores.json());
    } else {
        print!("{scores}");
    }
    Ok(())
}

/// The teacher of a run.
async fn of_run(options: &Evaluate, mut checkpoint: Checkpoint) -> Result<Scores> {
    let exam = Exam::read(options, checkpoint.config.crops.global_size)?;
    // Nothing is trained, so the smallest batch of crops saves memory.
    (checkpoint.config.train.batch, checkpoint.config.crops.n_local) = (1, 0);
    let gpu = open().await?;
    tune_cache::recall(&gpu);
    let mut trainer = Trainer::new(gpu.clone(), checkpoint.config.clone(), checkpoint.seed).await?;
    tune_cache::keep(&gpu);
    trainer.restore(&checkpoint).await?;
    let trained = exam.measure(&mut trainer, options, Some(&checkpoint), "trained").await?;
    let begun = network::start(&checkpoint);
    trainer.restore(&begun).await?;
    let untrained = exam.measure(&mut trainer, options, Some(&begun), "untrained").await?;
    Ok(exam.scores(Some(&checkpoint), checkpoint.config.vit.embed_dim, &trained, &untrained))
}

/// A backbone without a head.
async fn of_backbone(options: &Evaluate, weights: &Weights) -> Result<Scores> {
    let exam = Exam::read(options, FrozenBackbone::square(&weights.vit))?;
    eprintln!(
        "{}: a backbone without a head; teacher entropy is left out, the untrained network is of seed 0",
        weights.origin
    );
    let gpu = open().await?;
    tune_cache::recall(&gpu);
    let mut backbone = FrozenBackbone::new(gpu.clone(), weights).await?;
    let trained = exam.measure(&mut backbone, options, None, "trained").await?;
    tune_cache::keep(&gpu);
    // One network at a time on the device.
    drop(backbone);
    let mut backbone = FrozenBackbone::new(gpu.clone(), &network::untrained(weights)?).await?;
    let untrained = exam.measure(&mut backbone, options, None, "untrained").await?;
    Ok(exam.scores(None, weights.vit.embed_dim, &trained, &untrained))
}

impl Exam {
    fn read(options: &Evaluate, side: usize) -> Result<Self> {
        let list = |folder: &Path| -> Result<Vec<Found>> {
            let listing = folder::list(folder)?;
            listing.tell();
            Ok(listing.files)
        };
        let teach = list(&options.images)?;
        let ask = options.test.as_deref().map(list).transpose()?;
        // Folders of notes and annotations are no labels.
        let all = teach.iter().chain(ask.iter().flatten());
        let images = all.filter(|file| files::seems_image(&file.path));
        let labels::Choice { level, words } =
            labels::choose(images.map(|file| file.name.as_str()), options.label_level);
        eprintln!("{words}");
        let level = level.as_ref();
        let teach = read(&options.images, teach, level, side, options.json)?;
        let ask = match (&options.test, ask) {
            (Some(folder), Some(files)) => Some(read(folder, files, level, side, options.json)?),
            _ => None,
        };
        let masks = match &options.masks {
            Some(folder) => Some(Masks::find(&options.images, folder, options.json)?),
            None => None,
        };
        let (known, wanted) = labels(&teach, ask.as_ref());
        let lacking = lacking(&known, wanted.is_some());
        match lacking {
            Some(Lacking::Labels) => eprintln!(
                "fewer than two labels (names of folders): k-NN and the linear probe are skipped"
            ),
            Some(Lacking::Images) => eprintln!(
                "too few images for k-NN and the linear probe: at least two labels need two images each, so that one \
                 can be asked and the other can know"
            ),
            None => {}
        }
        Ok(Self { teach, ask, known, wanted, lacking, masks })
    }

    /// Accuracy of neighbours and of a linear probe, by rows of length 1 of the training images and, if they are
    /// others, of the test images.
    fn accuracy(&self, teach: &[f32], ask: Option<&[f32]>, dim: usize) -> Option<[f32; 2]> {
        let known = &self.known;
        self.lacking.is_none().then(|| match (ask, &self.wanted) {
            (Some(ask), Some(wanted)) => [
                knn::held_out(teach, known, ask, wanted, dim),
                probe::held_out(teach, known, ask, wanted, dim),
            ],
            _ => [knn::leave_one_out(teach, dim, known), probe::cross_validated(teach, dim, known)],
        })
    }

    /// Measures a network. The head of `run`, if there is one, gives the answers.
    async fn measure(
        &self,
        network: &mut impl Measurable,
        options: &Evaluate,
        run: Option<&Checkpoint>,
        name: &str,
    ) -> Result<Measured> {
        let dim = network.dim();
        let mut teach = features(network, &self.teach.squares, options.json, name).await?;
        let entropy = match run {
            Some(run) => {
                let some = knn::spread(teach.len() / dim).into_iter().take(ENTROPY_IMAGES);
                let row = |i: usize| teach[i * dim..(i + 1) * dim].to_vec();
                Some(quality::entropy(run, &some.flat_map(row).collect::<Vec<f32>>())?)
            }
            None => None,
        };
        knn::normalize(&mut teach, dim);
        let mut ask = None;
        if let Some(set) = &self.ask {
            let mut rows = features(network, &set.squares, options.json, name).await?;
            knn::normalize(&mut rows, dim);
            ask = Some(rows);
        }
        let iou = match &self.masks {
            Some(masks) => Some(masks.measure(network, options, name).await?),
            None => None,
        };
        let accuracy = self.accuracy(&teach, ask.as_deref(), dim);
        Ok(Measured { accuracy, iou, entropy, spread: quality::spread(&teach, dim) })
    }

    fn scores(
        &self,
        run: Option<&Checkpoint>,
        dim: usize,
        trained: &Measured,
        untrained: &Measured,
    ) -> Scores {
        let Self { teach, ask, known, wanted, lacking, masks } = self;
        let asked = wanted.as_ref().unwrap_or(known);
        let ask = ask.as_ref().map(|set| set.pixels.as_slice());
        let pixels = self.accuracy(&teach.pixels, ask, PIXELS_DIM);
        let accuracy = |i: usize| {
            Some(Beside {
                trained: trained.accuracy?[i].into(),
                untrained: untrained.accuracy?[i].into(),
                pixels: Some(pixels?[i].into()),
                chance: Some(knn::chance(asked).into()),
                centre: None,
            })
        };
        let iou = |i: usize| {
            let trained_iou = trained.iou?;
            let (trained, untrained) = (trained_iou[i], untrained.iou?[i]);
            let centre = Some(trained_iou[2]);
            Some(Beside { trained, untrained, pixels: None, chance: None, centre })
        };
        // Of one image alone there is no deviation.
        let spread = (known.len() > 1).then_some(trained.spread);
        let of_uniform = |(run, entropy): (&Checkpoint, f64)| {
            [entropy, entropy / (run.config.head.out_dim as f64).ln()]
        };
        Scores {
            step: run.map(|run| run.step),
            images: known.len(),
            asked: asked.len(),
            labels: known.iter().max().map_or(0, |most| most + 1),
            masks: masks.as_ref().map_or(0, Masks::len),
            lacking: *lacking,
            knn: accuracy(0),
            linear: accuracy(1),
            best_head: iou(0),
            mean_head: iou(1),
            entropy: run.zip(trained.entropy).map(of_uniform),
            feature_std: spread.map(|spread| [spread, spread * (dim as f64).sqrt()]),
        }
    }
}

/// All images among the files of a folder, with labels from the folders of a level; those that cannot be read are named
/// on standard error and skipped. Where some have labels, those without are left out, and counted on standard error.
fn read(
    folder: &Path,
    files: Vec<Found>,
    level: Option<&Level>,
    side: usize,
    quiet: bool,
) -> Result<Set> {
    let count = files.len();
    let mut found: Vec<(Found, Option<String>)> = (files.into_iter())
        .map(|file| {
            let label = level.and_then(|level| level.label(&file.name)).map(str::to_owned);
            (file, label)
        })
        .collect();
    if found.iter().any(|(_, label)| label.is_some()) {
        let without = found.extract_if(.., |(_, label)| label.is_none());
        let without = without.filter(|(file, _)| files::seems_image(&file.path));
        let without: Vec<String> = without.map(|(file, _)| file.name).collect();
        if let Some(words) = labels::left_out(&without) {
            eprintln!("{words}");
        }
    }
    let bar = train_loop::bar(quiet, found.len() as u64, "images read");
    let mut set = Set { squares: Vec::new(), pixels: Vec::new(), labels: Vec::new() };
    for (file, label) in &found {
        bar.inc(1);
        match files::named_picture(&file.path, &file.name, DEFAULT_SIDE) {
            Ok((picture, _)) => {
                set.squares.push(preprocess::square(&picture, side)?);
                set.pixels.extend(knn::pixels(&picture)?);
                set.labels.push(label.clone());
            }
            Err(error) => bar.suspend(|| eprintln!("skipped {error}")),
        }
    }
    bar.finish_and_clear();
    if set.squares.is_empty() {
        return Err(Error::file(folder.display(), FileProblem::NoImages { files: count }));
    }
    Ok(set)
}

/// Labels as numbers; images without a label have that of the empty name. A label that only test images have counts,
/// and is never recognised.
fn labels(teach: &Set, ask: Option<&Set>) -> (Vec<usize>, Option<Vec<usize>>) {
    let name = |label: &Option<String>| label.clone().unwrap_or_default();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut add = |set: &Set| {
        for label in &set.labels {
            let next = numbers.len();
            numbers.entry(name(label)).or_insert(next);
        }
    };
    add(teach);
    ask.into_iter().for_each(&mut add);
    let of = |set: &Set| {
        set.labels.iter().filter_map(|label| numbers.get(&name(label)).copied()).collect()
    };
    (of(teach), ask.map(of))
}

/// What the labels of the training images lack for neighbours and a probe: two labels, or, where no other images are
/// asked, two labels with two images each. A label with one image is asked about, but nobody knows it then.
fn lacking(known: &[usize], others_asked: bool) -> Option<Lacking> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for label in known {
        *counts.entry(*label).or_default() += 1;
    }
    let enough = counts.values().filter(|count| others_asked || **count > 1).count();
    match (counts.len(), enough) {
        (0 | 1, _) => Some(Lacking::Labels),
        (_, 0 | 1) => Some(Lacking::Images),
        _ => None,
    }
}

/// CLS features (n, D).
async fn features(
    network: &mut impl Measurable,
    squares: &[Picture],
    quiet: bool,
    name: &str,
) -> Result<Vec<f32>> {
    let bar = train_loop::bar(quiet, squares.len() as u64, &format!("features, {name}"));
    let mut rows = Vec::new();
    for squares in squares.chunks(AT_A_TIME) {
        rows.extend(network.features(squares).await?);
        bar.inc(squares.len() as u64);
    }
    bar.finish_and_clear();
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_right_is_not_measured() {
        let labels = Some(Lacking::Labels);
        let images = Some(Lacking::Images);
        for (known, alone, with_others) in [
            (&[][..], labels, labels),
            (&[0], labels, labels),
            (&[0, 0, 0], labels, labels),
            (&[0, 1], images, None),
            (&[0, 0, 1], images, None),
            (&[0, 1, 2, 3], images, None),
            (&[0, 0, 1, 1], None, None),
            (&[0, 0, 1, 1, 2], None, None),
        ] {
            assert_eq!(lacking(known, false), alone, "{known:?}");
            assert_eq!(lacking(known, true), with_others, "{known:?}");
        }
    }
}
