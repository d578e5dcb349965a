//! Text on saved runs, on kept images, and on recovery from a crash of the worker.

pub struct StorageText {
    /// A run of an earlier visit: preset, step, all steps, when it was kept.
    pub offer: fn(&str, u64, u64, &str) -> String,
    pub go_on: &'static str,
    pub restoring: &'static str,
    pub anew: &'static str,
    pub reader: &'static str,
    /// Step, bytes, and seconds of work that can be lost.
    pub saved: fn(u64, u64, u64) -> String,
    /// Why the run is not kept.
    pub not_saved: fn(&str) -> String,
    pub full: &'static str,
    /// Step of a checkpoint that was damaged, if it is known.
    pub damaged: fn(Option<u64>) -> String,
    /// Images that the run had, and that are here.
    pub other_images: fn(usize, usize) -> String,
    pub keep_images: &'static str,
    /// Bytes of the images that are kept.
    pub images_take: fn(u64) -> String,
    pub lost_device: &'static str,
    pub died: &'static str,
    pub recovering: &'static str,
    /// Step from which the run goes on, and steps that were lost.
    pub recovered: fn(u64, u64) -> String,
    pub asks: &'static str,
    pub failed: fn(&str) -> String,
    pub recover: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub report: &'static str,
    pub close: &'static str,
}
