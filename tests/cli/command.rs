//! Native binary as a command, for its tests. Invariant: each test has a cache of measurements of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs the binary with a cache of the test's own: tests that run side by side measure the adapter differently, and
/// runs that are compared to the bit must use the same measurements.
pub fn dino(arguments: &[&str]) -> Output {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").replace(':', "_");
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache").join(test);
    Command::new(env!("CARGO_BIN_EXE_dino"))
        .args(arguments)
        .env("XDG_CACHE_HOME", cache)
        .output()
        .unwrap()
}

/// Runs a command that must be refused and returns what it says.
pub fn refused(arguments: &[&str]) -> String {
    let output = dino(arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
    assert!(text.contains("error: ") && !text.contains("panicked"), "{arguments:?}: {text}");
    text
}

/// A fresh folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
