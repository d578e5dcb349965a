//! JPEG decoder: every Huffman-coded JPEG of 8 bits, in any legal order of scans, at its full size or shrunk on
//! the way. Invariant: the pixels are those of libjpeg, whose arithmetic this follows to the bit, and no bytes,
//! however hostile, panic; what is not decoded is refused by name.

mod bits;
mod block;
mod colour;
mod frame;
mod idct;
mod reader;
mod scan;
mod standard;
mod upsample;

pub use reader::Jpeg;
