//! Memory aliasing in the plans of every preset. Invariant: scratch buffers that are alive together never share
//! memory.

use dino_core::run::config::Config;
use dino_core::run::presets;
use dino_engine::gpu::kernel::Access;
use dino_engine::gpu::limits::Limits;
use dino_engine::gpu::plan::Plan;
use dino_engine::kernels::gemm::Tuning;
use dino_engine::train::{augment, step};

fn planned(config: &Config, recompute: bool) -> Plan {
    let limits = Limits { binding: u64::MAX, buffer: u64::MAX, total: u64::MAX };
    let tuning = Tuning { recompute, ..Tuning::default() };
    let batch = config.train.batch;
    let step = step::plan(config, limits, &tuning, batch, |plan, patches| {
        let side = config.crops.picture_side();
        augment::plan(plan, &config.vit, &config.crops, batch, side, patches).map(|_| ())
    });
    step.unwrap().plan
}

fn plans() -> impl Iterator<Item = (String, Plan)> {
    presets::all().iter().flat_map(|preset| {
        [false, true].map(|recompute| {
            let plan = planned(&preset.config(100, 100, None), recompute);
            (format!("{}, recompute {recompute}", preset.name), plan)
        })
    })
}

#[test]
fn buffers_that_share_memory_are_never_alive_at_the_same_line() {
    for (name, plan) in plans() {
        let shared: Vec<usize> =
            (0..plan.buffers.len()).filter(|i| plan.buffers[*i].scratch).collect();
        assert!(shared.iter().any(|i| plan.memory(*i) != *i), "{name}: nothing shares");
        for (at, a) in shared.iter().enumerate() {
            let owner = plan.memory(*a);
            assert_eq!(plan.memory(owner), owner, "{name}: an owner is a guest");
            assert!(plan.buffers[owner].bytes >= plan.buffers[*a].bytes, "{name}");
            for b in &shared[..at] {
                let (Some(x), Some(y)) = (plan.life(*a), plan.life(*b)) else { continue };
                let together = x.start() <= y.end() && y.start() <= x.end();
                let what = (&plan.buffers[*a].name, &plan.buffers[*b].name);
                assert!(!(together && plan.memory(*b) == owner), "{name}: {what:?}");
            }
        }
    }
}

#[test]
fn no_line_reads_and_writes_one_memory() {
    for (name, plan) in plans() {
        for d in &plan.dispatches {
            let memories = |wanted| {
                let bound = d.bindings.iter().zip(d.kernel.bindings);
                bound.filter(move |(_, a)| **a == wanted).map(|(s, _)| plan.memory(s.buffer))
            };
            let both = memories(Access::Write).find(|w| memories(Access::Read).any(|r| r == *w));
            assert_eq!(both, None, "{name}: {}", d.name);
        }
    }
}
