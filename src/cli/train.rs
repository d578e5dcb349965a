//! `dino train`: a folder of images to a checkpoint. Invariant: a run has whole epochs, so its schedules end with
//! it.

use crate::folder::Images;
use crate::options::Train;
use crate::{folder, open, train_loop, tune_cache};
use dino_core::error::Result;
use dino_core::run::config::Config;
use dino_core::run::settings::{Setting, Settings};
use dino_engine::train::trainer::Trainer;

/// The run that the options ask for.
fn chosen(options: &Train) -> Settings {
    // The trainer gets the seed itself, because a link cannot have every seed that a command line can.
    let mut settings = Settings::of(&options.preset, 0);
    settings.steps = u64::from(options.steps);
    settings.changed.extend(options.batch.map(|batch| (Setting::Batch, f64::from(batch).into())));
    settings.changed.extend(options.changes.iter().copied());
    settings
}

/// Trains, shows the progress, writes the checkpoint.
///
/// # Errors
/// [`Error::File`](dino_core::error::Error::File) for a folder without images, those of [`begin`] and of
/// [`train_loop::run`].
pub async fn run(options: &Train) -> Result<()> {
    train_loop::check(&options.course)?;
    let settings = chosen(options);
    let side = settings.config(0)?.crops.picture_side();
    let Images { pictures, identity } = folder::images(&options.images, side)?;
    let config = settings.config(pictures.len())?;
    // Whole epochs, as on the page and in `dino resume`: the schedules end with the run.
    let total = config.total_steps() as u64;
    let mut trainer = begin(config, options.seed, pictures.len(), &settings.preset).await?;
    trainer.set_images(identity);
    train_loop::run(&mut trainer, &pictures, &options.course, total).await
}

/// Prepares the run on this machine's device and describes it on standard error.
///
/// # Errors
/// See [`Trainer::new`].
pub async fn begin(config: Config, seed: u64, images: usize, name: &str) -> Result<Trainer> {
    let batch = config.train.batch;
    let count = if images == 1 { "1 image".to_owned() } else { format!("{images} images") };
    if images < batch {
        eprintln!("only {count} for a batch of {batch}: each batch repeats images");
    }
    let gpu = open().await?;
    tune_cache::recall(&gpu);
    let trainer = Trainer::new(gpu.clone(), config, seed).await?;
    tune_cache::keep(&gpu);
    eprintln!(
        "{name} on {count}, {} steps of {batch}, {:.1} MB of device memory",
        trainer.config().total_steps(),
        trainer.bytes() as f64 / 1e6
    );
    Ok(trainer)
}
