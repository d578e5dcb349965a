//! Options of the command line: every command and option, with its help. Invariant: what clap accepts here has
//! the right kind and range; whether the options fit together is checked where they are used.

use crate::convert;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dino_core::run::network::Network;
use dino_core::run::presets;
use dino_core::run::settings;
use dino_core::run::settings::{Setting, Value};
use dino_core::weights;
use std::path::PathBuf;

/// Self-distillation with no labels (DINO), trained by WebGPU compute shaders
#[derive(Parser)]
#[command(
    name = "dino",
    version,
    after_help = "Results go to standard output, messages to standard error. The exit status is 0 on \
                  success, 1 when something failed or was refused, 2 when the command line is invalid."
)]
pub struct Cli {
    /// Forget which variant of each matrix product is fastest on this adapter, and measure again
    #[arg(long, global = true)]
    pub retune: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Train on the crops of a golden case and compare the numbers with the recorded ones
    #[command(after_help = "Example: dino replay tests/golden/basic")]
    Replay {
        /// Folder with case.json, init, crops and expect.safetensors
        case_dir: PathBuf,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make the crops of a golden augmentation case and compare the pixels with the recorded ones
    #[command(after_help = "Example: dino augment tests/golden/augment")]
    Augment {
        /// Folder with augment.json, its images and expect.safetensors
        case_dir: PathBuf,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Train on a folder of images
    #[command(
        after_help = "Example: dino train --images photos --preset small --steps 1000 --out \
                            run.safetensors --curve run.csv"
    )]
    Train(Train),
    /// Resume a run from a checkpoint, bit for bit as if it had never stopped
    #[command(
        after_help = "Example: dino resume --checkpoint run.safetensors --images photos --steps \
                            2000 --out run.safetensors"
    )]
    Resume(Resume),
    /// Measure the features of a run or of any backbone: k-NN, a linear probe, attention against masks
    #[command(after_help = "Example: dino evaluate --checkpoint run.safetensors --images photos\n\
                            where photos/cat and photos/dog hold images of cats and of dogs.")]
    Evaluate(Evaluate),
    /// Draw the attention maps of the last layer for an image or for the frames of a video
    #[command(after_help = "Examples:\n  \
                            dino attention --checkpoint run.safetensors --image cat.jpg --out maps\n  \
                            dino attention --checkpoint run.safetensors --video frames --out cat.gif")]
    Attention(Attention),
    /// Convert weights, ours or others', to a checkpoint to train from or to a backbone for timm
    #[command(after_help = convert::EXAMPLE)]
    Convert(Convert),
    /// Measure the speed of kernels and steps, and how the cost grows
    #[command(after_help = "Example: dino bench step --preset tiny --out step.json")]
    Bench(Bench),
    /// Print the completion script of a shell
    #[command(
        after_help = "Example: dino completions bash > ~/.local/share/bash-completion/completions/dino"
    )]
    Completions {
        /// Shell to complete for
        shell: Shell,
    },
}

#[derive(Args)]
pub struct Train {
    /// Folder with images, searched with all its subfolders and with what links in it lead to; hidden files and folders
    /// and what systems leave there are passed over
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// Preset: the size of network, head and crops
    #[arg(long, default_value = presets::all()[0].name, value_parser = preset_names())]
    pub preset: String,
    /// Steps to train, rounded up to whole epochs; all schedules end with the last one
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// Seed of all random numbers; the same seed gives the same run on the same adapter
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Images per step, instead of the preset's batch size
    #[arg(long, value_name = "IMAGES", value_parser = clap::value_parser!(u32).range(1..))]
    pub batch: Option<u32>,
    /// Change a setting of the preset, named as in the page's links: lr=0.001, teacher_temp=0.04, depth=6 …;
    /// may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = settings::change)]
    pub changes: Vec<(Setting, Value)>,
    #[command(flatten)]
    pub course: Course,
}

#[derive(Args)]
pub struct Resume {
    /// Checkpoint of the run, written by the page, by `dino` or by the PyTorch package
    #[arg(long, value_name = "FILE.safetensors")]
    pub checkpoint: PathBuf,
    /// Folder with images; use the same images to continue the same run
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// Steps of the whole run, rounded up to whole epochs; with a new number, the schedules are those of the
    /// new length from here on
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: Option<u32>,
    /// Change a setting of the run, as in `dino train`, except the network's size; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = settings::change)]
    pub changes: Vec<(Setting, Value)>,
    #[command(flatten)]
    pub course: Course,
}

/// What `train` and `resume` share.
#[derive(Args)]
pub struct Course {
    /// Checkpoint to write
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,
    /// Stop at this step of the run; `dino resume` continues from there
    #[arg(long, value_name = "STEP")]
    pub until: Option<u64>,
    /// Also write the checkpoint every STEPS steps
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    pub every: Option<u64>,
    /// Print one line of JSON per step; without it, progress is a bar on standard error, or a line now and then
    /// where that is no terminal
    #[arg(long)]
    pub json: bool,
    /// Write the metrics of every step as a CSV table
    #[arg(long, value_name = "FILE.csv")]
    pub curve: Option<PathBuf>,
}

#[derive(Args)]
pub struct Evaluate {
    /// Checkpoint of this program, whose teacher is measured, or any backbone that `dino convert` reads; the
    /// teacher's entropy needs a head and is measured only for a checkpoint
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// Network that is taken from a file with several, the teacher or the student
    #[arg(long, value_enum, default_value_t = Whose::Teacher)]
    pub network: Whose,
    /// Number of attention heads, if they are not 64 wide and the file does not say
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub heads: Option<u32>,
    /// Folder with images, searched with all its subfolders; the label of an image is the name of the folder that it
    /// is in, at the topmost level that has two names or more; train beside val and images are none, train among
    /// other classes is one
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// Take the labels from this level of folders: 1 for those in --images itself, 2 for those in them …
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u32).range(1..))]
    pub label_level: Option<u32>,
    /// Folder with test images with the same labels; --images are then the training images. Without it, --images
    /// are both: k-NN leaves one image out, the linear probe a fifth of them
    #[arg(long, value_name = "DIR")]
    pub test: Option<PathBuf>,
    /// Folder with masks, named like their images: bright where the object is, or of another class than 0, or
    /// transparent around it; measures how well attention finds it
    #[arg(long, value_name = "DIR")]
    pub masks: Option<PathBuf>,
    /// Long side in pixels at which attention is computed for masks; by default the short side has the size that
    /// the network was trained at
    #[arg(long, value_name = "PIXELS", requires = "masks",
          value_parser = clap::value_parser!(u32).range(16..=480))]
    pub side: Option<u32>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Attention {
    /// Checkpoint of this program, whose teacher is used, or any backbone that `dino convert` reads
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// Network that is taken from a file with several, the teacher or the student
    #[arg(long, value_enum, default_value_t = Whose::Teacher)]
    pub network: Whose,
    /// Number of attention heads, if they are not 64 wide and the file does not say
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub heads: Option<u32>,
    /// Image to draw the maps of
    #[arg(long, value_name = "IMG", required_unless_present = "video", conflicts_with = "video")]
    pub image: Option<PathBuf>,
    /// Folder with the frames of a video, in the order of their names
    #[arg(long, value_name = "DIR")]
    pub video: Option<PathBuf>,
    /// Long side in pixels at which attention is computed; by default the short side has the size that the
    /// network was trained at
    #[arg(long, value_name = "PIXELS",
          value_parser = clap::value_parser!(u32).range(16..=480))]
    pub side: Option<u32>,
    /// Frames per second of the video
    #[arg(long, default_value_t = 10, requires = "video",
          value_parser = clap::value_parser!(u32).range(1..=50))]
    pub fps: u32,
    /// For an image: folder, created if missing, for the map of each head and their mean (head0.png … mean.png), the
    /// same at the image's size (attn-head0.png … attn-mean.png), the image under them (overlay-head0.png …
    /// overlay-mean.png), and the image (img.png). For a video: a .gif file, or an .mp4 file if ffmpeg is installed
    #[arg(long, value_name = "DIR|FILE")]
    pub out: PathBuf,
    /// Print one line of JSON per map with its values and files, instead of the paths
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Convert {
    /// File to read: a `.pth` of facebookresearch (a backbone or a whole checkpoint), safetensors of Hugging
    /// Face or timm, or a checkpoint of `dino train`
    #[arg(long = "in", value_name = "FILE")]
    pub input: PathBuf,
    /// Safetensors file to write
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,
    /// checkpoint: a run at step 0 with this backbone and a new head; backbone: tensors named as in timm
    #[arg(long, value_enum, default_value_t = Target::Checkpoint)]
    pub to: Target,
    /// Write the backbone in half precision (16 bits), half the size
    #[arg(long)]
    pub half: bool,
    /// Network whose backbone is taken from a file with both
    #[arg(long, value_enum, default_value_t = Whose::Teacher)]
    pub network: Whose,
    /// Number of attention heads, if they are not 64 wide
    #[arg(long, value_name = "NUMBER")]
    pub heads: Option<u32>,
    /// Preset of the run's crops, head and schedules; the network's size is that of the weights
    #[arg(long, default_value = weights::PRESET, value_parser = preset_names())]
    pub preset: String,
    /// Steps of the run
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// Number of images that it will be trained on, which sets the length of an epoch
    #[arg(long, default_value_t = 0)]
    pub images: u32,
    /// Seed of all random numbers, including the new head's
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Change a setting of the preset, as in `dino train`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = settings::change)]
    pub changes: Vec<(Setting, Value)>,
    /// Print what the file contains as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// What `dino convert` writes.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum Target {
    Checkpoint,
    Backbone,
}

/// One of the two networks.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Whose {
    Teacher,
    Student,
}

impl From<Whose> for Network {
    fn from(whose: Whose) -> Self {
        match whose {
            Whose::Teacher => Self::Teacher,
            Whose::Student => Self::Student,
        }
    }
}

#[derive(Args)]
pub struct Bench {
    /// What to measure
    #[arg(value_parser = PossibleValuesParser::new(dino_engine::bench::SUITES.map(|(name, _)| name)))]
    pub suite: String,
    /// Measure only this preset; may be repeated
    #[arg(long, value_parser = preset_names())]
    pub preset: Vec<String>,
    /// File to write the rows to, as JSON
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,
    /// Print the rows as JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

fn preset_names() -> PossibleValuesParser {
    PossibleValuesParser::new(presets::all().iter().map(|preset| preset.name))
}
