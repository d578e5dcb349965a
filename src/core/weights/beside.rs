//! Tensors beside a backbone: heads, decoders and a run's own state, which do not change what the backbone computes.
//! Invariant: a tensor that may stand before or among the blocks is none of them, whatever else its name says.

use crate::weights::roles::words;

/// Parts of a training that take no part in the backbone, by a word anywhere in their name.
const APART: [&str; 12] = [
    "decoder",
    "queue",
    "loss",
    "losses",
    "criterion",
    "optimizer",
    "optimizers",
    "optim",
    "predictor",
    "classifier",
    "rng",
    "scaler",
];
/// Parts behind a backbone, …
const BEHIND: [&str; 9] = [
    "head",
    "heads",
    "fc",
    "classifier",
    "pooler",
    "projector",
    "projectors",
    "prototypes",
    "prototype",
];
/// … unless one of these words says that they take images or tokens in.
const BEFORE: [&str; 20] = [
    "input",
    "in",
    "pre",
    "prompt",
    "prompts",
    "pos",
    "position",
    "positional",
    "embed",
    "embedding",
    "embeddings",
    "patch",
    "patches",
    "token",
    "tokens",
    "block",
    "blocks",
    "stem",
    "image",
    "pixel",
];
/// Words of a run's numbers: the whole name of a part consists of them, …
const STATE: [&str; 16] = [
    "center",
    "step",
    "steps",
    "epoch",
    "epochs",
    "iteration",
    "iterations",
    "iter",
    "best",
    "acc",
    "accuracy",
    "metric",
    "score",
    "history",
    "lr",
    "seed",
];
/// … and of these beside them.
const OF_STATE: [&str; 9] =
    ["top", "global", "num", "state", "states", "train", "val", "test", "ptr"];
/// Outputs of a network that others call a projection.
const PROJECTIONS: [&str; 3] = ["projection", "visual_projection", "text_projection"];

/// True of a tensor beside a backbone that does not change what the backbone computes.
pub fn is_beside(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    if ["patch_embed", "embeddings", "pos_embed"].contains(&first) {
        return false;
    }
    name.ends_with("mask_token") || first == "fc_norm" || name.split('.').any(is_part_beside)
}

/// True of the name of a mean or deviation by which a network normalises its images itself.
pub fn normalises(name: &str) -> bool {
    const IMAGES: [&str; 9] = [
        "normalize",
        "normalise",
        "normalizer",
        "normalization",
        "preprocess",
        "preprocessing",
        "pixel",
        "image",
        "input",
    ];
    let mut parts = name.rsplit('.').map(words);
    let [last, before] = [(); 2].map(|()| parts.next().unwrap_or_default());
    let is = |word: &String| IMAGES.contains(&word.as_str());
    let moment = |word: &String| word == "mean" || word == "std";
    last.iter().any(moment)
        && last.iter().all(|word| moment(word) || is(word))
        && last.iter().chain(&before).any(is)
}

/// [`is_beside`] of one part of a name.
fn is_part_beside(part: &str) -> bool {
    let words = words(part);
    let is = |word: &String| STATE.contains(&word.as_str());
    let of = |word: &String| OF_STATE.contains(&word.as_str());
    (words.iter().any(is) && words.iter().all(|word| is(word) || of(word))) || is_apart(part)
}

/// True of a part of a name that says head, decoder or the like, whatever stands before or behind it.
pub fn is_apart(part: &str) -> bool {
    let words = words(part);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // A head of patches or tokens is an output; a projection of them may be an input.
    let head = has(&["head", "heads"]) && !has(&BEFORE[..11]);
    let behind = head || (has(&BEHIND) && !has(&BEFORE));
    let apart = has(&APART) && !has(&BEFORE[..5]);
    apart || behind || PROJECTIONS.contains(&part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_compute_is_not_beside() {
        for name in [
            "input_projection.weight",
            "patch_projection.bias",
            "token_projection.weight",
            "blocks_projection.0.weight",
            "inputProjector.weight",
            "patch_fc.weight",
            "token_pooler.weight",
            "step_embed.weight",
            "epoch_token",
            "best_prompt",
            "prompt_center",
            "prompt_head.weight",
            "pos_embed_center",
            "input_decoder.weight",
            "embeddings.head",
            "state.scale",
            "scale",
        ] {
            assert!(!is_beside(name), "{name}");
        }
    }

    #[test]
    fn a_mean_of_images_normalises_and_one_of_a_layer_does_not() {
        for name in ["normalize.mean", "pixel_std", "preprocess.normalize.std", "image_mean"] {
            assert!(normalises(name) && !is_beside(name), "{name}");
        }
        assert!(!normalises("head.bn.running_mean") && !normalises("normalize.weight"));
    }

    #[test]
    fn heads_decoders_and_numbers_are_beside() {
        for name in [
            "head.mlp.0.weight",
            "heads.head.weight",
            "patch_head.weight",
            "head_norm.weight",
            "fc.weight",
            "fc_norm.bias",
            "pooler.dense.weight",
            "projection_head.0.weight",
            "projection.0.weight",
            "projector.0.weight",
            "decoder_pos_embed",
            "decoder.blocks.0.norm1.weight",
            "decoder_token",
            "ibot_patch_loss.center",
            "center",
            "queue",
            "rng_state",
            "best_acc1",
            "optimizer.state.0.exp_avg",
            "mask_token",
        ] {
            assert!(is_beside(name), "{name}");
        }
    }
}
