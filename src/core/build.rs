//! Build id of a browser build, made from the sources of the worker and of the protocol: the page and its worker
//! compare it, because a cache may serve them from two builds. Invariant: the same sources give the same id. The
//! page's own sources are left out: a word there leaves the worker as it is.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut id = "native".to_owned();
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        let mut hasher = DefaultHasher::new();
        for source in [".", "../engine", "../worker", "../../shaders", "../../Cargo.lock"] {
            println!("cargo::rerun-if-changed={source}");
            add(Path::new(source), &mut hasher);
        }
        id = format!("{:016x}", hasher.finish());
    }
    println!("cargo::rustc-env=DINO_BUILD={id}");
}

/// Hashes a file, or a folder's files in the order of their names.
fn add(path: &Path, hasher: &mut DefaultHasher) {
    if let Ok(entries) = fs::read_dir(path) {
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().for_each(|path| add(path, hasher));
    } else if let Ok(bytes) = fs::read(path) {
        path.hash(hasher);
        bytes.hash(hasher);
    }
}
