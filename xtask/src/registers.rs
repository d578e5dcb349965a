//! `cargo xtask bench registers`: registers, spills and occupancy of every shader on AMD GPUs, as Mesa's compiler for them
//! says, without such a GPU. Invariant: nothing is submitted; a device that computes nothing does not survive that.

use crate::browser;
use crate::project;
use crate::say::{self, Result};
use crate::tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Python's bindings of Vulkan.
const PACKAGE: &str = "vulkan==1.3.275.1";
/// Families that Mesa can pretend: the first RDNA with compute units like today's, and the last GCN.
const FAMILIES: [&str; 2] = ["navi21", "vega10"];
/// Mesa's driver for AMD, where Debian and its relatives put it.
const DRIVER: &str = "/usr/share/vulkan/icd.d/radeon_icd.x86_64.json";

/// Writes the SPIR-V of all shaders, then asks Mesa's compiler about each.
///
/// # Errors
/// When Mesa's driver for AMD or Python is missing and cannot be installed.
pub fn run() -> Result<()> {
    browser::vulkan()?;
    if !Path::new(DRIVER).is_file() {
        tools::apt(&["mesa-vulkan-drivers", "libvulkan1"], "Mesa's Vulkan drivers")?;
    }
    let python = environment()?;
    let folder = project::target()?.join("bench").join("spirv");
    // Of another version of the shaders.
    let _ = fs::remove_dir_all(&folder);
    project::make(&folder)?;
    say::part("translating the shaders to SPIR-V", || {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--locked", "--package", "dino-engine", "--test", "compilers"]);
        say::run(cargo.env("SPIRV", &folder).current_dir(project::root()))
    })?;
    for family in FAMILIES {
        let mut script = Command::new(&python);
        script.arg(project::root().join("benches/registers.py")).arg(&folder);
        script.env("VK_DRIVER_FILES", DRIVER).env("RADV_FORCE_FAMILY", family);
        say::part(&format!("compiling them for {family}"), || say::run(&mut script))?;
    }
    Ok(())
}

/// A Python with the bindings, made if it is missing.
fn environment() -> Result<PathBuf> {
    let place = project::cache()?.join("python").join(PACKAGE.replace("==", "-"));
    if !place.exists() {
        let system = tools::find("python3").ok_or("there is no python3 on PATH")?;
        say::part("installing Vulkan's Python bindings with pip, once for this user", || {
            tools::into_place(&place, |partial| {
                say::run(Command::new(&system).args(["-m", "venv"]).arg(partial))?;
                let mut pip = Command::new(partial.join("bin/python"));
                pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
                say::run(pip.arg(PACKAGE))
            })
        })?;
    }
    Ok(place.join("bin/python"))
}
