//! Cache of the measurements on an adapter, as text for the next visit. Invariant: a text of another adapter, of other
//! shaders or of long ago is refused, so a choice is never used where it was not measured. Browsers tell little of an
//! adapter, so on hardware its speed is compared, too.

use crate::gpu::device::Gpu;
use crate::kernels::gemm::{
    Choice, GEMM_LANES, GEMM_REGISTERS, GEMM_TILES, Shape, VARIANTS, Variant,
};
use crate::tune::tuner::Tuner;
use dino_core::error::{Error, FileProblem, Result};
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};
use web_time::{SystemTime, UNIX_EPOCH};

/// Contents of the text.
#[derive(Serialize, Deserialize)]
struct Memory {
    adapter: String,
    shaders: String,
    /// Seconds since 1970.
    measured: u64,
    rate: f64,
    #[serde(default)]
    memory: Option<u64>,
    /// A product that was measured, by which choice, and its seconds.
    first: Option<(Shape, Choice, f64)>,
    choices: Vec<(Shape, Choice)>,
    dropped: Vec<(Variant, String)>,
}

/// Drivers are renewed about so often: seconds.
const LONG_AGO: u64 = 90 * 24 * 3600;

/// Identity of an adapter, as far as a browser tells it: the laptop's two GPUs have other words or other limits.
fn adapter(gpu: &Gpu) -> String {
    let (i, w, l) = (&gpu.info, &gpu.words, &gpu.limits);
    let words = [&i.name, &i.driver, &i.driver_info, &w.vendor, &w.architecture, &w.device];
    let words: Vec<&str> =
        words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let lanes = (i.subgroup_min_size, i.subgroup_max_size, gpu.lanes.unwrap_or(0));
    let sizes = (
        l.max_buffer_size,
        l.max_storage_buffer_binding_size,
        l.max_compute_workgroup_storage_size,
    );
    let (vendor, device, kind) = (i.vendor, i.device, i.device_type);
    format!("{} {vendor:x} {device:x} {kind:?} {lanes:?} {sizes:?}", words.join(" "))
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
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
            measured: self.measured.unwrap_or_else(now),
            rate: self.rate,
            memory: self.memory,
            first: self.first,
            choices: self.tuning.choices.iter().map(|(shape, choice)| (*shape, *choice)).collect(),
            dropped: self.dropped.iter().map(|(v, reason)| (*v, reason.clone())).collect(),
        };
        serde_json::to_string(&memory).unwrap_or_default()
    }

    /// Takes over the measurements in a text.
    ///
    /// # Errors
    /// [`Error::File`] when the text is malformed, of another adapter or other shaders, or old; nothing is then changed.
    pub fn recall(&mut self, gpu: &Gpu, text: &str) -> Result<()> {
        let refused = |problem: FileProblem| Error::file("the remembered measurements", problem);
        let memory: Memory =
            serde_json::from_str(text).map_err(|e| refused(FileProblem::Content(e.to_string())))?;
        let (here, texts) = (adapter(gpu), shaders());
        if memory.adapter != here || memory.shaders != texts {
            let named = |adapter: &str, shaders| format!("{adapter}, shaders {shaders}");
            let (expected, found) = (named(&here, texts), named(&memory.adapter, memory.shaders));
            return Err(refused(FileProblem::OtherAdapter { expected, found }));
        }
        let age = now().saturating_sub(memory.measured);
        if age > LONG_AGO {
            let words = format!("measured {} days ago", age / (24 * 3600));
            return Err(refused(FileProblem::Content(words)));
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
        (self.first, self.measured) = (memory.first, Some(memory.measured));
        self.recalled = true;
        if let Some(bytes) = memory.memory {
            self.memory = Some(bytes);
            gpu.allow(gpu.bounds().total.min(bytes));
        }
        Ok(())
    }
}
