//! Budget of a submit: how many multiply-adds fit into the time that one may take. Invariant: a power of two, so
//! that timing noise does not change how a step is cut.

use crate::kernels::gemm::{Shape, Tuning};
use crate::tune::TunedGpu;
use dino_core::error::Result;

/// A submit should end in this time: browsers end a device that does not answer for some seconds, and a page
/// stutters long before.
const SECONDS: f64 = 0.3;
/// Share of a step's time that its multiply-adds take at the rate of the fastest product: .4 to .6 on
/// software adapters.
const SHARE: f64 = 0.5;

/// Multiply-adds a second of an adapter that could not be measured: a software adapter's, so nothing is too long.
pub const UNKNOWN_RATE: f64 = 4e9;

/// Multiply-adds that fit in one submit, by the rate that the tuner measured. A power of two, so that a slightly other
/// rate divides a step in the same way.
pub fn budget(gpu: &TunedGpu) -> u64 {
    budget_of(gpu.tuner.borrow().rate)
}

/// [`budget`] by a given rate.
pub fn budget_of(rate: f64) -> u64 {
    let rate = if rate > 0.0 && rate.is_finite() { rate } else { UNKNOWN_RATE };
    (SECONDS * SHARE * rate).log2().round().exp2() as u64
}

/// The device's choices, after measuring the shapes that are new to it.
///
/// # Errors
/// [`Error::Device`] when the device fails.
pub async fn tuned(gpu: &TunedGpu, shapes: &[Shape]) -> Result<Tuning> {
    // Taken out, so that the cell is not borrowed while the device works.
    let mut tuner = gpu.tuner.take();
    let outcome = tuner.tune(gpu, shapes).await;
    let tuning = tuner.tuning.clone();
    gpu.tuner.replace(tuner);
    outcome.map(|()| tuning)
}
