//! `XDG_RUNTIME_DIR` for Mesa, which looks for a Wayland display when Vulkan lists its adapters, and complains on
//! standard error where the variable is not set: in containers, in cron jobs, on servers. Invariant: a variable
//! that is set stays, and on other systems than Linux nothing is done.

/// A folder that does not exist: it has no display, and nobody else can put one there.
#[cfg(target_os = "linux")]
const NOWHERE: &str = "/nonexistent";

/// Starts this process again with the variable set, if it is not set, because a running process cannot safely change
/// its own environment. If that fails, the command runs all the same, with Mesa's complaint.
#[cfg(target_os = "linux")]
pub fn ensure() {
    use std::os::unix::process::CommandExt;
    use std::path::PathBuf;

    const NAME: &str = "XDG_RUNTIME_DIR";
    // The Wayland library takes only an absolute path for a folder.
    if std::env::var_os(NAME).is_some_and(|folder| PathBuf::from(folder).is_absolute()) {
        return;
    }
    let mut arguments = std::env::args_os();
    let (Ok(program), Some(name)) = (std::env::current_exe(), arguments.next()) else { return };
    // Returns only if the program cannot be started.
    let _ =
        std::process::Command::new(program).arg0(name).args(arguments).env(NAME, NOWHERE).exec();
}

#[cfg(not(target_os = "linux"))]
pub fn ensure() {}
