//! Lanes of subgroups: the number that an adapter announces is believed once shaders that rely on it gave the right
//! results on this device. Invariant: where it is not believed, no plan uses subgroups, and the person is told why.

use crate::gpu::device::Gpu;
use crate::gpu::plan::{CpuMemory, Plan, Slice};
use crate::gpu::program::Program;
use crate::kernels::attention;
use crate::kernels::attention::{Backward, Sequences};
use crate::kernels::subgroup;
use dino_core::error::{Error, Result, ShaderProblem};
use dino_core::rng::Rng;
use dino_core::run::presets;

/// Workgroups of the probe: more than a processor of any adapter runs side by side.
const WORKGROUPS: usize = 64;
/// Largest error of attention as a share of the norm of the expected result.
const TOLERANCE: f64 = 1e-4;
/// More than 32, from where on an invocation owns two tokens, and no multiple of anything.
const TOKENS: usize = 37;

/// True where a plan may use subgroups: products do on adapters with small ones, attention in serial plans.
fn are_used(gpu: &Gpu, lanes: u32) -> bool {
    gpu.is_software() || lanes <= 8
}

/// Fails where subgroups do not have the announced number of lanes, or where attention by them is wrong. Products are
/// compared when they are tuned.
///
/// # Errors
/// [`Error::Shader`] with what was found, or what the device reports.
pub async fn verify(gpu: &Gpu) -> Result<()> {
    let Some(lanes) = gpu.lanes.filter(|lanes| are_used(gpu, *lanes)) else { return Ok(()) };
    probe(gpu, lanes).await?;
    attends(gpu).await
}

async fn probe(gpu: &Gpu, lanes: u32) -> Result<()> {
    let mut plan = Plan::new(true, Some(lanes));
    let seen = plan.buffer("seen", subgroup::words(WORKGROUPS, lanes));
    subgroup::probe(&mut plan, WORKGROUPS, lanes, seen);
    let (found, expected) = both(gpu, plan, &[], &[seen]).await?;
    let wrong = found.iter().zip(&expected).position(|(f, e)| f.to_bits() != e.to_bits());
    let Some(at) = wrong else { return Ok(()) };
    let found = found.first().map_or(0, |size| size.to_bits());
    let problem = ShaderProblem::Subgroups { announced: lanes, found, at };
    Err(Error::Shader { kernel: subgroup::SUBGROUP_PROBE.name.to_owned(), problem })
}

/// Attention forward and backward, with the heads of the smallest preset, whose pipelines its run needs anyway.
async fn attends(gpu: &Gpu) -> Result<()> {
    let vit = presets::all().first().map(|preset| preset.vit.clone());
    let head = vit.map_or(64, |vit| vit.embed_dim / vit.num_heads);
    let s = Sequences { first_row: 0, crops: 2, tokens: TOKENS, heads: 2, width: 2 * head };
    let rows = s.crops * s.tokens;
    let mut plan = Plan::new(true, gpu.lanes);
    let qkv = plan.buffer("qkv", rows * 3 * s.width);
    let d_out = plan.buffer("d_out", rows * s.width);
    let out = plan.buffer("out", rows * s.width);
    let lse = plan.buffer("lse", rows * s.heads);
    let d_qkv = plan.buffer("d_qkv", rows * 3 * s.width);
    let delta = plan.buffer("delta", rows * s.heads);
    attention::forward(&mut plan, "attention", s, qkv, out, lse);
    let buffers = Backward { qkv, out, lse, d_out, d_qkv, delta };
    attention::backward(&mut plan, "attention", s, &buffers);
    let (found, expected) = both(gpu, plan, &[qkv, d_out], &[out, d_qkv]).await?;
    let square = |x: f32| f64::from(x) * f64::from(x);
    let difference: f64 = found.iter().zip(&expected).map(|(f, e)| square(f - e)).sum();
    let error = (difference / expected.iter().map(|e| square(*e)).sum::<f64>()).sqrt();
    // Not a number is wrong, too.
    if error <= TOLERANCE {
        return Ok(());
    }
    let problem = ShaderProblem::Inexact { error, allowed: TOLERANCE };
    Err(Error::Shader { kernel: "attention by subgroups".to_owned(), problem })
}

/// The same plan on the device and by the CPU twins, from random inputs: the outputs of both, one after the other.
async fn both(
    gpu: &Gpu,
    plan: Plan,
    inputs: &[Slice],
    outputs: &[Slice],
) -> Result<(Vec<f32>, Vec<f32>)> {
    let mut memory = CpuMemory::new(&plan);
    let mut rng = Rng::new(0, 0, 0, 0);
    let lines = plan.mark();
    let program = Program::alone(gpu, plan).await?;
    for slice in inputs {
        let values: Vec<f32> = (0..slice.len).map(|_| rng.normal() as f32).collect();
        program.write_f32(gpu, *slice, &values);
        memory.write(*slice, &values);
    }
    program.run_all(gpu);
    program.plan.run_on_cpu(&mut memory, 0..lines);
    let (mut found, mut expected) = (Vec::new(), Vec::new());
    for slice in outputs {
        found.extend(program.read(gpu, *slice).await?);
        expected.extend_from_slice(memory.read(*slice));
    }
    Ok((found, expected))
}
