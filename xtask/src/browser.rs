//! Browsers for the tests: Chromium and Firefox, Node with @playwright/test, puppeteer-core and axe-core, and for native
//! tests and Firefox a Vulkan driver; and how the runner and other scripts are started. Invariant: no browser is downloaded.

use crate::project;
use crate::say::{self, Result};
use crate::tools;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A script that takes longer hangs. The tests' own limit, `globalTimeout`, is shorter and says which test hangs.
const LONGEST_SCRIPT: Duration = Duration::from_secs(85 * 60);

/// Names that Chromium and its relatives have on PATH.
const CHROMIUM: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Names that Firefox has on PATH; Debian's is the one with extended support.
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// npm packages that the scripts take, each pinned in `tests/browser/package.json`.
const PACKAGES: [&str; 3] = [PLAYWRIGHT, "axe-core", "puppeteer-core"];
const PLAYWRIGHT: &str = "@playwright/test";

/// The browsers, Node, and the `node_modules` folder of each of [`PACKAGES`].
pub struct Browser {
    chromium: PathBuf,
    firefox: PathBuf,
    node: PathBuf,
    modules: Vec<PathBuf>,
}

impl Browser {
    /// Finds the browsers, Node and the packages, or installs them.
    ///
    /// # Errors
    /// When something is missing and cannot be installed.
    pub fn find() -> Result<Self> {
        Ok(Self {
            chromium: chromium()?,
            firefox: firefox()?,
            node: tools::node()?,
            modules: PACKAGES.into_iter().map(tools::npm_package).collect::<Result<_>>()?,
        })
    }

    /// A script of the repository, ready to be run: it gets `BASE_URL`, `CHROMIUM`, `FIREFOX` and, for its
    /// packages, `NODE_PATH`.
    ///
    /// # Errors
    /// When the folder's name cannot be part of a path list.
    pub fn script(&self, script: &Path, base_url: &str) -> Result<Command> {
        let modules = env::join_paths(&self.modules).map_err(|e| format!("NODE_PATH: {e}"))?;
        let mut command = Command::new(&self.node);
        command.arg(script).current_dir(project::root());
        command.env("BASE_URL", base_url).env("CHROMIUM", &self.chromium);
        command.env("FIREFOX", &self.firefox);
        command.env("NODE_PATH", modules);
        Ok(command)
    }

    /// Playwright's runner with a project of `tests/browser/playwright.config.mjs`, ready to be run; names of
    /// files and options may follow.
    ///
    /// # Errors
    /// When the build folder is unknown or a folder's name cannot be part of a path list.
    pub fn tests(&self, project: &str, base_url: &str) -> Result<Command> {
        let runner = self
            .modules
            .iter()
            .map(|modules| modules.join(PLAYWRIGHT).join("cli.js"))
            .find(|path| path.is_file())
            .ok_or_else(|| format!("{PLAYWRIGHT} is installed, but its cli.js is not found"))?;
        let mut command = self.script(&runner, base_url)?;
        let config = project::root().join("tests/browser/playwright.config.mjs");
        command.args(["test", "--project", project, "--config"]).arg(config);
        command.env("TARGET", project::target()?);
        Ok(command)
    }
}

/// Runs a script; one that hangs is ended.
///
/// # Errors
/// When the script fails.
pub fn run(script: &mut Command) -> Result<()> {
    say::run_limited(script, LONGEST_SCRIPT).map_err(|e| format!("it failed, see above ({e})"))
}

fn chromium() -> Result<PathBuf> {
    found("CHROMIUM", &CHROMIUM, "Chromium")
}

fn firefox() -> Result<PathBuf> {
    found("FIREFOX", &FIREFOX, "Firefox")
}

/// A program that a variable names, that is on PATH under one of these names, or that is installed under the first.
fn found(variable: &str, names: &[&str], what: &str) -> Result<PathBuf> {
    if let Some(chosen) = env::var_os(variable).filter(|c| !c.is_empty()) {
        return Ok(PathBuf::from(chosen));
    }
    if let Some(found) = names.iter().find_map(|name| tools::find(name)) {
        return Ok(found);
    }
    let name = names.first().copied().unwrap_or_default();
    let elsewhere = format!("if it lies elsewhere, set {variable} to the path of its program");
    tools::or_apt(name, &[name], what).map_err(|e| format!("{e}; {elsewhere}"))
}

/// Installs a Vulkan driver for native tests where Linux has none: Mesa's lavapipe. Other systems have drivers of
/// their own.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn vulkan() -> Result<()> {
    if !cfg!(target_os = "linux") || has_driver() {
        return Ok(());
    }
    tools::apt(&["mesa-vulkan-drivers"], "a Vulkan driver (Mesa's lavapipe)")
}

/// Whether the folders that the Vulkan loader searches have a driver's description.
fn has_driver() -> bool {
    let set = |name| env::var_os(name).filter(|v| !v.is_empty());
    if set("VK_DRIVER_FILES").or_else(|| set("VK_ICD_FILENAMES")).is_some() {
        return true;
    }
    let listed = |name, default: &str| set(name).unwrap_or_else(|| default.into());
    let shared = listed("XDG_DATA_DIRS", "/usr/local/share:/usr/share");
    let settings = listed("XDG_CONFIG_DIRS", "/etc/xdg");
    let own = set("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".local/share")));
    env::split_paths(&settings)
        .chain(env::split_paths(&shared))
        .chain(own)
        .chain([PathBuf::from("/etc")])
        .filter_map(|folder| folder.join("vulkan/icd.d").read_dir().ok())
        .any(|entries| {
            entries.flatten().any(|entry| entry.path().extension().is_some_and(|e| e == "json"))
        })
}
