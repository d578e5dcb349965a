//! Training: the step as a plan, the augmentation, the trainer that replays it, and what a run would cost.
//! Invariant: a step allocates nothing.

pub mod augment;
pub mod estimate;
pub mod executor;
pub mod fit;
pub mod snapshot_set;
pub mod step;
pub mod trainer;
