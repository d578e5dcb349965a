//! What page and worker tell each other of the device. Invariant: what may take the worker, or the tab, with it is told to
//! the page before it is tried, so that the next visit does not try it again.

use crate::error::Error;
use serde::{Deserialize, Serialize};

/// Something that the graphics driver may not survive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attempt {
    /// A variant of a kernel, as the worker names it.
    Variant(String),
    /// A run for which the device may take so many bytes.
    Memory(u64),
}

/// Why a run uses less of the device than it would.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Narrowed {
    /// What the device refused.
    pub reason: Error,
    /// Bytes that a run may take from now on.
    pub memory: u64,
    /// Images that are computed at a time.
    pub micro_batch: usize,
    /// Activations are computed a second time instead of being kept.
    pub recompute: bool,
}

/// A check of the device that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckedKernel {
    pub name: String,
    /// What was expected and what came, if that was something else.
    pub failed: Option<String>,
    pub seconds: f64,
}

/// What is known of a device: rows of a name and a value, in an order for people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceFacts {
    pub rows: Vec<(String, String)>,
}

impl DeviceFacts {
    /// The report for whoever is asked for help, in English as programs' errors are: facts, then the checks.
    pub fn report(&self, about: &[(String, String)], checks: &[CheckedKernel]) -> String {
        let failed = checks.iter().filter(|check| check.failed.is_some()).count();
        let mut lines = vec![format!("{} checks, {failed} failed", checks.len())];
        lines
            .extend(about.iter().chain(&self.rows).map(|(name, value)| format!("{name}: {value}")));
        lines.extend(checks.iter().map(|check| match &check.failed {
            None => format!("ok      {:5.1} s  {}", check.seconds, check.name),
            Some(why) => format!("FAILED  {:5.1} s  {}: {why}", check.seconds, check.name),
        }));
        lines.join("\n")
    }
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Bytes that a run may take on a device with so many gigabytes of memory, where the browser says it, and with buffers of
/// at most so many bytes. Phones end a page that takes more than about 1.5 GB in all, and their buffers are small.
pub fn device_memory(gigabytes: Option<f64>, phone: bool, largest_buffer: u64) -> u64 {
    match gigabytes {
        _ if phone => 512 * MIB,
        Some(said) if said > 0.0 => ((said / 4.0 * GIB as f64) as u64).clamp(512 * MIB, 4 * GIB),
        _ if largest_buffer <= GIB => 512 * MIB,
        _ => GIB,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_what_failed_and_says_why() {
        let check = |name: &str, failed: Option<&str>| CheckedKernel {
            name: name.to_owned(),
            failed: failed.map(str::to_owned),
            seconds: 0.25,
        };
        let rows = vec![("adapter".to_owned(), "a b".to_owned())];
        let report = DeviceFacts { rows }.report(
            &[("build".to_owned(), "7".to_owned())],
            &[check("one", None), check("two", Some("2 is not 3"))],
        );
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!(lines[..3], ["2 checks, 1 failed", "build: 7", "adapter: a b"]);
        assert_eq!(lines[3], "ok        0.2 s  one");
        assert_eq!(lines[4], "FAILED    0.2 s  two: 2 is not 3");
    }

    #[test]
    fn memory_follows_what_is_known_of_the_device() {
        assert_eq!(device_memory(Some(16.0), false, 4 * GIB), 4 * GIB);
        assert_eq!(device_memory(Some(8.0), false, 4 * GIB), 2 * GIB);
        assert_eq!(device_memory(Some(0.5), false, 4 * GIB), 512 * MIB);
        assert_eq!(device_memory(Some(8.0), true, 4 * GIB), 512 * MIB);
        // Firefox and Safari say nothing.
        assert_eq!(device_memory(None, false, 4 * GIB), GIB);
        assert_eq!(device_memory(None, false, GIB), 512 * MIB);
        assert_eq!(device_memory(Some(f64::NAN), false, 4 * GIB), GIB);
        assert_eq!(device_memory(Some(f64::INFINITY), false, 4 * GIB), 4 * GIB);
    }
}
