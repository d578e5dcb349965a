//! Model: the layout of the parameters, and the Vision Transformer and projection head as forward and mirrored
//! backward lists. Invariant: dispatches are listed here, never run; no device is needed.

pub mod head;
pub mod layers;
pub mod layout;
pub mod positions;
pub mod vit;
