//! Compilation for wasm32-unknown-unknown. The target's standard library comes with the toolchain, by rustup, or,
//! where rustup's server is out of reach, is built from the source that Debian ships with a compiler of its own.
//! Invariant: every cargo command for wasm32 gets that compiler through [`Std::apply`].

use crate::project;
use crate::say::{self, Result};
use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Origin of the standard library for wasm32.
pub enum Std {
    /// The toolchain has it.
    Installed,
    /// Debian's compiler builds it, the toolchain's linker links it.
    Debian { rustc: PathBuf, linker: PathBuf },
}

impl Std {
    /// Finds the standard library, or installs it.
    ///
    /// # Errors
    /// When it is missing and cannot be installed.
    pub fn find() -> Result<Self> {
        let sysroot =
            PathBuf::from(say::output(Command::new("rustc").args(["--print", "sysroot"]))?);
        if sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir() {
            return Ok(Self::Installed);
        }
        if let Some(rustc) = debian_rustc() {
            return Ok(Self::Debian { rustc, linker: linker(&sysroot)? });
        }
        let what = format!("installing the standard library for {TARGET} (rustup target add)");
        let by_rustup = say::part(&what, || {
            let mut rustup = Command::new("rustup");
            say::run_limited(rustup.args(["target", "add", TARGET]), Duration::from_secs(300))
        });
        if by_rustup.is_ok() {
            return Ok(Self::Installed);
        }
        println!("    trying Debian's compiler and library source instead");
        let packages = ["rustc-web", "rust-web-src"];
        tools::apt(&packages, &format!("Rust's standard library for {TARGET}")).map_err(|e| {
            format!(
                "{e}. Elsewhere: run `rustup target add {TARGET}` once with an internet connection"
            )
        })?;
        let rustc = debian_rustc()
            .ok_or("rustc-web and rust-web-src are installed, but their files are not found")?;
        Ok(Self::Debian { rustc, linker: linker(&sysroot)? })
    }

    /// Sets what cargo and Trunk need to compile for wasm32.
    ///
    /// # Errors
    /// When the build folder is unknown.
    pub fn apply(&self, command: &mut Command) -> Result<()> {
        command.env("CARGO_TARGET_DIR", self.target()?);
        if let Self::Debian { rustc, linker } = self {
            command.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        Ok(())
    }

    /// The build folder for wasm32: a separate one for Debian's compiler, because two compilers in one folder would
    /// discard each other's results.
    ///
    /// # Errors
    /// When cargo's build folder is unknown.
    pub fn target(&self) -> Result<PathBuf> {
        let target = project::target()?;
        Ok(match self {
            Self::Installed => target,
            Self::Debian { .. } => target.join("wasm"),
        })
    }
}

/// Debian's compiler for the web, if it and the library's source are there.
fn debian_rustc() -> Option<PathBuf> {
    let files = |package: &str| say::output(Command::new("dpkg").args(["-L", package])).ok();
    files("rust-web-src")?;
    let path = files("rustc-web")?.lines().find(|f| f.ends_with("/bin/rustc"))?.to_owned();
    Some(PathBuf::from(path)).filter(|p| p.is_file())
}

/// The linker that comes with the toolchain, else one from PATH.
fn linker(sysroot: &Path) -> Result<PathBuf> {
    let about = say::output(Command::new("rustc").arg("-vV"))?;
    let host = about.lines().find_map(|l| l.strip_prefix("host: ")).unwrap_or_default();
    let own = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    if own.is_file() {
        return Ok(own);
    }
    tools::find("rust-lld")
        .or_else(|| tools::find("wasm-ld"))
        .ok_or_else(|| "a linker for wasm is missing: install lld, then run this again".to_owned())
}

/// Clippy over the library and its programs for wasm32.
///
/// # Errors
/// When there is a warning, or a tool is missing and cannot be installed.
pub fn clippy() -> Result<()> {
    let std = Std::find()?;
    say::part("clippy for wasm32", || lint(&std))
}

fn lint(std: &Std) -> Result<()> {
    let mut command = match std {
        Std::Installed => Command::new("cargo"),
        // A lint driver reads only what the compiler of its own version wrote.
        Std::Debian { rustc, .. } => Command::new(debian_clippy(rustc)?),
    };
    // With the page's profile, so that macros are compiled once for both.
    command.args([
        "clippy",
        "--locked",
        "--release",
        "--package",
        "dino-worker",
        "--package",
        "dino-page",
    ]);
    command.args(["--package", "dino-harness", "--lib", "--bins"]);
    command.args(["--target", TARGET, "--", "-D", "warnings"]).current_dir(project::root());
    std.apply(&mut command)?;
    say::run(&mut command)
}

fn debian_clippy(rustc: &Path) -> Result<PathBuf> {
    let beside = rustc.with_file_name("cargo-clippy");
    if !beside.is_file() {
        tools::apt(&["rust-web-clippy"], "clippy for Debian's compiler")?;
    }
    Ok(beside)
}
