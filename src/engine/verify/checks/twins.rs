//! CPU twins beside the device: one plan on both, from the same inputs. Invariants: outputs hold a poison before;
//! every word is written by both or by neither, and what must be written is.

use crate::gpu::device::Gpu;
use crate::gpu::kernel::Access;
use crate::gpu::plan::{CpuMemory, Plan, Slice};
use crate::gpu::program::Program;
use crate::verify::checks::{Outcome, text};
use dino_core::rng::Rng;

/// Value of every output word before a kernel runs.
pub const POISON: f32 = -12345.0;

/// Largest ‖a − b‖ / ‖b‖ of a buffer: sums of a few hundred products in another order.
pub const TOLERANCE: f64 = 1e-5;

/// A plan under test with its inputs.
pub struct Twins {
    pub plan: Plan,
    rng: Rng,
    case: String,
    inputs: Vec<(Slice, Vec<f32>)>,
    /// Outputs, each with the number of its words that must not be written.
    outputs: Vec<(Slice, usize)>,
}

impl Twins {
    /// An empty plan; `seed` decides its inputs.
    pub fn new(seed: u64) -> Self {
        Self {
            plan: Plan::default(),
            rng: Rng::new(seed, 0, 0, 0),
            case: String::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// Adds the same lines to a plan for GPUs, to a serial one and, where there are subgroups, to one
    /// that uses them, and runs all.
    ///
    /// # Errors
    /// See [`Twins::run`].
    pub async fn both(gpu: &Gpu, seed: u64, tolerance: f64, add: impl Fn(&mut Self)) -> Outcome {
        let mut ways = vec![("shared", false, None), ("serial", true, None)];
        if gpu.lanes.is_some() {
            ways.push(("by subgroups", true, gpu.lanes));
        }
        for (how, serial, lanes) in ways {
            let mut twins = Self::new(seed);
            (twins.plan.serial, twins.plan.lanes) = (serial, lanes);
            add(&mut twins);
            twins.run(gpu, tolerance).await.map_err(|e| format!("{how}, {e}"))?;
        }
        Ok(())
    }

    /// Begins a case; its name goes before the names of its buffers and lines.
    pub fn case(&mut self, name: String) {
        self.plan.scope(format!("{name}: "));
        self.case = name;
    }

    /// A buffer that holds these values before the run.
    pub fn given(&mut self, name: &str, values: Vec<f32>) -> Slice {
        let slice = self.plan.buffer(format!("{}: {name}", self.case), values.len());
        self.inputs.push((slice, values));
        slice
    }

    /// A buffer that holds these words before the run.
    pub fn words(&mut self, name: &str, words: &[u32]) -> Slice {
        self.given(name, words.iter().map(|w| f32::from_bits(*w)).collect())
    }

    /// Words for a buffer that the plan has already.
    pub fn upload(&mut self, slice: Slice, words: &[u32]) {
        self.inputs.push((slice, words.iter().map(|w| f32::from_bits(*w)).collect()));
    }

    /// Normally distributed values, mean 0 and deviation 1.
    pub fn normal(&mut self, words: usize) -> Vec<f32> {
        (0..words).map(|_| self.rng.normal() as f32).collect()
    }

    /// A random buffer.
    pub fn input(&mut self, name: &str, words: usize) -> Slice {
        let values = self.normal(words);
        self.given(name, values)
    }

    /// Random values from `low` to `high`.
    pub fn between(&mut self, name: &str, words: usize, low: f64, high: f64) -> Slice {
        let values = (0..words).map(|_| self.rng.range(low, high) as f32).collect();
        self.given(name, values)
    }

    /// A random matrix whose rows are padded with zeros to multiples of four words.
    pub fn matrix(&mut self, name: &str, rows: usize, columns: usize) -> (Slice, usize) {
        let stride = columns.next_multiple_of(4);
        let mut values = self.normal(rows * stride);
        for row in values.chunks_mut(stride) {
            row[columns..].fill(0.0);
        }
        (self.given(name, values), stride)
    }

    /// A poisoned buffer of which every word must be written.
    pub fn output(&mut self, name: &str, words: usize) -> Slice {
        self.partly(name, words, 0)
    }

    /// A poisoned buffer of which `kept` words must not be written.
    pub fn partly(&mut self, name: &str, words: usize, kept: usize) -> Slice {
        let slice = self.plan.buffer(format!("{}: {name}", self.case), words);
        self.outputs.push((slice, kept));
        slice
    }

    /// Small buffers to bind where a kernel needs none: neither may change.
    pub fn unused(&mut self) -> (Slice, Slice) {
        (self.input("nothing read", 64), self.partly("nothing written", 64, 64))
    }

    /// Runs the plan on the device and on its CPU twins, and compares every buffer that a line may write.
    ///
    /// # Errors
    /// A sentence on the first buffer that differs, or what the device reports.
    pub async fn run(self, gpu: &Gpu, tolerance: f64) -> Outcome {
        let Self { plan, inputs, outputs, .. } = self;
        let mut memory =
            CpuMemory(plan.buffers.iter().map(|b| vec![POISON; (b.bytes / 4) as usize]).collect());
        for (slice, values) in &inputs {
            memory.write(*slice, values);
        }
        let program = Program::new(gpu, plan.clone(), &[]).await.map_err(text)?;
        for (buffer, words) in memory.0.iter().enumerate() {
            program.write_f32(gpu, Slice { buffer, start: 0, len: words.len() }, words);
        }
        plan.run_on_cpu(&mut memory, 0..plan.dispatches.len());
        program.run_all(gpu);
        for buffer in written(&plan) {
            let expected = &memory.0[buffer];
            let whole = Slice { buffer, start: 0, len: expected.len() };
            let found = program.read(gpu, whole).await.map_err(text)?;
            let name = &plan.buffers[buffer].name;
            near(name, &found, expected, tolerance)?;
            if let Some((slice, kept)) = outputs.iter().find(|(s, _)| s.buffer == buffer) {
                let left = found[..slice.len].iter().filter(|v| **v == POISON).count();
                if left != *kept {
                    return Err(format!(
                        "{name}: expected {kept} words of {} to be left alone, found {left}",
                        slice.len
                    ));
                }
            }
        }
        gpu.check().map_err(text)
    }
}

/// Buffers that a line of the plan may write.
fn written(plan: &Plan) -> Vec<usize> {
    let mut buffers: Vec<usize> = plan
        .dispatches
        .iter()
        .flat_map(|d| d.bindings.iter().zip(d.kernel.bindings))
        .filter(|(_, access)| **access == Access::Write)
        .map(|(slice, _)| slice.buffer)
        .collect();
    buffers.sort_unstable();
    buffers.dedup();
    buffers
}

/// Compares words: the same ones must be poisoned, the others within `tolerance` of each other in norm.
///
/// # Errors
/// A sentence with the error and the worst word.
pub fn near(name: &str, found: &[f32], expected: &[f32], tolerance: f64) -> Outcome {
    if found.len() != expected.len() {
        return Err(format!("{name}: {} words, expected {}", found.len(), expected.len()));
    }
    let (mut difference, mut size) = (0.0, 0.0);
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        if (*a == POISON) != (*b == POISON) || a.is_finite() != b.is_finite() {
            return Err(format!("{name}: word {i} is {a}, expected {b}"));
        }
        if b.is_finite() && *b != POISON {
            difference += (f64::from(*a) - f64::from(*b)).powi(2);
            size += f64::from(*b).powi(2);
        }
    }
    let error = if difference == 0.0 { 0.0 } else { (difference / size).sqrt() };
    if error <= tolerance {
        return Ok(());
    }
    let far = |(a, b): (&f32, &f32)| (a - b).abs();
    let worst = (0..found.len()).max_by(|i, j| {
        far((&found[*i], &expected[*i])).total_cmp(&far((&found[*j], &expected[*j])))
    });
    let worst = worst.unwrap_or(0);
    Err(format!(
        "{name}: off by {error:.2e} of its norm, allowed {tolerance:.0e}; most in word {worst}: {}, \
         expected {}",
        found[worst], expected[worst]
    ))
}
