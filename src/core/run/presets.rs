//! Presets: ready-made runs, from one for a software adapter to a ViT-Tiny, with the network, the head and the
//! sizes of the crops. Invariant: every preset gives a valid configuration for any number of images, steps and
//! batch above zero. All other numbers follow from the run's scale, by `recipe`.

use crate::run::config::{Config, CropConfig, HeadConfig, VitConfig};
use crate::run::recipe::{Recipe, Scale, recipe};
use crate::run::settings::{SettingError, SettingProblem};

/// A ready-made run.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// Short, for the command line and URLs.
    pub name: &'static str,
    pub title: &'static str,
    /// What it is for, and what it is, in English; other languages have words of their own for it.
    pub purpose: &'static str,
    pub about: &'static str,
    pub vit: VitConfig,
    /// Width of the head's hidden layers, and of its bottleneck.
    pub hidden_dim: usize,
    pub bottleneck_dim: usize,
    /// Side of the local crops in pixels; that of the global ones is `vit.img_size`.
    pub local_size: usize,
    /// Local crops L per image.
    pub n_local: usize,
    /// Images a step, unless another number is asked for.
    pub batch: usize,
}

/// All presets, the smallest first.
pub fn all() -> &'static [Preset] {
    &PRESETS
}

/// The preset of this name.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// What is wrong with the name of a preset that there is not.
pub fn unknown(name: &str) -> SettingError {
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    SettingError { key: "preset".into(), problem: SettingProblem::choice(&names, name) }
}

impl Preset {
    /// The run of about `steps` steps on `images` images: whole epochs, so a few steps more when
    /// `steps` cannot be divided. `batch` replaces the preset's batch.
    pub fn config(&self, images: usize, steps: usize, batch: Option<usize>) -> Config {
        let batch = batch.unwrap_or(self.batch);
        self.at(&Scale { images, steps, batch, side: self.vit.img_size, width: self.vit.embed_dim })
    }

    /// The run of another scale, also of other sizes than the preset's: they decide the numbers alone, the
    /// network and the crops stay the preset's.
    pub fn at(&self, scale: &Scale) -> Config {
        let Recipe { out_dim, blur, jitter, train } = recipe(scale);
        Config {
            vit: self.vit.clone(),
            head: HeadConfig {
                hidden_dim: self.hidden_dim,
                bottleneck_dim: self.bottleneck_dim,
                out_dim,
                ..HeadConfig::default()
            },
            crops: CropConfig {
                global_size: self.vit.img_size,
                local_size: self.local_size,
                n_local: self.n_local,
                blur,
                jitter,
                ..CropConfig::default()
            },
            train,
        }
    }
}

static PRESETS: [Preset; 4] = [
    Preset {
        name: "spark",
        title: "Spark",
        purpose: "A first look",
        about: "The smallest network, on 32-pixel images. It runs on any computer, even without a graphics card.",
        vit: vit(32, 8, 64, 3, 2),
        hidden_dim: 256,
        bottleneck_dim: 64,
        local_size: 16,
        n_local: 4,
        batch: 8,
    },
    Preset {
        name: "small",
        title: "Small",
        purpose: "An evening on a laptop",
        about: "A small network on 64-pixel images, for integrated graphics.",
        vit: vit(64, 8, 96, 4, 3),
        hidden_dim: 512,
        bottleneck_dim: 128,
        local_size: 32,
        n_local: 4,
        batch: 32,
    },
    Preset {
        name: "tiny8",
        title: "ViT-Tiny/8, 96 px",
        purpose: "Sharp attention maps",
        about: "ViT-Tiny with 8-pixel patches on 96-pixel images. It gives fine maps and needs a dedicated graphics card.",
        vit: vit(96, 8, 192, 12, 3),
        hidden_dim: 2048,
        bottleneck_dim: 256,
        local_size: 48,
        n_local: 4,
        batch: 32,
    },
    Preset {
        name: "tiny",
        title: "ViT-Tiny/16",
        purpose: "As in the paper",
        about: "ViT-Tiny with the paper's crops of 224 and 96 pixels. It needs a fast graphics card.",
        vit: vit(224, 16, 192, 12, 3),
        hidden_dim: 2048,
        bottleneck_dim: 256,
        local_size: 96,
        n_local: 8,
        batch: 32,
    },
];

/// With the paper's drop path.
const fn vit(
    img_size: usize,
    patch_size: usize,
    embed_dim: usize,
    depth: usize,
    num_heads: usize,
) -> VitConfig {
    VitConfig { img_size, patch_size, embed_dim, depth, num_heads, drop_path_rate: 0.1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid_for_any_run() {
        for preset in all() {
            for images in [0, 1, 3, 200, 1_000_000] {
                for steps in [0, 1, 20, 300, 100_000] {
                    for batch in [None, Some(0), Some(1), Some(7), Some(256)] {
                        let config = preset.config(images, steps, batch);
                        config.validate().unwrap();
                        let total = config.total_steps();
                        assert!(total >= steps, "{total} {steps}");
                        assert!(total < steps.max(1) + config.train.epochs, "{total} {steps}");
                    }
                }
            }
            assert_eq!(by_name(preset.name), Some(preset));
        }
        assert_eq!(by_name("nothing"), None);
    }
}
