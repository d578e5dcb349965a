//! `cargo xtask composites`: images with known masks, made from an npm package of objects with alpha (MIT) and
//! the sample photographs by `tests/composites/compose.py`. Invariant: the package has the version that
//! `tests/browser` pins.

use crate::project;
use crate::python;
use crate::say::{self, Result};
use crate::tools;
use std::path::Path;
use std::process::Command;

const OBJECTS: &str = "@lobehub/fluent-emoji-3d";

/// Writes `images` and `masks` into a folder.
///
/// # Errors
/// When a tool or the package is missing and cannot be installed, or the script fails.
pub fn make(folder: &Path) -> Result<()> {
    let objects = tools::npm_package(OBJECTS)?.join(OBJECTS).join("assets");
    let root = project::root();
    let mut python = Command::new(python::environment()?);
    python.arg("-B").arg(root.join("tests/composites/compose.py"));
    python.arg(objects).arg(root.join("www/samples")).arg(folder);
    say::run(&mut python)
}
