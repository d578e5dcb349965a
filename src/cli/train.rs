//! `dino train`: a folder of images to a checkpoint.

use super::{Train, files, memory, open};
use crate::config::Config;
use crate::error::Result;
use crate::history::{History, Sample};
use crate::images::Picture;
use crate::settings::{self, Setting, Settings};
use crate::trainer::{Metrics, Trainer};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

/// Reads one `--set key=number`.
///
/// # Errors
/// A sentence with the keys that there are.
pub fn change(text: &str) -> std::result::Result<(Setting, f64), String> {
    let (key, value) = text.split_once('=').ok_or("expected key=number")?;
    let row = settings::by_key(key).ok_or_else(|| {
        let keys: Vec<&str> = settings::rows().iter().map(|row| row.key).collect();
        format!("expected one of {}, found `{key}`", keys.join(", "))
    })?;
    let value = value.parse().map_err(|_| format!("expected a number, found `{value}`"))?;
    Ok((row.setting, value))
}

/// The run that the options ask for.
fn chosen(options: &Train) -> Settings {
    // The seed is the trainer's: links cannot carry all that a command line can.
    let mut settings = Settings::of(&options.preset, 0);
    settings.steps = u64::from(options.steps);
    settings.changed.extend(options.batch.map(|batch| (Setting::Batch, f64::from(batch))));
    settings.changed.extend(options.changes.iter().copied());
    settings
}

/// Trains, shows how it goes, writes the checkpoint.
pub async fn run(options: &Train) -> Result<()> {
    files::check_writable(&options.out)?;
    options.curve.as_deref().map_or(Ok(()), files::check_writable)?;
    let settings = chosen(options);
    let side = settings.config(0)?.crops.picture_side();
    let pictures = files::pictures(&options.images, side)?;
    let config = settings.config(pictures.len())?;
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
        settings.preset,
        pictures.len(),
        options.steps,
        config.train.batch,
        trainer.bytes() as f64 / 1e6
    );
    let mut progress = Progress::new(options, config);
    let trained = steps(&mut trainer, &pictures, options.steps, &mut progress).await;
    progress.end();
    if let Some(file) = &options.curve {
        // Of a run that came to a bad end too: there it is wanted most.
        files::write(file, progress.history.to_csv().as_bytes())?;
        eprintln!("wrote {}", file.display());
    }
    trained?;
    files::write(&options.out, &trainer.save().await?)?;
    eprintln!("wrote {}", options.out.display());
    Ok(())
}

async fn steps(
    trainer: &mut Trainer,
    pictures: &[Picture],
    steps: u32,
    progress: &mut Progress,
) -> Result<()> {
    let mut trained = Ok(());
    for _ in 0..steps {
        trained = trainer.step(pictures).await;
        progress.show(&trainer.drain());
        if trained.is_err() {
            break;
        }
    }
    let finished = trainer.finish().await;
    progress.show(&trainer.drain());
    trained.and(finished)
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
    history: History,
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
        let history = History::new(usize::MAX);
        Self { config, json: options.json, bar, start, first: None, done: 0, last: None, history }
    }

    fn show(&mut self, finished: &[Metrics]) {
        for metrics in finished {
            self.done += 1;
            let speed = self.images_per_second();
            self.first.get_or_insert_with(Instant::now);
            self.last = Some(*metrics);
            let images_per_second = speed as f32;
            self.history.push(Sample { point: (*metrics).into(), images_per_second });
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
