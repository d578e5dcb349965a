//! Program: a plan on a device, with its buffers, compiled kernels and bind groups. Invariant: replaying a
//! program allocates no buffer and creates no bind group.

use crate::gpu::compile::Wanted;
use crate::gpu::device::{Compiled, Gpu};
use crate::gpu::plan::{ALIGN, Dispatch, Plan, Slice};
use dino_core::error::{DeviceProblem, Error, Result};
use std::ops::Range;
use std::rc::Rc;

/// A plan with its buffers, pipelines and bind groups on a device.
pub struct Program {
    pub plan: Plan,
    buffers: Vec<wgpu::Buffer>,
    own: Owned,
    lines: Vec<Line>,
}

/// Buffers that are destroyed with what owns them: browsers free the memory of a buffer that is only forgotten when their
/// collector comes, which knows nothing of a device's memory. Work that was submitted before is still done.
struct Owned(Vec<wgpu::Buffer>);

impl Owned {
    fn keep(&mut self, buffer: wgpu::Buffer) -> wgpu::Buffer {
        self.0.push(buffer.clone());
        buffer
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.iter().for_each(wgpu::Buffer::destroy);
    }
}

struct Line {
    compiled: Rc<Compiled>,
    bind_group: wgpu::BindGroup,
}

impl Program {
    /// [`Program::new`] without the alternatives of its lines: who compares kernels wants those and no others.
    ///
    /// # Errors
    /// See [`Program::new`].
    pub async fn alone(gpu: &Gpu, mut plan: Plan) -> Result<Self> {
        plan.dispatches.iter_mut().for_each(|line| line.instead = None);
        Self::new(gpu, plan, &[]).await
    }

    /// Allocates the plan's buffers, compiles its kernels and makes its bind groups. Buffers that
    /// the plan calls external are taken by name from `owners`.
    ///
    /// # Errors
    /// [`Error::Shader`] for a refused shader, [`Error::Device`] when memory is short or a binding
    /// is invalid.
    pub async fn new(gpu: &Gpu, plan: Plan, owners: &[&Program]) -> Result<Self> {
        let (plan, compiled) = compiled(gpu, plan).await?;
        let memory = gpu.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let mut own = Owned(Vec::with_capacity(plan.buffers.len() + 1));
        let mut made = Vec::with_capacity(plan.buffers.len());
        for spec in &plan.buffers {
            made.push(match (spec.within, spec.external) {
                (Some(_), _) => None,
                (None, false) => Some(own.keep(create(gpu, &spec.name, spec.bytes))),
                (None, true) => {
                    let owned = owners.iter().find_map(|p| p.buffer(&spec.name)).cloned();
                    let missing = || Error::Device(DeviceProblem::NoOwner(spec.name.clone()));
                    Some(owned.ok_or_else(missing)?)
                }
            });
        }
        let at = |i| made[plan.memory(i)].clone();
        let buffers: Vec<_> = (0..made.len()).filter_map(at).collect();
        let uniforms = own.keep(gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("uniforms"),
            size: (plan.dispatches.len().max(1) * ALIGN) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        }));
        let mut words = vec![0u32; plan.dispatches.len() * ALIGN / 4];
        for (slot, d) in words.chunks_mut(ALIGN / 4).zip(&plan.dispatches) {
            slot[..d.params.len()].copy_from_slice(&d.params);
        }
        gpu.queue.write_buffer(&uniforms, 0, bytemuck::cast_slice(&words));
        let lines = plan
            .dispatches
            .iter()
            .zip(compiled)
            .enumerate()
            .map(|(i, (d, compiled))| {
                let mut entries: Vec<_> = d
                    .bindings
                    .iter()
                    .enumerate()
                    .map(|(binding, s)| entry(binding, &buffers[s.buffer], s.start * 4, s.len * 4))
                    .collect();
                entries.push(entry(d.bindings.len(), &uniforms, i * ALIGN, d.params.len() * 4));
                let bind_group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some(&d.name),
                    layout: &compiled.layout,
                    entries: &entries,
                });
                Line { compiled, bind_group }
            })
            .collect();
        let (invalid, short) = (validation.pop().await, memory.pop().await);
        if short.is_some() {
            return Err(Error::Device(DeviceProblem::OutOfMemory { bytes: plan.bytes() }));
        }
        if let Some(error) = invalid {
            return Err(Error::Device(DeviceProblem::Reported(error.to_string())));
        }
        Ok(Self { plan, buffers, own, lines })
    }

    /// A buffer by name.
    pub fn buffer(&self, name: &str) -> Option<&wgpu::Buffer> {
        self.plan.buffers.iter().position(|b| b.name == name).map(|i| &self.buffers[i])
    }

    /// Overwrites the beginning of a slice.
    pub fn write(&self, gpu: &Gpu, slice: Slice, words: &[u32]) {
        debug_assert!(words.len() <= slice.len);
        let bytes = bytemuck::cast_slice(words);
        gpu.queue.write_buffer(&self.buffers[slice.buffer], slice.start as u64 * 4, bytes);
    }

    /// [`Program::write`] of floats.
    pub fn write_f32(&self, gpu: &Gpu, slice: Slice, values: &[f32]) {
        self.write(gpu, slice, bytemuck::cast_slice(values));
    }

    /// Reads a slice back as floats; not for use in a step.
    ///
    /// # Errors
    /// See [`Gpu::read`].
    pub async fn read(&self, gpu: &Gpu, slice: Slice) -> Result<Vec<f32>> {
        Ok(self.read_all(gpu, &[slice]).await?.into_iter().next().unwrap_or_default())
    }

    /// Reads slices back as floats, several with one submit; not for use in a step.
    ///
    /// # Errors
    /// See [`Gpu::read`].
    pub async fn read_all(&self, gpu: &Gpu, slices: &[Slice]) -> Result<Vec<Vec<f32>>> {
        let range = |slice: &Slice| {
            (&self.buffers[slice.buffer], slice.start as u64 * 4, slice.len as u64 * 4)
        };
        let ranges: Vec<_> = slices.iter().map(range).collect();
        let float = |c: &[u8]| f32::from_le_bytes([c[0], c[1], c[2], c[3]]);
        let read = gpu.read_all(&ranges).await?.into_iter();
        Ok(read.map(|bytes| bytes.chunks_exact(4).map(float).collect()).collect())
    }

    /// Records lines into one compute pass.
    pub fn record(&self, encoder: &mut wgpu::CommandEncoder, lines: Range<usize>) {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        let mut current: Option<*const Compiled> = None;
        for (line, d) in self.lines[lines.clone()].iter().zip(&self.plan.dispatches[lines]) {
            let pipeline = Rc::as_ptr(&line.compiled);
            if current != Some(pipeline) {
                pass.set_pipeline(&line.compiled.pipeline);
                current = Some(pipeline);
            }
            pass.set_bind_group(0, &line.bind_group, &[]);
            pass.dispatch_workgroups(d.grid[0], d.grid[1], d.grid[2]);
        }
    }

    /// Records and submits lines.
    pub fn run(&self, gpu: &Gpu, lines: Range<usize>) {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        self.record(&mut encoder, lines);
        gpu.queue.submit([encoder.finish()]);
    }

    /// Bytes of the buffers that this program made.
    pub fn allocated(&self) -> u64 {
        self.own.0.iter().map(wgpu::Buffer::size).sum()
    }

    /// Submits one line many times; for benchmarks.
    pub fn repeat(&self, gpu: &Gpu, line: usize, times: usize) {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        let Line { compiled, bind_group } = &self.lines[line];
        let grid = self.plan.dispatches[line].grid;
        pass.set_pipeline(&compiled.pipeline);
        pass.set_bind_group(0, bind_group, &[]);
        for _ in 0..times {
            pass.dispatch_workgroups(grid[0], grid[1], grid[2]);
        }
        drop(pass);
        gpu.queue.submit([encoder.finish()]);
    }

    /// Runs the whole plan.
    pub fn run_all(&self, gpu: &Gpu) {
        self.run(gpu, 0..self.lines.len());
    }
}

/// The plan's kernels; where the driver refuses one that has an alternative, the plan has that now.
async fn compiled(gpu: &Gpu, mut plan: Plan) -> Result<(Plan, Vec<Rc<Compiled>>)> {
    loop {
        for line in &mut plan.dispatches {
            if gpu.refuses(line.kernel, &line.constants)
                && let Some(instead) = line.instead.take()
            {
                gpu.note_replaced(line.kernel, &line.constants);
                (line.kernel, line.constants, line.grid) =
                    (instead.kernel, instead.constants, instead.grid);
            }
        }
        let wanted: Vec<Wanted<'_>> =
            plan.dispatches.iter().map(|line| (line.kernel, &line.constants)).collect();
        let outcomes = gpu.compile_all(&wanted).await;
        gpu.check()?;
        let lost = outcomes.iter().zip(&plan.dispatches);
        let mut lost = lost.filter(|(outcome, _)| outcome.is_err()).peekable();
        let hopeless = |(_, line): &(_, &Dispatch)| line.instead.is_none();
        if lost.peek().is_none() || lost.any(|line| hopeless(&line)) {
            let all = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
            return Ok((plan, all));
        }
    }
}

fn create(gpu: &Gpu, name: &str, bytes: u64) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(name),
        size: bytes,
        usage: wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// A bind group's entry, rounded up to whole vec4s: a shader that reads a row of 37 words as vec4s would not see its
/// last word in a binding of 148 bytes. Buffers and tensors end at multiples of 256 bytes, so there is room.
fn entry(
    binding: usize,
    buffer: &wgpu::Buffer,
    start: usize,
    bytes: usize,
) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry {
        binding: binding as u32,
        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer,
            offset: start as u64,
            size: std::num::NonZeroU64::new(bytes.next_multiple_of(16) as u64),
        }),
    }
}
