//! Compilation of kernels on a device. Invariants: a kernel is compiled once for each set of constants; what a driver
//! refuses is an error of that kernel, never the device's fault.

#[cfg(target_arch = "wasm32")]
use crate::gpu::browser;
use crate::gpu::device::Gpu;
use crate::gpu::kernel::{Access, Kernel};
use crate::gpu::params::Constants;
use dino_core::error::{Error, Result, ShaderProblem};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::rc::Rc;
use web_time::{Duration, Instant};

/// A pipeline and its bind group layout.
pub struct Compiled {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) layout: wgpu::BindGroupLayout,
}

/// A kernel and what specialises it.
pub type Wanted<'a> = (&'static Kernel, &'a Constants);

type Key = (&'static str, Constants);

/// Who hears how many shaders of how many are compiled.
type Listener = Box<dyn Fn(usize, usize)>;

/// What was compiled on a device, and how.
#[derive(Default)]
pub(super) struct Compiler {
    compiled: RefCell<HashMap<Key, Rc<Compiled>>>,
    /// Time spent waiting for compilers so far.
    time: Cell<Duration>,
    listener: RefCell<Option<Listener>>,
    /// What the driver refused, with its words.
    refused: RefCell<HashMap<Key, Error>>,
    /// Kernels that were replaced for it, with the driver's words.
    replaced: RefCell<BTreeMap<&'static str, String>>,
    #[cfg(target_arch = "wasm32")]
    device: Option<js_sys::Object>,
    #[cfg(target_arch = "wasm32")]
    pipelines: Option<browser::Pipelines>,
}

impl Compiler {
    /// With what the browser's device has beyond wgpu's.
    #[cfg(target_arch = "wasm32")]
    pub fn of(device: Option<js_sys::Object>) -> Self {
        let pipelines = device.as_ref().and_then(browser::Pipelines::of);
        Self { device, pipelines, ..Self::default() }
    }
}

/// What a pipeline is made of.
struct Parts {
    kernel: &'static Kernel,
    module: wgpu::ShaderModule,
    layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
}

/// A pipeline on its way.
struct Begun {
    parts: Parts,
    made: Made,
    /// The driver's words, if it refuses it.
    error: Pin<Box<dyn Future<Output = Option<String>>>>,
}

enum Made {
    Ready(wgpu::ComputePipeline),
    #[cfg(target_arch = "wasm32")]
    Coming(browser::Begun),
}

impl Gpu {
    /// Time spent waiting for compilers so far, and number of pipelines compiled.
    pub fn compiled(&self) -> (Duration, usize) {
        (self.compiler.time.get(), self.compiler.compiled.borrow().len())
    }

    /// Tells somebody from now on how many shaders of how many are compiled; or nobody.
    pub fn tell_compiled(&self, listener: Option<Listener>) {
        self.compiler.listener.replace(listener);
    }

    /// True if the driver refused this kernel with these constants.
    pub(super) fn refuses(&self, kernel: &Kernel, constants: &Constants) -> bool {
        let refused = self.compiler.refused.borrow();
        !refused.is_empty() && refused.contains_key(&(kernel.name, constants.clone()))
    }

    /// Notes that a refused kernel was replaced by another.
    pub(super) fn note_replaced(&self, kernel: &Kernel, constants: &Constants) {
        let refused = self.compiler.refused.borrow();
        if let Some(error) = refused.get(&(kernel.name, constants.clone())) {
            self.compiler.replaced.borrow_mut().entry(kernel.name).or_insert(error.to_string());
        }
    }

    /// Kernels that were replaced since the last call, because the driver refused them: a sentence each.
    pub fn take_replaced(&self) -> Vec<String> {
        let replaced = self.compiler.replaced.take().into_iter();
        replaced
            .map(|(_, error)| format!("A slower shader is used on this adapter: {error}."))
            .collect()
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
        let all = self.compile_all(&[(kernel, constants)]).await;
        all.into_iter().next().unwrap_or_else(|| Err(refused(kernel, String::new())))
    }

    /// Compiles kernels, beside each other where the browser can; the outcomes in their order.
    pub async fn compile_all(&self, wanted: &[Wanted<'_>]) -> Vec<Result<Rc<Compiled>>> {
        let start = Instant::now();
        let mut begun: Vec<(Key, Result<Begun>)> = Vec::new();
        for (kernel, constants) in wanted {
            let key = (kernel.name, (*constants).clone());
            let known = self.compiler.compiled.borrow().contains_key(&key)
                || self.compiler.refused.borrow().contains_key(&key);
            if !known && begun.iter().all(|(other, _)| *other != key) {
                begun.push((key, self.begin(kernel, constants)));
            }
        }
        let total = begun.len();
        for (done, (key, begun)) in begun.into_iter().enumerate() {
            self.tell(done, total);
            let outcome = match begun {
                Ok(begun) => self.end(begun).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(compiled) => {
                    self.compiler.compiled.borrow_mut().insert(key, Rc::new(compiled));
                }
                // A device that is lost refuses everything.
                Err(error) => {
                    self.compiler.refused.borrow_mut().insert(key, error);
                }
            }
        }
        self.tell(total, total);
        self.compiler.time.set(self.compiler.time.get() + start.elapsed());
        let (compiled, failed) = (self.compiler.compiled.borrow(), self.compiler.refused.borrow());
        let outcome = |(kernel, constants): &Wanted<'_>| {
            let key = (kernel.name, (*constants).clone());
            let error = || failed.get(&key).cloned();
            let unknown = || refused(kernel, String::new());
            compiled.get(&key).cloned().ok_or_else(|| error().unwrap_or_else(unknown))
        };
        wanted.iter().map(outcome).collect()
    }

    fn tell(&self, done: usize, total: usize) {
        if let Some(listener) = self.compiler.listener.borrow().as_ref().filter(|_| total > 0) {
            listener(done, total);
        }
    }

    /// Hands a kernel to the driver.
    fn begin(&self, kernel: &'static Kernel, constants: &Constants) -> Result<Begun> {
        let specialised = constants.specialise(kernel.source);
        let mut text =
            specialised.map_err(|words| problem(kernel, ShaderProblem::Constants(words)))?;
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
        #[cfg(target_arch = "wasm32")]
        let internal = self.compiler.device.as_ref().and_then(browser::InternalScope::open);
        #[cfg(not(target_arch = "wasm32"))]
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(kernel.file),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        let parts = self.parts(kernel, module);
        #[cfg(target_arch = "wasm32")]
        let made = {
            let pipelines = self.compiler.pipelines.as_ref();
            let begun = pipelines.and_then(|all| all.begin(|| self.pipeline(&parts)));
            begun.map_or_else(|| Made::Ready(self.pipeline(&parts)), Made::Coming)
        };
        #[cfg(not(target_arch = "wasm32"))]
        let made = Made::Ready(self.pipeline(&parts));
        let invalid = validation.pop();
        #[cfg(target_arch = "wasm32")]
        let internal = internal.map(browser::InternalScope::close);
        #[cfg(not(target_arch = "wasm32"))]
        let internal = internal.pop();
        let error = Box::pin(async move {
            let invalid = invalid.await.map(|error| error.to_string());
            #[cfg(target_arch = "wasm32")]
            let internal = match internal {
                Some(internal) => internal.await,
                None => None,
            };
            #[cfg(not(target_arch = "wasm32"))]
            let internal = internal.await.map(|error| error.to_string());
            invalid.or(internal)
        });
        Ok(Begun { parts, made, error })
    }

    /// Waits for the driver.
    async fn end(&self, begun: Begun) -> Result<Compiled> {
        let Begun { parts, made, error } = begun;
        let made = match made {
            Made::Ready(pipeline) => Ok(pipeline),
            #[cfg(target_arch = "wasm32")]
            Made::Coming(begun) => match &self.compiler.pipelines {
                Some(all) => all.end(begun, || self.pipeline(&parts)).await,
                None => Ok(self.pipeline(&parts)),
            },
        };
        let made: std::result::Result<_, String> = made;
        let pipeline = match (error.await, made) {
            (None, Ok(pipeline)) => pipeline,
            (Some(mut message), _) | (None, Err(mut message)) => {
                for m in parts.module.get_compilation_info().await.messages {
                    let line = m.location.map_or(0, |l| l.line_number);
                    message.push_str(&format!("\n{}:{line}: {}", parts.kernel.file, m.message));
                }
                return Err(refused(parts.kernel, message));
            }
        };
        Ok(Compiled { pipeline, layout: parts.layout })
    }

    fn parts(&self, kernel: &'static Kernel, module: wgpu::ShaderModule) -> Parts {
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
        Parts { kernel, module, layout, pipeline_layout }
    }

    fn pipeline(&self, parts: &Parts) -> wgpu::ComputePipeline {
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(parts.kernel.name),
            layout: Some(&parts.pipeline_layout),
            module: &parts.module,
            entry_point: Some(parts.kernel.name),
            compilation_options: Default::default(),
            cache: None,
        })
    }
}

fn problem(kernel: &Kernel, problem: ShaderProblem) -> Error {
    Error::Shader { kernel: format!("{} ({})", kernel.name, kernel.file), problem }
}

fn refused(kernel: &Kernel, words: String) -> Error {
    problem(kernel, ShaderProblem::Refused(words))
}
