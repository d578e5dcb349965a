//! Checkpoint: the whole state of a run as a safetensors file and back. Invariant: what
//! [`Checkpoint::from_bytes`] returns fits its configuration, tensor by tensor, and is finite.

use crate::data::identity::SetIdentity;
use crate::error::{Error, FileProblem, Result, TensorProblem};
use crate::run::config::Config;
use crate::weights::parameters;
use crate::weights::tensors;
use crate::weights::tensors::Tensors;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the format; a file of a later one is refused.
const VERSION: u32 = 1;
/// The one key of the file's metadata; its value is JSON. One key, because the order of several
/// would change from run to run.
pub(crate) const KEY: &str = "dino";
/// What is kept of every parameter, as the beginning of the tensor's name.
pub const ROLES: [&str; 4] = ["student.", "teacher.", "first_moment.", "second_moment."];
/// The centre of the teacher's logits, (1, K).
pub const CENTER: &str = "center";

/// A run after `step` steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    pub config: Config,
    pub seed: u64,
    /// Steps done.
    pub step: u64,
    /// [`ROLES`] × parameters, and [`CENTER`].
    pub tensors: Tensors,
    /// The images of the last steps; none in files of programs that did not note them.
    pub images: Option<SetIdentity>,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    version: u32,
    step: u64,
    seed: u64,
    config: Config,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    images: Option<SetIdentity>,
}

impl Checkpoint {
    /// The bytes of a safetensors file; the same state gives the same bytes.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Tensor`] when the state would be refused on reading.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        const FILE: &str = "checkpoint";
        self.check(FILE)?;
        let metadata = Metadata {
            version: VERSION,
            step: self.step,
            seed: self.seed,
            config: self.config.clone(),
            images: self.images,
        };
        let json = serde_json::to_string(&metadata)
            .map_err(|e| Error::file(FILE, FileProblem::Unwritable(e.to_string())))?;
        tensors::write(FILE, &self.tensors, BTreeMap::from([(KEY.to_owned(), json)]))
    }

    /// Reads a checkpoint; `file` names it in messages.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Setting`] or [`Error::Tensor`]: damaged, of a later version, a
    /// setting out of range, a tensor missing, unknown, of another shape or not finite.
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<Self> {
        let (tensors, metadata) = tensors::read(file, bytes)?;
        Self::of(file, tensors, &metadata)
    }

    /// [`Checkpoint::from_bytes`] of a file whose tensors were read already.
    ///
    /// # Errors
    /// See there.
    pub fn of(file: &str, tensors: Tensors, metadata: &BTreeMap<String, String>) -> Result<Self> {
        let Some(json) = metadata.get(KEY) else {
            return Err(Error::file(file, FileProblem::NoMetadata { key: KEY.to_owned() }));
        };
        let invalid = |e: serde_json::Error| {
            let (key, words) = (KEY.to_owned(), e.to_string());
            Error::file(file, FileProblem::Metadata { key, words })
        };
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(json).map_err(invalid)?;
        if version != VERSION {
            let problem = FileProblem::Version { expected: VERSION, found: version };
            return Err(Error::file(file, problem));
        }
        let Metadata { step, seed, config, images, .. } =
            serde_json::from_str(json).map_err(invalid)?;
        let checkpoint = Self { config, seed, step, tensors, images };
        checkpoint.check(file)?;
        Ok(checkpoint)
    }

    fn check(&self, file: &str) -> Result<()> {
        self.config.validate()?;
        let shapes = parameters::shapes(&self.config);
        for role in ROLES {
            for (name, shape) in &shapes {
                tensors::find(file, &self.tensors, &format!("{role}{name}"), shape)?;
            }
        }
        tensors::find(file, &self.tensors, CENTER, &[1, self.config.head.out_dim])?;
        let refuse = |name: &str, problem| Err(Error::tensor_in(file, name, problem));
        for (name, tensor) in &self.tensors {
            let mut roles = ROLES.iter().filter_map(|role| name.strip_prefix(role));
            if name != CENTER && !roles.any(|name| shapes.iter().any(|(known, _)| known == name)) {
                return refuse(name, TensorProblem::Unknown);
            }
            tensor.finite().or_else(|problem| refuse(name, problem))?;
            let negative = tensor.data.iter().find(|v| **v < 0.0);
            if let (true, Some(value)) = (name.starts_with("second_moment."), negative) {
                return refuse(name, TensorProblem::Negative { value: *value });
            }
        }
        Ok(())
    }
}
