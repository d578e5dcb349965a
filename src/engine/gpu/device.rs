//! Device: a WebGPU adapter in use, with its limits and compiled kernels, natively and on the web. Invariant:
//! every error of the driver is caught in a scope, or recorded as the device's fault and reported.

pub use crate::gpu::program::Program;

use crate::gpu::kernel::{Access, Kernel};
use crate::gpu::params::Constants;
use dino_core::error::{DeviceProblem, Error, Result, ShaderProblem};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use web_time::{Duration, Instant};

/// A device with all kernels compiled on it so far.
pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub info: wgpu::AdapterInfo,
    pub limits: wgpu::Limits,
    /// Lanes of a subgroup, where all subgroups have the same number and shaders may use them.
    pub lanes: Option<u32>,
    compiled: RefCell<HashMap<(&'static str, Constants), Rc<Compiled>>>,
    fault: Arc<Mutex<Option<String>>>,
    /// Time spent waiting for compilers so far.
    compiling: Cell<Duration>,
}

/// A pipeline and its bind group layout.
pub struct Compiled {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) layout: wgpu::BindGroupLayout,
}

impl Gpu {
    /// Asks for the fastest adapter with all the limits it has.
    ///
    /// # Errors
    /// [`Error::NoAdapter`], or [`Error::NoDevice`] when it gives no device.
    pub async fn new() -> Result<Self> {
        Self::with_limits(|adapter| adapter).await
    }

    /// Like [`Gpu::new`], asking for other limits than the adapter's best: tests ask for WebGPU's
    /// defaults.
    ///
    /// # Errors
    /// See [`Gpu::new`].
    pub async fn with_limits(limits: impl Fn(wgpu::Limits) -> wgpu::Limits) -> Result<Self> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        #[cfg(target_arch = "wasm32")]
        let asked = crate::gpu::subgroups::ask().await;
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|e| Error::NoAdapter(e.to_string()))?;
        let limits = limits(adapter.limits());
        let subgroups = adapter.features() & wgpu::Features::SUBGROUP;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("dino"),
                required_features: subgroups,
                required_limits: limits.clone(),
                ..Default::default()
            })
            .await
            .map_err(|e| Error::NoDevice(e.to_string()))?;
        #[cfg(target_arch = "wasm32")]
        let has_subgroups = asked.as_ref().is_some_and(|asked| asked.subgroups);
        #[cfg(not(target_arch = "wasm32"))]
        let has_subgroups = !subgroups.is_empty();
        let fault = Arc::new(Mutex::new(None));
        let (uncaptured, lost) = (fault.clone(), fault.clone());
        device.on_uncaptured_error(Arc::new(move |e: wgpu::Error| {
            keep(&uncaptured, e.to_string());
        }));
        device.set_device_lost_callback(move |reason, message| {
            keep(&lost, format!("device lost ({reason:?}): {message}"));
        });
        let info = adapter.get_info();
        let fixed = info.subgroup_min_size == info.subgroup_max_size;
        Ok(Self {
            lanes: (fixed && has_subgroups && info.subgroup_min_size > 0)
                .then_some(info.subgroup_min_size),
            info,
            limits,
            device,
            queue,
            compiled: RefCell::default(),
            compiling: Cell::default(),
            fault,
        })
    }

    /// Adapter name as shown to people.
    pub fn name(&self) -> String {
        let name = &self.info.name;
        if name.is_empty() { "WebGPU adapter".to_owned() } else { name.clone() }
    }

    /// True on a software adapter.
    pub fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// True on SwiftShader, where 64 copies of an epilogue take seconds to compile and a private array indexed by a
    /// variable costs little. On lavapipe it is the other way round (a pipeline took .7 s written out, 3 s as a
    /// loop), and on GPUs such arrays must be registers.
    pub fn prefers_loops(&self) -> bool {
        self.is_software() && self.info.driver != "llvmpipe"
    }

    /// Time spent waiting for compilers so far, and number of pipelines compiled.
    pub fn compiled(&self) -> (Duration, usize) {
        (self.compiling.get(), self.compiled.borrow().len())
    }

    /// The first error that no scope caught, or the loss of the device.
    ///
    /// # Errors
    /// [`Error::Device`] when there was one.
    pub fn check(&self) -> Result<()> {
        match self.fault.lock().map(|f| f.clone()) {
            Ok(Some(message)) => Err(Error::Device(DeviceProblem::Reported(message))),
            _ => Ok(()),
        }
    }

    /// Compiles a kernel, once for each set of constants.
    ///
    /// # Errors
    /// [`Error::Shader`] with the driver's message, file and line.
    pub async fn compile(
        &self,
        kernel: &'static Kernel,
        constants: &Constants,
    ) -> Result<Rc<Compiled>> {
        let key = (kernel.name, constants.clone());
        if let Some(found) = self.compiled.borrow().get(&key) {
            return Ok(found.clone());
        }
        let refused = |problem: ShaderProblem| Error::Shader {
            kernel: format!("{} ({})", kernel.name, kernel.file),
            problem,
        };
        let start = Instant::now();
        let specialised = constants.specialise(kernel.source);
        let mut text = specialised.map_err(|words| refused(ShaderProblem::Constants(words)))?;
        if text.contains("subgroupBroadcast(") {
            // Four lanes are a quad, whose broadcast is a shuffle: 15 to 25 % faster than a subgroup's, which
            // SwiftShader makes of masks and ors.
            if self.lanes == Some(4) {
                text = text.replace("subgroupBroadcast(", "quadBroadcast(");
            }
            // Browsers require the directive, naga does not know it.
            if cfg!(target_arch = "wasm32") {
                text.insert_str(0, "enable subgroups;\n");
            }
        }
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(kernel.file),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        let compiled = self.pipeline(kernel, &module);
        let error = scope.pop().await;
        self.compiling.set(self.compiling.get() + start.elapsed());
        if let Some(error) = error {
            let mut message = error.to_string();
            for m in module.get_compilation_info().await.messages {
                let line = m.location.map_or(0, |l| l.line_number);
                message.push_str(&format!("\n{}:{line}: {}", kernel.file, m.message));
            }
            return Err(refused(ShaderProblem::Refused(message)));
        }
        let compiled = Rc::new(compiled);
        self.compiled.borrow_mut().insert(key, compiled.clone());
        Ok(compiled)
    }

    fn pipeline(&self, kernel: &'static Kernel, module: &wgpu::ShaderModule) -> Compiled {
        let buffer = |binding: usize, ty| wgpu::BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let mut entries: Vec<_> = kernel
            .bindings
            .iter()
            .enumerate()
            .map(|(i, access)| {
                let read_only = *access == Access::Read;
                buffer(i, wgpu::BufferBindingType::Storage { read_only })
            })
            .collect();
        entries.push(buffer(kernel.bindings.len(), wgpu::BufferBindingType::Uniform));
        let layout = self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(kernel.name),
            entries: &entries,
        });
        let pipeline_layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(kernel.name),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name),
            layout: Some(&pipeline_layout),
            module,
            entry_point: Some(kernel.name),
            compilation_options: Default::default(),
            cache: None,
        });
        Compiled { pipeline, layout }
    }

    /// Waits until everything submitted so far is done.
    ///
    /// # Errors
    /// [`Error::Device`] when the device failed meanwhile.
    pub async fn finish(&self) -> Result<()> {
        let (sender, receiver) = futures_channel::oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            let _ = sender.send(());
        });
        self.poll();
        receiver.await.map_err(|_| Error::Device(DeviceProblem::Dropped))?;
        self.check()
    }

    /// Reads a range of a buffer back through a buffer made for it: for tests, inference and checkpoints, never in
    /// a step.
    ///
    /// # Errors
    /// [`Error::Device`] when the device is lost or the copy fails.
    pub async fn read(&self, buffer: &wgpu::Buffer, start: u64, bytes: u64) -> Result<Vec<u8>> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read-back"),
            size: bytes,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, start, &staging, 0, bytes);
        self.queue.submit([encoder.finish()]);
        let mapped = map(&staging);
        self.poll();
        mapped.await?;
        let view = staging
            .get_mapped_range(..)
            .map_err(|e| Error::Device(DeviceProblem::Unreadable(e.to_string())))?;
        let data = view.to_vec();
        drop(view);
        staging.unmap();
        Ok(data)
    }

    /// Lets a native device make progress until its queue is empty; the web needs no help.
    pub fn poll(&self) {
        #[cfg(not(target_arch = "wasm32"))]
        if let Err(e) = self.device.poll(wgpu::PollType::wait_indefinitely()) {
            keep(&self.fault, e.to_string());
        }
    }
}

/// Starts mapping a buffer for reading; resolves when its bytes are there.
pub fn map(buffer: &wgpu::Buffer) -> impl Future<Output = Result<()>> + use<> {
    let (sender, receiver) = futures_channel::oneshot::channel();
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        let _ = sender.send(result);
    });
    async move {
        match receiver.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(Error::Device(DeviceProblem::Unreadable(e.to_string()))),
            Err(_) => Err(Error::Device(DeviceProblem::Dropped)),
        }
    }
}

fn keep(fault: &Mutex<Option<String>>, message: String) {
    if let Ok(mut fault) = fault.lock() {
        fault.get_or_insert(message);
    }
}
