//! Probe of subgroups (`shaders/subgroup.wgsl`): their size, and values handed round in them. Invariant: it asks for
//! nothing that products and attention by subgroups do not rely on.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::params;

params! {
    /// Uniform. Fields as in `shaders/subgroup.wgsl`.
    pub struct SubgroupParams {
        pub workgroups: u32,
    }
}

pub static SUBGROUP_PROBE: Kernel = Kernel {
    name: "subgroup_probe",
    file: "subgroup.wgsl",
    source: shader!("subgroup.wgsl"),
    bindings: &[Write],
    params: SubgroupParams::FIELDS,
    cpu: probe_cpu,
};

/// Words that a probe by so many workgroups of `lanes` writes.
pub fn words(workgroups: usize, lanes: u32) -> usize {
    let lanes = lanes as usize;
    workgroups * lanes * (2 + lanes)
}

/// Writes what each invocation sees: `seen` (workgroups, lanes, 2 + lanes).
pub fn probe(plan: &mut Plan, workgroups: usize, lanes: u32, seen: Slice) {
    let constants = Constants(vec![("LANES", lanes)]);
    let params = SubgroupParams { workgroups: workgroups as u32 };
    plan.push("probe", &SUBGROUP_PROBE, constants, &[seen], &params, [workgroups as u32, 1, 1]);
}

fn probe_cpu(call: &mut Call) {
    let p: SubgroupParams = call.params();
    let lanes = call.constants.get("LANES").unwrap_or(8);
    let [seen] = call.bindings else { return };
    let rows = seen.chunks_exact_mut(2 + lanes as usize).zip(0..p.workgroups * lanes);
    for (row, value) in rows {
        let (lane, first) = (value % lanes, value - value % lanes);
        let values = [lanes, lane].into_iter().chain(first..first + lanes);
        row.iter_mut().zip(values).for_each(|(word, value)| *word = f32::from_bits(value));
    }
}
