//! AdamW over a module's parameters on the device. burn's own decays every parameter, the peers only
//! those with more than one axis. Invariant: a parameter without a gradient does not move.

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Gradients, Tensor};
use std::any::Any;
use std::collections::HashMap;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Adam's moments of every parameter, and the number of steps.
pub struct AdamW {
    lr: f64,
    decay: f64,
    steps: i32,
    /// `[Tensor<D>; 2]` of a parameter of rank D.
    moments: HashMap<ParamId, Box<dyn Any>>,
}

impl AdamW {
    pub fn new(lr: f64, decay: f64) -> Self {
        Self { lr, decay, steps: 0, moments: HashMap::new() }
    }

    /// The module after one more step.
    pub fn step<M: Module>(&mut self, module: M, gradients: Gradients) -> M {
        self.steps += 1;
        module.map(&mut Update { optimiser: self, gradients })
    }

    fn updated<const D: usize>(&mut self, id: ParamId, p: Tensor<D>, g: Tensor<D>) -> Tensor<D> {
        let old = self.moments.remove(&id).and_then(|old| old.downcast::<[Tensor<D>; 2]>().ok());
        let [m, v] = match old {
            Some(old) => {
                let [m, v] = *old;
                let square = g.clone().square() * (1.0 - BETA2);
                [m * BETA1 + g * (1.0 - BETA1), v * BETA2 + square]
            }
            None => [g.clone() * (1.0 - BETA1), g.square() * (1.0 - BETA2)],
        };
        self.moments.insert(id, Box::new([m.clone(), v.clone()]));
        let rate = self.lr / (1.0 - BETA1.powi(self.steps));
        let root = (v / (1.0 - BETA2.powi(self.steps))).sqrt() + EPSILON;
        let kept = if D > 1 { p * (1.0 - self.lr * self.decay) } else { p };
        kept - m * rate / root
    }
}

struct Update<'a> {
    optimiser: &'a mut AdamW,
    gradients: Gradients,
}

impl ModuleMapper for Update<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = parameter.consume();
        let tensor = match tensor.grad_remove(&mut self.gradients) {
            Some(gradient) => {
                let moved = self.optimiser.updated(id, tensor.inner(), gradient);
                Tensor::from_inner(moved).require_grad()
            }
            None => tensor,
        };
        Param::from_mapped_value(id, tensor, mapper)
    }
}
