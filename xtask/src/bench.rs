//! `cargo xtask bench SUITE`: the library's suites natively or, with `--browser`, in Chromium. Rows go to
//! `target/bench/SUITE.json`. Invariant: nothing here is a test, because a figure means something only beside the
//! others of its run.

use crate::browser::{self, Browser};
use crate::project;
use crate::say::{self, Result};
use crate::server::Server;
use crate::wasm;
use std::process::Command;

/// The suites that the library has; `peers` is a program of its own.
const SUITES: [&str; 4] = ["kernels", "products", "step", "scale"];

/// Runs a suite. `options`: `--browser` and names of presets.
///
/// # Errors
/// When it fails, or a tool is missing and cannot be installed.
pub fn suite(suite: &str, options: &[&str]) -> Result<()> {
    if !SUITES.contains(&suite) {
        return Err(format!("bench: expected peers or one of {SUITES:?}, found `{suite}`"));
    }
    let presets: Vec<&str> = options.iter().copied().filter(|o| !o.starts_with("--")).collect();
    if let Some(unknown) = options.iter().find(|o| o.starts_with("--") && **o != "--browser") {
        return Err(format!("bench {suite}: expected --browser or presets, found `{unknown}`"));
    }
    let out = project::target()?.join("bench");
    project::make(&out)?;
    if options.contains(&"--browser") {
        let browser = Browser::find()?;
        let package = wasm::harness()?;
        let scripts = project::root().join("tests/browser");
        let url = Server::bind(0, vec![("/pkg/", package), ("/", scripts)])?.serve_beside()?;
        let mut script = browser.script(&project::root().join("benches/suite.mjs"), &url)?;
        script.arg(suite).args(presets).env("OUT", &out);
        say::part(&format!("benchmark {suite} in Chromium"), || browser::run(&mut script))?;
    } else {
        browser::vulkan()?;
        let file = out.join(format!("{suite}.json"));
        let mut dino = Command::new("cargo");
        dino.args(["run", "--release", "--bin", "dino", "--", "bench", suite, "--out"]).arg(file);
        for preset in presets {
            dino.args(["--preset", preset]);
        }
        say::part(&format!("benchmark {suite}"), || say::run(dino.current_dir(project::root())))?;
    }
    println!("    written into {}", out.display());
    Ok(())
}
