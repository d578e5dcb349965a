//! Device, shader and worker problems. Invariant: the driver's own words are carried apart from what this
//! program has to say.

use serde::{Deserialize, Serialize};

/// Which limit of the adapter was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// Bytes in one binding.
    Binding,
    /// Bytes in all.
    Total,
}

/// Why a shader cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum ShaderProblem {
    /// The driver's words.
    #[error("was refused by the graphics driver: {0}")]
    Refused(String),
    /// The device gives no times for it, however often it runs.
    #[error("could not be timed: the time does not grow with the number of runs")]
    NotTimed,
    /// Its constants do not fit its text: a bug.
    #[error("cannot be specialised: {0}")]
    Constants(String),
    /// It computes something else: the difference over the norm.
    #[error(
        "computes a wrong result: it is off by {error:.1e} of its norm, {allowed:.0e} is allowed"
    )]
    Inexact { error: f64, allowed: f64 },
    /// Subgroups are not what the adapter says: the number of lanes that it announces and the one that a shader found,
    /// and the first word that was wrong.
    #[error(
        "expected subgroups of {announced} lanes, found {found} (word {at} of what they see is wrong)"
    )]
    Subgroups { announced: u32, found: u32, at: usize },
}

/// How a device failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum DeviceProblem {
    /// The driver's words.
    #[error("{0}")]
    Reported(String),
    /// Its memory is full; the bytes that were asked for, 0 if that is not known.
    #[error("its memory is full{}", asked(*bytes))]
    OutOfMemory { bytes: u64 },
    /// A buffer could not be read; the driver's words.
    #[error("a buffer could not be read: {0}")]
    Unreadable(String),
    /// It was dropped while it had work.
    #[error("it was dropped while it had work")]
    Dropped,
    /// A buffer that no program owns: a bug.
    #[error("no program owns the buffer `{0}`")]
    NoOwner(String),
}

fn asked(bytes: u64) -> String {
    if bytes == 0 { String::new() } else { format!(": a run asked for {bytes} bytes") }
}

/// How the worker ended.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum WorkerProblem {
    /// A bug; its words.
    #[error("crashed: {0}")]
    Crashed(String),
    /// It said nothing for so long.
    #[error("said nothing for {seconds} s")]
    Silent { seconds: u64 },
    /// A message that it did not understand; the reader's words.
    #[error("did not understand the page: {0}")]
    NotUnderstood(String),
}

/// The sentence of [`Error::TooLarge`](crate::error::Error::TooLarge).
pub(super) fn too_large(
    tensor: &str,
    bytes: u64,
    limit: u64,
    bound: Bound,
    largest_batch: Option<usize>,
) -> String {
    let what = match tensor {
        "" => "the run".to_owned(),
        tensor => format!("`{tensor}`"),
    };
    let bound = match bound {
        Bound::Binding => "in one binding",
        Bound::Total => "in all",
    };
    let batch = match largest_batch {
        None => String::new(),
        Some(0) => "; not even one image fits".to_owned(),
        Some(batch) => format!("; the largest batch that fits is {batch}"),
    };
    format!("{what} needs {bytes} bytes, but this adapter allows {limit} {bound}{batch}")
}
