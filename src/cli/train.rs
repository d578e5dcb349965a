//! `dino train`: a folder of images to a checkpoint.

use super::{Train, files, memory, open};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::presets;
use crate::trainer::{Metrics, Trainer};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

/// Trains, shows how it goes, writes the checkpoint.
pub async fn run(options: &Train) -> Result<()> {
    files::check_writable(&options.out)?;
    let preset = presets::by_name(&options.preset)
        .ok_or_else(|| Error::config("preset", format!("there is no `{}`", options.preset)))?;
    let pictures = files::pictures(&options.images, preset.crops.picture_side())?;
    let batch = options.batch.map(|batch| batch as usize);
    let config = preset.config(pictures.len(), options.steps as usize, batch);
    config.validate()?;
    if pictures.len() < config.train.batch {
        let (found, batch) = (pictures.len(), config.train.batch);
        eprintln!("{found} images are fewer than a batch of {batch}: a step takes some twice");
    }
    let gpu = open().await?;
    memory::recall(&gpu);
    let mut trainer = Trainer::new(gpu.clone(), config.clone(), options.seed).await?;
    memory::keep(&gpu);
    eprintln!(
        "{} on {} images, {} steps of {}, {:.1} MB on the device",
        preset.title,
        pictures.len(),
        options.steps,
        config.train.batch,
        trainer.bytes() as f64 / 1e6
    );
    let mut progress = Progress::new(options, config);
    for _ in 0..options.steps {
        trainer.step(&pictures).await?;
        progress.show(&trainer.drain());
    }
    trainer.finish().await?;
    progress.show(&trainer.drain());
    progress.end();
    files::write(&options.out, &trainer.save().await?)?;
    eprintln!("wrote {}", options.out.display());
    Ok(())
}

/// The progress bar or the lines of JSON, and the summary.
struct Progress {
    config: Config,
    json: bool,
    bar: ProgressBar,
    start: Instant,
    /// The step that finished first and when: it waited for compilation, so it does not count.
    first: Option<Instant>,
    done: u64,
    last: Option<Metrics>,
}

impl Progress {
    fn new(options: &Train, config: Config) -> Self {
        let bar = if options.json {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(u64::from(options.steps))
        };
        // A template that is not understood leaves the usual one.
        if let Ok(style) = ProgressStyle::with_template("{pos}/{len} {wide_bar} {msg}, {eta} to go")
        {
            bar.set_style(style);
        }
        let start = Instant::now();
        Self { config, json: options.json, bar, start, first: None, done: 0, last: None }
    }

    fn show(&mut self, finished: &[Metrics]) {
        for metrics in finished {
            self.done += 1;
            let speed = self.images_per_second();
            self.first.get_or_insert_with(Instant::now);
            self.last = Some(*metrics);
            if self.json {
                println!("{}", line(metrics, speed));
            }
            self.bar.set_position(self.done);
            self.bar.set_message(format!(
                "loss {:.4}, entropy {:.3}, {speed:.1} images/s",
                metrics.loss, metrics.entropy
            ));
        }
    }

    /// Images a second since the first step was done; before that, since the start.
    fn images_per_second(&self) -> f64 {
        let (since, steps) = match self.first {
            Some(first) if self.done > 1 => (first, self.done - 1),
            _ => (self.start, self.done),
        };
        (steps * self.config.train.batch as u64) as f64 / since.elapsed().as_secs_f64().max(1e-9)
    }

    /// What a person wants to know of the run: did it learn, did it collapse.
    fn end(&self) {
        self.bar.finish_and_clear();
        let Some(last) = self.last else { return };
        let uniform = (self.config.head.out_dim as f64).ln();
        let healthy = 1.0 / (self.config.vit.embed_dim as f64).sqrt();
        eprintln!(
            "{} steps at {:.1} images/s: loss {:.4}; teacher entropy {:.3}, {:.1} % of ln K; \
             feature deviation {:.4}, {:.2} of 1/√D",
            self.done,
            self.images_per_second(),
            last.loss,
            last.entropy,
            100.0 * f64::from(last.entropy) / uniform,
            last.feature_std,
            f64::from(last.feature_std) / healthy
        );
    }
}

/// One step as JSON, in the names of the page's `window.dino.status()`.
fn line(metrics: &Metrics, images_per_second: f64) -> serde_json::Value {
    serde_json::json!({
        "step": metrics.step,
        "loss": metrics.loss,
        "entropy": metrics.entropy,
        "kl": metrics.kl,
        "featureStd": metrics.feature_std,
        "centerNorm": metrics.center_norm,
        "lr": metrics.lr,
        "weightDecay": metrics.weight_decay,
        "momentum": metrics.momentum,
        "teacherTemp": metrics.teacher_temp,
        "imagesPerSecond": images_per_second,
    })
}
