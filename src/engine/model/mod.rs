//! The model: where parameters lie, and the Vision Transformer and projection head as forward and mirrored backward lists. Invariant: lists of
//! dispatches, no device.

pub mod head;
pub mod layers;
pub mod layout;
pub mod positions;
pub mod vit;
