//! Named arrays outside burn: what files hold and what the optimiser works on. Invariant: an
//! [`Array`] has as many values as its shape says.

use crate::error::{Error, Result};
use burn::tensor::{Tensor, TensorCreationOptions, TensorData};
use std::collections::BTreeMap;

/// Tensors by their checkpoint names, in a fixed order.
pub type Tensors = BTreeMap<String, Array>;

/// A dense row-major array in float64.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Array {
    /// An array of `shape` with these values.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the number of values is not the product of the shape.
    pub fn new(name: &str, shape: &[usize], values: Vec<f64>) -> Result<Self> {
        if shape.iter().product::<usize>() == values.len() {
            Ok(Self { shape: shape.to_vec(), values })
        } else {
            Err(Error::Tensor {
                name: name.to_owned(),
                expected: format!("values for the shape {shape:?}"),
                found: format!("{} values", values.len()),
            })
        }
    }

    /// An array filled by `value`, called once an element in row-major order.
    pub fn fill(shape: &[usize], mut value: impl FnMut() -> f64) -> Self {
        let count = shape.iter().product();
        Self { shape: shape.to_vec(), values: (0..count).map(|_| value()).collect() }
    }

    /// The values of a burn tensor.
    pub(crate) fn of<const D: usize>(name: &str, tensor: Tensor<D>) -> Result<Self> {
        let shape = tensor.dims();
        let values = tensor.try_into_vec_as::<f64>().map_err(|error| Error::Tensor {
            name: name.to_owned(),
            expected: "values readable as float64".to_owned(),
            found: error.to_string(),
        })?;
        Self::new(name, &shape, values)
    }

    /// The same values as a burn tensor of rank D, which must be this array's rank.
    pub(crate) fn tensor<const D: usize>(&self, options: &TensorCreationOptions) -> Tensor<D> {
        let data = TensorData::new(self.values.clone(), self.shape.clone());
        Tensor::from_data(data, options.clone())
    }

    /// This array, if it has the expected shape.
    ///
    /// # Errors
    /// [`Error::Tensor`] with both shapes.
    pub fn expect(&self, name: &str, shape: &[usize]) -> Result<&Self> {
        if self.shape == shape {
            Ok(self)
        } else {
            Err(Error::Tensor {
                name: name.to_owned(),
                expected: format!("shape {shape:?}"),
                found: format!("shape {:?}", self.shape),
            })
        }
    }

    /// Length of every axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// All values, row-major.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    #[cfg(feature = "flex")]
    pub(crate) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// Euclidean norm of all values.
    pub fn norm(&self) -> f64 {
        self.values.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    /// Euclidean norm of the difference to an array of the same number of values; infinite for
    /// another number.
    pub fn distance(&self, other: &Self) -> f64 {
        if self.values.len() != other.values.len() {
            return f64::INFINITY;
        }
        self.values.iter().zip(&other.values).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    }
}

/// The tensor of this name and shape.
///
/// # Errors
/// [`Error::Tensor`] when it is missing or of another shape.
pub(crate) fn find<'a>(tensors: &'a Tensors, name: &str, shape: &[usize]) -> Result<&'a Array> {
    let missing = || Error::Tensor {
        name: name.to_owned(),
        expected: format!("shape {shape:?}"),
        found: "nothing".to_owned(),
    };
    tensors.get(name).ok_or_else(missing)?.expect(name, shape)
}
