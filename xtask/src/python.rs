//! `cargo xtask python`: types and tests of the PyTorch package in `python/`. PyTorch itself is the
//! system's (on Debian python3-torch, without gigabytes of CUDA), the rest lies in an environment of
//! the user's cache. Invariant: nothing is installed into the repository or into the system's Python.

use crate::project;
use crate::say::{self, Result};
use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages beside the system's PyTorch, installed without their dependencies, which are there or in [`TOOLS`].
const PACKAGES: [&str; 2] = ["timm==1.0.31", "safetensors==0.8.0"];
/// Packages with their dependencies. timm imports the hub and never uses it here.
const TOOLS: [&str; 3] = ["huggingface_hub<1", "pytest==9.2.0", "mypy==2.4.1"];
/// Debian's PyTorch: a plain pip install would pull gigabytes of CUDA, and without OpenBLAS it is seven
/// times slower.
const DEBIAN: [&str; 4] =
    ["python3-torch", "python3-torchvision", "libopenblas0-pthread", "python3-venv"];

/// Types, then tests, among them checkpoints that go to `dino` and back.
///
/// # Errors
/// When a check fails, or Python or PyTorch is missing and cannot be installed.
pub fn all() -> Result<()> {
    let python = environment()?;
    let folder = project::root().join("python");
    say::part("building `dino`", || {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--package", "dino-cli", "--bin", "dino"]);
        say::run(cargo.current_dir(project::root()))
    })?;
    let dino =
        project::target()?.join("debug").join(format!("dino{}", std::env::consts::EXE_SUFFIX));
    let module = |name: &str| {
        let mut command = Command::new(&python);
        command.args(["-m", name]).current_dir(&folder).env("DINO", &dino);
        // Compiled and cached files belong elsewhere.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONPATH", ".:tests");
        command
    };
    say::part("types of the package (mypy)", || {
        say::run(module("mypy").args(["--cache-dir", null()]))
    })?;
    say::part("tests of the package (pytest)", || {
        say::run(module("pytest").args(["-q", "-p", "no:cacheprovider"]))
    })
}

fn null() -> &'static str {
    if cfg!(windows) { "nul" } else { "/dev/null" }
}

/// The Python of the environment, made if it is missing.
///
/// # Errors
/// When Python or PyTorch is missing and cannot be installed.
pub fn environment() -> Result<PathBuf> {
    let place = project::cache()?.join("python").join(PACKAGES.join("-").replace("==", "-"));
    let inside =
        |place: &Path| place.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !place.exists() {
        let system = with_torch()?;
        let what = "installing timm and the tests' tools with pip, once for this user";
        say::part(what, || {
            tools::into_place(&place, |partial| {
                let mut venv = Command::new(&system);
                venv.args(["-m", "venv", "--system-site-packages"]).arg(partial);
                say::run(&mut venv)?;
                // As a module, because the programs beside it contain the path at which they were made.
                let pip = |words: &[&str]| {
                    let mut pip = Command::new(inside(partial));
                    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
                    say::run(pip.args(words))
                };
                pip(&[&["--no-deps"][..], &PACKAGES].concat())?;
                pip(&TOOLS)
            })
        })?;
    }
    Ok(inside(&place))
}

/// A Python that has PyTorch and torchvision.
fn with_torch() -> Result<PathBuf> {
    let system = Path::new("/usr/bin/python3").to_path_buf();
    let found = || {
        let mut all = [tools::find("python3"), tools::find("python"), Some(system.clone())]
            .into_iter()
            .flatten();
        let torch = ["-c", "import torch, torchvision, venv, ensurepip"];
        all.find(|python| say::output(Command::new(python).args(torch)).is_ok())
    };
    if let Some(python) = found() {
        return Ok(python);
    }
    tools::apt(&DEBIAN, "PyTorch for Python (torch and torchvision, any build)")?;
    found().ok_or_else(|| {
        "PyTorch was installed, but no python3 on PATH imports torch and torchvision".to_owned()
    })
}
