//! `dino evaluate`: what the features of a checkpoint are good for, beside the same network untrained, raw
//! pixels and chance. Invariant: every number is of the same images, and the same command gives the same
//! numbers.

mod masks;
mod table;

use super::options::Evaluate;
use super::{course, files, memory, open};
use crate::checkpoint::{CENTER, Checkpoint, ROLES};
use crate::error::{Error, Result};
use crate::images::{DEFAULT_SIDE, Picture};
use crate::knn::{self, PIXELS_DIM};
use crate::tensors::{Tensor, Tensors};
use crate::trainer::Trainer;
use crate::{init, probe, quality, seen};
use masks::Masks;
use std::collections::BTreeMap;
use std::path::Path;
use table::{Beside, Scores};

/// Images of which the entropy is the mean: the head runs on the CPU.
const ENTROPY_IMAGES: usize = 256;
/// Pictures between two looks at the progress bar.
const AT_A_TIME: usize = 64;

/// Images as they are compared.
struct Set {
    /// Middle squares of a global crop's size.
    squares: Vec<Picture>,
    /// (n, PIXELS_DIM) of length 1.
    pixels: Vec<f32>,
    labels: Vec<Option<String>>,
}

/// Rows of features of those who teach and, if there are others, of those who are asked.
struct Rows {
    dim: usize,
    teach: Vec<f32>,
    ask: Option<Vec<f32>>,
}

/// Measures and prints.
pub async fn run(options: &Evaluate) -> Result<()> {
    let shown = options.checkpoint.display().to_string();
    let mut checkpoint = Checkpoint::from_bytes(&shown, &files::read(&options.checkpoint)?)?;
    let side = checkpoint.config.crops.global_size;
    let teach = read(&options.images, side, options.json)?;
    let ask = options.test.as_deref().map(|dir| read(dir, side, options.json)).transpose()?;
    let masks = match &options.masks {
        Some(folder) => Some(Masks::find(&options.images, folder, options.json)?),
        None => None,
    };
    let (known, wanted) = labels(&teach, ask.as_ref());
    let chance = knn::chance(wanted.as_ref().unwrap_or(&known));
    let judged = known.iter().any(|label| *label != known[0]);
    if !judged {
        eprintln!(
            "expected two labels or more, the names of folders: neighbours and probe are left out"
        );
    }
    // Nothing is trained, so no memory is spent on a batch.
    checkpoint.config.train.batch = 1;
    let gpu = open().await?;
    memory::recall(&gpu);
    let mut trainer = Trainer::new(gpu.clone(), checkpoint.config.clone(), checkpoint.seed).await?;
    memory::keep(&gpu);

    let score = |rows: &Rows| {
        judged.then(|| match (&rows.ask, &wanted) {
            (Some(ask), Some(wanted)) => [
                knn::held_out(&rows.teach, &known, ask, wanted, rows.dim),
                probe::held_out(&rows.teach, &known, ask, wanted, rows.dim),
            ],
            _ => [
                knn::leave_one_out(&rows.teach, rows.dim, &known),
                probe::cross_validated(&rows.teach, rows.dim, &known),
            ],
        })
    };
    let dim = checkpoint.config.vit.embed_dim;
    let mut accuracy = Vec::new();
    let mut ious = Vec::new();
    let mut quality = [0.0; 2];
    let untrained = untrained(&checkpoint);
    for (state, name) in [(&checkpoint, "trained"), (&untrained, "untrained")] {
        trainer.restore(state).await?;
        let raw = features(&mut trainer, &teach.squares, options.json, name).await?;
        if name == "trained" {
            let some = knn::spread(teach.squares.len()).into_iter().take(ENTROPY_IMAGES);
            let some: Vec<f32> = some.flat_map(|i| raw[i * dim..(i + 1) * dim].to_vec()).collect();
            quality[0] = quality::entropy(state, &some)?;
        }
        let mut rows = Rows { dim, teach: raw, ask: None };
        if let Some(ask) = &ask {
            rows.ask = Some(features(&mut trainer, &ask.squares, options.json, name).await?);
        }
        for rows in [Some(&mut rows.teach), rows.ask.as_mut()].into_iter().flatten() {
            knn::normalize(rows, dim);
        }
        if name == "trained" {
            quality[1] = quality::spread(&rows.teach, dim);
        }
        accuracy.push(score(&rows));
        if let Some(masks) = &masks {
            ious.push(masks.measure(&mut trainer, options, name).await?);
        }
    }
    let ask_pixels = ask.map(|ask| ask.pixels);
    let pixels = score(&Rows { dim: PIXELS_DIM, teach: teach.pixels, ask: ask_pixels });
    let beside = |i: usize| match (accuracy[0], accuracy[1], pixels) {
        (Some(trained), Some(untrained), Some(pixels)) => Some(Beside {
            trained: trained[i].into(),
            untrained: untrained[i].into(),
            pixels: Some(pixels[i].into()),
            chance: Some(chance.into()),
        }),
        _ => None,
    };
    let iou = |i: usize| {
        let of = |which: usize| ious.get(which).map(|iou: &[f64; 2]| iou[i]);
        Some(Beside { trained: of(0)?, untrained: of(1)?, pixels: None, chance: None })
    };
    let scores = Scores {
        step: checkpoint.step,
        images: known.len(),
        asked: wanted.map_or(known.len(), |wanted| wanted.len()),
        labels: known.iter().max().map_or(0, |most| most + 1),
        masks: masks.as_ref().map_or(0, Masks::len),
        knn: beside(0),
        linear: beside(1),
        best_head: iou(0),
        mean_head: iou(1),
        entropy: quality[0],
        entropy_of_uniform: quality[0] / (checkpoint.config.head.out_dim as f64).ln(),
        feature_std: quality[1],
        feature_std_of_healthy: quality[1] * (dim as f64).sqrt(),
    };
    if options.json {
        println!("{}", scores.json());
    } else {
        print!("{scores}");
    }
    Ok(())
}

/// All images of a folder; those that cannot be read are named on standard error and skipped.
fn read(folder: &Path, side: usize, quiet: bool) -> Result<Set> {
    let found = files::labelled(folder)?;
    let bar = course::bar(quiet, found.len() as u64, "images read");
    let mut set = Set { squares: Vec::new(), pixels: Vec::new(), labels: Vec::new() };
    for (path, label) in &found {
        bar.inc(1);
        match files::picture(path, DEFAULT_SIDE) {
            Ok(picture) => {
                set.squares.push(seen::square(&picture, side)?);
                set.pixels.extend(knn::pixels(&picture)?);
                set.labels.push(label.clone());
            }
            Err(error) => bar.suspend(|| eprintln!("skipped {error}")),
        }
    }
    bar.finish_and_clear();
    if set.squares.is_empty() {
        let found = found.len();
        return Err(Error::file(
            folder.display(),
            format!("expected at least one image, found none among {found} files"),
        ));
    }
    Ok(set)
}

/// Labels as numbers, in the order of their names; images without one have that of the empty name. A label
/// that only those have who are asked counts, and is never recognised.
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

/// The same network before its first step.
fn untrained(checkpoint: &Checkpoint) -> Checkpoint {
    let mut tensors = Tensors::new();
    for (name, tensor) in init::student(&checkpoint.config, checkpoint.seed) {
        for role in ROLES {
            let value = if role.ends_with("moment.") {
                Tensor::full(&tensor.shape, 0.0)
            } else {
                tensor.clone()
            };
            tensors.insert(format!("{role}{name}"), value);
        }
    }
    tensors.insert(CENTER.to_owned(), Tensor::full(&[1, checkpoint.config.head.out_dim], 0.0));
    Checkpoint { step: 0, tensors, ..checkpoint.clone() }
}

/// The teacher's CLS features (n, D).
async fn features(
    trainer: &mut Trainer,
    squares: &[Picture],
    quiet: bool,
    name: &str,
) -> Result<Vec<f32>> {
    let bar = course::bar(quiet, squares.len() as u64, &format!("features, {name}"));
    let mut rows = Vec::new();
    for squares in squares.chunks(AT_A_TIME) {
        rows.extend(trainer.features(squares).await?);
        bar.inc(squares.len() as u64);
    }
    bar.finish_and_clear();
    Ok(rows)
}
