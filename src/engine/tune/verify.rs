//! Verification of a product's variant: its result is compared with the CPU twin's before it can be chosen, once
//! on a device for each form. Invariant: a variant that differs beyond the tolerance is out, whatever its speed.

use crate::gpu::device::Gpu;
use crate::gpu::plan::{CpuMemory, Plan};
use crate::gpu::program::Program;
use crate::kernels::gemm::{Choice, Form, Shape, Tuning, Variant};
use crate::tune::single_product::single_product;
use dino_core::error::{Error, Result, ShaderProblem};
use dino_core::rng::Rng;

/// Largest error as a share of the norm of the expected result.
const TOLERANCE: f64 = 1e-4;
/// Larger than a tile of every variant in each direction, and no multiple of any.
const SIZE: (usize, usize, usize) = (67, 131, 61);

/// A product of random numbers by this variant against its twin.
///
/// # Errors
/// [`Error::Shader`] with the difference, or what the device reports.
pub async fn verify(gpu: &Gpu, form: Form, variant: Variant) -> Result<()> {
    let (m, n, k) = SIZE;
    let shape = Shape { form, m, n, k };
    let tuning = Tuning {
        forced: Some(Choice { variant, parts: 1 }),
        rolled: gpu.prefers_loops(),
        ..Tuning::default()
    };
    let mut plan = Plan::new(gpu.is_software(), gpu.lanes);
    let ((_, lda), (_, ldb)) = shape.operands();
    let [a, b, c] = single_product(&mut plan, "verified", &tuning, shape);
    let mut memory = CpuMemory::new(&plan);
    let mut rng = Rng::new(0, 0, 0, 0);
    let columns = match form {
        Form::Nt => [(a, k, lda), (b, k, ldb)],
        Form::Nn => [(a, k, lda), (b, n, ldb)],
        Form::Tn => [(a, m, lda), (b, n, ldb)],
    };
    let program = Program::alone(gpu, plan).await?;
    for (slice, width, stride) in columns {
        // Rows are padded with zeros, as everywhere.
        let value = |i: usize, rng: &mut Rng| if i % stride < width { rng.normal() } else { 0.0 };
        let values: Vec<f32> = (0..slice.len).map(|i| value(i, &mut rng) as f32).collect();
        program.write_f32(gpu, slice, &values);
        memory.write(slice, &values);
    }
    program.run_all(gpu);
    let found = program.read(gpu, c).await?;
    program.plan.run_on_cpu(&mut memory, 0..1);
    let expected = memory.read(c);
    let square = |x: f32| f64::from(x) * f64::from(x);
    let difference: f64 = found.iter().zip(expected).map(|(f, e)| square(f - e)).sum();
    let norm: f64 = expected.iter().map(|e| square(*e)).sum();
    let error = (difference / norm).sqrt();
    if error <= TOLERANCE {
        return Ok(());
    }
    Err(Error::Shader {
        kernel: variant.to_string(),
        problem: ShaderProblem::Inexact { error, allowed: TOLERANCE },
    })
}
