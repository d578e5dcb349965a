//! Memory aliasing: scratch buffers in one memory. A scratch buffer is alive from its first line to its last;
//! outside these lines others may use its memory. Invariant: two buffers that are alive at one line never share
//! memory, so no line reads and writes the same memory.

use crate::gpu::kernel::Access;
use crate::gpu::plan::Plan;
use std::ops::RangeInclusive;

impl Plan {
    /// Lets scratch buffers share memory: the largest first, each in the first place that is free while it is
    /// alive. To be called once, after the last line was added.
    pub fn share(&mut self) {
        let mut scratch: Vec<(usize, RangeInclusive<usize>)> = (0..self.buffers.len())
            .filter(|i| self.buffers[*i].scratch)
            .filter_map(|i| Some((i, self.life(i)?)))
            .collect();
        scratch.sort_by_key(|(i, _)| std::cmp::Reverse(self.buffers[*i].bytes));
        // Owners of memory, and the lives of the buffers in it.
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

    /// The lines at which a buffer is alive: from the first that binds it to the last, or from the beginning of the
    /// plan if the first one reads what the host wrote. `None` if no line binds it.
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

    /// Index of the buffer whose memory this one uses: often its own.
    pub fn memory(&self, buffer: usize) -> usize {
        self.buffers[buffer].within.unwrap_or(buffer)
    }
}
