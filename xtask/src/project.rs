//! Places of the project: the repository, its build folder, the per-user cache of tools, and the versions that
//! the repository's own files pin. Invariant: nothing here names a path of one machine.

use crate::say::Result;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Name of this project's folder in the user's cache.
const CACHE: &str = "dino-in-the-browser";

/// The repository's root.
pub fn root() -> PathBuf {
    // Cargo sets the variable for `cargo run`; the compiled-in value serves a binary run by hand.
    let manifest = env::var("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&manifest).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Cargo's build folder: the one that this program is in, as `target/debug/xtask`.
///
/// # Errors
/// When the program cannot tell where it lies.
pub fn target() -> Result<PathBuf> {
    let exe = env::current_exe().map_err(|e| format!("where xtask itself lies is unknown: {e}"))?;
    exe.ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .ok_or_else(|| format!("{} is not inside a build folder", exe.display()))
}

/// The per-user folder for installed tools: it outlives clones and their build folders.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor a home folder is set.
pub fn cache() -> Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|h| h.join(".cache")))
        .or_else(|| set("LOCALAPPDATA"))
        .map(|base| base.join(CACHE))
        .ok_or_else(|| {
            "there is no folder to keep tools in: set XDG_CACHE_HOME to one, then run this again"
                .to_owned()
        })
}

/// Reads a text file of the repository.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

/// Makes a folder and those above it.
///
/// # Errors
/// When it cannot be made.
pub fn make(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| format!("{} cannot be made: {e}", path.display()))
}

/// Sixteen hexadecimal digits that change with the content of the files.
///
/// # Errors
/// When one cannot be read.
pub fn hash(files: &[&Path]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The exact version of a package in the text of a package.json.
pub fn pinned(json: &str, package: &str) -> Option<String> {
    let name = format!("\"{package}\":");
    json.lines().find_map(|l| quoted(l.trim().strip_prefix(&name)?.trim().trim_end_matches(',')))
}

fn quoted(text: &str) -> Option<String> {
    Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_files_that_pin_them() {
        let json =
            "{\n  \"dependencies\": {\n    \"x\": \"1.0.0\",\n    \"y-x\": \"2.0.1\"\n  }\n}";
        assert_eq!(pinned(json, "x").as_deref(), Some("1.0.0"));
        assert_eq!(pinned(json, "y-x").as_deref(), Some("2.0.1"));
        assert_eq!(pinned(json, "z"), None);
    }

    #[test]
    fn this_repository_pins_what_is_installed() {
        let json = read(&root().join("tests/browser/package.json")).unwrap();
        assert!(pinned(&json, "@playwright/test").is_some());
        assert!(pinned(&json, "binaryen").is_some());
    }
}
