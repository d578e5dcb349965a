//! `dino resume`: a run continued from its checkpoint. Invariant: with the same images and no changes it is, to
//! the bit on one adapter, the run that never stopped; other images are told before it goes on.

use crate::folder::Images;
use crate::options::Resume;
use crate::{files, folder, train, train_loop};
use dino_core::error::{Error, Result, StateError};
use dino_core::run::config::Config;
use dino_core::run::settings;
use dino_core::run::settings::{Setting, SettingProblem};
use dino_core::weights::checkpoint::Checkpoint;

/// Continues a run, shows its progress, writes its checkpoint.
///
/// # Errors
/// [`Error::File`] or [`Error::Tensor`] for a checkpoint that cannot be read, [`Error::Setting`] for a change that it
/// cannot have, [`Error::State`] when no step is left, otherwise those of [`train_loop::run`].
pub async fn run(options: &Resume) -> Result<()> {
    train_loop::check(&options.course)?;
    let shown = options.checkpoint.display().to_string();
    let checkpoint = Checkpoint::from_bytes(&shown, &files::read(&options.checkpoint)?)?;
    let config = changed(&checkpoint.config, options)?;
    let (done, total) = (checkpoint.step, config.total_steps() as u64);
    let until = options.course.until.unwrap_or(total);
    if done >= total.min(until) {
        return Err(StateError::NothingLeft { done, total }.into());
    }
    let Images { pictures, identity } =
        folder::images(&options.images, config.crops.picture_side())?;
    if let Some(sentence) = checkpoint.images.and_then(|before| identity.change_from(&before)) {
        eprintln!("{shown}: {sentence}");
    }
    let name = format!("step {done} of a run");
    let mut trainer = train::begin(config, checkpoint.seed, pictures.len(), &name).await?;
    trainer.restore(&checkpoint).await?;
    trainer.set_images(identity);
    drop(checkpoint);
    train_loop::run(&mut trainer, &pictures, &options.course, total).await
}

/// The run's settings with the changes that the options ask for.
fn changed(config: &Config, options: &Resume) -> Result<Config> {
    let mut changed = config.clone();
    if let Some(steps) = options.steps {
        changed.train.epochs = (steps as usize).div_ceil(changed.train.steps_per_epoch);
    }
    // As in `Settings`, the batch comes before the settings that may depend on it.
    let mut changes = options.changes.clone();
    changes.sort_by_key(|(setting, _)| *setting != Setting::Batch);
    for (setting, value) in changes {
        let row = setting.row();
        if let Some(problem) = settings::alone(row, value) {
            return Err(Error::setting(row.key, problem));
        }
        row.set(&mut changed, value);
    }
    changed.validate()?;
    if (&changed.vit, &changed.head) != (&config.vit, &config.head) {
        return Err(Error::setting("set", SettingProblem::OfCheckpoint));
    }
    Ok(changed)
}
