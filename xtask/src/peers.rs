//! `cargo xtask bench peers`: ours beside other systems, in one Chromium or natively. Invariant: what is
//! timed was built for release, and results go into `target/bench`.

use crate::browser::{self, Browser};
use crate::project;
use crate::say::{self, Result};
use crate::server::Server;
use crate::test;
use crate::tools;
use crate::wasm;
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Runs `benches/peers/run.mjs` beside the harness in one Chromium.
///
/// # Errors
/// When it fails, or a tool is missing and cannot be installed.
pub fn in_browser() -> Result<()> {
    let folder = project::root().join("benches/peers");
    let script = folder.join("run.mjs");
    let browser = Browser::find()?;
    tools::npm_folder(&folder)?;
    let package = wasm::harness()?;
    let burn = if wanted("burn-wgpu") { Some(wasm::burn_peer()?) } else { None };
    let out = results()?;
    let mounts = vec![("/pkg/", package), ("/", test::scripts())];
    let url = Server::bind(0, mounts)?.serve_beside()?;
    let mut script = browser.script(&script, &url)?;
    script.env("OUT", &out);
    if let Some(burn) = burn {
        script.env("BURN", burn);
    }
    say::part("benchmark peers", || browser::run(&mut script))?;
    println!("    written into {}", out.display());
    Ok(())
}

/// The peers that run without a browser, beside ours on the same adapter.
///
/// # Errors
/// When it does not compile, a system fails, or no Vulkan driver can be installed.
pub fn native() -> Result<()> {
    browser::vulkan()?;
    let root = project::root();
    let target = project::target()?;
    say::part("building ours and burn-wgpu for this machine (minutes, once)", || {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release"]).args(wasm::BURN_PEER).current_dir(&root);
        say::run(cargo.env("CARGO_TARGET_DIR", &target))
    })?;
    let out = results()?;
    let program = target.join("release").join(format!("burn_peer{}", env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.env("OUT", &out).current_dir(&root);
    if env::var_os("XDG_RUNTIME_DIR").is_none() {
        // Without one, Mesa complains.
        command.env("XDG_RUNTIME_DIR", env::temp_dir());
    }
    say::part("benchmark peers, native", || say::run(&mut command))?;
    println!("    written into {}", out.display());
    Ok(())
}

/// True if SYSTEMS names this system or is empty.
fn wanted(system: &str) -> bool {
    env::var("SYSTEMS").map_or(true, |list| list.is_empty() || list.split(',').any(|s| s == system))
}

fn results() -> Result<PathBuf> {
    let out = project::target()?.join("bench");
    project::make(&out)?;
    Ok(out)
}
