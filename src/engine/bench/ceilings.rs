//! Ceilings of the roofline: the multiply-adds a second of the best product and the bytes a second of a copy,
//! measured in the run that is compared with them. Invariant: both are what kernels of this project reach on this
//! device, never the numbers of a data sheet.

use crate::bench::{line_seconds, timed};
use crate::gpu::plan::{Dispatch, Plan};
use crate::gpu::program::Program;
use crate::kernels::copy::copy;
use crate::kernels::gemm::{Form, Shape};
use crate::tune::TunedGpu;
use crate::tune::tuner::trial_plan;
use dino_core::error::Result;

/// The two ceilings of the roofline, and the cost of a line by itself.
pub struct Ceilings {
    /// Multiply-adds a second of the best product.
    pub macs: f64,
    /// Bytes a second, read and written, of a copy by a kernel.
    pub bytes: f64,
    /// Seconds of a line that copies four words: what a line costs by itself.
    pub start: f64,
}

impl Ceilings {
    /// Measures the ceilings and the cost of a line.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn measure(gpu: &TunedGpu) -> Result<Self> {
        let software = gpu.is_software();
        let macs = BestProduct::find(gpu).await?.rate(gpu).await?;
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

    /// The ceilings in words, for the notes of a table.
    pub fn note(&self) -> String {
        format!(
            "ceilings: best product {:.2} GFLOP/s, copy {:.2} GB/s; a line costs {:.0} µs by itself",
            2e-9 * self.macs,
            1e-9 * self.bytes,
            1e6 * self.start
        )
    }

    /// Seconds that a line would take at the ceiling that it meets first, if all that it binds is read or
    /// written once.
    pub fn seconds(&self, line: &Dispatch) -> f64 {
        (line.macs as f64 / self.macs).max(bytes(line) as f64 / self.bytes)
    }
}

/// The fastest product of some shapes, each by the variant that won its trial.
pub struct BestProduct {
    program: Program,
    macs: f64,
}

impl BestProduct {
    /// Finds the fastest product by timing.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn find(gpu: &TunedGpu) -> Result<Self> {
        let scale = if gpu.is_software() { 1 } else { 8 };
        let wide = scale.min(4);
        let shapes = [
            (Form::Nt, 1024, 192, 192),
            (Form::Nt, 1024, 768, 192),
            (Form::Nt, 1024, 192, 768),
            (Form::Nn, 1024, 192, 768),
        ]
        .map(|(form, m, n, k)| Shape { form, m: m * scale, n: n * wide, k: k * wide });
        let mut tuner = gpu.tuner.take();
        let tuned = tuner.tune(gpu, &shapes).await;
        let tuning = tuner.tuning.clone();
        gpu.tuner.replace(tuner);
        tuned?;
        let made = async |shape: Shape| -> Result<(f64, Self)> {
            let plan = trial_plan(gpu, shape, tuning.choice(shape));
            let macs = (shape.m * shape.n * shape.k) as f64;
            let product = Self { program: Program::new(gpu, plan, &[]).await?, macs };
            Ok((product.rate(gpu).await?, product))
        };
        let [first, others @ ..] = shapes;
        let mut best = made(first).await?;
        for shape in others {
            let next = made(shape).await?;
            if next.0 > best.0 {
                best = next;
            }
        }
        Ok(best.1)
    }

    /// Its multiply-adds a second, timed over many runs in one pass. A trial times a single run, which is so short
    /// that the submit counts.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn rate(&self, gpu: &TunedGpu) -> Result<f64> {
        Ok(self.macs / line_seconds(gpu, &self.program, 0).await?.max(1e-9))
    }

    /// Its multiply-adds a second over so many seconds without a pause, for comparison with work that takes as
    /// long. A short burst is faster, because it may fall between the other programs of the machine.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn sustained(&self, gpu: &TunedGpu, seconds: f64) -> Result<f64> {
        const PASS_SECONDS: f64 = 0.05;
        let once = line_seconds(gpu, &self.program, 0).await?.max(1e-9);
        let times = (PASS_SECONDS / once).ceil() as usize;
        let (mut spent, mut done) = (0.0, 0.0);
        while spent < seconds {
            spent += timed(gpu, || self.program.repeat(gpu, 0, times)).await?;
            done += times as f64 * self.macs;
        }
        Ok(if spent > 0.0 { done / spent } else { 1.0 / once })
    }
}

/// Bytes of everything that a line binds.
pub fn bytes(line: &Dispatch) -> usize {
    line.bindings.iter().map(|slice| 4 * slice.len).sum()
}
