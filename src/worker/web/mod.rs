//! What a worker of a browser has: the channel to the page, files of the origin's private file system. Invariant: the only folder with
//! browser types.

pub mod channel;
pub mod opfs;
