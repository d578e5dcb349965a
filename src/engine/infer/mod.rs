//! Inference: attention and features of images, by the parameters of a run or by a frozen backbone. Invariant: no
//! parameter changes.

pub mod attention_pass;
pub mod feature_pass;
pub mod frozen_backbone;
pub mod pass_cache;
