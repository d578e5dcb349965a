//! Cache of the measurements on an adapter, as text for the next visit. Invariant: a text of another adapter or
//! of other shaders is refused, so a choice is never used where it was not measured.

use crate::gpu::device::Gpu;
use crate::kernels::gemm::{
    Choice, GEMM_LANES, GEMM_REGISTERS, GEMM_TILES, Shape, VARIANTS, Variant,
};
use crate::tune::tuner::Tuner;
use dino_core::error::{Error, FileProblem, Result};
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Contents of the text.
#[derive(Serialize, Deserialize)]
struct Memory {
    adapter: String,
    shaders: String,
    rate: f64,
    choices: Vec<(Shape, Choice)>,
    dropped: Vec<(Variant, String)>,
}

/// Identity of an adapter, as far as a browser tells it.
fn adapter(gpu: &Gpu) -> String {
    let i = &gpu.info;
    let lanes = gpu.lanes.unwrap_or(0);
    format!("{} {} {:x} {:x} {:?} {lanes}", i.name, i.driver, i.vendor, i.device, i.device_type)
}

/// Identity of the shaders of this version.
fn shaders() -> String {
    let mut hasher = DefaultHasher::new();
    (GEMM_REGISTERS.source, GEMM_LANES.source, GEMM_TILES.source).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

impl Tuner {
    /// The text of everything measured so far.
    pub fn remember(&self, gpu: &Gpu) -> String {
        let memory = Memory {
            adapter: adapter(gpu),
            shaders: shaders(),
            rate: self.rate,
            choices: self.tuning.choices.iter().map(|(shape, choice)| (*shape, *choice)).collect(),
            dropped: self.dropped.iter().map(|(v, reason)| (*v, reason.clone())).collect(),
        };
        serde_json::to_string(&memory).unwrap_or_default()
    }

    /// Takes over the measurements in a text.
    ///
    /// # Errors
    /// [`Error::File`] when the text is malformed, or of another adapter or other shaders; nothing is then changed.
    pub fn recall(&mut self, gpu: &Gpu, text: &str) -> Result<()> {
        let refused = |problem: FileProblem| Error::file("the remembered measurements", problem);
        let memory: Memory =
            serde_json::from_str(text).map_err(|e| refused(FileProblem::Content(e.to_string())))?;
        let (here, now) = (adapter(gpu), shaders());
        if memory.adapter != here || memory.shaders != now {
            let named = |adapter: &str, shaders| format!("{adapter}, shaders {shaders}");
            let (expected, found) = (named(&here, now), named(&memory.adapter, memory.shaders));
            return Err(refused(FileProblem::OtherAdapter { expected, found }));
        }
        let sound = |(shape, choice): &(Shape, Choice)| {
            let variant = choice.variant;
            VARIANTS.contains(&variant) && variant.makes(shape.form) && choice.parts >= 1
        };
        if !memory.choices.iter().all(sound) || !memory.rate.is_finite() {
            let words = "a variant that there is not, or no rate".to_owned();
            return Err(refused(FileProblem::Content(words)));
        }
        self.tuning.choices.extend(memory.choices);
        self.dropped.extend(memory.dropped);
        self.rate = self.rate.max(memory.rate);
        Ok(())
    }
}
