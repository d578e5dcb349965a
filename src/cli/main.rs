//! Native command line: one file a command, its words in [`options`]. Invariant: results go to standard output,
//! everything else to standard error; the exit status is 0 when all went well, 1 when something failed or was
//! refused, 2 when the command was not understood.

mod attention;
mod bench;
mod convert;
mod evaluate;
mod files;
mod folder;
mod health;
mod options;
mod pace;
mod resume;
mod runtime_dir;
mod speed;
mod train;
mod train_loop;
mod tune_cache;

use crate::options::{Cli, Command};
use clap::{CommandFactory, Parser};
use dino_core::error::Result;
use dino_engine::tune::TunedGpu;
use dino_engine::verify::augment_case;
use dino_engine::verify::augment_case::AugmentCase;
use dino_engine::verify::golden::Case;
use dino_engine::verify::replay;
use dino_engine::verify::report::Report;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, with status 0. A closed pipe is no error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    runtime_dir::ensure();
    if cli.retune {
        crate::tune_cache::forget();
    }
    let outcome = match &cli.command {
        Command::Replay { case_dir, json } => pollster::block_on(replay_case(case_dir, *json)),
        Command::Augment { case_dir, json } => pollster::block_on(augment(case_dir, *json)),
        Command::Train(options) => pollster::block_on(crate::train::run(options)).map(|()| true),
        Command::Resume(options) => pollster::block_on(crate::resume::run(options)).map(|()| true),
        Command::Evaluate(options) => {
            pollster::block_on(crate::evaluate::run(options)).map(|()| true)
        }
        Command::Attention(options) => {
            pollster::block_on(crate::attention::run(options)).map(|()| true)
        }
        Command::Convert(options) => crate::convert::run(options).map(|()| true),
        Command::Bench(options) => pollster::block_on(crate::bench::run(options)).map(|()| true),
        Command::Completions { shell } => {
            let mut words = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "dino", &mut words);
            // A closed pipe is no error.
            let _ = std::io::stdout().write_all(&words);
            Ok(true)
        }
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

async fn replay_case(folder: &Path, json: bool) -> Result<bool> {
    let files = crate::files::case(folder)?;
    // A malformed case is refused before a device is asked for.
    Case::read(&files)?;
    let gpu = open().await?;
    Ok(show(&replay::run(&gpu, &files).await?, json))
}

async fn augment(folder: &Path, json: bool) -> Result<bool> {
    let files = crate::files::case(folder)?;
    AugmentCase::read(&files)?;
    let gpu = open().await?;
    Ok(show(&augment_case::run(&gpu, &files).await?, json))
}

/// The device, named on standard error.
async fn open() -> Result<Rc<TunedGpu>> {
    let gpu = Rc::new(TunedGpu::new().await?);
    let software = if gpu.is_software() { " (software)" } else { "" };
    eprintln!("adapter: {}{software}", gpu.name());
    Ok(gpu)
}

/// Prints the rows; true if every one passes.
fn show(report: &Report, json: bool) -> bool {
    if json {
        println!("{}", report.json());
    } else {
        print!("{report}");
    }
    report.passed()
}
