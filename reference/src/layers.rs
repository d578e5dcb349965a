//! Linear and LayerNorm, the two layers that all modules consist of, in the checkpoint's layout, and the reader
//! that fills them. burn's own layers store the transpose (`Linear`) or other names (`LayerNorm`: gamma, beta).
//! Invariant: a field's path in the module tree is the tensor's name in the checkpoint.

use crate::array::{Tensors, find};
use crate::error::Result;
use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorCreationOptions, module::linear};

/// ε of every LayerNorm: the checkpoints were trained with it.
const EPSILON: f64 = 1e-6;

/// Reader of parameters by name, on one device and in one precision.
pub struct Reader<'a> {
    pub tensors: &'a Tensors,
    pub options: &'a TensorCreationOptions,
}

impl Reader<'_> {
    /// The parameter `name`, which must have this shape.
    ///
    /// # Errors
    /// [`Error::Tensor`](crate::Error::Tensor) when it is missing or of another shape.
    pub fn read<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Param<Tensor<D>>> {
        Ok(Param::from_tensor(find(self.tensors, name, &shape)?.tensor(self.options)))
    }
}

/// `y = x Wᵀ + b`.
#[derive(Module, Debug)]
pub struct Linear {
    weight: Param<Tensor<2>>, // (out, in)
    bias: Param<Tensor<1>>,   // (out)
}

impl Linear {
    /// The linear layer `name`.
    ///
    /// # Errors
    /// Those of [`Reader::read`].
    pub fn read(reader: &Reader, name: &str, d_in: usize, d_out: usize) -> Result<Self> {
        Ok(Self {
            weight: reader.read(&format!("{name}.weight"), [d_out, d_in])?,
            bias: reader.read(&format!("{name}.bias"), [d_out])?,
        })
    }

    /// (…, in) to (…, out).
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        linear(x, self.weight.val().transpose(), Some(self.bias.val()))
    }
}

/// `y = (x − mean) / √(var + ε) · weight + bias` over the last axis.
#[derive(Module, Debug)]
pub struct LayerNorm {
    weight: Param<Tensor<1>>, // (D)
    bias: Param<Tensor<1>>,   // (D)
}

impl LayerNorm {
    /// The LayerNorm `name`.
    ///
    /// # Errors
    /// Those of [`Reader::read`].
    pub fn read(reader: &Reader, name: &str, width: usize) -> Result<Self> {
        Ok(Self {
            weight: reader.read(&format!("{name}.weight"), [width])?,
            bias: reader.read(&format!("{name}.bias"), [width])?,
        })
    }

    /// (…, D) to (…, D).
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let centred = x.clone() - x.mean_dim(D - 1);
        let variance = centred.clone().square().mean_dim(D - 1);
        centred / (variance + EPSILON).sqrt() * self.weight.val().unsqueeze()
            + self.bias.val().unsqueeze()
    }
}
