//! What is said to the person: each part's name when it begins, its time when it ends, and errors as
//! sentences that name the missing piece and its remedy. Programs are started only through here.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Errors are sentences for a person; nothing here is handled by kind.
pub type Result<T> = std::result::Result<T, String>;

/// Says what begins, does it, says how long it took.
pub fn part<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let start = Instant::now();
    let result = work();
    let word = if result.is_ok() { "done" } else { "FAILED" };
    println!("    {what}: {word} after {}", seconds(start));
    result
}

/// Time since `start`, as "1.2 s" or "3 min 20 s".
pub fn seconds(start: Instant) -> String {
    let s = start.elapsed().as_secs_f64();
    if s < 60.0 {
        format!("{s:.1} s")
    } else {
        format!("{} min {} s", s as u64 / 60, s as u64 % 60)
    }
}

/// Runs a program with its output shown.
///
/// # Errors
/// A sentence with the command when it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|e| cannot_start(command, &e))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", line(command))) }
}

/// Like [`run`], ended after `limit`: for what may wait for a network that never answers.
///
/// # Errors
/// As [`run`], and when the limit passes.
pub fn run_limited(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command.spawn().map_err(|e| cannot_start(command, &e))?;
    let start = Instant::now();
    while start.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{} ended with {status}", line(command))),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(e) => return Err(cannot_start(command, &e)),
        }
    }
    // A child that ended just now needs no ending.
    let _ = child.kill();
    let _ = child.wait();
    Err(format!("{} did not end within {} s", line(command), limit.as_secs()))
}

/// What a program prints; its complaints are shown only when it fails.
///
/// # Errors
/// A sentence with the command and its complaint.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command.stdin(Stdio::null()).output().map_err(|e| cannot_start(command, &e))?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned());
    }
    let complaint = String::from_utf8_lossy(&out.stderr).trim().to_owned();
    Err(format!("{} ended with {}: {complaint}", line(command), out.status))
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("{} could not be run: {error}", line(command))
}

fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|a| a.to_string_lossy().into_owned()));
    format!("`{}`", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = output(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert!(error.contains("no-such-program-anywhere"), "{error}");
    }

    #[test]
    #[ignore = "only started by the test below"]
    fn hangs() {
        std::thread::sleep(Duration::from_secs(60));
    }

    #[test]
    fn a_limit_ends_what_hangs() {
        let mut hang = Command::new(std::env::current_exe().unwrap());
        hang.args(["--exact", "say::tests::hangs", "--ignored"]).stdout(Stdio::null());
        let start = Instant::now();
        assert!(run_limited(&mut hang, Duration::from_millis(200)).is_err());
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
