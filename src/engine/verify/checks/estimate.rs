//! Checks of the estimate: what is predicted of a run beside what the run takes. Invariant: bytes are compared,
//! times only printed, because they depend on what else the machine does.

use crate::train::estimate::{Calibration, predict};
use crate::train::trainer::Trainer;
use crate::tune::TunedGpu;
use crate::verify::checks::tiny::Found;
use crate::verify::checks::{Check, Outcome, text};
use crate::verify::images;
use dino_core::run::presets;
use dino_core::run::settings::{Setting, Settings};
use dino_core::{Config, Error};
use std::rc::Rc;
use web_time::Instant;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "estimate: a step of spark", run: |gpu| Box::pin(spark(gpu)) },
        Check { name: "estimate: too large", run: |gpu| Box::pin(too_large(gpu)) },
    ]
}

fn config(changes: &[(Setting, f64)]) -> Found<Config> {
    let settings = Settings::of(presets::all()[0].name, 0);
    let changed = changes.iter().map(|(s, v)| (*s, (*v).into())).collect();
    Settings { changed, ..settings }.config(16).map_err(text)
}

async fn spark(gpu: &Rc<TunedGpu>) -> Outcome {
    let config = config(&[])?;
    let start = Instant::now();
    let calibration = Calibration::measure(gpu).await.map_err(text)?;
    let predicted = predict(gpu, &calibration, &config).map_err(text)?;
    let took = start.elapsed().as_secs_f64();
    let pictures = images::pictures(&config);
    let mut trainer = Trainer::new(gpu.clone(), config.clone(), 0).await.map_err(text)?;
    let again = predict(gpu, &calibration, &config).map_err(text)?;
    if (again.bytes, again.micro_batch) != (trainer.bytes(), trainer.micro_batch()) {
        let (bytes, micro) = (trainer.bytes(), trainer.micro_batch());
        return Err(format!("expected {bytes} bytes for {micro} images, predicted {again:?}"));
    }
    let mut start = Instant::now();
    for step in 0..22 {
        if step == 2 {
            trainer.finish().await.map_err(text)?;
            start = Instant::now();
        }
        trainer.step(&pictures).await.map_err(text)?;
    }
    trainer.finish().await.map_err(text)?;
    let seconds = start.elapsed().as_secs_f64() / 20.0;
    println!(
        "a step of spark: predicted {:.1} ms in {took:.1} s, took {:.1} ms, ratio {:.2}",
        1e3 * predicted.seconds,
        1e3 * seconds,
        predicted.seconds / seconds
    );
    Ok(())
}

async fn too_large(gpu: &Rc<TunedGpu>) -> Outcome {
    let calibration = Calibration { product: 1e9, attention: 1e9, bytes: 1e9, line: 1e-5 };
    let changes = [
        (Setting::Width, 1024.0),
        (Setting::Heads, 16.0),
        (Setting::Depth, 24.0),
        (Setting::GlobalSize, 448.0),
        (Setting::Patch, 4.0),
        (Setting::LocalSize, 224.0),
    ];
    match predict(gpu, &calibration, &config(&changes)?) {
        Err(Error::TooLarge { .. }) => Ok(()),
        other => Err(format!("expected that it is too large, found {other:?}")),
    }
}
