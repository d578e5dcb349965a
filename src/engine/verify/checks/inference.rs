//! Checks of inference: every layer against the CPU twins, queries and keys against the attention that they make,
//! a batch of features against single images, snapshots against the teacher at their steps. Invariant: a pass
//! agrees with itself: its attention is the softmax of its queries and keys.

use crate::gpu::plan::CpuMemory;
use crate::infer::attention_pass::{AttentionPass, AttentionResult, PictureList};
use crate::infer::feature_pass::FeaturePass;
use crate::infer::frozen_backbone::FrozenBackbone;
use crate::kernels::gemm::Tuning;
use crate::train::executor::Engine;
use crate::train::trainer::{Inference, Trainer};
use crate::tune::TunedGpu;
use crate::verify::checks::tiny;
use crate::verify::checks::tiny::Found;
use crate::verify::checks::twins::near;
use crate::verify::checks::{Check, Outcome, text};
use dino_core::Error;
use dino_core::data::picture::Picture;
use dino_core::data::preprocess;
use dino_core::error::StateError;
use dino_core::rng::Rng;
use dino_core::run::network::Network;
use dino_core::weights;
use std::rc::Rc;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "inference: equals its CPU twins", run: |gpu| Box::pin(twins(gpu)) },
        Check { name: "inference: features of a batch", run: |gpu| Box::pin(features(gpu)) },
        Check { name: "inference: networks and snapshots", run: |gpu| Box::pin(snapshots(gpu)) },
        Check { name: "inference: a backbone alone", run: |gpu| Box::pin(alone(gpu)) },
        Check { name: "inference: other draws of crops", run: |gpu| Box::pin(draws(gpu)) },
    ]
}

/// Rounding of a whole forward pass.
const TOLERANCE: f64 = 1e-4;

fn noise(width: usize, height: usize, seed: u64) -> Picture {
    let mut rng = Rng::new(seed, 9, 0, 0);
    let mut rgba: Vec<u8> = (0..4 * width * height).map(|_| rng.below(256) as u8).collect();
    rgba.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
    Picture { width, height, rgba }
}

async fn twins(gpu: &Rc<TunedGpu>) -> Outcome {
    let engine = tiny::engine(gpu, &tiny::config(), 1, gpu.bounds()).await?;
    let Engine { config, program, step, .. } = &engine;
    for (serial, grid) in [(false, [5, 3]), (true, [2, 7]), (false, [4, 4]), (true, [1, 1])] {
        let tuning = Tuning { serial, ..Tuning::default() };
        let list = PictureList::new(&step.layout, &config.vit, &tuning, "teacher", grid);
        let mut memory = CpuMemory::new(&list.plan);
        for window in 0..step.layout.windows.len() {
            let name = format!("teacher.{window}");
            let (here, there) = (list.plan.find(&name), program.plan.find(&name));
            let (Some(here), Some(there)) = (here, there) else {
                return Err(format!("no buffer `{name}`"));
            };
            memory.write(here, &program.read(gpu, there).await.map_err(text)?);
        }
        for (slice, words) in &list.uploads {
            let words: Vec<f32> = words.iter().map(|w| f32::from_bits(*w)).collect();
            memory.write(*slice, &words);
        }
        let patch = config.vit.patch_size;
        let picture = noise(grid[0] * patch, grid[1] * patch, 3);
        memory.write(list.patches, &list.input(&picture).map_err(text)?);
        let (layout, role) = (&step.layout, "teacher");
        let plan = AttentionPass::new(gpu, program, layout, &config.vit, &tuning, role, grid);
        let plan = plan.await.map_err(text)?;
        for layer in 0..config.vit.depth {
            for lines in list.lines(layer).map_err(text)? {
                list.plan.run_on_cpu(&mut memory, lines);
            }
            let expected = list.result(memory.read(list.out));
            let budget = if serial { 1000 } else { u64::MAX };
            let found = plan.run(gpu, &picture, layer, budget).await.map_err(text)?;
            let what = format!("{grid:?}, layer {layer}");
            compare(&what, &found, &expected)?;
            consistent(&what, &found, config.vit.num_heads, grid[0] * grid[1] + 1)?;
        }
        match plan.run(gpu, &picture, config.vit.depth, u64::MAX).await {
            Err(Error::State(StateError::NoLayer { .. })) => {}
            other => {
                return Err(format!("expected no layer {}, found {other:?}", config.vit.depth));
            }
        }
    }
    gpu.check().map_err(text)
}

fn compare(what: &str, found: &AttentionResult, expected: &AttentionResult) -> Outcome {
    for (name, f, e) in [
        ("attention", &found.attention, &expected.attention),
        ("queries", &found.queries, &expected.queries),
        ("keys", &found.keys, &expected.keys),
        ("features", &found.features, &expected.features),
        ("CLS", &found.cls, &expected.cls),
    ] {
        near(&format!("{name} of {what}"), f, e, TOLERANCE)?;
    }
    Ok(())
}

/// Fails unless a query's attention is the softmax of its products with all keys, and features have length 1.
fn consistent(what: &str, found: &AttentionResult, heads: usize, tokens: usize) -> Outcome {
    let dim = found.queries.len() / (heads * tokens);
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let mut expected = Vec::new();
    for head in 0..heads {
        let of_head = |values: &[f32], token: usize| -> Vec<f32> {
            values[(head * tokens + token) * dim..][..dim].to_vec()
        };
        let query = of_head(&found.queries, 0);
        let weights: Vec<f32> =
            (0..tokens).map(|token| dot(&query, &of_head(&found.keys, token)).exp()).collect();
        let sum: f32 = weights.iter().sum();
        expected.extend(weights[1..].iter().map(|w| w / sum));
    }
    near(&format!("softmax of {what}"), &found.attention, &expected, TOLERANCE)?;
    let width = found.cls.len();
    for row in found.features.chunks(width).chain([&found.cls[..]]) {
        let length = dot(row, row).sqrt();
        if (length - 1.0).abs() > 1e-4 {
            return Err(format!("{what}: expected features of length 1, found {length}"));
        }
    }
    Ok(())
}

/// Features of more images than one run takes, none of them square.
async fn features(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut trainer = trainer(gpu, 5).await?;
    let (side, dim) = (trainer.config().crops.global_size, trainer.config().vit.embed_dim);
    let pictures = (0..FeaturePass::COUNT + 3).map(|i| noise(20 + i, 37 - i, i as u64));
    let pictures: Vec<Picture> =
        pictures.map(|p| preprocess::square(&p, side)).collect::<Result<_, _>>().map_err(text)?;
    let mut found = trainer.features(&pictures).await.map_err(text)?;
    if trainer.features(&[noise(side, side + 1, 0)]).await.is_ok() {
        return Err("expected a picture that is not square to be refused".to_owned());
    }
    if found.len() != pictures.len() * dim {
        return Err(format!("expected {} × {dim} numbers, found {}", pictures.len(), found.len()));
    }
    dino_core::eval::knn::normalize(&mut found, dim);
    for i in [0, 1, FeaturePass::COUNT, pictures.len() - 1] {
        let square = &pictures[i];
        let sight = trainer.infer(square, Network::Teacher, 0, side).await.map_err(text)?;
        let found = &found[i * dim..][..dim];
        near(&format!("features of picture {i}"), found, &sight.result.cls, TOLERANCE)?;
    }
    Ok(())
}

async fn snapshots(gpu: &Rc<TunedGpu>) -> Outcome {
    let picture = noise(60, 40, 1);
    let mut first = trainer(gpu, 5).await?;
    let begin = infer(&mut first, &picture, Network::Teacher).await?;
    if begin.grid != [4, 3] || (begin.picture.width, begin.picture.height) != (16, 12) {
        return Err(format!("expected 4 × 3 patches of 4 pixels, found {:?}", begin.grid));
    }
    let mut kept = Vec::new();
    for step in 0..12 {
        if first.snapshot_due() {
            kept.push(step);
            first.keep_snapshot().await.map_err(text)?;
        }
        train(&mut first).await?;
    }
    if kept[..2] != [0, 1] || first.snapshot_due() {
        return Err(format!("expected snapshots of steps 0, 1 …, found {kept:?}"));
    }
    let now = infer(&mut first, &picture, Network::Teacher).await?;
    let student = infer(&mut first, &picture, Network::Student).await?;
    let early = infer(&mut first, &picture, Network::Snapshot(1)).await?;
    let again = infer(&mut first, &picture, Network::Snapshot(0)).await?;
    if again != begin {
        return Err("the snapshot of step 0 is not what was seen then".to_owned());
    }
    for (name, other) in [("now", &now), ("the student", &student), ("step 1", &early)] {
        if other.result == begin.result || (name != "now" && other.result == now.result) {
            return Err(format!("{name} looks like another network"));
        }
    }
    if infer(&mut first, &picture, Network::Teacher).await? != now {
        return Err("a look at a snapshot changed the network".to_owned());
    }
    if infer(&mut first, &picture, Network::Snapshot(999)).await.is_ok() {
        return Err("expected no snapshot of step 999".to_owned());
    }
    let snapshots: Vec<(u64, Vec<f32>)> =
        first.snapshots().map(|(step, words)| (step, words.to_vec())).collect();
    let saved = first.save().await.map_err(text)?;
    let mut second = trainer(gpu, 6).await?;
    second.keep_snapshot().await.map_err(text)?;
    second.load(&saved).await.map_err(text)?;
    if second.snapshots().next().is_some() {
        return Err("a checkpoint kept the snapshots of another run".to_owned());
    }
    for (step, words) in snapshots {
        if second.restore_snapshot(step, words[1..].to_vec()).is_ok() {
            return Err("expected a short snapshot to be refused".to_owned());
        }
        second.restore_snapshot(step, words).map_err(text)?;
    }
    if infer(&mut second, &picture, Network::Snapshot(0)).await? != begin {
        return Err("a snapshot that was given on is another".to_owned());
    }
    Ok(())
}

/// A backbone without a run gives the same results, image after image, and is refused if a tensor is missing.
async fn alone(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut run = trainer(gpu, 5).await?;
    train(&mut run).await?;
    let saved = run.save().await.map_err(text)?;
    let mut weights = weights::read("run", &saved, Network::Teacher, None).map_err(text)?;
    let mut alone = FrozenBackbone::new(gpu.clone(), &weights).await.map_err(text)?;
    for (width, height, side) in [(60, 40, 16), (9, 33, 20), (60, 40, 16)] {
        let picture = noise(width, height, 1);
        for layer in 0..run.config().vit.depth {
            let expected = run.infer(&picture, Network::Teacher, layer, side).await;
            let expected = expected.map_err(text)?;
            let found = alone.infer(&picture, layer, side).await.map_err(text)?;
            let what = format!("{width} × {height}, layer {layer}, alone");
            if (found.grid, &found.picture) != (expected.grid, &expected.picture) {
                return Err(format!(
                    "{what}: expected {:?}, found {:?}",
                    expected.grid, found.grid
                ));
            }
            compare(&what, &found.result, &expected.result)?;
        }
    }
    if alone.infer(&noise(9, 9, 1), run.config().vit.depth, 16).await.is_ok() {
        return Err("expected no layer after the last".to_owned());
    }
    let (side, dim) = (FrozenBackbone::square(alone.vit()), alone.vit().embed_dim);
    let squares: Vec<Picture> =
        (0..FeaturePass::COUNT + 3).map(|i| noise(side, side, i as u64)).collect();
    let mut found = alone.features(&squares).await.map_err(text)?;
    if found.len() != squares.len() * dim {
        return Err(format!("expected {} × {dim} numbers, found {}", squares.len(), found.len()));
    }
    dino_core::eval::knn::normalize(&mut found, dim);
    for i in [0, FeaturePass::COUNT, squares.len() - 1] {
        let expected = run.infer(&squares[i], Network::Teacher, 0, side).await.map_err(text)?;
        let found = &found[i * dim..][..dim];
        near(&format!("features of square {i}, alone"), found, &expected.result.cls, TOLERANCE)?;
    }
    if alone.features(&[noise(side, side + 1, 0)]).await.is_ok() {
        return Err("expected a picture that is not square to be refused".to_owned());
    }
    weights.backbone.remove("backbone.norm.bias");
    match FrozenBackbone::new(gpu.clone(), &weights).await {
        Err(Error::Tensor { name, .. }) if name == "backbone.norm.bias" => Ok(()),
        Err(error) => Err(format!("expected the missing tensor, found {error}")),
        Ok(_) => Err("expected the missing tensor to be missed".to_owned()),
    }
}

async fn draws(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut trainer = trainer(gpu, 5).await?;
    let pictures = [noise(40, 30, 1)];
    let mut all = Vec::new();
    for draw in [0, 1, 2, 0, 1] {
        all.push(trainer.crops(&pictures[0], 0, draw).await.map_err(text)?);
    }
    if all[0] != all[3] || all[1] != all[4] {
        return Err("expected the same crops for the same draw".to_owned());
    }
    if all[0] == all[1] || all[1] == all[2] || all[0] == all[2] {
        return Err("expected other crops for another draw".to_owned());
    }
    Ok(())
}

async fn trainer(gpu: &Rc<TunedGpu>, seed: u64) -> Found<Trainer> {
    Trainer::new(gpu.clone(), tiny::config(), seed).await.map_err(text)
}

async fn train(trainer: &mut Trainer) -> Outcome {
    let pictures = [noise(20, 30, 7), noise(31, 17, 8)];
    trainer.step(&pictures).await.map_err(text)?;
    trainer.finish().await.map_err(text)
}

async fn infer(trainer: &mut Trainer, picture: &Picture, network: Network) -> Found<Inference> {
    trainer.infer(picture, network, 1, 16).await.map_err(text)
}
