//! `cargo xtask test` and the commands that run one case: native tests, then the same checks, the
//! golden cases and the page in Chromium. Invariant: a part that fails does not hide the others, and
//! every part that did not succeed is named at the end.

use crate::browser::{self, Browser};
use crate::project;
use crate::say::{self, Result};
use crate::server::Server;
use crate::wasm;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What the tests are about: a part's name and how it went.
type Parts = Vec<(String, Result<()>)>;

/// All tests.
///
/// # Errors
/// When any fails, or a tool is missing and cannot be installed.
pub fn all() -> Result<()> {
    let start = Instant::now();
    let root = project::root();
    let mut parts = Parts::new();
    browser::vulkan()?;
    let browser = Browser::find()?;
    part(&mut parts, "native tests", || {
        say::run(Command::new("cargo").args(["test", "--workspace"]).current_dir(&root))
    });
    match wasm::harness() {
        Ok(package) => {
            part(&mut parts, "checks in Chromium", || checks(&browser, &package, ""));
            part(&mut parts, "golden cases in Chromium", || golden(&browser, &package));
        }
        Err(e) => parts.push(("building the test harness".to_owned(), Err(e))),
    }
    match wasm::page() {
        Ok(dist) => page(&mut parts, &browser, &dist),
        Err(e) => parts.push(("building the page".to_owned(), Err(e))),
    }
    println!("==> all tests, after {}", say::seconds(start));
    for (name, result) in &parts {
        match result {
            Ok(()) => println!("    ok      {name}"),
            Err(e) => println!("    FAILED  {name}: {e}"),
        }
    }
    match parts.iter().filter(|(_, r)| r.is_err()).count() {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} parts of the tests failed", parts.len())),
    }
}

fn part(parts: &mut Parts, name: &str, work: impl FnOnce() -> Result<()>) {
    parts.push((name.to_owned(), say::part(name, work)));
}

/// Runs a case folder in Chromium: `replay` or `augment`.
///
/// # Errors
/// When the case is malformed or one of its rows fails.
pub fn case(kind: &str, folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        return Err(format!("{}: there is no such folder", folder.display()));
    }
    let browser = Browser::find()?;
    let package = wasm::harness()?;
    cases(&browser, &package, &[(kind, folder.to_path_buf())])
}

/// Trains on the page for so many steps and watches it.
///
/// # Errors
/// When the page is not what it should be after so long.
pub fn soak(steps: &str) -> Result<()> {
    let browser = Browser::find()?;
    let url = Server::bind(0, vec![("/", wasm::page()?)])?.serve_beside()?;
    browser::run(browser.script(&scripts().join("soak.mjs"), &url)?.env("STEPS", steps))
}

/// The folder of the scripts that drive the browser.
pub fn scripts() -> PathBuf {
    project::root().join("tests/browser")
}

/// The library's checks in Chromium, those with `part` in their name.
///
/// # Errors
/// When one fails or none has such a name.
pub fn only_checks(part: &str) -> Result<()> {
    checks(&Browser::find()?, &wasm::harness()?, part)
}

fn checks(browser: &Browser, package: &Path, part: &str) -> Result<()> {
    let mounts = vec![("/pkg/", package.to_path_buf()), ("/", scripts())];
    let url = Server::bind(0, mounts)?.serve_beside()?;
    browser::run(browser.script(&scripts().join("run-checks.mjs"), &url)?.arg(part))
}

/// Every case folder of `tests/golden`: those with an `augment.json` are of the other kind.
fn golden(browser: &Browser, package: &Path) -> Result<()> {
    let golden = project::root().join("tests/golden");
    let mut found: Vec<_> = fs::read_dir(&golden)
        .map_err(|e| format!("{}: {e}", golden.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .map(|path| (if path.join("augment.json").exists() { "augment" } else { "replay" }, path))
        .collect();
    found.sort();
    cases(browser, package, &found)
}

/// One script runs them all: the harness is compiled by the browser once.
fn cases(browser: &Browser, package: &Path, cases: &[(&str, PathBuf)]) -> Result<()> {
    let mut servers = Vec::new();
    for (kind, folder) in cases {
        let mounts =
            vec![("/pkg/", package.to_path_buf()), ("/case/", folder.clone()), ("/", scripts())];
        servers.push((kind, folder, Server::bind(0, mounts)?.serve_beside()?));
    }
    let mut script = browser.script(&scripts().join("run-cases.mjs"), "")?;
    for (kind, folder, url) in servers {
        let name = folder.file_name().unwrap_or_default();
        script.arg(kind).arg(name).arg(url);
    }
    browser::run(&mut script)
}

/// The page's size and its own tests: every `tests/browser/*.spec.mjs`.
fn page(parts: &mut Parts, browser: &Browser, dist: &Path) {
    part(parts, "size of the worker", || {
        browser::run(browser.script(&scripts().join("run-size.mjs"), "")?.arg(dist))
    });
    let served = Server::bind(0, vec![("/", dist.to_path_buf())]).and_then(Server::serve_beside);
    let url = match served {
        Ok(url) => url,
        Err(e) => return parts.push(("serving the page".to_owned(), Err(e))),
    };
    let mut specs: Vec<_> = fs::read_dir(scripts())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".spec.mjs"))
        .collect();
    specs.sort();
    for spec in specs {
        let name = spec.file_name().unwrap_or_default().to_string_lossy().into_owned();
        part(parts, &name, || browser::run(&mut browser.script(&spec, &url)?));
    }
}
