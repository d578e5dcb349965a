//! `cargo xtask deny`: licences, bans and sources of all dependencies by cargo-deny, and known vulnerabilities
//! where their database can be fetched. Invariant: a check that could not be made is named.

use crate::project;
use crate::say::{self, Result};
use crate::tools;
use std::process::Command;
use std::time::Duration;

/// A server out of reach should not delay the other checks.
const LONGEST_FETCH: Duration = Duration::from_secs(60);

/// All checks that can be made here.
///
/// # Errors
/// When a check fails, or cargo-deny is missing and cannot be installed.
pub fn all() -> Result<()> {
    let bin = tools::cargo_deny()?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(bin.join("cargo-deny"));
        command.args(arguments).current_dir(project::root());
        command
    };
    say::part("licences, bans and sources of the dependencies", || {
        say::run(&mut deny(&["check", "licenses", "bans", "sources"]))
    })?;
    let fetch = say::part("fetching the database of known vulnerabilities", || {
        say::run_limited(&mut deny(&["fetch", "db"]), LONGEST_FETCH)
    });
    if let Err(e) = fetch {
        println!("    {e}");
        println!("    NOT CHECKED: known vulnerabilities, for their database is out of reach here");
        return Ok(());
    }
    say::part("known vulnerabilities of the dependencies", || {
        say::run(&mut deny(&["check", "--disable-fetch", "advisories"]))
    })
}
