//! Pictures and the set that a run samples from.

/// An upright 8-bit picture without transparency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    /// Row-major, four bytes a pixel: red, green, blue, 255.
    pub rgba: Vec<u8>,
}
