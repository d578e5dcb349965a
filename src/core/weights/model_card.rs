//! Configuration beside a file of weights: Hugging Face's or timm's `config.json`, of which the number of heads is read,
//! because no tensor tells it. Invariant: whatever else stands in it changes nothing.

use crate::error::{Error, FileProblem, Result};
use serde_json::Value;

/// The fields that may name the number of heads, in the order in which they count.
const FIELDS: [&str; 3] = ["num_attention_heads", "num_heads", "n_heads"];
/// Objects in which they may lie.
const INSIDE: [&str; 4] = ["vision_config", "backbone_config", "model_args", "pretrained_cfg"];

/// Heads of a block, if the text says how many; `file` names it in messages.
///
/// # Errors
/// [`Error::File`] for a text that is not JSON.
pub fn heads(file: &str, text: &[u8]) -> Result<Option<usize>> {
    // Some editors write three bytes before the text.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let value: Value = serde_json::from_slice(text)
        .map_err(|e| Error::file(file, FileProblem::Content(e.to_string())))?;
    let inside = INSIDE.iter().filter_map(|name| value.get(name));
    let objects = std::iter::once(&value).chain(inside);
    let mut found = objects.flat_map(|object| FIELDS.iter().filter_map(|name| object.get(name)));
    Ok(found.find_map(Value::as_u64).and_then(|heads| usize::try_from(heads).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_wherever_they_are_written() {
        for (text, expected) in [
            (r#"{"model_type": "vit", "num_attention_heads": 6, "hidden_size": 384}"#, Some(6)),
            (r#"{"architecture": "vit_small", "model_args": {"num_heads": 3}}"#, Some(3)),
            (r#"{"vision_config": {"num_attention_heads": 12}}"#, Some(12)),
            (r#"{"architecture": "vit_small_patch16_224.dino"}"#, None),
            ("\u{feff}{\"num_heads\": 6}", Some(6)),
            (r#"{"num_attention_heads": "many"}"#, None),
            (r#"{"num_attention_heads": -1}"#, None),
            ("[1, 2]", None),
        ] {
            assert_eq!(heads("config.json", text.as_bytes()).unwrap(), expected, "{text}");
        }
        assert!(heads("config.json", b"<html>").is_err());
    }
}
