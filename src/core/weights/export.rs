//! Export of a backbone alone, in timm's names: `timm.create_model(…, num_classes=0).load_state_dict` takes the
//! file's tensors as they are. Invariant: the same backbone gives the same bytes.

use crate::error::{Error, FileProblem, Result};
use crate::run::config::VitConfig;
use crate::weights::Weights;
use crate::weights::tensors;
use crate::weights::tensors::Tensors;
use std::collections::BTreeMap;

/// The one key of the file's metadata: the sizes as JSON, since shapes do not tell the number of heads.
pub const METADATA: &str = "vit";

/// How many bits a number of a written file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32: what was trained, to the bit.
    Full,
    /// 16: three digits, half the bytes.
    Half,
}

/// The bytes of a safetensors file with a backbone: `cls_token`, `blocks.0.norm1.weight` …
///
/// # Errors
/// [`Error::File`] when it cannot be written, [`Error::Tensor`] for a number that does not fit.
pub fn backbone(weights: &Weights, precision: Precision) -> Result<Vec<u8>> {
    const FILE: &str = "backbone";
    let named = weights.backbone.iter().filter_map(|(name, tensor)| {
        Some((name.strip_prefix("backbone.")?.to_owned(), tensor.clone()))
    });
    let named: Tensors = named.collect();
    let json = serde_json::to_string(&weights.vit)
        .map_err(|e| Error::file(FILE, FileProblem::Unwritable(e.to_string())))?;
    let metadata = BTreeMap::from([(METADATA.to_owned(), json)]);
    match precision {
        Precision::Full => tensors::write(FILE, &named, metadata),
        Precision::Half => tensors::write_half(FILE, &named, metadata),
    }
}

/// The number of heads that a file of ours tells; another's metadata tells nothing.
pub(super) fn heads(json: &str) -> Option<usize> {
    serde_json::from_str::<VitConfig>(json).ok().map(|vit| vit.num_heads)
}
