//! Course of a run on the command line: step after step, with a progress bar, a line now and then where there is
//! no terminal, or lines of JSON, and with a checkpoint every so many steps. Invariant: the curve is written even
//! of a run that failed, the last checkpoint only of one that did not.

use crate::files;
use crate::health::Watch;
use crate::options::Course;
use crate::pace;
use crate::pace::Pace;
use crate::speed;
use crate::speed::Speed;
use dino_core::data::picture::Picture;
use dino_core::error::Result;
use dino_core::eval::history::History;
use dino_core::eval::metrics::{Metrics, Sample};
use dino_core::run::config::Config;
use dino_engine::train::trainer::Trainer;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Instant;

/// Checks that everything can be written, before anything else is done.
///
/// # Errors
/// [`Error::File`](dino_core::error::Error::File) with the path.
pub fn check(course: &Course) -> Result<()> {
    files::check_writable(&course.out)?;
    course.curve.as_deref().map_or(Ok(()), files::check_writable)
}

/// Trains up to step `last` or the step that the options name, whichever comes first, and writes the curve and the
/// checkpoint.
///
/// # Errors
/// Those of [`Trainer::step`], or a file that cannot be written.
pub async fn run(
    trainer: &mut Trainer,
    pictures: &[Picture],
    course: &Course,
    last: u64,
) -> Result<()> {
    let last = course.until.map_or(last, |until| until.min(last));
    let first = trainer.step_index();
    let mut progress = Progress::new(course, trainer.config().clone(), first, last);
    let trained = steps(trainer, pictures, course, last, &mut progress).await;
    progress.end();
    if let Some(file) = &course.curve {
        // The curve of a run that failed is wanted most.
        files::write(file, progress.history.to_csv().as_bytes())?;
        eprintln!("wrote {}", file.display());
    }
    trained?;
    files::write(&course.out, &trainer.save().await?)?;
    eprintln!("wrote {}", course.out.display());
    Ok(())
}

async fn steps(
    trainer: &mut Trainer,
    pictures: &[Picture],
    course: &Course,
    last: u64,
    progress: &mut Progress,
) -> Result<()> {
    let mut trained = Ok(());
    while trainer.step_index() < last && trained.is_ok() {
        trained = trainer.step(pictures).await;
        if trained.is_ok() && progress.done == 0 {
            // No other step may begin before the clock of the speed does.
            trained = trainer.finish().await;
        }
        progress.show(&trainer.drain());
        let due = course.every.is_some_and(|every| trainer.step_index().is_multiple_of(every));
        if trained.is_ok() && due {
            trained = match trainer.save().await {
                Ok(bytes) => files::write(&course.out, &bytes),
                Err(error) => Err(error),
            };
        }
    }
    let finished = trainer.finish().await;
    progress.show(&trainer.drain());
    trained.and(finished)
}

/// The progress bar, the lines of a log or those of JSON, and the summary.
struct Progress {
    config: Config,
    json: bool,
    bar: ProgressBar,
    /// Only where standard error is no terminal and no JSON is wanted.
    pace: Option<Pace>,
    /// The step at which this part of the run ends.
    end: u64,
    start: Instant,
    speed: Speed,
    health: Watch,
    done: u64,
    last: Option<Metrics>,
    history: History,
}

impl Progress {
    fn new(course: &Course, config: Config, first: u64, last: u64) -> Self {
        let steps = last.saturating_sub(first);
        let logged = !course.json && !std::io::stderr().is_terminal();
        Self {
            speed: Speed::new(config.train.batch),
            health: Watch::new(&config),
            config,
            json: course.json,
            bar: bar(course.json, steps, "{msg}, {eta} left"),
            pace: logged.then(|| Pace::new(steps)),
            end: last,
            start: Instant::now(),
            done: 0,
            last: None,
            history: History::new(usize::MAX),
        }
    }

    fn show(&mut self, finished: &[Metrics]) {
        let now = self.start.elapsed();
        self.speed.tick(finished.len() as u64, now);
        let speed = self.speed.images_per_second();
        for metrics in finished {
            self.done += 1;
            self.last = Some(*metrics);
            let images_per_second = speed.map_or(f32::NAN, |speed| speed as f32);
            let sample = Sample { point: *metrics, images_per_second };
            self.history.push(sample);
            if self.json {
                println!("{}", line(metrics, speed));
            }
            if let Some(words) = self.health.note(sample) {
                self.bar.suspend(|| eprintln!("{words}"));
            }
            let speed = speed::words(", ", speed);
            self.bar.set_position(self.done);
            self.bar.set_message(format!(
                "loss {:.4}, entropy {:.3}{speed}",
                metrics.loss, metrics.entropy
            ));
            if let Some(left) = self.pace.as_mut().and_then(|pace| pace.tick(self.done, now)) {
                eprintln!(
                    "step {}/{}: loss {:.4}{speed}, {} left",
                    metrics.step + 1,
                    self.end,
                    metrics.loss,
                    pace::words(left)
                );
            }
        }
    }

    /// Prints what shows whether the run learned or collapsed.
    fn end(&self) {
        self.bar.finish_and_clear();
        let Some(last) = self.last else { return };
        let uniform = (self.config.head.out_dim as f64).ln();
        let healthy = 1.0 / (self.config.vit.embed_dim as f64).sqrt();
        let steps = if self.done == 1 { "step" } else { "steps" };
        eprintln!(
            "{} {steps}{}: loss {:.4}; teacher entropy {:.3}, {:.1} % of ln K; \
             feature std {:.4}, {:.2} of 1/√D",
            self.done,
            speed::words(" at ", self.speed.images_per_second()),
            last.loss,
            last.entropy,
            100.0 * f64::from(last.entropy) / uniform,
            last.feature_std,
            f64::from(last.feature_std) / healthy
        );
        if let Some(words) = self.health.end() {
            eprintln!("{words}");
        }
    }
}

/// A progress bar on standard error, where that is a terminal; none when JSON is wanted.
pub fn bar(hidden: bool, length: u64, rest: &str) -> ProgressBar {
    let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(length) };
    // If the template is not understood, the default one stays.
    if let Ok(style) = ProgressStyle::with_template(&format!("{{pos}}/{{len}} {{wide_bar}} {rest}"))
    {
        bar.set_style(style);
    }
    bar
}

/// One step as JSON, in the names of the page's `window.dino.status()`; the speed is null where nothing was timed.
fn line(metrics: &Metrics, images_per_second: Option<f64>) -> serde_json::Value {
    let sample = Sample { point: *metrics, images_per_second: 0.0 };
    let mut row = sample.to_json();
    row.insert("imagesPerSecond".to_owned(), images_per_second.into());
    row.into()
}
