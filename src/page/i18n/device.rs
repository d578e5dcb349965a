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
    /// Title of the check, and the button that opens it.
    pub check: &'static str,
    pub check_about: &'static str,
    pub check_no_device: &'static str,
    pub check_begin: &'static str,
    pub check_stop: &'static str,
    /// Checks that have ended, all, and those that failed.
    pub checked: fn(usize, usize, usize) -> String,
    /// Label of the choice of memory, and the choice of what suits the device.
    pub memory: &'static str,
    pub memory_automatic: &'static str,
    pub memory_about: &'static str,
    /// A preset for a slow device, by its name for people.
    pub slow: fn(&str) -> String,
}
