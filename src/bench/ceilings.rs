//! What no kernel can exceed, measured in the run that is compared with it. Invariant: both ceilings are
//! what kernels of this project reach on this device, not what its data sheet says.

use super::line_seconds;
use crate::error::Result;
use crate::gpu::{Gpu, Program};
use crate::kernels::copy::copy;
use crate::kernels::gemm::{Form, Shape};
use crate::plan::{Dispatch, Plan};

/// The two ceilings of the roofline, and what lies under it.
pub struct Ceilings {
    /// Multiply-adds a second of the best product.
    pub macs: f64,
    /// Bytes a second, read and written, of a copy by a kernel.
    pub bytes: f64,
    /// Seconds of a line that does next to nothing.
    pub start: f64,
}

impl Ceilings {
    /// Measures both.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn measure(gpu: &Gpu) -> Result<Self> {
        let software = gpu.is_software();
        let (m, n, k) = if software { (1024, 192, 192) } else { (8192, 1024, 1024) };
        let shape = Shape { form: Form::Nt, m, n, k };
        let mut tuner = gpu.tuner.take();
        let tuned = tuner.tune(gpu, &[shape]).await;
        let macs = tuner.rate;
        gpu.tuner.replace(tuner);
        tuned?;
        let words = if software { 1 << 19 } else { 1 << 25 };
        let mut plan = Plan::new(software, gpu.lanes);
        let (from, to) = (plan.buffer("from", words), plan.buffer("to", words));
        copy(&mut plan, "much", from, to);
        copy(&mut plan, "little", from.part(0, 4), to.part(0, 4));
        let program = Program::new(gpu, plan, &[]).await?;
        let much = line_seconds(gpu, &program, 0).await?;
        let start = line_seconds(gpu, &program, 1).await?;
        Ok(Self { macs, bytes: 2.0 * 4.0 * words as f64 / much, start })
    }

    /// In words, for the notes of a table.
    pub fn note(&self) -> String {
        format!(
            "ceilings: best product {:.2} GFLOP/s, copy {:.2} GB/s; a line costs {:.0} µs by itself",
            2e-9 * self.macs,
            1e-9 * self.bytes,
            1e6 * self.start
        )
    }

    /// Seconds that a line would take at the ceiling that it meets first: all that it binds is read or
    /// written once, and its multiply-adds are done.
    pub fn seconds(&self, line: &Dispatch) -> f64 {
        (line.macs as f64 / self.macs).max(bytes(line) as f64 / self.bytes)
    }
}

/// Bytes of everything that a line binds.
pub fn bytes(line: &Dispatch) -> usize {
    line.bindings.iter().map(|slice| 4 * slice.len).sum()
}
