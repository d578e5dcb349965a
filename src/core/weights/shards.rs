//! Shard: one of several files that a model was saved in, which Hugging Face numbers. Invariant: a name tells only why
//! something is missing, never that something is there.

use crate::error::{Error, FileProblem, TensorProblem};

/// The same error, or that the file is one of several, where its name says so and a part of the network is missing.
pub fn told(file: &str, error: Error) -> Error {
    use FileProblem::{Blocks, HalfNetwork, Incomplete, NoBackbone, OtherModel};
    use TensorProblem::{NoLinear, PatchShape, Positions};
    let lacks = match &error {
        Error::File { problem, .. } => matches!(
            problem,
            Blocks { .. }
                | HalfNetwork(_)
                | Incomplete { .. }
                | NoBackbone { .. }
                | OtherModel { .. }
        ),
        Error::Tensor { problem, .. } => {
            matches!(**problem, NoLinear | PatchShape { .. } | Positions { .. })
        }
        _ => false,
    };
    match number(file.rsplit(['/', '\\']).next().unwrap_or_default()) {
        Some((part, of)) if lacks => Error::file(file, FileProblem::Shard { part, of }),
        _ => error,
    }
}

/// `model-00001-of-00002.safetensors` as 1 and 2.
fn number(name: &str) -> Option<(u64, u64)> {
    let is_digit = |c: char| c.is_ascii_digit();
    name.match_indices("of").find_map(|(at, of)| {
        let before = name[..at].trim_end_matches(['-', '_']);
        let after = name[at + of.len()..].trim_start_matches(['-', '_']);
        let first = before.trim_end_matches(is_digit).len();
        let last = after.find(|c| !is_digit(c)).unwrap_or(after.len());
        let (part, of) = (before[first..].parse().ok()?, after[..last].parse().ok()?);
        (part <= of && of > 1).then_some((part, of))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_numbered_in_their_names() {
        for (name, expected) in [
            ("model-00001-of-00002.safetensors", Some((1, 2))),
            ("pytorch_model-00002-of-00003 (1).bin", Some((2, 3))),
            ("model_1_of_2.pth", Some((1, 2))),
            ("model-00001-of-00001.safetensors", None),
            ("model-00003-of-00002.safetensors", None),
            ("best-of-3.pth", None),
            ("office.pth", None),
        ] {
            assert_eq!(number(name), expected, "{name}");
        }
    }
}
