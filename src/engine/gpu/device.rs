//! Device: a WebGPU adapter in use, with its limits and compiled kernels, natively and on the web. Invariant:
//! every error of the driver is caught in a scope, or kept: the loss of the device and errors of the driver's own as its
//! fault, any other as a stray error, which ends no run.

pub use crate::gpu::compile::Compiled;
pub use crate::gpu::program::Program;
pub use crate::gpu::wait::map;

#[cfg(target_arch = "wasm32")]
use crate::gpu::browser;
use crate::gpu::compile::Compiler;
use crate::gpu::limits::Limits;
use crate::gpu::wait::Waits;
use dino_core::error::{DeviceProblem, Error, Result};
use std::cell::Cell;
use std::sync::{Arc, Mutex};

/// A device with all kernels compiled on it so far.
pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub info: wgpu::AdapterInfo,
    pub limits: wgpu::Limits,
    /// What a browser's adapter says of itself.
    pub words: AdapterWords,
    /// Lanes of a subgroup, where all subgroups have the same number and shaders may use them.
    pub lanes: Option<u32>,
    pub(super) compiler: Compiler,
    pub(super) waits: Cell<Waits>,
    /// Bytes that the buffers of a run may have together.
    memory: Cell<u64>,
    troubles: Arc<Mutex<Troubles>>,
}

/// What an adapter of a browser says of itself; empty natively, and where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdapterWords {
    pub vendor: String,
    pub architecture: String,
    pub device: String,
    pub description: String,
}

/// Errors that no scope caught.
#[derive(Default)]
struct Troubles {
    /// The first that ends the use of the device.
    fault: Option<DeviceProblem>,
    /// Others.
    stray: Vec<String>,
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
        let asked = browser::ask().await;
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
        let troubles = Arc::<Mutex<Troubles>>::default();
        #[cfg(target_arch = "wasm32")]
        let (has_subgroups, words, compiler) = {
            let own = asked.as_ref().and_then(browser::Asked::device);
            if let Some(device) = &own {
                let internal = troubles.clone();
                browser::listen(device, move |words| {
                    fault(&internal, DeviceProblem::Reported(words));
                });
            }
            let has_subgroups = asked.as_ref().is_some_and(|asked| asked.subgroups);
            let words = asked.map(|asked| asked.words.clone()).unwrap_or_default();
            (has_subgroups, words, Compiler::of(own))
        };
        #[cfg(not(target_arch = "wasm32"))]
        let (has_subgroups, words, compiler) =
            (!subgroups.is_empty(), AdapterWords::default(), Compiler::default());
        let (uncaptured, lost) = (troubles.clone(), troubles.clone());
        device.on_uncaptured_error(Arc::new(move |e: wgpu::Error| match e {
            wgpu::Error::OutOfMemory { .. } => {
                fault(&uncaptured, DeviceProblem::OutOfMemory { bytes: 0 })
            }
            wgpu::Error::Validation { .. } => stray(&uncaptured, e.to_string()),
            wgpu::Error::Internal { .. } => {
                fault(&uncaptured, DeviceProblem::Reported(e.to_string()));
            }
        }));
        device.set_device_lost_callback(move |reason, message| {
            let words = format!("device lost ({reason:?}): {message}");
            fault(&lost, DeviceProblem::Reported(words));
        });
        let info = adapter.get_info();
        let fixed = info.subgroup_min_size == info.subgroup_max_size;
        let gpu = Self {
            lanes: (fixed && has_subgroups && info.subgroup_min_size > 0)
                .then_some(info.subgroup_min_size),
            info,
            words,
            limits,
            device,
            queue,
            compiler,
            waits: Cell::default(),
            memory: Cell::new(Limits::DEFAULT.total),
            troubles,
        };
        gpu.time_waits().await?;
        Ok(gpu)
    }

    /// Adapter name as shown to people.
    pub fn name(&self) -> String {
        let words = [&self.words.vendor, &self.words.architecture, &self.words.description];
        let words: Vec<&str> =
            words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        let name = if words.is_empty() { self.info.name.clone() } else { words.join(" ") };
        if name.is_empty() { "WebGPU adapter".to_owned() } else { name }
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

    /// Limits for plans on this device.
    pub fn bounds(&self) -> Limits {
        Limits { total: self.memory.get(), ..Limits::of(&self.limits) }
    }

    /// Sets how many bytes the buffers of a run may have together.
    pub fn allow(&self, bytes: u64) {
        self.memory.set(bytes);
    }

    /// The loss of the device, or an error of the driver that no scope caught.
    ///
    /// # Errors
    /// [`Error::Device`] when there was one.
    pub fn check(&self) -> Result<()> {
        match self.troubles.lock().map(|troubles| troubles.fault.clone()) {
            Ok(Some(problem)) => Err(Error::Device(problem)),
            _ => Ok(()),
        }
    }

    /// Errors that no scope caught and that end no run, since the last call: a command was not carried out.
    pub fn take_strays(&self) -> Vec<String> {
        self.troubles.lock().map(|mut all| std::mem::take(&mut all.stray)).unwrap_or_default()
    }

    /// Lets a native device make progress until its queue is empty; the web needs no help.
    pub fn poll(&self) {
        #[cfg(not(target_arch = "wasm32"))]
        if let Err(e) = self.device.poll(wgpu::PollType::wait_indefinitely()) {
            fault(&self.troubles, DeviceProblem::Reported(e.to_string()));
        }
    }
}

fn fault(troubles: &Mutex<Troubles>, problem: DeviceProblem) {
    if let Ok(mut troubles) = troubles.lock() {
        troubles.fault.get_or_insert(problem);
    }
}

fn stray(troubles: &Mutex<Troubles>, words: String) {
    if let Ok(mut troubles) = troubles.lock() {
        troubles.stray.push(words);
    }
}
