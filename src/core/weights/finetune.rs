//! Fine-tuning: a run that begins with a loaded backbone, a fresh head, no moments, step 0. Invariants: sizes
//! come from the weights alone; student and teacher begin alike, as in every run.

use crate::error::{Error, Result};
use crate::run::config::Config;
use crate::run::settings::{Setting, SettingProblem, Settings, Value};
use crate::weights::Weights;
use crate::weights::checkpoint::{CENTER, Checkpoint, ROLES};
use crate::weights::init;
use crate::weights::tensors::Tensor;

/// The preset whose crops and head such a run has, unless another is chosen: the paper's crops.
pub const PRESET: &str = "tiny";

/// Share of the run in which only the fresh head is trained, unless another is chosen: its first
/// gradients would destroy features that were there before.
const FREEZE: f64 = 0.1;

/// The learning rate is the preset's, which is made for random weights, times this, unless another is
/// chosen.
const GENTLE: f64 = 0.2;

/// `settings` with the network of `weights`. What nobody chose is made to suit: crops are no larger than
/// what positions were learned for and whole patches, the backbone rests at first and learns gently.
///
/// # Errors
/// [`Error::Setting`] for a setting that the weights decide.
pub fn settings(weights: &Weights, settings: &Settings, images: usize) -> Result<Settings> {
    let vit = &weights.vit;
    let mut settings = settings.clone();
    let [global, local] =
        [Setting::GlobalSize, Setting::LocalSize].map(|s| settings.value(s, images).number());
    for (setting, value) in [
        (Setting::Patch, vit.patch_size),
        (Setting::Width, vit.embed_dim),
        (Setting::Depth, vit.depth),
        (Setting::Heads, vit.num_heads),
    ] {
        let value = Value::Number(value as f64);
        if let Some(found) = settings.changed.insert(setting, value).filter(|v| *v != value) {
            let (expected, found) = (value.number(), found.number());
            let problem = SettingProblem::OfWeights { expected, found };
            return Err(Error::setting(setting.row().key, problem));
        }
    }
    let rate = GENTLE * settings.value(Setting::LearningRate, images).number();
    settings.changed.entry(Setting::LearningRate).or_insert(rate.into());
    settings.changed.entry(Setting::FreezeBackbone).or_insert(FREEZE.into());
    let patch = vit.patch_size as f64;
    let whole = |size: f64| (size / patch).round().max(1.0) * patch;
    let size = whole(global.min(vit.img_size as f64));
    let size = settings.changed.entry(Setting::GlobalSize).or_insert(size.into()).number();
    let smaller = whole((local * size / global).min(size));
    settings.changed.entry(Setting::LocalSize).or_insert(smaller.into());
    Ok(settings)
}

/// The run of [`settings`].
///
/// # Errors
/// [`Error::Setting`] for a setting that the weights decide, or that is out of range.
pub fn config(weights: &Weights, chosen: &Settings, images: usize) -> Result<Config> {
    let mut config = settings(weights, chosen, images)?.config(images)?;
    // Positions were learned for this size, whatever size the crops have.
    config.vit.img_size = weights.vit.img_size;
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
    Ok(Checkpoint { config, seed, step: 0, tensors: all.into_iter().collect(), images: None })
}
