//! Scratch that lies in the same memory. A buffer that only carries values from one line of a plan to a
//! later one is free before its first and after its last; others can lie there meanwhile. Invariant: two
//! buffers that are alive at one line never share, so no line reads and writes one memory.

use crate::gpu::kernel::Access;
use crate::gpu::plan::Plan;
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
    pub fn life(&self, buffer: usize) -> Option<RangeInclusive<usize>> {
        let access = |line: usize| {
            let d = &self.dispatches[line];
            let of = |(slice, access): (&crate::gpu::plan::Slice, &Access)| {
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
