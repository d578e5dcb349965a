//! Kernel benchmark: every kernel at the shapes of the presets, beside the two ceilings of the roofline, which
//! are measured in the same run. Invariant: lines that do the same work are timed once and counted together.

use crate::bench::ceilings::{Ceilings, bytes};
use crate::bench::{Row, Table, line_seconds};
use crate::gpu::device::Gpu;
use crate::gpu::plan::Dispatch;
use crate::kernels::gemm::{Form, Shape};
use crate::train::trainer::{Options, Trainer};
use crate::tune::TunedGpu;
use crate::verify::images::{PICTURES, SEED, pictures};
use dino_core::error::Result;
use dino_core::run::presets::Preset;
use std::rc::Rc;

/// The table of all kernels.
///
/// # Errors
/// Those of the runs.
pub async fn table(gpu: Rc<TunedGpu>, presets: &[&Preset]) -> Result<Table> {
    let mut table = Table::new("kernels", gpu.name());
    let ceilings = Ceilings::measure(&gpu).await?;
    table.notes.push(ceilings.note());
    table.notes.push("share: the time at the ceiling over the time it took".to_owned());
    for preset in presets {
        // A whole batch of a ViT-Tiny takes a software adapter minutes and shows no more than four images do.
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
        let mut row =
            Row::new(format!("{preset}: {} ({})", line.kernel.name, line.name), 1e3 * seconds)
                .number("lines", count as f64, 0)
                .number("GFLOP/s", 2e-9 * line.macs as f64 / seconds, 2)
                .number("GB/s", 1e-9 * bytes(line) as f64 / seconds, 2)
                .number("share", ceilings.seconds(line) / seconds, 2);
        if let Some(shape) = Shape::of(line) {
            row = row.text("variant", variant(line, shape));
        }
        table.rows.push(row);
    }
    Ok(())
}

/// Whether two lines do the same work: one kernel on buffers of the same sizes.
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
