//! A run that begins with somebody's backbone: a fresh head, no moments, step 0. Invariants: sizes come
//! from the weights alone; student and teacher begin alike, as in every run.

use super::Weights;
use crate::checkpoint::{CENTER, Checkpoint, ROLES};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::init;
use crate::settings::{Setting, Settings};
use crate::tensors::Tensor;

/// The preset whose crops and head such a run has, unless another is chosen: the paper's crops.
pub const PRESET: &str = "tiny";

/// The run of `settings` with the network of `weights`. Sizes of crops that nobody chose are rounded to
/// whole patches.
///
/// # Errors
/// [`Error::Config`] for a setting that the weights decide, or that is out of range.
pub fn config(weights: &Weights, settings: &Settings, images: usize) -> Result<Config> {
    let vit = &weights.vit;
    let mut settings = settings.clone();
    let patch = vit.patch_size as f64;
    for (setting, value) in [
        (Setting::Patch, vit.patch_size),
        (Setting::Width, vit.embed_dim),
        (Setting::Depth, vit.depth),
        (Setting::Heads, vit.num_heads),
    ] {
        let value = value as f64;
        if let Some(found) = settings.changed.insert(setting, value).filter(|v| *v != value) {
            let message = format!("expected {value}, as the weights have it, found {found}");
            return Err(Error::config(setting.row().key, message));
        }
    }
    for setting in [Setting::GlobalSize, Setting::LocalSize] {
        let size = settings.value(setting, images);
        settings.changed.entry(setting).or_insert((size / patch).round().max(1.0) * patch);
    }
    let mut config = settings.config(images)?;
    // Positions were learned for this size, whatever size the crops have.
    config.vit.img_size = vit.img_size;
    config.validate()?;
    Ok(config)
}

/// The state before step 0 of a run with this backbone, whose `config` is [`config`]'s.
///
/// # Errors
/// [`Error::Tensor`] when the configuration is of another network.
pub fn start(weights: Weights, config: Config, seed: u64) -> Result<Checkpoint> {
    let mut tensors = init::student(&config, seed);
    for (name, tensor) in weights.backbone {
        if let Some(fresh) = tensors.get_mut(&name) {
            tensor.expect(&name, &fresh.shape)?;
            *fresh = tensor;
        }
    }
    let [student, teacher, moments @ ..] = ROLES;
    let mut all = Vec::with_capacity(ROLES.len() * tensors.len() + 1);
    for (name, tensor) in tensors {
        for role in moments {
            all.push((format!("{role}{name}"), Tensor::full(&tensor.shape, 0.0)));
        }
        all.push((format!("{teacher}{name}"), tensor.clone()));
        all.push((format!("{student}{name}"), tensor));
    }
    all.push((CENTER.to_owned(), Tensor::full(&[1, config.head.out_dim], 0.0)));
    Ok(Checkpoint { config, seed, step: 0, tensors: all.into_iter().collect() })
}
