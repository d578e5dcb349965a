//! `dino bench`: a suite on this machine's adapter, its table printed and its rows written. Invariant: a file
//! that cannot be written is refused before anything is measured.

use crate::options::Bench;
use crate::{files, open};
use dino_core::error::Result;
use dino_engine::bench;

/// Runs the suite, prints its table and writes its rows.
///
/// # Errors
/// Those of [`bench::suite`], or [`Error::File`](dino_core::error::Error::File) when the rows cannot be written.
pub async fn run(options: &Bench) -> Result<()> {
    if let Some(out) = &options.out {
        files::check_writable(out)?;
    }
    let table = bench::suite(open().await?, &options.suite, &options.preset).await?;
    if options.json {
        println!("{}", table.json());
    } else {
        print!("{table}");
    }
    if let Some(out) = &options.out {
        files::write(out, format!("{:#}\n", table.json()).as_bytes())?;
    }
    Ok(())
}
