//! Tuning: which variant of every matrix product wins on this device, and how long a submit may be. Invariant: a
//! choice changes times and, between variants, the last bits; on one adapter it is made once and remembered.

pub mod budget;
mod cache;
pub mod lanes;
pub mod tuner;
pub mod verify;

use crate::gpu::device::Gpu;
use dino_core::error::Result;
use std::cell::RefCell;
use std::ops::Deref;
use tuner::Tuner;

/// A device together with what was measured on it.
pub struct TunedGpu {
    gpu: Gpu,
    /// Measured once, kept for the life of the device.
    pub tuner: RefCell<Tuner>,
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
        let tuner = RefCell::<Tuner>::default();
        if let (Some(lanes), Err(error)) = (gpu.lanes, outcome) {
            gpu.lanes = None;
            let sentence = format!("Subgroups of {lanes} are not used on this adapter: {error}.");
            tuner.borrow_mut().refused.push(sentence);
        }
        Ok(Self { gpu, tuner })
    }
}

impl From<Gpu> for TunedGpu {
    fn from(gpu: Gpu) -> Self {
        Self { gpu, tuner: RefCell::default() }
    }
}

impl Deref for TunedGpu {
    type Target = Gpu;

    fn deref(&self) -> &Gpu {
        &self.gpu
    }
}
