//! A backbone alone, in timm's names: `timm.create_model(…, num_classes=0).load_state_dict` takes the
//! file's tensors as they are. Invariant: the same backbone gives the same bytes.

use super::Weights;
use crate::config::VitConfig;
use crate::error::{Error, Result};
use crate::tensors::{self, Tensors};
use std::collections::BTreeMap;

/// The one key of the file's metadata: the sizes as JSON, since shapes do not tell the number of heads.
pub const METADATA: &str = "vit";

/// The bytes of a safetensors file with a backbone: `cls_token`, `blocks.0.norm1.weight` …
///
/// # Errors
/// [`Error::File`] when it cannot be written.
pub fn backbone(weights: &Weights) -> Result<Vec<u8>> {
    const FILE: &str = "backbone";
    let named = weights.backbone.iter().filter_map(|(name, tensor)| {
        Some((name.strip_prefix("backbone.")?.to_owned(), tensor.clone()))
    });
    let named: Tensors = named.collect();
    let json = serde_json::to_string(&weights.vit).map_err(|e| Error::file(FILE, e))?;
    tensors::write(FILE, &named, BTreeMap::from([(METADATA.to_owned(), json)]))
}

/// The number of heads that a file of ours tells; another's metadata tells nothing.
pub(super) fn heads(json: &str) -> Option<usize> {
    serde_json::from_str::<VitConfig>(json).ok().map(|vit| vit.num_heads)
}
