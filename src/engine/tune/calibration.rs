//! Calibration of an adapter: its speed, measured in about a second. Invariant: a rate is of a round that is long enough
//! to have met what else the machine does, as a run does.

use crate::gpu::device::Gpu;
use crate::gpu::plan::Plan;
use crate::gpu::program::Program;
use crate::kernels::attention;
use crate::kernels::attention::Sequences;
use crate::kernels::copy::copy;
use crate::kernels::gemm::{Choice, Form, Shape, Tuning, Variant, default_variant};
use crate::tune::single_product::single_product;
use crate::tune::stopwatch::seconds;
use crate::tune::tuner;
use dino_core::error::Result;
use serde::{Deserialize, Serialize};

/// Time of a round of each measurement; compilation comes on top.
const SECONDS: f64 = 0.1;

/// Speed of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Multiply-adds a second of a product.
    pub product: f64,
    /// Multiply-adds a second of attention, forward.
    pub attention: f64,
    /// Bytes a second, read and written, of a copy by a kernel.
    pub bytes: f64,
    /// Seconds of a line that does almost nothing.
    pub line: f64,
}

impl Calibration {
    /// What an adapter of its kind has whose products do so many multiply-adds a second: right to a factor of two or
    /// three, which is enough for ratios of lines. By the figures in `benches/RESULTS.md`.
    pub fn of_rate(product: f64, software: bool) -> Self {
        let (attention, bytes, line) = if software { (0.5, 1.5, 3e-5) } else { (0.1, 0.14, 5e-6) };
        Self { product, attention: attention * product, bytes: bytes * product, line }
    }

    /// Measures this adapter.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn measure(gpu: &Gpu) -> Result<Self> {
        let tuning = tuner::untuned(gpu);
        let mut plan = Plan::new(tuning.serial, tuning.lanes);
        let software = gpu.is_software();
        let words = if software { 1 << 19 } else { 1 << 23 };
        let (from, to) = (plan.buffer("from", words), plan.buffer("to", words));
        copy(&mut plan, "much", from, to);
        copy(&mut plan, "little", from.part(0, 4), to.part(0, 4));
        attend(&mut plan, software);
        multiply(&mut plan, gpu, &tuning);
        let macs: Vec<f64> = plan.dispatches.iter().map(|d| d.macs as f64).collect();
        let program = Program::new(gpu, plan, &[]).await?;
        let line = seconds(gpu, &program, 1, SECONDS).await?;
        let net = |seconds: f64| (seconds - line).max(0.1 * seconds).max(1e-9);
        let much = net(seconds(gpu, &program, 0, SECONDS).await?);
        let attention = net(seconds(gpu, &program, 2, SECONDS).await?);
        let product = net(seconds(gpu, &program, 3, SECONDS).await?);
        Ok(Self {
            product: macs[3] / product,
            attention: macs[2] / attention,
            bytes: 2.0 * 4.0 * words as f64 / much,
            line,
        })
    }
}

/// Attention of heads as wide as the smallest presets'.
fn attend(plan: &mut Plan, software: bool) {
    let crops = if software { 16 } else { 256 };
    let s = Sequences { first_row: 0, crops, tokens: 17, heads: 2, width: 64 };
    let rows = s.crops * s.tokens;
    let qkv = plan.buffer("qkv", rows * 3 * s.width);
    let out = plan.buffer("out", rows * s.width);
    let lse = plan.buffer("lse", rows * s.heads);
    attention::forward(plan, "attention", s, qkv, out, lse);
}

/// A product by the variant that usually wins on such an adapter.
fn multiply(plan: &mut Plan, gpu: &Gpu, tuning: &Tuning) {
    let software = gpu.is_software();
    let (m, n, k) = if software { (256, 192, 96) } else { (4096, 768, 768) };
    let shape = Shape { form: Form::Nt, m, n, k };
    let usual = match gpu.lanes {
        Some(8) if software => Variant::Lanes { lanes: 8, rows: 32, cols4: 1 },
        Some(4) if software => Variant::Lanes { lanes: 4, rows: 32, cols4: 2 },
        _ if software => Variant::Registers { rows: 16, cols4: 4, gx: 4, gy: 4 },
        _ => default_variant(shape, false),
    };
    let tuning = Tuning { forced: Some(Choice { variant: usual, parts: 1 }), ..tuning.clone() };
    single_product(plan, "product", &tuning, shape);
}
