//! Checks of whole runs of a tiny network on images of noise: the same bits twice, the same numbers however the
//! batch is split, a checkpoint from which the run goes on to the bit, and a loss that is not finite. Invariant:
//! what must be equal is compared to the bit; only parts of a batch, which sum in another order, may differ by
//! rounding.

use crate::train::trainer::{Options, Trainer};
use crate::tune::TunedGpu;
use crate::tune::tuner::Tuner;
use crate::verify::checks::tiny;
use crate::verify::checks::tiny::Found;
use crate::verify::checks::twins::near;
use crate::verify::checks::{Check, Outcome, text};
use dino_core::Error;
use dino_core::data::picture::Picture;
use dino_core::eval::metrics::Metrics;
use dino_core::rng::Rng;
use std::rc::Rc;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "run: ten steps twice", run: |gpu| Box::pin(twice(gpu)) },
        Check { name: "run: parts of a batch", run: |gpu| Box::pin(parts(gpu)) },
        Check { name: "run: parts of a submit", run: |gpu| Box::pin(submits(gpu)) },
        Check { name: "run: recomputing", run: |gpu| Box::pin(recomputing(gpu)) },
        Check { name: "run: measurements are remembered", run: |gpu| Box::pin(remembered(gpu)) },
        Check { name: "run: checkpoint", run: |gpu| Box::pin(checkpoint(gpu)) },
        Check { name: "run: backbone frozen", run: |gpu| Box::pin(frozen(gpu)) },
        Check { name: "run: loss not finite", run: |gpu| Box::pin(not_finite(gpu)) },
    ]
}

/// Three images of noise for a batch of four: fewer than the batch, none square.
fn pictures() -> Vec<Picture> {
    let mut rng = Rng::new(5, 0, 0, 0);
    [(31, 17), (16, 40), (64, 63)]
        .map(|(width, height)| {
            let mut rgba = Vec::with_capacity(4 * width * height);
            for _ in 0..width * height {
                rgba.extend([
                    rng.below(256) as u8,
                    rng.below(256) as u8,
                    rng.below(256) as u8,
                    255,
                ]);
            }
            Picture { width, height, rgba }
        })
        .to_vec()
}

async fn trainer(gpu: &Rc<TunedGpu>, seed: u64, micro_batch: usize) -> Found<Trainer> {
    let options = Options { micro_batch: Some(micro_batch), ..Options::default() };
    Trainer::with(gpu.clone(), tiny::config(), seed, options).await.map_err(text)
}

async fn train(trainer: &mut Trainer, steps: usize) -> Found<Vec<Metrics>> {
    let pictures = pictures();
    for _ in 0..steps {
        trainer.step(&pictures).await.map_err(text)?;
    }
    trainer.finish().await.map_err(text)?;
    Ok(trainer.drain())
}

async fn twice(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut states = Vec::new();
    for seed in [3, 3, 4] {
        let mut trainer = trainer(gpu, seed, 2).await?;
        let metrics = train(&mut trainer, 10).await?;
        let steps: Vec<u64> = metrics.iter().map(|m| m.step).collect();
        if steps != (0..10).collect::<Vec<_>>() {
            return Err(format!("expected the numbers of steps 0 to 9, found those of {steps:?}"));
        }
        states.push((trainer.save().await.map_err(text)?, metrics));
    }
    if states[0] != states[1] {
        return Err("ten steps with one seed gave other bits the second time".to_owned());
    }
    if states[0].0 == states[2].0 || states[0].1 == states[2].1 {
        return Err("two seeds gave the same run".to_owned());
    }
    Ok(())
}

async fn parts(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut whole = trainer(gpu, 3, 4).await?;
    let expected = train(&mut whole, 4).await?;
    for micro in [2, 1] {
        let mut split = trainer(gpu, 3, micro).await?;
        let found = train(&mut split, 4).await?;
        for (found, expected) in found.iter().zip(&expected) {
            let numbers = |m: &Metrics| [m.loss, m.entropy, m.kl, m.feature_std, m.center_norm];
            let name = format!("{micro} at a time, numbers of step {}", expected.step);
            near(&name, &numbers(found), &numbers(expected), 1e-4)?;
        }
        for (name, student) in read(&whole, "student").await? {
            let split = &read(&split, "student").await?;
            let found = split.iter().find(|(n, _)| *n == name).map(|(_, words)| words);
            near(&name, found.map_or(&[][..], Vec::as_slice), &student, 5e-3)?;
        }
    }
    Ok(())
}

/// While a fresh head warms up, the backbone stays the same to the bit; after that it learns.
async fn frozen(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut config = tiny::config();
    config.train.freeze_backbone = 1.0;
    let mut trainer =
        Trainer::with(gpu.clone(), config, 3, Options::default()).await.map_err(text)?;
    let before = read(&trainer, "student").await?;
    train(&mut trainer, 2).await?;
    let held = read(&trainer, "student").await?;
    train(&mut trainer, 1).await?;
    let after = read(&trainer, "student").await?;
    for (i, (name, values)) in before.iter().enumerate() {
        let backbone = name.starts_with("backbone.");
        if (held[i].1 == *values) != backbone {
            return Err(format!(
                "`{name}` after two steps with a frozen backbone: not as expected"
            ));
        }
        if backbone && after[i].1 == *values {
            return Err(format!("`{name}` is still frozen in the third step"));
        }
    }
    Ok(())
}

/// A step in many submits gives the same bits as in one.
async fn submits(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut states = Vec::new();
    for (budget, expected) in [(u64::MAX, 2..=2), (30_000, 10..=200)] {
        let (micro_batch, budget) = (Some(2), Some(budget));
        let options = Options { micro_batch, budget, ..Options::default() };
        let mut trainer =
            Trainer::with(gpu.clone(), tiny::config(), 3, options).await.map_err(text)?;
        if !expected.contains(&trainer.submits()) {
            return Err(format!("expected {expected:?} submits, found {}", trainer.submits()));
        }
        train(&mut trainer, 3).await?;
        states.push(state(&trainer).await?);
    }
    if states[0] != states[1] {
        return Err("expected the same parameters, found others".to_owned());
    }
    Ok(())
}

/// A run that computes activations again gives the same bits as one that stores them.
async fn recomputing(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut states = Vec::new();
    for recompute in [false, true] {
        let options = Options { micro_batch: Some(2), recompute, ..Options::default() };
        let mut trainer =
            Trainer::with(gpu.clone(), tiny::config(), 3, options).await.map_err(text)?;
        train(&mut trainer, 3).await?;
        states.push((state(&trainer).await?, trainer.bytes()));
    }
    if states[0].0 != states[1].0 {
        return Err("expected the same parameters, found others".to_owned());
    }
    if states[1].1 >= states[0].1 {
        return Err(format!("expected less than {} bytes, found {}", states[0].1, states[1].1));
    }
    Ok(())
}

/// Measurements come back from their text unchanged; a text that cannot be this adapter's is refused.
async fn remembered(gpu: &Rc<TunedGpu>) -> Outcome {
    trainer(gpu, 3, 2).await?;
    let text = gpu.tuner.borrow().remember(gpu);
    let mut tuner = Tuner::default();
    tuner.recall(gpu, &text).map_err(self::text)?;
    let measured = gpu.tuner.borrow().tuning.choices.clone();
    if measured.is_empty() || tuner.tuning.choices != measured {
        return Err(format!("expected {measured:?}, found {:?}", tuner.tuning.choices));
    }
    let parts = text.replace("\"parts\":1", "\"parts\":0");
    for bad in ["", "{}", &text.replace("\"adapter\":\"", "\"adapter\":\"not "), &parts] {
        if tuner.recall(gpu, bad).is_ok() {
            return Err(format!("expected a refusal of {bad}"));
        }
    }
    Ok(())
}

async fn checkpoint(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut first = trainer(gpu, 3, 4).await?;
    train(&mut first, 3).await?;
    let saved = first.save().await.map_err(text)?;
    let expected = train(&mut first, 3).await?;
    let mut second = trainer(gpu, 99, 4).await?;
    train(&mut second, 1).await?;
    second.load(&saved).await.map_err(text)?;
    if second.save().await.map_err(text)? != saved {
        return Err("a loaded checkpoint is saved as other bytes".to_owned());
    }
    let found = train(&mut second, 3).await?;
    if found != expected {
        return Err(format!("after loading: expected {expected:?}, found {found:?}"));
    }
    if first.save().await.map_err(text)? != second.save().await.map_err(text)? {
        return Err("three steps after loading gave other bits than without".to_owned());
    }
    Ok(())
}

/// The words of all buffers whose name begins with `role`.
async fn read(trainer: &Trainer, role: &str) -> Found<Vec<(String, Vec<f32>)>> {
    let engine = trainer.engine();
    let mut all = Vec::new();
    for window in 0..engine.step.layout.windows.len() {
        let name = format!("{role}.{window}");
        let slice = engine.program.plan.find(&name).ok_or(format!("no buffer `{name}`"))?;
        all.push((name, engine.program.read(&engine.gpu, slice).await.map_err(text)?));
    }
    Ok(all)
}

/// The whole state as bit patterns, so that NaN equals NaN.
async fn state(trainer: &Trainer) -> Found<Vec<(String, Vec<u32>)>> {
    let mut all = Vec::new();
    for role in ["student", "teacher", "first_moment", "second_moment"] {
        all.extend(read(trainer, role).await?);
    }
    let engine = trainer.engine();
    let center = engine.program.read(&engine.gpu, engine.step.center).await.map_err(text)?;
    all.push(("center".to_owned(), center));
    Ok(all.into_iter().map(|(n, v)| (n, v.iter().map(|v| v.to_bits()).collect())).collect())
}

async fn not_finite(gpu: &Rc<TunedGpu>) -> Outcome {
    let mut trainer = trainer(gpu, 3, 2).await?;
    train(&mut trainer, 2).await?;
    let engine = trainer.engine();
    let bias = engine.step.layout.tensor("head.mlp.0.bias").ok_or("no such parameter")?;
    let slice = engine.step.arenas.student.slice(bias);
    engine.program.write_f32(gpu, slice, &[f32::NAN]);
    let before = state(&trainer).await?;
    trainer.step(&pictures()).await.map_err(text)?;
    for _ in 0..2 {
        match trainer.finish().await {
            Err(Error::NotFinite { step: 2, .. }) => {}
            other => return Err(format!("expected step 2 to be not finite, found {other:?}")),
        }
    }
    if let Ok(()) = trainer.step(&pictures()).await {
        return Err("a step was submitted after a loss that was not finite".to_owned());
    }
    for ((name, before), (_, after)) in before.iter().zip(&state(&trainer).await?) {
        if let Some(word) = (0..before.len()).find(|i| before[*i] != after[*i]) {
            let [a, b] = [before[word], after[word]].map(f32::from_bits);
            return Err(format!("`{name}` changed in word {word} from {a} to {b}"));
        }
    }
    for (name, gradient) in read(&trainer, "gradient").await? {
        if let Some(word) = gradient.iter().position(|g| *g != 0.0) {
            return Err(format!("`{name}` is {} in word {word}, expected 0", gradient[word]));
        }
    }
    Ok(())
}
