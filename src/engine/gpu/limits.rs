//! Limits of an adapter that decide how memory is divided. Invariant: all values are bytes, never elements.

use crate::gpu::plan::Plan;
use dino_core::error::{Bound, Error, Result};

/// What an adapter allows, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest range of a buffer that a shader can see.
    pub binding: u64,
    /// Largest buffer.
    pub buffer: u64,
    /// All buffers together: a chosen number, because no adapter tells how much memory it has.
    pub total: u64,
}

impl Limits {
    /// WebGPU's defaults, and 4 GiB in all.
    pub const DEFAULT: Self = Self { binding: 128 << 20, buffer: 256 << 20, total: 4 << 30 };

    /// The limits of a device.
    pub fn of(limits: &wgpu::Limits) -> Self {
        Self {
            binding: limits.max_storage_buffer_binding_size,
            buffer: limits.max_buffer_size,
            ..Self::DEFAULT
        }
    }

    /// Checks every buffer of a plan, and all of them together.
    ///
    /// # Errors
    /// [`Error::TooLarge`] with the buffer and the limit.
    pub fn check(&self, plan: &Plan) -> Result<()> {
        let most = self.window();
        if let Some(b) = plan.buffers.iter().find(|b| b.bytes > most) {
            return Err(too_large(&b.name, b.bytes, most, Bound::Binding));
        }
        if plan.bytes() > self.total {
            return Err(too_large("", plan.bytes(), self.total, Bound::Total));
        }
        Ok(())
    }

    /// Largest window of an arena: what one binding of one buffer can hold.
    pub fn window(&self) -> u64 {
        self.binding.min(self.buffer)
    }
}

fn too_large(tensor: &str, bytes: u64, limit: u64, bound: Bound) -> Error {
    Error::TooLarge { tensor: tensor.to_owned(), bytes, limit, bound, largest_batch: None }
}
