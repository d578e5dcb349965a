//! `cargo xtask oracle`: timm in PyTorch beside ours. It makes weights, lets `dino convert` read them in four
//! formats, has timm open the results, runs all of `tests/oracle.rs` and, with `--record`, records what timm
//! gives. Invariant: nothing but `--record` changes the repository's numbers.

use crate::browser;
use crate::project;
use crate::python;
use crate::say::{self, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

const MODELS: [&str; 3] = ["tiny16", "small16", "small8"];
const FORMATS: [&str; 4] = ["backbone.pth", "full.pth", "timm.safetensors", "hf.safetensors"];

/// Runs the whole comparison; with `record` the repository's numbers are replaced by those found.
///
/// # Errors
/// When anything differs, or a tool is missing and cannot be installed.
pub fn run(record: bool) -> Result<()> {
    browser::vulkan()?;
    let python = python::environment()?;
    let root = project::root();
    let target = project::target()?;
    let folder = target.join("oracle");
    project::make(&folder)?;
    let script = root.join("tests/oracle/make.py");
    let python = |arguments: &[&str]| {
        let mut command = Command::new(&python);
        command.arg("-B").arg(&script).arg(&folder).args(arguments);
        say::run(&mut command)
    };
    say::part("timm makes weights and looks at pictures", || python(&[]))?;
    say::part("dino convert reads them", || convert(&root, &target, &folder))?;
    say::part("timm opens what was converted", || python(&["check"]))?;
    if record {
        let copies = [
            ("expect.safetensors", "tests/oracle/expect.safetensors"),
            ("backbone.pth", "tests/weights/backbone.pth"),
            ("full.pth", "tests/weights/full.pth"),
            ("code.pth", "tests/weights/code.pth"),
        ];
        for (from, to) in copies {
            let bytes = fs::read(folder.join(from)).map_err(|e| format!("{from}: {e}"))?;
            // Not `fs::copy`, which would keep the mode of a private file.
            fs::write(root.join(to), bytes).map_err(|e| format!("{to}: {e}"))?;
        }
        println!("    recorded in tests/oracle and tests/weights");
    }
    say::part("ours beside timm, the large ones too", || {
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--test", "oracle", "--", "--include-ignored", "--nocapture"]);
        cargo.args(["--test-threads", "1"]).current_dir(&root).env("CARGO_TARGET_DIR", &target);
        say::run(&mut cargo)
    })
}

/// Converts every format back to timm's names.
fn convert(root: &Path, target: &Path, folder: &Path) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--bin", "dino"]).current_dir(root).env("CARGO_TARGET_DIR", target);
    say::run(&mut cargo)?;
    let dino = target.join("debug").join(format!("dino{}", std::env::consts::EXE_SUFFIX));
    for file in MODELS.iter().flat_map(|m| FORMATS.map(|f| folder.join(format!("{m}.{f}")))) {
        let mut out = file.clone().into_os_string();
        out.push(".out.safetensors");
        let mut command = Command::new(&dino);
        command.args(["convert", "--to", "backbone", "--in"]).arg(&file).arg("--out").arg(out);
        say::run(&mut command)?;
    }
    Ok(())
}
