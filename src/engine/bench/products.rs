//! Product benchmark: every variant that the tuner chooses from, at shapes of a ViT block of D 96 and D 192.
//! Invariant: a variant is compared with the CPU twin before it is timed.

use crate::bench::{Row, Table, line_seconds};
use crate::gpu::program::Program;
use crate::kernels::gemm::{Choice, Form, Shape, default_parts, variants};
use crate::tune::TunedGpu;
use crate::tune::tuner::trial_plan;
use crate::tune::verify::verify;
use dino_core::error::Result;
use std::rc::Rc;

/// Rows of tokens, about those of a batch of four with two crops of 65 tokens.
const ROWS: usize = 520;

/// The table of all variants.
///
/// # Errors
/// What the device reports; a variant that it refuses is a row of its own.
pub async fn table(gpu: Rc<TunedGpu>) -> Result<Table> {
    let mut table = Table::new("products", gpu.name());
    for d in [96, 192] {
        for (form, m, n, k) in [
            (Form::Nt, ROWS, 4 * d, d),
            (Form::Nt, ROWS, d, 4 * d),
            (Form::Nn, ROWS, d, 4 * d),
            (Form::Nn, ROWS, 4 * d, d),
            (Form::Tn, 4 * d, d, ROWS),
        ] {
            let shape = Shape { form, m, n, k };
            for variant in variants(form, gpu.lanes, gpu.is_software()) {
                let before = gpu.compiled().0;
                let name = format!("{form:?} {m}x{n}x{k}: {variant}");
                if let Err(e) = verify(&gpu, form, variant).await {
                    gpu.check()?;
                    table.rows.push(Row::new(name, 0.0).text("refused", e.to_string()));
                    continue;
                }
                let parts = default_parts(shape, variant, gpu.is_software());
                let plan = trial_plan(&gpu, shape, Choice { variant, parts });
                let program = Program::alone(&gpu, plan).await?;
                let seconds = line_seconds(&gpu, &program, 0).await?;
                let compile = (gpu.compiled().0 - before).as_secs_f64();
                let rate = 2e-9 * (m * n * k) as f64 / seconds;
                let row = Row::new(name, 1e3 * seconds).number("GFLOP/s", rate, 2);
                table.rows.push(row.number("compile s", compile, 2));
            }
        }
    }
    Ok(table)
}
