//! Tuning: which variant of every matrix product wins on this device, and how long a submit may be. Invariant: a
//! choice changes times and, between variants, the last bits; on one adapter it is made once and remembered.

pub mod budget;
mod cache;
pub mod calibration;
pub mod lanes;
pub mod line_time;
pub mod single_product;
pub mod stopwatch;
pub mod tuner;
pub mod verify;

use crate::gpu::device::Gpu;
use calibration::Calibration;
use dino_core::error::{Error, Result};
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use tuner::Tuner;

/// A device together with what was measured on it.
pub struct TunedGpu {
    gpu: Gpu,
    /// Measured once, kept for the life of the device.
    pub tuner: RefCell<Tuner>,
    /// Its speed, once it was measured.
    calibration: Cell<Option<Calibration>>,
}

impl TunedGpu {
    /// [`Gpu::new`], nothing measured yet.
    ///
    /// # Errors
    /// [`Error::NoAdapter`](crate::Error::NoAdapter) or [`Error::NoDevice`](crate::Error::NoDevice).
    pub async fn new() -> Result<Self> {
        Self::verified(Gpu::new().await?).await
    }

    /// A device whose subgroups are used only if they are what the adapter announces.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) when the device fails.
    pub async fn verified(mut gpu: Gpu) -> Result<Self> {
        let outcome = lanes::verify(&gpu).await;
        gpu.check()?;
        let mut refused = None;
        if let (Some(lanes), Err(error)) = (gpu.lanes, outcome) {
            gpu.lanes = None;
            refused = Some(format!("Subgroups of {lanes} are not used on this adapter: {error}."));
        }
        let tuned = Self::from(gpu);
        tuned.tuner.borrow_mut().refused.extend(refused);
        Ok(tuned)
    }

    /// The adapter's speed, measured when it is first asked for.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) when the device fails.
    pub async fn calibration(&self) -> Result<Calibration> {
        if let Some(known) = self.calibration.get() {
            return Ok(known);
        }
        // Otherwise the steps in flight would be measured too.
        self.finish().await?;
        let measured = match Calibration::measure(self).await {
            // Without times there is a guess.
            Err(Error::Shader { .. }) => return Ok(self.speed()),
            measured => measured?,
        };
        self.calibration.set(Some(measured));
        Ok(measured)
    }

    /// True if the adapter's speed was measured.
    pub fn is_calibrated(&self) -> bool {
        self.calibration.get().is_some()
    }

    /// The adapter's speed as far as it is known without another measurement.
    pub fn speed(&self) -> Calibration {
        let guess = || {
            let rate = self.tuner.borrow().rate;
            let rate = if rate > 0.0 { rate } else { budget::UNKNOWN_RATE };
            Calibration::of_rate(rate, self.is_software())
        };
        self.calibration.get().unwrap_or_else(guess)
    }
}

impl From<Gpu> for TunedGpu {
    fn from(gpu: Gpu) -> Self {
        Self { gpu, tuner: RefCell::default(), calibration: Cell::default() }
    }
}

impl Deref for TunedGpu {
    type Target = Gpu;

    fn deref(&self) -> &Gpu {
        &self.gpu
    }
}
