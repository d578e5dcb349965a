//! Text on the graphics device: what it is doing, what it refused, and what a person can switch on.

use dino_core::protocol::Narrowed;

pub struct DeviceText {
    /// Shaders that are compiled, of how many.
    pub compiling: fn(usize, usize) -> String,
    /// A run that takes less than it would.
    pub narrowed: fn(&Narrowed) -> String,
    /// An error that ends no run, in the device's words.
    pub stray: fn(&str) -> String,
    /// What Linux's browsers leave switched off.
    pub linux: &'static str,
    /// A Windows machine that computes on its integrated graphics.
    pub integrated: &'static str,
    /// A preset for a slow device, by its name for people.
    pub slow: fn(&str) -> String,
}
