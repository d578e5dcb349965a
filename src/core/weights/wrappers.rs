//! Wrappers of modules, as training leaves them in names: compiled, checkpointed, sharded or parallel modules. Invariant:
//! a wrapper computes nothing, so a name without it means the same tensor.

use std::borrow::Cow;

/// Names of the module that a wrapper holds.
const WRAPPERS: [&str; 9] = [
    "_orig_mod",
    "_checkpoint_wrapped_module",
    "_fsdp_wrapped_module",
    "_fpw_module",
    "_forward_module",
    "_wrapped_module",
    "_original_module",
    "_module",
    "module",
];

/// A name without the wrappers in it.
pub fn bare(name: &str) -> Cow<'_, str> {
    if !name.split('.').any(|part| WRAPPERS.contains(&part)) {
        return name.into();
    }
    name.split('.').filter(|part| !WRAPPERS.contains(part)).collect::<Vec<_>>().join(".").into()
}

/// What stands before an end of a name, where `end` is the last so many bytes of the name without its wrappers. Wrappers
/// before the end belong to what stands before it.
pub fn before(name: &str, end: usize) -> &str {
    let (mut left, mut at) = (end, name.len());
    for part in name.rsplit('.') {
        let start = at - part.len();
        if !WRAPPERS.contains(&part) {
            if left <= part.len() {
                return &name[..at - left];
            }
            left -= part.len() + 1;
        }
        at = start.saturating_sub(1);
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_left_out_of_a_name_and_kept_before_it() {
        let name = "a._orig_mod.blocks.0._fsdp_wrapped_module.norm1.weight";
        assert_eq!(bare(name), "a.blocks.0.norm1.weight");
        assert_eq!(before(name, "blocks.0.norm1.weight".len()), "a._orig_mod.");
        assert_eq!(before("ema_pos_embed", "pos_embed".len()), "ema_");
        assert_eq!(before("_orig_mod.cls_token", "cls_token".len()), "_orig_mod.");
        let inner = "vit.embeddings._orig_mod.cls_token";
        assert_eq!(before(inner, "embeddings.cls_token".len()), "vit.");
        assert_eq!(before("cls_token", "cls_token".len()), "");
    }
}
