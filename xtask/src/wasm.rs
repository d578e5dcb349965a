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
use std::process::{Command, Stdio};
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

const HARNESS: [&str; 4] = ["--package", "dino-harness", "--bin", "harness"];

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
    package("the test harness", "harness", &HARNESS)
}

/// Builds the harness and the page with one call of cargo: apart, each would compile wgpu and others with the
/// features that it alone needs. Folders of the harness and of the page to serve.
///
/// # Errors
/// When something does not compile, or a tool is missing and cannot be installed.
pub fn harness_and_page() -> Result<(PathBuf, PathBuf)> {
    let target = project::target()?;
    let (harness, dist) = (target.join("harness"), target.join("dist"));
    let page = Page::read()?;
    let words: Vec<_> = HARNESS.into_iter().chain(page.words()).collect();
    let folder = compile("harness, app and worker", Profile::Release, &words)?;
    finish(&[Compiled::new(&folder, "harness", None)], &harness)?;
    page.put_together(&folder, Profile::Release, &dist)?;
    Ok((harness, dist))
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
    finish(&[Compiled::new(&folder, program, None)], &out)?;
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
    let page = Page::read()?;
    let folder = compile("app and worker", profile, &page.words())?;
    page.put_together(&folder, profile, dist)
}

/// The page and the programs that it names.
struct Page {
    site: Site,
    programs: Vec<Program>,
}

impl Page {
    fn read() -> Result<Self> {
        let site = Site::read(&project::root().join("www/index.html"))?;
        Ok(Self { programs: site.programs()?, site })
    }

    /// Cargo's words for the programs.
    fn words<'a>(&'a self) -> Vec<&'a str> {
        let words = |p: &'a Program| ["--package", &p.package, "--bin", &p.name];
        self.programs.iter().flat_map(words).collect()
    }

    /// Finishes the programs that cargo left in `folder`, and writes the page into `dist`.
    fn put_together(&self, folder: &Path, profile: Profile, dist: &Path) -> Result<()> {
        let finished = project::target()?.join("finished").join(profile.name());
        let level = |p: &Program| (profile == Profile::Release).then(|| p.wasm_opt.clone());
        let compiled: Vec<_> =
            self.programs.iter().map(|p| Compiled::new(folder, &p.name, level(p))).collect();
        finish(&compiled, &finished)?;
        say::part("putting the page together", || self.site.write(&finished, dist))
    }
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
    cargo.args(["--message-format", "json-render-diagnostics"]);
    std.apply(cargo.current_dir(project::root()))?;
    // The last crates keep one core busy; the other compiles wasm-bindgen meanwhile. If that fails, `bind` says so.
    let meanwhile = bindgen()?.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut finished = Finished::default();
    let compiled = say::part(&format!("compiling {what} ({})", profile.name()), || {
        let start = Instant::now();
        say::lines(&mut cargo, |message| finished.read(message, start.elapsed()))
    });
    if let Ok(mut meanwhile) = meanwhile {
        let _ = meanwhile.wait();
    }
    compiled?;
    finished.note();
    Ok(std.target()?.join(TARGET).join(profile.name()))
}

/// Times at which the parts of a compilation finished, from cargo's messages.
#[derive(Default)]
struct Finished {
    /// Time of the last dependency, or of the standard library where it is built.
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

/// A program as compiled by cargo.
struct Compiled {
    name: String,
    wasm: PathBuf,
    /// wasm-opt's level, where it shall be made smaller.
    level: Option<String>,
}

impl Compiled {
    fn new(folder: &Path, name: &str, level: Option<String>) -> Self {
        Self { name: name.to_owned(), wasm: folder.join(format!("{name}.wasm")), level }
    }
}

/// Writes each program's JavaScript and finished wasm into a folder, except those that are there already and were made
/// from the same wasm in the same way.
fn finish(programs: &[Compiled], out: &Path) -> Result<()> {
    let mut changed = Vec::new();
    for program in programs {
        let stamp = out.join(format!("{}.made-from", program.name));
        let level = program.level.as_deref().unwrap_or("as it is");
        let made_from = format!("{} {level}", project::hash(&[&program.wasm])?);
        if fs::read_to_string(&stamp).is_ok_and(|before| before == made_from) {
            continue;
        }
        // Without its stamp the next run makes the program again if this one is interrupted.
        if stamp.exists() {
            fs::remove_file(&stamp).map_err(|e| format!("{}: {e}", stamp.display()))?;
        }
        changed.push((program, stamp, made_from));
    }
    if changed.is_empty() {
        return Ok(());
    }
    let programs: Vec<_> = changed.iter().map(|(program, ..)| *program).collect();
    bind(&programs, out)?;
    if programs.iter().any(|p| p.level.is_some()) {
        shrink_all(&programs, out)?;
    }
    changed.iter().try_for_each(|(_, stamp, made_from)| {
        fs::write(stamp, made_from).map_err(|e| format!("{}: {e}", stamp.display()))
    })
}

/// The command that compiles wasm-bindgen.
fn bindgen() -> Result<Command> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked", "--package", "xtask-bindgen"]);
    cargo.env("CARGO_TARGET_DIR", project::target()?).current_dir(project::root());
    Ok(cargo)
}

/// Writes each program's JavaScript, and the wasm that it loads.
fn bind(programs: &[&Compiled], out: &Path) -> Result<()> {
    say::part("compiling wasm-bindgen", || say::run(&mut bindgen()?))?;
    let bindgen = format!("xtask-bindgen{}", env::consts::EXE_SUFFIX);
    let bindgen = project::target()?.join("debug").join(bindgen);
    say::part("writing the JavaScript (wasm-bindgen)", || {
        for Compiled { name, wasm, .. } in programs {
            say::run(Command::new(&bindgen).arg(wasm).arg(name).arg(out))?;
        }
        Ok(())
    })
}

/// Makes the programs smaller side by side, for wasm-opt works on one core most of the time.
fn shrink_all(programs: &[&Compiled], folder: &Path) -> Result<()> {
    let wasm_opt = tools::wasm_opt()?;
    say::part("making the programs smaller (wasm-opt)", || {
        std::thread::scope(|scope| {
            let start = |p: &&Compiled| {
                let (name, level) = (p.name.clone(), p.level.clone()?);
                let wasm_opt = &wasm_opt;
                Some(scope.spawn(move || shrink(wasm_opt, &name, &level, folder)))
            };
            let running: Vec<_> = programs.iter().filter_map(start).collect();
            running
                .into_iter()
                .try_for_each(|one| one.join().unwrap_or(Err("wasm-opt's thread died".to_owned())))
        })
    })
}

fn shrink(wasm_opt: &Path, name: &str, level: &str, folder: &Path) -> Result<()> {
    let wasm = folder.join(format!("{name}_bg.wasm"));
    let small = folder.join(format!("{name}.small"));
    let mut command = Command::new(wasm_opt);
    command.arg(format!("-O{level}")).arg(&wasm).arg("--output").arg(&small);
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
