//! The native command line: `replay`, `augment`, `train`, `attention`, `convert` … Invariant: results go to
//! standard output, everything else to standard error; the exit status is 0 when all went well, 1
//! when something failed or was refused, 2 when the command was not understood.

mod attention;
mod bench;
mod convert;
mod files;
mod memory;
mod train;

use crate::augment_case::{self, AugmentCase};
use crate::error::Result;
use crate::golden::Case;
use crate::gpu::Gpu;
use crate::report::Report;
use crate::settings::Setting;
use crate::{presets, replay};
use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

/// Self-distillation with no labels, trained by WebGPU compute shaders.
#[derive(Parser)]
#[command(name = "dino", version)]
struct Cli {
    /// Forget which variant of each matrix product is fastest here, and measure again
    #[arg(long, global = true)]
    retune: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train on the crops of a golden case and compare with its recorded numbers
    Replay {
        /// Folder with case.json, init, crops and expect.safetensors
        case_dir: PathBuf,
    },
    /// Make the crops of a golden augmentation case and compare with its recorded pixels
    Augment {
        /// Folder with augment.json, its images and expect.safetensors
        case_dir: PathBuf,
    },
    /// Train on a folder of images
    Train(Train),
    /// Draw what the last layer attends to
    Attention(Attention),
    /// Read weights of others and ours, write a checkpoint to go on from or the backbone alone
    #[command(after_help = convert::EXAMPLE)]
    Convert(Convert),
    /// Measure kernels, steps, or how cost grows
    Bench(Bench),
}

#[derive(clap::Args)]
struct Train {
    /// Folder with images; folders inside it are searched as well
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// Size of network, head and crops
    #[arg(long, default_value = presets::all()[0].name, value_parser = preset_names())]
    preset: String,
    /// Steps to train; all schedules end with them
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Start of all random numbers: the same seed gives the same run on the same adapter
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Images a step, instead of the preset's
    #[arg(long, value_name = "IMAGES", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// Checkpoint to write
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Print one line of JSON a step instead of a progress bar
    #[arg(long)]
    json: bool,
    /// Change a number of the preset, named as in the page's links: lr=0.001, teacher_temp=0.04,
    /// depth=6 …; may be repeated
    #[arg(long = "set", value_name = "KEY=NUMBER", value_parser = train::change)]
    changes: Vec<(Setting, f64)>,
    /// Write the numbers of every step as a table
    #[arg(long, value_name = "FILE.csv")]
    curve: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Bench {
    /// What to measure
    #[arg(value_parser = PossibleValuesParser::new(crate::bench::SUITES.map(|(name, _)| name)))]
    suite: String,
    /// Only this preset; may be repeated
    #[arg(long, value_parser = preset_names())]
    preset: Vec<String>,
    /// File for the rows as JSON
    #[arg(long, value_name = "FILE.json")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Attention {
    /// Checkpoint written by `dino train` or `dino convert`
    #[arg(long, value_name = "FILE.safetensors")]
    checkpoint: PathBuf,
    /// Long side in pixels at which the network looks, up to 480; otherwise the short side has the size
    /// that the network was trained for
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(16..=480))]
    side: Option<u32>,
    /// The image to look at
    #[arg(long, value_name = "IMG")]
    image: PathBuf,
    /// Folder for head0.png, head1.png … and mean.png; made if it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(clap::Args)]
struct Convert {
    /// What to read: a `.pth` of facebookresearch (a backbone or a whole checkpoint), safetensors of
    /// Hugging Face or timm, or a checkpoint written by `dino train`
    #[arg(long = "in", value_name = "FILE")]
    input: PathBuf,
    /// File to write, safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// checkpoint: a run at step 0 with this backbone and a fresh head; backbone: timm's names
    #[arg(long, value_enum, default_value_t = Target::Checkpoint)]
    to: Target,
    /// Whose backbone to take from a file with both
    #[arg(long, value_enum, default_value_t = Whose::Teacher)]
    network: Whose,
    /// Attention heads, where they are not 64 wide
    #[arg(long, value_name = "NUMBER")]
    heads: Option<u32>,
    /// Crops, head and schedules of the run; the network's sizes are the weights'
    #[arg(long, default_value = crate::weights::PRESET, value_parser = preset_names())]
    preset: String,
    /// Steps of the run
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Images that it will be trained on, for the length of an epoch
    #[arg(long, default_value_t = 0)]
    images: u32,
    /// Start of all random numbers, the fresh head's among them
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Change a number of the preset, as in `dino train`; may be repeated
    #[arg(long = "set", value_name = "KEY=NUMBER", value_parser = train::change)]
    changes: Vec<(Setting, f64)>,
    /// Print what was found as one line of JSON
    #[arg(long)]
    json: bool,
}

/// What `dino convert` writes.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Target {
    Checkpoint,
    Backbone,
}

/// One of the two networks.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Whose {
    Teacher,
    Student,
}

fn preset_names() -> PossibleValuesParser {
    PossibleValuesParser::new(presets::all().iter().map(|preset| preset.name))
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, with status 0. A closed pipe is no reason to die.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if cli.retune {
        memory::forget();
    }
    let outcome = match &cli.command {
        Command::Replay { case_dir } => pollster::block_on(replay_case(case_dir)),
        Command::Augment { case_dir } => pollster::block_on(augment(case_dir)),
        Command::Train(options) => pollster::block_on(train::run(options)).map(|()| true),
        Command::Attention(options) => pollster::block_on(attention::run(options)).map(|()| true),
        Command::Convert(options) => convert::run(options).map(|()| true),
        Command::Bench(options) => pollster::block_on(bench::run(options)).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn replay_case(folder: &Path) -> Result<bool> {
    let files = files::case(folder)?;
    // A malformed case is refused before a device is asked for.
    Case::read(&files)?;
    let gpu = open().await?;
    Ok(show(&replay::run(&gpu, &files).await?))
}

async fn augment(folder: &Path) -> Result<bool> {
    let files = files::case(folder)?;
    AugmentCase::read(&files)?;
    let gpu = open().await?;
    Ok(show(&augment_case::run(&gpu, &files).await?))
}

/// The device, named on standard error.
async fn open() -> Result<Rc<Gpu>> {
    let gpu = Rc::new(Gpu::new().await?);
    let software = if gpu.is_software() { " (software)" } else { "" };
    eprintln!("on {}{software}", gpu.name());
    Ok(gpu)
}

/// Prints the table; true if every row passes.
fn show(report: &Report) -> bool {
    print!("{report}");
    report.passed()
}
