//! Configuration of a run: the network, the head, the crops and the training settings, as plain data.
//! Invariant: a `Config` that passed [`Config::validate`] can be planned; all sizes that other files use are
//! computed here, once.

use crate::run::settings::{SettingError, SettingProblem};
use serde::{Deserialize, Serialize};

/// Sides of a patch that the kernels can do.
pub const PATCHES: [usize; 4] = [4, 8, 14, 16];

/// Longest side of an image or a crop in pixels.
pub const MOST_SIDE: usize = 1024;

type Result<T> = std::result::Result<T, SettingError>;

/// MLP width over embedding width, fixed in all DINO models.
pub const MLP_RATIO: usize = 4;

/// The backbone (Vision Transformer) and its sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VitConfig {
    /// Side in pixels of the square image that `pos_embed` was made for.
    pub img_size: usize,
    /// Side in pixels of a patch: 4, 8, 14 or 16.
    pub patch_size: usize,
    /// Width D of a token.
    pub embed_dim: usize,
    /// Number of blocks.
    pub depth: usize,
    /// Attention heads; D / heads is a multiple of 4 up to 64.
    pub num_heads: usize,
    /// Stochastic depth of the last block, student only (paper: 0.1).
    #[serde(default)]
    pub drop_path_rate: f64,
}

/// The projection head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadConfig {
    /// Width of the two hidden layers (paper: 2048).
    pub hidden_dim: usize,
    /// Width of the L2-normalised bottleneck (paper: 256).
    pub bottleneck_dim: usize,
    /// Number of prototypes K (paper: 65536).
    pub out_dim: usize,
    /// Fix `weight_g` of the last layer at its start value.
    #[serde(default = "yes")]
    pub norm_last_layer: bool,
}

/// The multi-crop views.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CropConfig {
    /// Side of the two global crops in pixels (paper: 224).
    pub global_size: usize,
    /// Side of the local crops in pixels (paper: 96).
    pub local_size: usize,
    /// Local crops L per image (paper: 8).
    pub n_local: usize,
    /// Area of a global crop over the image's area.
    #[serde(default = "global_scale")]
    pub global_scale: [f64; 2],
    /// Area of a local crop over the image's area.
    #[serde(default = "local_scale")]
    pub local_scale: [f64; 2],
    /// Largest standard deviation of the blur, in pixels of a crop (paper: 2, whatever the crop's size);
    /// 0 = no blur.
    #[serde(default = "blur")]
    pub blur: f64,
    /// Strength of the colour jitter: 1 = the paper's, 0 = none.
    #[serde(default = "jitter")]
    pub jitter: f64,
}

/// The paper's crops.
impl Default for CropConfig {
    fn default() -> Self {
        Self {
            global_size: 224,
            local_size: 96,
            n_local: 8,
            global_scale: global_scale(),
            local_scale: local_scale(),
            blur: blur(),
            jitter: jitter(),
        }
    }
}

/// The paper's head.
impl Default for HeadConfig {
    fn default() -> Self {
        Self { hidden_dim: 2048, bottleneck_dim: 256, out_dim: 65_536, norm_last_layer: yes() }
    }
}

impl CropConfig {
    /// Longest side of the images that crops are cut from. With four times a global crop a square of
    /// a twentieth of the area is still as large as a global crop; more only costs time and memory.
    pub fn picture_side(&self) -> usize {
        (4 * self.global_size).clamp(64, 512)
    }
}

/// Batch, schedules and optimiser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainConfig {
    /// Images B a step.
    pub batch: usize,
    /// Epochs of the whole run; schedules end with them.
    pub epochs: usize,
    /// Steps an epoch.
    pub steps_per_epoch: usize,
    /// Linear warm-up of the learning rate, in epochs.
    pub warmup_epochs: f64,
    /// Peak learning rate, already scaled by batch / 256.
    pub lr: f64,
    /// Learning rate at the end.
    pub min_lr: f64,
    /// Weight decay at the start.
    pub weight_decay: f64,
    /// Weight decay at the end.
    pub weight_decay_end: f64,
    /// Teacher momentum at the start; it ends at 1.
    pub momentum_teacher: f64,
    /// Teacher temperature after its warm-up.
    pub teacher_temp: f64,
    /// Teacher temperature at the start.
    pub warmup_teacher_temp: f64,
    /// Epochs from one to the other.
    pub warmup_teacher_temp_epochs: usize,
    /// Largest norm of one tensor's gradient; 0 = no clipping.
    pub clip_grad: f64,
    /// Epochs in which the last layer is not trained.
    pub freeze_last_layer: f64,
    /// Epochs in which the backbone is left alone while a fresh head warms up: for runs that begin with
    /// somebody's weights. To the nearest step.
    #[serde(default)]
    pub freeze_backbone: f64,
    /// Student temperature (paper: 0.1).
    pub student_temp: f64,
    /// Momentum of the centre (paper: 0.9).
    pub center_momentum: f64,
}

/// The paper's training of ViT-S/16 on ImageNet, 1024 images a step.
impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            batch: 1024,
            epochs: 100,
            steps_per_epoch: 1251,
            warmup_epochs: 10.0,
            lr: 2e-3,
            min_lr: 1e-6,
            weight_decay: 0.04,
            weight_decay_end: 0.4,
            momentum_teacher: 0.996,
            teacher_temp: 0.07,
            warmup_teacher_temp: 0.04,
            warmup_teacher_temp_epochs: 30,
            clip_grad: 3.0,
            freeze_last_layer: 1.0,
            freeze_backbone: 0.0,
            student_temp: 0.1,
            center_momentum: 0.9,
        }
    }
}

/// One run, complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    pub vit: VitConfig,
    pub head: HeadConfig,
    pub crops: CropConfig,
    #[serde(flatten)]
    pub train: TrainConfig,
}

fn yes() -> bool {
    true
}

fn global_scale() -> [f64; 2] {
    [0.4, 1.0]
}

fn local_scale() -> [f64; 2] {
    [0.05, 0.4]
}

fn blur() -> f64 {
    2.0
}

fn jitter() -> f64 {
    1.0
}

impl VitConfig {
    /// Patches along one side of `size` pixels.
    pub fn grid(&self, size: usize) -> usize {
        size / self.patch_size
    }

    /// Tokens of a square image of `size` pixels: the patches and CLS.
    pub fn tokens(&self, size: usize) -> usize {
        self.grid(size) * self.grid(size) + 1
    }

    /// Width of one head.
    pub fn head_dim(&self) -> usize {
        self.embed_dim / self.num_heads
    }

    /// Values in one patch: 3·p².
    pub fn patch_values(&self) -> usize {
        3 * self.patch_size * self.patch_size
    }

    /// Checks the network's sizes, alone and together.
    ///
    /// # Errors
    /// [`SettingError`] with the field, what was expected and what was found.
    pub fn validate(&self) -> Result<()> {
        let v = self;
        need(
            "patch_size",
            PATCHES.contains(&v.patch_size),
            SettingProblem::Patch { found: v.patch_size },
        )?;
        within("depth", v.depth, 1, 48)?;
        within("num_heads", v.num_heads, 1, 64)?;
        within("embed_dim", v.embed_dim, 4, 4096)?;
        let divides = v.embed_dim.is_multiple_of(4 * v.num_heads) && v.head_dim() <= 64;
        let heads = SettingProblem::Heads { width: v.embed_dim, heads: v.num_heads };
        need("num_heads", divides, heads)?;
        need(
            "drop_path_rate",
            (0.0..1.0).contains(&v.drop_path_rate),
            SettingProblem::Rate { found: v.drop_path_rate },
        )?;
        pixels("img_size", self.img_size, self.patch_size)
    }
}

impl Config {
    /// Steps of the whole run.
    pub fn total_steps(&self) -> usize {
        self.train.epochs * self.train.steps_per_epoch
    }

    /// Views of one image: two globals and L locals.
    pub fn views(&self) -> usize {
        2 + self.crops.n_local
    }

    /// Checks every setting, alone and together.
    ///
    /// # Errors
    /// [`SettingError`] with the field, what was expected and what was found.
    pub fn validate(&self) -> Result<()> {
        let v = &self.vit;
        v.validate()?;
        pixels("global_size", self.crops.global_size, v.patch_size)?;
        if self.crops.n_local > 0 {
            pixels("local_size", self.crops.local_size, v.patch_size)?;
        }
        within("n_local", self.crops.n_local, 0, 32)?;
        for (field, [low, high]) in
            [("global_scale", self.crops.global_scale), ("local_scale", self.crops.local_scale)]
        {
            need(
                field,
                0.0 < low && low <= high && high <= 1.0,
                SettingProblem::Areas { low, high },
            )?;
        }
        for (field, found, most) in
            [("blur", self.crops.blur, 10.0), ("jitter", self.crops.jitter, 2.0)]
        {
            number(field, found, 0.0, most)?;
        }
        within("hidden_dim", self.head.hidden_dim, 1, 8192)?;
        within("bottleneck_dim", self.head.bottleneck_dim, 1, 2048)?;
        within("out_dim", self.head.out_dim, 16, 65536)?;
        self.train.validate()
    }
}

impl TrainConfig {
    fn validate(&self) -> Result<()> {
        within("batch", self.batch, 1, 4096)?;
        within("epochs", self.epochs, 1, 10_000_000)?;
        within("steps_per_epoch", self.steps_per_epoch, 1, 10_000_000)?;
        for (field, value, low, high) in [
            ("warmup_epochs", self.warmup_epochs, 0.0, 1e7),
            ("lr", self.lr, 0.0, 10.0),
            ("min_lr", self.min_lr, 0.0, 10.0),
            ("weight_decay", self.weight_decay, 0.0, 10.0),
            ("weight_decay_end", self.weight_decay_end, 0.0, 10.0),
            ("momentum_teacher", self.momentum_teacher, 0.0, 1.0),
            ("teacher_temp", self.teacher_temp, 1e-4, 10.0),
            ("warmup_teacher_temp", self.warmup_teacher_temp, 1e-4, 10.0),
            ("clip_grad", self.clip_grad, 0.0, 1e6),
            ("freeze_last_layer", self.freeze_last_layer, 0.0, 1e7),
            ("freeze_backbone", self.freeze_backbone, 0.0, 1e7),
            ("student_temp", self.student_temp, 1e-4, 10.0),
            ("center_momentum", self.center_momentum, 0.0, 1.0),
        ] {
            number(field, value, low, high)?;
        }
        Ok(())
    }
}

fn need(field: &'static str, holds: bool, problem: SettingProblem) -> Result<()> {
    if holds { Ok(()) } else { Err(SettingError { key: field.into(), problem }) }
}

/// A side in pixels: whole patches.
fn pixels(field: &'static str, found: usize, patch: usize) -> Result<()> {
    let holds = (patch..=MOST_SIDE).contains(&found) && found.is_multiple_of(patch);
    need(field, holds, SettingProblem::Patches { patch, most: MOST_SIDE, found })
}

fn within(field: &'static str, value: usize, low: usize, high: usize) -> Result<()> {
    let (range, found) = ([low as f64, high as f64], value as f64);
    need(field, (low..=high).contains(&value), SettingProblem::Range { range, whole: true, found })
}

/// A number in its range, which no infinite one is in.
fn number(field: &'static str, found: f64, low: f64, high: f64) -> Result<()> {
    let range = SettingProblem::Range { range: [low, high], whole: false, found };
    need(field, (low..=high).contains(&found), range)
}
