//! `cargo xtask test` and the commands that run a part of it: native tests, then the same checks, the golden
//! cases and the page in Chromium and in Firefox. Invariant: a part that fails does not hide the others, and the table at the
//! end has every part with its minutes and its result.

use crate::browser::{self, Browser};
use crate::project;
use crate::say::{self, Result};
use crate::server::Server;
use crate::wasm;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The parts of the tests that were run.
#[derive(Default)]
struct Parts(Vec<Part>);

struct Part {
    name: &'static str,
    took: Duration,
    result: Result<()>,
}

impl Parts {
    /// Runs a part and notes its minutes and its result; gives what it made, if it succeeded.
    fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let start = Instant::now();
        let (made, result) = match say::part(name, work) {
            Ok(made) => (Some(made), Ok(())),
            Err(e) => (None, Err(e)),
        };
        self.0.push(Part { name, took: start.elapsed(), result });
        made
    }

    /// The table of all parts.
    fn table(&self) -> String {
        let row = |Part { name, took, result }: &Part| {
            let minutes = took.as_secs_f64() / 60.0;
            match result {
                Ok(()) => format!("    {minutes:7.1}  ok      {name}\n"),
                Err(e) => format!("    {minutes:7.1}  FAILED  {name}: {e}\n"),
            }
        };
        "    minutes\n".to_owned() + &self.0.iter().map(row).collect::<String>()
    }

    fn outcome(&self) -> Result<()> {
        match self.0.iter().filter(|part| part.result.is_err()).count() {
            0 => Ok(()),
            failed => Err(format!("{failed} of {} parts of the tests failed", self.0.len())),
        }
    }
}

/// All tests, or only those in browsers.
///
/// # Errors
/// When any fails, or a tool is missing and cannot be installed.
pub fn all(native: bool) -> Result<()> {
    let start = Instant::now();
    let mut parts = Parts::default();
    let browser = parts.run("Vulkan driver, browsers, Node and its packages", || {
        browser::vulkan()?;
        Browser::find()
    });
    if native {
        parts.run("native tests", || {
            let arguments = ["test", "--locked", "--workspace", "--no-fail-fast"];
            say::run(Command::new("cargo").args(arguments).current_dir(project::root()))
        });
    }
    if let Some(browser) = browser {
        let built = parts.run("building the checks and the page", wasm::harness_and_page);
        if let Some((package, dist)) = built {
            parts.run("checks and golden cases in Chromium", || {
                harness(&browser, &package, &everything()?)
            });
            parts.run("page in Chromium", || page(&browser, "page", &dist));
            parts.run("checks and golden cases in Firefox", || {
                harness_in(&browser, "firefox-harness", &package, &everything()?)
            });
            parts.run("page in Firefox", || page(&browser, "firefox", &dist));
        }
    }
    println!("==> all tests, after {}\n{}", say::seconds(start), parts.table());
    parts.outcome()
}

/// Tests of the page in Chromium, on a page that compiles fast; `words` are names of files in `tests/browser`,
/// `--grep TEXT` and other options of Playwright's runner.
///
/// # Errors
/// When one fails, none was chosen, or a tool is missing and cannot be installed.
pub fn browser_tests(words: &[&str]) -> Result<()> {
    page_tests("page", words)
}

/// The same in Firefox.
///
/// # Errors
/// See [`browser_tests`].
pub fn firefox_tests(words: &[&str]) -> Result<()> {
    page_tests("firefox", words)
}

fn page_tests(project: &str, words: &[&str]) -> Result<()> {
    let browser = Browser::find()?;
    let dist = project::target()?.join("page");
    wasm::page_into(&dist, wasm::Profile::Local)?;
    browser::run(browser.tests(project, &served(dist)?)?.env("LOCAL", "1").args(words))
}

/// Runs a case folder in Chromium: `replay` or `augment`.
///
/// # Errors
/// When the case is malformed or one of its rows fails.
pub fn case(kind: &str, folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        return Err(format!("{}: there is no such folder", folder.display()));
    }
    let asked =
        Asked { folder: folder.to_path_buf(), cases: vec![(kind, None)], ..Asked::default() };
    harness(&Browser::find()?, &wasm::harness()?, &asked)
}

/// Trains on the page for so many steps and watches it.
///
/// # Errors
/// When the page fails one of the test's conditions.
pub fn soak(steps: &str) -> Result<()> {
    let browser = Browser::find()?;
    browser::run(browser.tests("soak", &served(wasm::page()?)?)?.env("STEPS", steps))
}

/// The library's checks in a browser, those with `part` in their name.
///
/// # Errors
/// When one fails or none has such a name.
pub fn only_checks(part: &str, firefox: bool) -> Result<()> {
    let asked = Asked { checks: Some(part), ..Asked::default() };
    let project = if firefox { "firefox-harness" } else { "harness" };
    harness_in(&Browser::find()?, project, &wasm::harness()?, &asked)
}

/// The folder of the scripts that drive the browser.
pub fn scripts() -> PathBuf {
    project::root().join("tests/browser")
}

/// Checks and cases that the harness runs.
#[derive(Default)]
struct Asked<'a> {
    /// Checks with this in their name.
    checks: Option<&'a str>,
    /// The folder that is served under `/case/`.
    folder: PathBuf,
    /// Cases as their kind and their own folder below it; none when it is a case itself.
    cases: Vec<(&'a str, Option<String>)>,
}

impl Asked<'_> {
    /// The cases for `harness.spec.mjs`.
    fn json(&self) -> String {
        let case = |(kind, below): &(&str, Option<String>)| {
            let whole = self.folder.file_name().unwrap_or_default().to_string_lossy();
            let name = below.as_deref().unwrap_or(&whole);
            let path = below.as_ref().map_or("/case/".to_owned(), |name| format!("/case/{name}/"));
            format!(r#"{{"kind":{kind:?},"name":{name:?},"path":{path:?}}}"#)
        };
        format!("[{}]", self.cases.iter().map(case).collect::<Vec<_>>().join(","))
    }
}

/// Every check, and every case folder of `tests/golden`: those with an `augment.json` are of the other kind.
fn everything() -> Result<Asked<'static>> {
    let folder = project::root().join("tests/golden");
    let mut cases: Vec<_> = fs::read_dir(&folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| {
            let augments = entry.path().join("augment.json").exists();
            let name = entry.file_name().into_string().ok()?;
            Some((if augments { "augment" } else { "replay" }, Some(name)))
        })
        .collect();
    cases.sort();
    Ok(Asked { checks: Some(""), folder, cases })
}

fn harness(browser: &Browser, package: &Path, asked: &Asked<'_>) -> Result<()> {
    harness_in(browser, "harness", package, asked)
}

/// The harness as a project of the runner, which names the browser.
fn harness_in(browser: &Browser, project: &str, package: &Path, asked: &Asked<'_>) -> Result<()> {
    // The runner asks the harness for the checks' names; Node needs this file to load its JavaScript as a module.
    let about = package.join("package.json");
    fs::write(&about, "{ \"type\": \"module\" }\n")
        .map_err(|e| format!("{}: {e}", about.display()))?;
    let mounts =
        vec![("/pkg/", package.to_path_buf()), ("/case/", asked.folder.clone()), ("/", scripts())];
    let url = Server::bind(0, mounts)?.serve_beside()?;
    let mut tests = browser.tests(project, "")?;
    tests.env("HARNESS", package).env("HARNESS_URL", url).env("CASES", asked.json());
    if let Some(part) = asked.checks {
        tests.env("CHECKS", part);
    }
    browser::run(&mut tests)
}

/// Tests of the page, as a project of the runner.
fn page(browser: &Browser, project: &str, dist: &Path) -> Result<()> {
    browser::run(&mut browser.tests(project, &served(dist.to_path_buf())?)?)
}

/// Serves the page and gives its address. Not at the root: a page whose files are named from there would not work on
/// every host.
fn served(dist: PathBuf) -> Result<String> {
    let folder = "/some/path/";
    Ok(Server::bind(0, vec![(folder, dist)])?.serve_beside()? + folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_fails_hides_no_other() {
        let mut parts = Parts::default();
        assert_eq!(parts.run("first", || Ok(1)), Some(1));
        assert_eq!(parts.run("second", || Err::<(), _>("it broke".to_owned())), None);
        assert_eq!(parts.run("third", || Ok(3)), Some(3));
        let table = parts.table();
        assert!(table.contains("0.0  ok      first"), "{table}");
        assert!(table.contains("0.0  FAILED  second: it broke"), "{table}");
        assert!(table.contains("0.0  ok      third"), "{table}");
        assert_eq!(parts.outcome(), Err("1 of 3 parts of the tests failed".to_owned()));
    }

    #[test]
    fn every_golden_case_is_found() {
        let json = everything().unwrap().json();
        assert!(json.contains(r#"{"kind":"replay","name":"basic","path":"/case/basic/"}"#));
        assert!(json.contains(r#"{"kind":"augment","name":"augment","path":"/case/augment/"}"#));
    }

    #[test]
    fn a_folder_can_be_a_case_itself() {
        let cases = vec![("replay", None)];
        let asked = Asked { folder: PathBuf::from("some/basic"), cases, ..Asked::default() };
        assert_eq!(asked.json(), r#"[{"kind":"replay","name":"basic","path":"/case/"}]"#);
    }
}
