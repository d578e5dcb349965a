//! Messages to the person: each part's name when it begins, its time when it ends, a table of the times, and
//! errors as sentences that name the missing piece and its remedy. Invariant: a program whose failure matters is
//! started only through here.

use crate::project;
use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Errors are sentences for a person; nothing here is handled by kind.
pub type Result<T> = std::result::Result<T, String>;

/// Rows of the table of times.
static TIMES: Mutex<Vec<(String, Duration)>> = Mutex::new(Vec::new());

/// Says what begins, does it, says how long it took.
///
/// # Errors
/// Those of `work`.
pub fn part<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let start = Instant::now();
    let result = work();
    let word = if result.is_ok() { "done" } else { "FAILED" };
    println!("    {what}: {word} after {}", seconds(start));
    note(what, start.elapsed());
    result
}

/// Adds a row to the table of times.
pub fn note(what: &str, time: Duration) {
    // The table is still correct if a thread panicked while it held the lock.
    let mut times = TIMES.lock().unwrap_or_else(|e| e.into_inner());
    times.push((what.to_owned(), time));
}

/// Prints the times: every part so far that took a tenth of a second, and all since `start`.
pub fn times(start: Instant) {
    println!("==> where the time went");
    let times = TIMES.lock().unwrap_or_else(|e| e.into_inner());
    for (what, time) in times.iter().filter(|(_, t)| *t >= Duration::from_millis(100)) {
        println!("    {:>12}  {what}", words(*time));
    }
    println!("    {:>12}  altogether", seconds(start));
}

/// Time since `start`, as "1.2 s" or "3 min 20 s".
pub fn seconds(start: Instant) -> String {
    words(start.elapsed())
}

fn words(time: Duration) -> String {
    let s = time.as_secs_f64();
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
    end(&mut start(command)?, command)
}

/// Like [`run`], with each line of what it prints given to `read` instead of shown.
///
/// # Errors
/// As [`run`].
pub fn lines(command: &mut Command, mut read: impl FnMut(&str)) -> Result<()> {
    let mut child = start(command.stdout(Stdio::piped()))?;
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        read(&line.map_err(|e| cannot_start(command, &e))?);
    }
    end(&mut child, command)
}

/// Like [`run`], but ends the program after `limit`: for programs that may wait for a network that never answers.
///
/// # Errors
/// As [`run`], and when the limit passes.
pub fn run_limited(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = start(command)?;
    let start = Instant::now();
    while start.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{} ended with {status}", line(command))),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(e) => return Err(cannot_start(command, &e)),
        }
    }
    // The child may have ended just now.
    let _ = child.kill();
    let _ = child.wait();
    Err(format!("{} did not end within {} s", line(command), limit.as_secs()))
}

/// Standard output of a program; its standard error is shown only when it fails.
///
/// # Errors
/// A sentence with the command and its complaint.
pub fn output(command: &mut Command) -> Result<String> {
    let out = with_runtime_folder(command.stdin(Stdio::null())).output();
    let out = out.map_err(|e| cannot_start(command, &e))?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned());
    }
    let complaint = String::from_utf8_lossy(&out.stderr).trim().to_owned();
    Err(format!("{} ended with {}: {complaint}", line(command), out.status))
}

fn start(command: &mut Command) -> Result<Child> {
    with_runtime_folder(command).spawn().map_err(|e| cannot_start(command, &e))
}

fn end(child: &mut Child, command: &Command) -> Result<()> {
    let status = child.wait().map_err(|e| cannot_start(command, &e))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", line(command))) }
}

/// Sets XDG_RUNTIME_DIR to a folder of the user's cache where it is unset, as it is without a login: Mesa's drivers
/// would print a complaint into every program's output.
fn with_runtime_folder(command: &mut Command) -> &mut Command {
    const NAME: &str = "XDG_RUNTIME_DIR";
    if cfg!(target_os = "linux") && env::var_os(NAME).is_none_or(|folder| folder.is_empty()) {
        let folder = project::cache().map(|cache| cache.join("runtime"));
        if let Some(folder) = folder.ok().filter(|f| project::make(f).is_ok()) {
            command.env(NAME, folder);
        }
    }
    command
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
    fn times_are_words() {
        assert_eq!(words(Duration::from_millis(1240)), "1.2 s");
        assert_eq!(words(Duration::from_secs(200)), "3 min 20 s");
    }

    #[test]
    fn lines_are_read_as_they_come() {
        let mut version = Command::new("cargo");
        let mut seen = Vec::new();
        lines(version.arg("--version"), |line| seen.push(line.to_owned())).unwrap();
        assert!(seen[0].starts_with("cargo "), "{seen:?}");
        let mut unknown = Command::new("cargo");
        unknown.arg("--no-such-option").stderr(Stdio::null());
        assert!(lines(&mut unknown, |_| ()).is_err());
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
