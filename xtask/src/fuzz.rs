//! Fuzzing of what reads files and links (`fuzz/`), by libFuzzer. Invariant: the stable compiler is enough, because
//! what libFuzzer needs to see is a pass of LLVM; new inputs that reach more code are kept in `fuzz/corpus/`.

use crate::project;
use crate::say::{self, Result};
use std::fs;
use std::process::Command;

/// What cargo-fuzz passes to the compiler, less the sanitizer of addresses, which wants a nightly compiler and which code
/// without `unsafe` does not need.
const FLAGS: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Runs a target for so many seconds.
///
/// # Errors
/// When there is no such target, it does not compile, or an input makes it fail; that input is then in
/// `target/fuzz/artifacts/`.
pub fn run(target: &str, seconds: &str) -> Result<()> {
    let seconds: u32 =
        seconds.parse().map_err(|_| format!("expected a number of seconds, found `{seconds}`"))?;
    let root = project::root();
    if !root.join(format!("fuzz/fuzz_targets/{target}.rs")).is_file() {
        return Err(format!("`{target}` is no file in fuzz/fuzz_targets"));
    }
    let folder = project::target()?.join("fuzz");
    let host = host()?;
    say::part("compiling with coverage", || {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
        cargo.args(["--bin", target, "--target", &host]).arg("--target-dir").arg(&folder);
        // With a target of its own, build scripts are compiled without the flags.
        cargo.env("RUSTFLAGS", FLAGS.join(" ")).current_dir(&root);
        say::run(&mut cargo)
    })?;
    let (corpus, artifacts) = (root.join("fuzz/corpus").join(target), folder.join("artifacts"));
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    say::part(&format!("fuzzing {target}"), || {
        let mut fuzzer = Command::new(folder.join(&host).join("release").join(target));
        fuzzer.arg(&corpus).arg(format!("-max_total_time={seconds}"));
        fuzzer.args(["-rss_limit_mb=3000", "-timeout=60", "-print_final_stats=1"]);
        fuzzer.arg(format!("-artifact_prefix={}/{target}-", artifacts.display()));
        say::run(&mut fuzzer)
    })
}

/// The triple of this machine, from `rustc -vV`.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|e| format!("rustc: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not name its host".to_owned())
}
