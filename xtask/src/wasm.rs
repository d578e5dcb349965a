//! Programs for the browser: compiled for wasm32, given their JavaScript by wasm-bindgen, made smaller
//! by wasm-opt for a release. Invariant: programs that are built together are compiled by one call of
//! cargo, so that what they share is compiled once, and their links run side by side.

use crate::project;
use crate::say::{self, Result};
use crate::site::{Program, Site};
use crate::target::{Std, TARGET};
use crate::tools;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Cargo's words for burn-wgpu as a peer of the benchmark, without the referee's own backend.
pub const BURN_PEER: [&str; 7] = [
    "--package",
    "reference",
    "--no-default-features",
    "--features",
    "peer-wgpu",
    "--bin",
    "burn_peer",
];

/// A profile of the workspace's `Cargo.toml`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Compiles fast: for the person who changes the page.
    Local,
    /// Compiles to the smallest and fastest program: what is deployed, tested and measured.
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Release => "release",
        }
    }
}

/// Builds the test harness and its JavaScript: the folder with both.
///
/// # Errors
/// When it does not compile, or a tool is missing and cannot be installed.
pub fn harness() -> Result<PathBuf> {
    package("the test harness", "harness", &["--package", "dino", "--bin", "harness"])
}

/// Builds burn-wgpu as a peer of the benchmark, and its JavaScript: the folder with both.
///
/// # Errors
/// When it does not compile, or a tool is missing and cannot be installed.
pub fn burn_peer() -> Result<PathBuf> {
    package("burn-wgpu (minutes, once)", "burn_peer", &BURN_PEER)
}

fn package(what: &str, program: &str, words: &[&str]) -> Result<PathBuf> {
    let out = project::target()?.join(program);
    let folder = compile(what, Profile::Release, words)?;
    bind(&[(program, &folder.join(format!("{program}.wasm")))], &out)?;
    Ok(out)
}

/// Builds the page as it is tested: the folder to serve.
///
/// # Errors
/// When it does not compile, or a tool is missing and cannot be installed.
pub fn page() -> Result<PathBuf> {
    let dist = project::target()?.join("dist");
    page_into(&dist, Profile::Release)?;
    Ok(dist)
}

/// Builds the page into a folder that replaces `dist`.
///
/// # Errors
/// When it does not compile, or a tool is missing and cannot be installed.
pub fn page_into(dist: &Path, profile: Profile) -> Result<()> {
    let site = Site::read(&project::root().join("www/index.html"))?;
    let programs = site.programs()?;
    let mut words = Vec::new();
    for Program { package, name, .. } in &programs {
        words.extend(["--package", package, "--bin", name]);
    }
    let names: Vec<&str> = programs.iter().map(|p| p.name.as_str()).collect();
    let folder = compile(&names.join(" and "), profile, &words)?;
    let bound = project::target()?.join("bindgen").join(profile.name());
    let wasm: Vec<_> =
        names.iter().map(|name| (*name, folder.join(format!("{name}.wasm")))).collect();
    let inputs: Vec<_> = wasm.iter().map(|(name, path)| (*name, path.as_path())).collect();
    bind(&inputs, &bound)?;
    if profile == Profile::Release {
        optimise(&programs, &bound)?;
    }
    say::part("putting the page together", || site.write(&bound, dist))
}

/// Compiles programs for wasm32: the folder with the wasm files.
fn compile(what: &str, profile: Profile, words: &[&str]) -> Result<PathBuf> {
    let std = Std::find()?;
    say::part("fetching the sources of the dependencies", || {
        let mut cargo = Command::new("cargo");
        cargo.args(["fetch", "--quiet", "--locked", "--target", TARGET]);
        say::run(cargo.current_dir(project::root()))
    })?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--profile", profile.name(), "--target", TARGET]).args(words);
    cargo.args(["--timings", "--message-format", "json-render-diagnostics"]);
    std.apply(cargo.current_dir(project::root()))?;
    let mut finished = Finished::default();
    say::part(&format!("compiling {what} ({})", profile.name()), || {
        let start = Instant::now();
        say::lines(&mut cargo, |message| finished.read(message, start.elapsed()))
    })?;
    finished.note();
    Ok(std.target()?.join(TARGET).join(profile.name()))
}

/// When the parts of a compilation were finished, from cargo's messages.
#[derive(Default)]
struct Finished {
    /// The last of the crates from elsewhere, and the standard library where it is built.
    others: Option<Duration>,
    /// The repository's own crates, by name.
    own: Vec<(String, Duration)>,
}

impl Finished {
    /// Reads a line of `--message-format json`.
    fn read(&mut self, message: &str, now: Duration) {
        let compiled = message.starts_with("{\"reason\":\"compiler-artifact\"")
            && message.contains("\"fresh\":false")
            && !message.contains("\"kind\":[\"custom-build\"]");
        if !compiled {
            return;
        }
        if !message.contains("\"package_id\":\"path+") {
            self.others = Some(now);
        } else if let Some(name) = between(message, "\"name\":\"", "\"") {
            self.own.push((name.to_owned(), now));
        }
    }

    /// Adds what was learned to the table of times.
    fn note(self) {
        let others = self.others.map(|after| ("the crates of others".to_owned(), after));
        for (name, after) in others.into_iter().chain(self.own) {
            say::note(&format!("  {name}: finished after"), after);
        }
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(inside, _)| inside)
}

/// Writes each program's JavaScript, and its wasm as that needs it, into a folder.
fn bind(programs: &[(&str, &Path)], out: &Path) -> Result<()> {
    say::part("compiling wasm-bindgen", || {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--locked", "--package", "xtask-bindgen"]);
        cargo.env("CARGO_TARGET_DIR", project::target()?);
        say::run(cargo.current_dir(project::root()))
    })?;
    let program = format!("xtask-bindgen{}", env::consts::EXE_SUFFIX);
    let bindgen = project::target()?.join("debug").join(program);
    say::part("writing the JavaScript (wasm-bindgen)", || {
        for (name, wasm) in programs {
            say::run(Command::new(&bindgen).arg(wasm).arg(name).arg(out))?;
        }
        Ok(())
    })
}

/// Makes each program smaller, side by side: wasm-opt works on one core most of the time.
fn optimise(programs: &[Program], folder: &Path) -> Result<()> {
    let bin = tools::wasm_opt()?;
    say::part("making the programs smaller (wasm-opt)", || {
        std::thread::scope(|scope| {
            let running: Vec<_> = programs
                .iter()
                .map(|p| scope.spawn(|| shrink(&bin.join("wasm-opt"), p, folder)))
                .collect();
            running
                .into_iter()
                .try_for_each(|one| one.join().unwrap_or(Err("wasm-opt's thread died".to_owned())))
        })
    })
}

fn shrink(wasm_opt: &Path, program: &Program, folder: &Path) -> Result<()> {
    let wasm = folder.join(format!("{}_bg.wasm", program.name));
    let small = folder.join(format!("{}.small", program.name));
    let mut command = Command::new(wasm_opt);
    command.arg(format!("-O{}", program.wasm_opt)).arg(&wasm).arg("--output").arg(&small);
    say::run(&mut command)?;
    fs::rename(&small, &wasm).map_err(|e| format!("{}: {e}", wasm.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_compilation_are_read_from_cargos_messages() {
        let message = |package: &str, kind: &str, name: &str, fresh: bool| {
            format!(
                "{{\"reason\":\"compiler-artifact\",\"package_id\":\"{package}\",\"target\":{{\"kind\":[\"{kind}\"],\"name\":\"{name}\"}},\"fresh\":{fresh}}}"
            )
        };
        let mut finished = Finished::default();
        let at = Duration::from_secs;
        finished.read(&message("registry+x#serde@1", "lib", "serde", false), at(1));
        finished.read(&message("registry+x#wgpu@1", "lib", "wgpu", false), at(2));
        finished.read(&message("path+file:///x#dino@1", "custom-build", "build", false), at(3));
        finished.read(&message("path+file:///x#dino@1", "bin", "app", false), at(4));
        finished.read(&message("registry+x#late@1", "lib", "late", true), at(5));
        finished.read("{\"reason\":\"build-finished\",\"success\":true}", at(6));
        assert_eq!(finished.others, Some(at(2)));
        assert_eq!(finished.own, [("app".to_owned(), at(4))]);
    }
}
