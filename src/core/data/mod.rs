//! Images: decoding files, the set, preprocessing for inference, and the random crops of the augmentation. Invariant: a file is either an
//! image or a reason, never a panic.

mod bmp;
pub mod crops;
pub mod decode;
mod exif;
pub mod folder;
mod gif;
pub mod identity;
mod jpeg;
pub(crate) mod kind;
mod markup;
pub mod mask;
mod orientation;
pub mod picture;
pub mod preprocess;
pub mod set;
