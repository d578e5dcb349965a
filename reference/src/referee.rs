//! Referee of one step: teacher and student forward, the loss over all crop pairs, and the gradient of every
//! student parameter by automatic differentiation. Invariant: float64 throughout.

use crate::array::{Array, Tensors};
use crate::error::{Error, Result};
use crate::head::DinoHead;
use crate::layers::Reader;
use crate::settings::Settings;
use crate::vit::{Encoded, VisionTransformer};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{DType, Device, Gradients, Tensor, TensorCreationOptions};

/// Backbone and head; the paths of its fields are the checkpoint's names.
#[derive(Module, Debug)]
struct Network {
    backbone: VisionTransformer,
    head: DinoHead,
}

/// Inputs of one step.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    pub settings: &'a Settings,
    pub student: &'a Tensors,
    pub teacher: &'a Tensors,
    /// Global crops (2B, 3, G, G), rows `[g1; g2]`, normalised.
    pub global: &'a Array,
    /// Local crops (L·B, 3, l, l), rows `[l1; …; lL]`; none without locals.
    pub local: Option<&'a Array>,
    /// The centre before this step, K values.
    pub center: &'a [f64],
    /// The teacher's temperature at this step.
    pub teacher_temp: f64,
    /// Drop-path scales (0, or 1/keep) of the student, `[block][branch][crop]` flattened, branches
    /// attention then MLP, crops `[g1; g2; l1; …; lL]`; none scales by 1.
    pub drop_path: Option<&'a [f64]>,
}

/// Results of one step.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub loss: f64,
    /// (2B, K), before centring.
    pub teacher_logits: Array,
    /// ((2+L)·B, K).
    pub student_logits: Array,
    /// The student's CLS features of the first global crops (B, D).
    pub features: Array,
    /// The student's last attention on the first global crops (B, heads, N+1, N+1).
    pub attention: Array,
    /// Positions of the local crops (1, n+1, D).
    pub pos_embed_local: Option<Array>,
    /// Of all trainable student parameters, before clipping.
    pub gradients: Tensors,
}

/// The network on a device, by default the CPU, in float64.
pub struct Referee {
    plain: TensorCreationOptions,
    tracked: TensorCreationOptions,
}

#[cfg(feature = "flex")]
impl Default for Referee {
    fn default() -> Self {
        Self::on(&Device::flex())
    }
}

impl Referee {
    /// On a device that knows float64.
    pub fn on(device: &Device) -> Self {
        let options = |device| TensorCreationOptions::new(device).with_dtype(DType::F64);
        Self { plain: options(device.clone()), tracked: options(device.clone().autodiff()) }
    }

    /// Runs one step up to the gradients; nothing is updated.
    ///
    /// # Errors
    /// [`Error::Tensor`] for a tensor that is missing or of the wrong shape, [`Error::Settings`] for
    /// sizes that contradict each other.
    pub fn run(&self, case: &Case) -> Result<Outcome> {
        let settings = case.settings;
        settings.validate()?;
        let (batch, n_local) = (settings.batch, settings.crops.n_local);
        let global = crops("global", case.global, 2 * batch, settings.crops.global_size)?;

        let teacher = Network::read(case.teacher, &self.plain, settings)?;
        let encoded = teacher.backbone.forward(global.tensor(&self.plain), None);
        let teacher_logits = teacher.head.forward(encoded.features); // (2B, K)
        let center = Array::new("center", &[1, settings.head.out_dim], case.center.to_vec())?;
        let centred = teacher_logits.clone() - center.tensor(&self.plain);
        let targets = softmax(centred / case.teacher_temp, 1);

        let student = Network::read(case.student, &self.tracked, settings)?;
        let encode = |crops: &Array, first: usize| -> Result<Encoded> {
            let scales = case.scales(first, crops.shape()[0], &self.plain)?;
            Ok(student.backbone.forward(crops.tensor(&self.tracked), scales.as_deref()))
        };
        let encoded = encode(global, 0)?;
        let mut features = vec![encoded.features.clone()];
        if n_local > 0 {
            let local = case.local.ok_or_else(|| missing("local"))?;
            let local = crops("local", local, n_local * batch, settings.crops.local_size)?;
            features.push(encode(local, 2 * batch)?.features);
        }
        let student_logits = student.head.forward(Tensor::cat(features, 0)); // ((2+L)·B, K)

        let loss = dino_loss(settings, targets, student_logits.clone());
        let gradients = collect(&student, &loss)?;
        let local_grid = settings.grid(settings.crops.local_size);
        let attention = encoded.attention.ok_or_else(|| missing("attention"))?;
        Ok(Outcome {
            loss: Array::of("loss", loss)?.values().iter().sum(),
            teacher_logits: Array::of("teacher_logits", teacher_logits)?,
            student_logits: Array::of("student_logits", student_logits)?,
            features: Array::of("features", encoded.features.narrow(0, 0, batch))?,
            attention: Array::of("attention", attention.narrow(0, 0, batch))?,
            pos_embed_local: (n_local > 0)
                .then(|| Array::of("pos_embed_local", student.backbone.positions(local_grid)))
                .transpose()?,
            gradients,
        })
    }
}

impl Network {
    fn read(
        tensors: &Tensors,
        options: &TensorCreationOptions,
        settings: &Settings,
    ) -> Result<Self> {
        let reader = Reader { tensors, options };
        Ok(Self {
            backbone: VisionTransformer::read(&reader, settings)?,
            head: DinoHead::read(&reader, settings)?,
        })
    }
}

impl Case<'_> {
    /// Drop-path scales of crops `first..first + count`, per block and branch, each (count, 1, 1).
    fn scales(
        &self,
        first: usize,
        count: usize,
        options: &TensorCreationOptions,
    ) -> Result<Option<Vec<[Tensor<3>; 2]>>> {
        let Some(values) = self.drop_path else { return Ok(None) };
        let (depth, all) = (self.settings.vit.depth, self.settings.views() * self.settings.batch);
        let scales = Array::new("drop_path", &[depth, 2, all, 1, 1], values.to_vec())?;
        let scales: Tensor<5> = scales.tensor(options);
        let scales = scales.narrow(2, first, count);
        let branch = |block: usize, branch: usize| {
            let one = scales.clone().narrow(0, block, 1).narrow(1, branch, 1);
            one.reshape([count, 1, 1])
        };
        Ok(Some((0..depth).map(|block| [branch(block, 0), branch(block, 1)]).collect()))
    }
}

/// Cross-entropy of every student view against every teacher view but its own, the mean over pairs
/// and images. `targets` (2B, K) are probabilities, `student_logits` is ((2+L)·B, K).
fn dino_loss(settings: &Settings, targets: Tensor<2>, student_logits: Tensor<2>) -> Tensor<1> {
    let (batch, views) = (settings.batch, settings.views());
    let log_p = log_softmax(student_logits / settings.student_temp, 1);
    let mut pairs = Vec::new();
    for teacher in 0..2 {
        let q = targets.clone().narrow(0, teacher * batch, batch);
        for student in (0..views).filter(|&student| student != teacher) {
            let log_p = log_p.clone().narrow(0, student * batch, batch);
            pairs.push((q.clone() * log_p).sum().neg() / batch as f64);
        }
    }
    let count = pairs.len() as f64; // 2L + 2
    Tensor::cat(pairs, 0).sum() / count
}

/// Gradients of `loss` for all parameters of `student` that have one.
fn collect(student: &Network, loss: &Tensor<1>) -> Result<Tensors> {
    let (path, found) = (Vec::new(), Ok(Tensors::new()));
    let mut collector = Collector { gradients: loss.backward(), path, found };
    student.visit(&mut collector);
    collector.found
}

/// Walks the module tree; the path of field names is the checkpoint's name.
struct Collector {
    gradients: Gradients,
    path: Vec<String>,
    found: Result<Tensors>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let name = self.path.join(".");
        let gradient = parameter.val().grad_remove(&mut self.gradients);
        if let (Some(gradient), Ok(found)) = (gradient, &mut self.found) {
            match Array::of(&name, gradient) {
                Ok(array) => drop(found.insert(name, array)),
                Err(error) => self.found = Err(error),
            }
        }
    }
}

/// `array` as `count` square RGB crops of `size` pixels.
fn crops<'a>(name: &str, array: &'a Array, count: usize, size: usize) -> Result<&'a Array> {
    array.expect(name, &[count, 3, size, size])
}

fn missing(name: &str) -> Error {
    let (expected, found) = ("a tensor".to_owned(), "nothing".to_owned());
    Error::Tensor { name: name.to_owned(), expected, found }
}
