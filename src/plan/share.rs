//! Scratch that lies in the same memory. A buffer that only carries values from one line of a plan to a
//! later one is free before its first and after its last; others can lie there meanwhile. Invariant: two
//! buffers that are alive at one line never share, so no line reads and writes one memory.

use super::Plan;
use crate::kernels::Access;
use std::ops::RangeInclusive;

impl Plan {
    /// Lays scratch buffers into each other's memory, the largest first, each into the first place that
    /// is free as long as it lives. To be called once, when all lines are there.
    pub fn share(&mut self) {
        let mut scratch: Vec<(usize, RangeInclusive<usize>)> = (0..self.buffers.len())
            .filter(|i| self.buffers[*i].scratch)
            .filter_map(|i| Some((i, self.life(i)?)))
            .collect();
        scratch.sort_by_key(|(i, _)| std::cmp::Reverse(self.buffers[*i].bytes));
        // Owners of memory, and the lives in it.
        let mut places: Vec<(usize, Vec<RangeInclusive<usize>>)> = Vec::new();
        for (buffer, life) in scratch {
            let apart = |other: &RangeInclusive<usize>| {
                life.end() < other.start() || other.end() < life.start()
            };
            match places.iter_mut().find(|(_, lives)| lives.iter().all(apart)) {
                Some((owner, lives)) => {
                    self.buffers[buffer].within = Some(*owner);
                    lives.push(life);
                }
                None => places.push((buffer, vec![life])),
            }
        }
    }

    /// The lines between which a buffer's values count; from the beginning where the first line that
    /// binds it reads what the host wrote. `None` where no line does.
    fn life(&self, buffer: usize) -> Option<RangeInclusive<usize>> {
        let access = |line: usize| {
            let d = &self.dispatches[line];
            let of = |(slice, access): (&super::Slice, &Access)| {
                (slice.buffer == buffer).then_some(*access)
            };
            d.bindings.iter().zip(d.kernel.bindings).find_map(of)
        };
        let first = (0..self.dispatches.len()).find(|line| access(*line).is_some())?;
        let last = (first..self.dispatches.len()).rfind(|line| access(*line).is_some())?;
        let from = if access(first) == Some(Access::Read) { 0 } else { first };
        Some(from..=last)
    }

    /// Index of the buffer in whose memory this one lies: often its own.
    pub fn memory(&self, buffer: usize) -> usize {
        self.buffers[buffer].within.unwrap_or(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dino;
    use crate::kernels::gemm::Tuning;
    use crate::layout::Limits;
    use crate::presets;
    use crate::{augment, config::Config};

    fn planned(config: &Config, recompute: bool) -> Plan {
        let limits = Limits { binding: u64::MAX, buffer: u64::MAX, total: u64::MAX };
        let tuning = Tuning { recompute, ..Tuning::default() };
        let batch = config.train.batch;
        let step = dino::plan(config, limits, &tuning, batch, |plan, patches| {
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
    fn what_shares_is_never_alive_together() {
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
                let both =
                    memories(Access::Write).find(|w| memories(Access::Read).any(|r| r == *w));
                assert_eq!(both, None, "{name}: {}", d.name);
            }
        }
    }
}
