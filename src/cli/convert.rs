//! `dino convert`: anybody's backbone to a checkpoint to train from, or to a file for timm. Invariant: every
//! tensor that is not used is named.

use crate::files;
use crate::options::{Convert, Target};
use dino_core::error::{Error, Result};
use dino_core::run::settings::{Setting, SettingProblem, Settings};
use dino_core::weights;
use dino_core::weights::{Precision, Weights};

pub const EXAMPLE: &str = "\
Example:
  dino convert --in dino_deitsmall16_pretrain.pth --out small16.safetensors
  dino attention --checkpoint small16.safetensors --image cat.jpg --out maps";

/// Reads a file of weights, says what it contains, writes the converted file.
///
/// # Errors
/// [`Error::Setting`] for options that do not go together, [`Error::File`] or [`Error::Tensor`] for a file that cannot
/// be read, is no backbone, or cannot be written.
pub fn run(options: &Convert) -> Result<()> {
    if options.half && options.to == Target::Checkpoint {
        return Err(Error::setting("half", SettingProblem::OnlyBackbone));
    }
    files::check_writable(&options.out)?;
    let shown = options.input.display().to_string();
    let choice = files::choice(&options.input, options.network.into(), options.heads);
    let weights = weights::read_chosen(&shown, &files::read(&options.input)?, &choice)?;
    say(options, &weights);
    let bytes = match options.to {
        Target::Backbone => weights::backbone(&weights, precision(options.half))?,
        Target::Checkpoint => {
            let config = weights::config(&weights, &settings(options), options.images as usize)?;
            weights::start(weights, config, options.seed)?.to_bytes()?
        }
    };
    files::write(&options.out, &bytes)?;
    eprintln!("wrote {}", options.out.display());
    Ok(())
}

fn precision(half: bool) -> Precision {
    if half { Precision::Half } else { Precision::Full }
}

fn settings(options: &Convert) -> Settings {
    let mut settings = Settings::of(&options.preset, 0);
    settings.steps = u64::from(options.steps);
    settings.changed.extend(options.changes.iter().copied());
    if let Some(heads) = options.heads {
        settings.set(Setting::Heads, f64::from(heads));
    }
    settings
}

/// Says what was found, with the names of the tensors that were not used.
fn say(options: &Convert, weights: &Weights) {
    let Weights { origin, vit, backbone, account } = weights;
    if options.json {
        println!(
            "{}",
            serde_json::json!({
                "origin": origin.to_string(),
                "network": vit,
                "tensors": backbone.len(),
                "taken": account.taken,
                "left": account.left,
                "unused": account.unused,
                "passedOver": account.passed_over,
                "headsGuessed": account.heads_guessed,
            })
        );
        return;
    }
    eprintln!(
        "{origin}: {} tensors of a backbone of width {}, {} blocks, {} heads, patches of {} px, \
         positions for {} px",
        backbone.len(),
        vit.embed_dim,
        vit.depth,
        vit.num_heads,
        vit.patch_size,
        vit.img_size
    );
    files::tell(account, vit.num_heads);
}
