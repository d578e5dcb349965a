//! Every kernel at the shapes of the presets beside the roofline, whose two ceilings are measured in
//! the same run. Invariant: lines that are the same work are timed once and counted together.

use super::steps::{PICTURES, SEED, pictures};
use super::{Row, Table, line_seconds, timed};
use crate::error::Result;
use crate::gpu::Gpu;
use crate::kernels::gemm::{Form, Shape};
use crate::plan::Dispatch;
use crate::presets::Preset;
use crate::trainer::{Options, Trainer};
use std::rc::Rc;

/// Bytes of the copy that gives the ceiling of memory.
const COPY: u64 = 32 << 20;

/// What no kernel can exceed.
struct Ceilings {
    /// Multiply-adds a second of the best product.
    macs: f64,
    /// Bytes a second, read and written, of a copy.
    bytes: f64,
}

/// The table of all kernels.
///
/// # Errors
/// Those of the runs.
pub async fn table(gpu: Rc<Gpu>, presets: &[&Preset]) -> Result<Table> {
    let mut table = Table::new("kernels", gpu.name());
    let ceilings = ceilings(&gpu).await?;
    table.notes.push(format!(
        "ceilings: best product {:.2} GFLOP/s, copy {:.2} GB/s; share: the time at the ceilings over \
         the time it took",
        2e-9 * ceilings.macs,
        1e-9 * ceilings.bytes
    ));
    for preset in presets {
        // A software adapter needs minutes for a whole batch of a ViT-Tiny, and says nothing more.
        let batch = if gpu.is_software() { Some(preset.batch.min(4)) } else { None };
        let config = preset.config(PICTURES as usize, 100, batch);
        let options = Options { micro_batch: batch.map(|b| b.min(2)), ..Options::default() };
        let pictures = pictures(&config);
        let mut trainer = Trainer::with(gpu.clone(), config, SEED, options).await?;
        trainer.step(&pictures).await?;
        trainer.finish().await?;
        rows(&gpu, preset.name, &trainer, &ceilings, &mut table).await?;
    }
    Ok(table)
}

async fn rows(
    gpu: &Gpu,
    preset: &str,
    trainer: &Trainer,
    ceilings: &Ceilings,
    table: &mut Table,
) -> Result<()> {
    let program = &trainer.engine().program;
    let lines = &program.plan.dispatches;
    let mut seen: Vec<(usize, usize)> = Vec::new(); // a line and how many are like it
    for (i, line) in lines.iter().enumerate() {
        match seen.iter_mut().find(|(first, _)| same(&lines[*first], line)) {
            Some((_, count)) => *count += 1,
            None => seen.push((i, 1)),
        }
    }
    for (first, count) in seen {
        let line = &lines[first];
        let seconds = line_seconds(gpu, program, first).await?;
        let bytes: usize = line.bindings.iter().map(|slice| 4 * slice.len).sum();
        let ideal = (line.macs as f64 / ceilings.macs).max(bytes as f64 / ceilings.bytes);
        let mut row =
            Row::new(format!("{preset}: {} ({})", line.kernel.name, line.name), 1e3 * seconds)
                .number("lines", count as f64, 0)
                .number("GFLOP/s", 2e-9 * line.macs as f64 / seconds, 2)
                .number("GB/s", 1e-9 * bytes as f64 / seconds, 2)
                .number("share", ideal / seconds, 2);
        if let Some(shape) = Shape::of(line) {
            row = row.text("variant", variant(line, shape));
        }
        table.rows.push(row);
    }
    Ok(())
}

/// The same kernel on as much of the same.
fn same(a: &Dispatch, b: &Dispatch) -> bool {
    let sizes = |d: &Dispatch| d.bindings.iter().map(|s| s.len).collect::<Vec<_>>();
    std::ptr::eq(a.kernel, b.kernel)
        && a.constants == b.constants
        && a.params == b.params
        && a.grid == b.grid
        && sizes(a) == sizes(b)
}

/// "NT 130 × 64 × 192, 16 × 16" of a product.
fn variant(line: &Dispatch, shape: Shape) -> String {
    let form = match shape.form {
        Form::Nt => "NT",
        Form::Nn => "NN",
        Form::Tn => "TN",
    };
    let of = |name| line.constants.get(name).unwrap_or(0);
    let kind = line.kernel.name.trim_start_matches("gemm_");
    let Shape { m, n, k, .. } = shape;
    format!("{form} {m}x{n}x{k} {kind} {}x{}", of("ROWS"), 4 * of("COLS4"))
}

/// Measures both ceilings.
async fn ceilings(gpu: &Gpu) -> Result<Ceilings> {
    let (m, n, k) = if gpu.is_software() { (1024, 192, 192) } else { (8192, 1024, 1024) };
    let shape = Shape { form: Form::Nt, m, n, k };
    let mut tuner = gpu.tuner.take();
    let tuned = tuner.tune(gpu, &[shape]).await;
    let macs = tuner.rate;
    gpu.tuner.replace(tuner);
    tuned?;
    let make = |label| {
        gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: COPY,
            usage: wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    };
    let (from, to) = (make("copied from"), make("copied to"));
    let copy = || {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        for _ in 0..4 {
            encoder.copy_buffer_to_buffer(&from, 0, &to, 0, COPY);
        }
        gpu.queue.submit([encoder.finish()]);
    };
    timed(gpu, copy).await?;
    let seconds = timed(gpu, copy).await?;
    Ok(Ceilings { macs, bytes: 4.0 * 2.0 * COPY as f64 / seconds })
}
