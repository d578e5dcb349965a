//! One DINO step on burn-wgpu, as a peer of the engine: the referee's modules with automatic
//! gradients, doing what benches/peers/README.md says that every peer does. Invariant: a step ends
//! when its loss is on the host, and nothing else is read back.

mod adam;

use crate::array::{Array, Tensors};
use crate::error::{Error, Result};
use crate::head::{Mlp, embed, read_mlp};
use crate::layers::Reader;
use crate::settings::Settings;
use crate::vit::VisionTransformer;
use crate::work;
use adam::AdamW;
use burn::module::{Module, Param};
use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{DType, Device, Tensor, TensorCreationOptions};

/// The network without a weight norm.
#[derive(Module, Debug)]
struct Network {
    backbone: VisionTransformer,
    head: Mlp,
    last_layer: Param<Tensor<2>>, // (bottleneck, K)
}

impl Network {
    fn read(
        tensors: &Tensors,
        options: &TensorCreationOptions,
        settings: &Settings,
    ) -> Result<Self> {
        let (reader, head) = (Reader { tensors, options }, &settings.head);
        let shape = [head.bottleneck_dim, head.out_dim];
        Ok(Self {
            backbone: VisionTransformer::read(&reader, settings)?,
            head: read_mlp(&reader, settings)?,
            last_layer: reader.read("head.last_layer.weight", shape)?,
        })
    }

    /// Logits (rows of all crops, K): one pass a resolution, one of the head.
    fn forward(&self, crops: &[Tensor<3>]) -> Tensor<2> {
        let encode = |crops: &Tensor<3>| self.backbone.forward_patches(crops.clone());
        let features = Tensor::cat(crops.iter().map(encode).collect(), 0);
        embed(&self.head, features).matmul(self.last_layer.val())
    }
}

/// A training run on its device, between two steps.
pub struct Peer {
    settings: Settings,
    student: Network,
    teacher: Network,
    optimiser: AdamW,
    center: Tensor<2>,     // (1, K)
    globals: Tensor<3>,    // (2·B, patches, 3·patch²)
    crops: [Tensor<3>; 2], // globals and locals, for automatic gradients
}

impl Peer {
    /// burn-wgpu's default device: the adapter that WebGPU calls the fastest.
    ///
    /// # Errors
    /// [`Error::Device`] when there is none, or it was asked for before.
    pub async fn device() -> Result<Device> {
        let device = Device::wgpu_options().init_async().await;
        device.map_err(|e| Error::Device(e.to_string()))
    }

    /// The work of this name, ready for its first step.
    ///
    /// # Errors
    /// [`Error::Settings`] when there is no such work.
    pub fn new(device: &Device, name: &str) -> Result<Self> {
        let settings = work::settings(name).ok_or_else(|| Error::Settings {
            field: "work",
            message: format!("expected one of {:?}, found `{name}`", work::NAMES),
        })?;
        let options = |device| TensorCreationOptions::new(device).with_dtype(DType::F32);
        let (plain, tracked) = (options(device.clone()), options(device.clone().autodiff()));
        let parameters = work::parameters(&settings)?;
        let [globals, locals] = work::crops(&settings)?;
        let k = settings.head.out_dim;
        Ok(Self {
            student: Network::read(&parameters, &tracked, &settings)?,
            teacher: Network::read(&parameters, &plain, &settings)?,
            optimiser: AdamW::new(settings.lr, settings.weight_decay),
            center: Array::new("center", &[1, k], vec![0.0; k])?.tensor(&plain),
            globals: globals.tensor(&plain),
            crops: [globals.tensor(&tracked), locals.tensor(&tracked)],
            settings,
        })
    }

    /// One step, and its loss.
    ///
    /// # Errors
    /// [`Error::Device`] when the loss cannot be read.
    pub async fn step(mut self) -> Result<(Self, f32)> {
        let (batch, n_local) = (self.settings.batch, self.settings.crops.n_local);
        let logits = self.teacher.forward(std::slice::from_ref(&self.globals)); // (2B, K)
        let centred = logits.clone() - self.center.clone();
        let q = softmax(centred / self.settings.teacher_temp, 1);
        let (q1, q2) = (q.clone().narrow(0, 0, batch), q.narrow(0, batch, batch));
        // Each student view is compared with the teacher's other views.
        let both = q1.clone() + q2.clone();
        let others = std::iter::repeat_n(both, n_local);
        let wanted = Tensor::cat([q2, q1].into_iter().chain(others).collect(), 0); // ((2+L)B, K)

        let logits_student = self.student.forward(&self.crops);
        let log_p = log_softmax(logits_student / self.settings.student_temp, 1);
        let pairs = 2 * (self.settings.views() - 1);
        let scale = -1.0 / (pairs * batch) as f64;
        let loss = (Tensor::from_inner(wanted) * log_p).sum() * scale;

        let gradients = loss.backward();
        self.student = self.optimiser.step(self.student, gradients);
        let m = self.settings.center_momentum;
        self.center = self.center * m + logits.mean_dim(0) * (1.0 - m);
        let loss = loss.inner().try_into_scalar_async::<f32>().await;
        Ok((self, loss.map_err(|e| Error::Device(e.to_string()))?))
    }
}
