//! Plan: the buffers and the dispatches of a program, as data. It is made once, before step 0; replaying it
//! allocates nothing. Invariants: no dispatch binds one buffer both for reading and for writing; the memory of a
//! plan is known to the byte before anything is allocated.

use crate::gpu::kernel::{Access, Call, Kernel};
use crate::gpu::params::{Constants, Params};
use std::ops::Range;

/// Bindings start at multiples of this (WebGPU's `minStorageBufferOffsetAlignment`).
pub const ALIGN: usize = 256;

/// A buffer of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct BufferSpec {
    /// Name, unique in the plan; plans that share a buffer share its name.
    pub name: String,
    /// Size in bytes, a multiple of [`ALIGN`].
    pub bytes: u64,
    /// Owned by another plan's program and looked up there by name.
    pub external: bool,
    /// Its values count only between its first and its last line, so its memory may be
    /// [shared](Plan::share).
    pub scratch: bool,
    /// Index of the buffer in whose memory it lies, if that is not its own.
    pub within: Option<usize>,
}

/// A range of a buffer, in words of four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Index into [`Plan::buffers`].
    pub buffer: usize,
    /// First word; a multiple of 64 when bound.
    pub start: usize,
    /// Length in words.
    pub len: usize,
}

impl Slice {
    /// A part of this slice: `start` and `len` in words from its beginning.
    pub fn part(self, start: usize, len: usize) -> Self {
        debug_assert!(start + len <= self.len);
        Self { buffer: self.buffer, start: self.start + start, len }
    }
}

/// The part of a step that a dispatch belongs to; the benchmark sums times by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    Augment,
    Teacher,
    Student,
    Loss,
    Backward,
    Update,
    Picture,
}

/// One line of the program.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// What it computes, in the checkpoint's names: `blocks.3.attn.qkv`.
    pub name: String,
    pub phase: Phase,
    pub kernel: &'static Kernel,
    pub constants: Constants,
    pub bindings: Vec<Slice>,
    pub params: Vec<u32>,
    /// Workgroups along x, y, z.
    pub grid: [u32; 3],
    /// What computes the same where the driver refuses this.
    pub instead: Option<Alternative>,
    /// Multiply-adds, for the roofline; 0 where they are not counted.
    pub macs: u64,
}

/// Another shader for a line: with the same bindings, uniform and results up to rounding.
#[derive(Debug, Clone)]
pub struct Alternative {
    pub kernel: &'static Kernel,
    pub constants: Constants,
    pub grid: [u32; 3],
}

/// Buffers and dispatches.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub buffers: Vec<BufferSpec>,
    pub dispatches: Vec<Dispatch>,
    /// Made for a software adapter: an invocation takes whole rows by itself, because there barriers cost more than
    /// arithmetic, at run time and to compile.
    pub serial: bool,
    /// Lanes of a subgroup, where shaders may rely on their number.
    pub lanes: Option<u32>,
    /// Phase and name prefix of the lines that [`Plan::push`] adds.
    phase: Option<Phase>,
    scope: String,
}

impl Plan {
    /// An empty plan, [serial](Plan::serial) or not, for subgroups of so many [lanes](Plan::lanes).
    pub fn new(serial: bool, lanes: Option<u32>) -> Self {
        Self { serial, lanes, ..Self::default() }
    }

    /// Adds a buffer of `words` four-byte words.
    pub fn buffer(&mut self, name: impl Into<String>, words: usize) -> Slice {
        self.add(name.into(), words, false)
    }

    /// Adds a buffer that another program owns.
    pub fn external(&mut self, name: impl Into<String>, words: usize) -> Slice {
        self.add(name.into(), words, true)
    }

    /// Adds a buffer that nobody reads after the last line that binds it.
    pub fn scratch(&mut self, name: impl Into<String>, words: usize) -> Slice {
        let slice = self.add(name.into(), words, false);
        self.buffers[slice.buffer].scratch = true;
        slice
    }

    fn add(&mut self, name: String, words: usize, external: bool) -> Slice {
        debug_assert!(self.buffers.iter().all(|b| b.name != name), "buffer {name} twice");
        let bytes = (words.max(1) * 4).next_multiple_of(ALIGN) as u64;
        self.buffers.push(BufferSpec { name, bytes, external, scratch: false, within: None });
        Slice { buffer: self.buffers.len() - 1, start: 0, len: words.max(1) }
    }

    /// The whole of a buffer by name.
    pub fn find(&self, name: &str) -> Option<Slice> {
        let buffer = self.buffers.iter().position(|b| b.name == name)?;
        Some(Slice { buffer, start: 0, len: (self.buffers[buffer].bytes / 4) as usize })
    }

    /// Sets the phase of the lines that follow.
    pub fn phase(&mut self, phase: Phase) {
        self.phase = Some(phase);
    }

    /// Sets the name prefix of the lines that follow.
    pub fn scope(&mut self, scope: impl Into<String>) {
        self.scope = scope.into();
    }

    /// Adds a line. `name` is appended to the current scope.
    pub fn push<P: Params>(
        &mut self,
        name: &str,
        kernel: &'static Kernel,
        constants: Constants,
        bindings: &[Slice],
        params: &P,
        grid: [u32; 3],
    ) -> &mut Dispatch {
        debug_assert_eq!(bindings.len(), kernel.bindings.len(), "{name}: {}", kernel.name);
        debug_assert_eq!(P::FIELDS, kernel.params, "{name}: {}", kernel.name);
        let dispatch = Dispatch {
            name: format!("{}{name}", self.scope),
            phase: self.phase.unwrap_or(Phase::Picture),
            kernel,
            constants,
            bindings: bindings.to_vec(),
            params: params.words(),
            grid,
            instead: None,
            macs: 0,
        };
        debug_assert!(dispatch.conflict().is_none(), "{name}: one buffer read and written");
        self.dispatches.push(dispatch);
        let last = self.dispatches.len() - 1;
        &mut self.dispatches[last]
    }

    /// Adds a line whose invocations share the work as `how` says for a serial plan or for another one; the serial way is
    /// the alternative where it is not the plan's own.
    pub fn push_shared<P: Params>(
        &mut self,
        name: &str,
        kernel: &'static Kernel,
        how: impl Fn(bool) -> (Constants, [u32; 3]),
        bindings: &[Slice],
        params: &P,
    ) -> &mut Dispatch {
        let (constants, grid) = how(self.serial);
        let instead = (!self.serial).then(|| how(true));
        let line = self.push(name, kernel, constants, bindings, params, grid);
        line.instead = instead.map(|(constants, grid)| Alternative { kernel, constants, grid });
        line
    }

    /// Number of lines so far; two marks make a range to run.
    pub fn mark(&self) -> usize {
        self.dispatches.len()
    }

    /// Bytes that a program of this plan allocates: its own buffers and the uniforms of its lines.
    pub fn bytes(&self) -> u64 {
        let own = self.buffers.iter().filter(|b| !b.external && b.within.is_none());
        let own: u64 = own.map(|b| b.bytes).sum();
        own + (self.dispatches.len().max(1) * ALIGN) as u64
    }

    /// Lines divided into submits of at most `budget` multiply-adds; a line that has more is a submit of its own. A
    /// browser ends a device that does not answer.
    pub fn submits(&self, lines: Range<usize>, budget: u64) -> Vec<Range<usize>> {
        let (mut all, mut start, mut sum) = (Vec::new(), lines.start, 0);
        for line in lines.clone() {
            let macs = self.dispatches[line].macs;
            if line > start && sum + macs > budget {
                all.push(start..line);
                (start, sum) = (line, 0);
            }
            sum += macs;
        }
        all.push(start..lines.end);
        all
    }

    /// Runs lines on the CPU twins, in place on `memory`.
    pub fn run_on_cpu(&self, memory: &mut CpuMemory, lines: Range<usize>) {
        for dispatch in &self.dispatches[lines] {
            dispatch.run_on_cpu(memory);
        }
    }
}

impl Dispatch {
    /// The first buffer that is bound both for reading and for writing, which WebGPU forbids.
    pub fn conflict(&self) -> Option<usize> {
        let access = |wanted| {
            self.bindings.iter().zip(self.kernel.bindings).filter(move |(_, a)| **a == wanted)
        };
        access(Access::Write)
            .map(|(s, _)| s.buffer)
            .find(|b| access(Access::Read).any(|(s, _)| s.buffer == *b))
    }

    /// Runs this line's CPU twin.
    pub fn run_on_cpu(&self, memory: &mut CpuMemory) {
        let mut bindings: Vec<Vec<f32>> =
            self.bindings.iter().map(|s| memory.read(*s).to_vec()).collect();
        let mut call =
            Call { params: &self.params, constants: &self.constants, bindings: &mut bindings };
        (self.kernel.cpu)(&mut call);
        for ((slice, values), access) in
            self.bindings.iter().zip(&bindings).zip(self.kernel.bindings)
        {
            if *access == Access::Write {
                memory.write(*slice, values);
            }
        }
    }
}

/// The buffers of a plan in host memory, zeroed, for running CPU twins.
#[derive(Debug, Clone)]
pub struct CpuMemory(pub Vec<Vec<f32>>);

impl CpuMemory {
    /// Zeroed memory for all buffers of a plan, externals included.
    pub fn new(plan: &Plan) -> Self {
        Self(plan.buffers.iter().map(|b| vec![0.0; (b.bytes / 4) as usize]).collect())
    }

    /// The words of a slice.
    pub fn read(&self, slice: Slice) -> &[f32] {
        &self.0[slice.buffer][slice.start..slice.start + slice.len]
    }

    /// Overwrites a slice.
    pub fn write(&mut self, slice: Slice, values: &[f32]) {
        self.0[slice.buffer][slice.start..slice.start + slice.len].copy_from_slice(values);
    }
}
