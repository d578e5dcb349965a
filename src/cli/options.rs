//! The words of the command line: every command, option and its help. Invariant: what clap accepts here is
//! of the right kind and range; whether it fits together is judged where it is used.

use crate::{convert, train};
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dino_core::run::presets;
use dino_core::run::settings::Setting;
use dino_core::weights;
use std::path::PathBuf;

/// Self-distillation with no labels, trained by WebGPU compute shaders.
#[derive(Parser)]
#[command(
    name = "dino",
    version,
    after_help = "Results go to standard output, everything else to standard error. The exit status is 0 \
                  when all went well, 1 when something failed or was refused, 2 when the command was not \
                  understood."
)]
pub struct Cli {
    /// Forget which variant of each matrix product is fastest here, and measure again
    #[arg(long, global = true)]
    pub retune: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Train on the crops of a golden case and compare with its recorded numbers
    #[command(after_help = "Example: dino replay tests/golden/basic")]
    Replay {
        /// Folder with case.json, init, crops and expect.safetensors
        case_dir: PathBuf,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make the crops of a golden augmentation case and compare with its recorded pixels
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
    /// Go on with a run from its checkpoint: to the bit as if it had never stopped
    #[command(
        after_help = "Example: dino resume --checkpoint run.safetensors --images photos --steps \
                            2000 --out run.safetensors"
    )]
    Resume(Resume),
    /// Measure what a checkpoint's features are good for: neighbours, a linear probe, masks
    #[command(after_help = "Example: dino evaluate --checkpoint run.safetensors --images photos\n\
                            where photos/cat and photos/dog hold images of cats and of dogs.")]
    Evaluate(Evaluate),
    /// Draw what the last layer attends to, of an image or of the frames of a video
    #[command(after_help = "Examples:\n  \
                            dino attention --checkpoint run.safetensors --image cat.jpg --out maps\n  \
                            dino attention --checkpoint run.safetensors --video frames --out cat.gif")]
    Attention(Attention),
    /// Read weights of others and ours, write a checkpoint to go on from or the backbone alone
    #[command(after_help = convert::EXAMPLE)]
    Convert(Convert),
    /// Measure kernels, steps, or how cost grows
    #[command(after_help = "Example: dino bench step --preset tiny --out step.json")]
    Bench(Bench),
    /// Print the words that a shell needs to complete these commands
    #[command(
        after_help = "Example: dino completions bash > ~/.local/share/bash-completion/completions/dino"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Args)]
pub struct Train {
    /// Folder with images; folders inside it are searched as well
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// Size of network, head and crops
    #[arg(long, default_value = presets::all()[0].name, value_parser = preset_names())]
    pub preset: String,
    /// Steps to train, rounded up to whole epochs; all schedules end with them
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// Start of all random numbers: the same seed gives the same run on the same adapter
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Images a step, instead of the preset's
    #[arg(long, value_name = "IMAGES", value_parser = clap::value_parser!(u32).range(1..))]
    pub batch: Option<u32>,
    /// Change a number of the preset, named as in the page's links: lr=0.001, teacher_temp=0.04,
    /// depth=6 …; may be repeated
    #[arg(long = "set", value_name = "KEY=NUMBER", value_parser = train::change)]
    pub changes: Vec<(Setting, f64)>,
    #[command(flatten)]
    pub course: Course,
}

#[derive(Args)]
pub struct Resume {
    /// Checkpoint of the run: written by the page, by `dino` or by the PyTorch package
    #[arg(long, value_name = "FILE.safetensors")]
    pub checkpoint: PathBuf,
    /// Folder with images, the same ones for the same run
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// Steps of the whole run, rounded up to whole epochs: with more than it had, its schedules are those of
    /// the longer run from here on
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: Option<u32>,
    /// Change a number of the run, as in `dino train`; the network's size stays. May be repeated
    #[arg(long = "set", value_name = "KEY=NUMBER", value_parser = train::change)]
    pub changes: Vec<(Setting, f64)>,
    #[command(flatten)]
    pub course: Course,
}

/// What `train` and `resume` share.
#[derive(Args)]
pub struct Course {
    /// Checkpoint to write
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,
    /// Stop when so many steps of the run are done; `dino resume` goes on from there
    #[arg(long, value_name = "STEP")]
    pub until: Option<u64>,
    /// Write the checkpoint every so many steps too
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    pub every: Option<u64>,
    /// Print one line of JSON a step instead of a progress bar
    #[arg(long)]
    pub json: bool,
    /// Write the numbers of every step as a table
    #[arg(long, value_name = "FILE.csv")]
    pub curve: Option<PathBuf>,
}

#[derive(Args)]
pub struct Evaluate {
    /// Checkpoint whose teacher is measured
    #[arg(long, value_name = "FILE.safetensors")]
    pub checkpoint: PathBuf,
    /// Folder with images; the name of the folder that an image lies in is its label
    #[arg(long, value_name = "DIR")]
    pub images: PathBuf,
    /// Other images with the same labels: those of --images teach, these are asked. Without it every image is
    /// asked about by the others: neighbours leave one out, the linear probe a fifth
    #[arg(long, value_name = "DIR")]
    pub test: Option<PathBuf>,
    /// Folder with a mask for each image that has one, under the same name: bright where the object is.
    /// Measures how well attention finds it
    #[arg(long, value_name = "DIR")]
    pub masks: Option<PathBuf>,
    /// Long side in pixels at which attention is computed for masks; otherwise the size that the network was
    /// trained for, on the short side
    #[arg(long, value_name = "PIXELS", requires = "masks",
          value_parser = clap::value_parser!(u32).range(16..=480))]
    pub side: Option<u32>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Attention {
    /// Checkpoint of this program, of which the teacher is taken, or any backbone that `dino convert` reads
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// Attention heads, where they are not 64 wide and the file does not tell
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub heads: Option<u32>,
    /// The image to look at
    #[arg(long, value_name = "IMG", required_unless_present = "video", conflicts_with = "video")]
    pub image: Option<PathBuf>,
    /// Folder with the frames of a video, in the order of their names
    #[arg(long, value_name = "DIR")]
    pub video: Option<PathBuf>,
    /// Long side in pixels at which attention is computed; otherwise the size that the network was trained
    /// for, on the short side
    #[arg(long, value_name = "PIXELS",
          value_parser = clap::value_parser!(u32).range(16..=480))]
    pub side: Option<u32>,
    /// Frames a second of the video
    #[arg(long, default_value_t = 10, requires = "video",
          value_parser = clap::value_parser!(u32).range(1..=50))]
    pub fps: u32,
    /// Of an image: folder for head0.png, head1.png … and mean.png, made if it is missing. Of a video: the
    /// file, .gif, or .mp4 where ffmpeg is installed
    #[arg(long, value_name = "DIR|FILE")]
    pub out: PathBuf,
    /// Print one line of JSON a file with the values of its maps, instead of its path
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Convert {
    /// What to read: a `.pth` of facebookresearch (a backbone or a whole checkpoint), safetensors of
    /// Hugging Face or timm, or a checkpoint written by `dino train`
    #[arg(long = "in", value_name = "FILE")]
    pub input: PathBuf,
    /// File to write, safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,
    /// checkpoint: a run at step 0 with this backbone and a fresh head; backbone: timm's names
    #[arg(long, value_enum, default_value_t = Target::Checkpoint)]
    pub to: Target,
    /// Write the backbone with 16 bits a number: half the bytes
    #[arg(long)]
    pub half: bool,
    /// Whose backbone to take from a file with both
    #[arg(long, value_enum, default_value_t = Whose::Teacher)]
    pub network: Whose,
    /// Attention heads, where they are not 64 wide
    #[arg(long, value_name = "NUMBER")]
    pub heads: Option<u32>,
    /// Crops, head and schedules of the run; the network's sizes are the weights'
    #[arg(long, default_value = weights::PRESET, value_parser = preset_names())]
    pub preset: String,
    /// Steps of the run
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// Images that it will be trained on, for the length of an epoch
    #[arg(long, default_value_t = 0)]
    pub images: u32,
    /// Start of all random numbers, the fresh head's among them
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Change a number of the preset, as in `dino train`; may be repeated
    #[arg(long = "set", value_name = "KEY=NUMBER", value_parser = train::change)]
    pub changes: Vec<(Setting, f64)>,
    /// Print what was found as one line of JSON
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
#[derive(Clone, Copy, ValueEnum)]
pub enum Whose {
    Teacher,
    Student,
}

#[derive(Args)]
pub struct Bench {
    /// What to measure
    #[arg(value_parser = PossibleValuesParser::new(dino_engine::bench::SUITES.map(|(name, _)| name)))]
    pub suite: String,
    /// Only this preset; may be repeated
    #[arg(long, value_parser = preset_names())]
    pub preset: Vec<String>,
    /// File for the rows as JSON
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,
    /// Print the rows as JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

fn preset_names() -> PossibleValuesParser {
    PossibleValuesParser::new(presets::all().iter().map(|preset| preset.name))
}
