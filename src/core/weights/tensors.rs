//! Named tensors on the host, in and out of safetensors files. Invariant: what [`read`] returns is
//! whole and finite; everything else is refused with the tensor, what was expected and what came.

use crate::error::{Error, FileProblem, Result, TensorProblem};
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensorError, SafeTensors, View};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A tensor of 32-bit floats, row-major; `data` has the product of `shape` values.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// Tensors by name.
pub type Tensors = BTreeMap<String, Tensor>;

impl Tensor {
    /// A tensor filled with one value.
    pub fn full(shape: &[usize], value: f32) -> Self {
        Self { shape: shape.to_vec(), data: vec![value; shape.iter().product()] }
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// [`Error::Tensor`] under `name` when it differs.
    pub fn expect(&self, name: &str, shape: &[usize]) -> Result<()> {
        self.fits(shape).map_err(|problem| Error::tensor(name, problem))
    }

    /// The same for a tensor of a file.
    ///
    /// # Errors
    /// [`Error::Tensor`] under `file` and `name` when it differs.
    pub fn expect_in(&self, file: &str, name: &str, shape: &[usize]) -> Result<()> {
        self.fits(shape).map_err(|problem| Error::tensor_in(file, name, problem))
    }

    fn fits(&self, shape: &[usize]) -> std::result::Result<(), TensorProblem> {
        if self.shape == shape {
            return Ok(());
        }
        Err(TensorProblem::Shape { expected: shape.to_vec(), found: self.shape.clone() })
    }

    /// Checks that all values are finite.
    pub(crate) fn finite(&self) -> std::result::Result<(), TensorProblem> {
        match self.data.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(at) => {
                let (value, count) = (self.data[at], self.data.len());
                Err(TensorProblem::NotFinite { value, at, count })
            }
        }
    }
}

/// A tensor that must be there with this shape.
///
/// # Errors
/// [`Error::Tensor`] that names the file and the tensor.
pub fn find<'a>(
    file: &str,
    tensors: &'a Tensors,
    name: &str,
    shape: &[usize],
) -> Result<&'a Tensor> {
    let Some(tensor) = tensors.get(name) else {
        let problem = TensorProblem::Missing { shape: shape.to_vec() };
        return Err(Error::tensor_in(file, name, problem));
    };
    tensor.expect_in(file, name, shape)?;
    Ok(tensor)
}

/// Reads a safetensors file; F16, BF16 and F64 become F32. Returns the tensors and the metadata.
///
/// # Errors
/// [`Error::File`] or [`Error::Tensor`] when the file is truncated, its header is not valid, two
/// tensors overlap, bytes are left over, a type is not a float or a value is not finite.
pub fn read(file: &str, bytes: &[u8]) -> Result<(Tensors, BTreeMap<String, String>)> {
    check(file, bytes)?;
    let invalid = |e: SafeTensorError| Error::file(file, FileProblem::Safetensors(e.to_string()));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(invalid)?;
    let views = SafeTensors::deserialize(bytes).map_err(invalid)?;
    let mut tensors = Tensors::new();
    for (name, view) in views.iter() {
        let data = floats(view.dtype(), view.data());
        let tensor = Tensor { shape: view.shape().to_vec(), data };
        tensor.finite().map_err(|problem| Error::tensor_in(file, name, problem))?;
        tensors.insert(name.to_owned(), tensor);
    }
    let metadata = header.metadata().iter().flatten();
    Ok((tensors, metadata.map(|(k, v)| (k.clone(), v.clone())).collect()))
}

/// The bytes of a safetensors file with these tensors and metadata.
///
/// # Errors
/// [`Error::File`] when the header would be too large.
pub fn write(file: &str, tensors: &Tensors, metadata: BTreeMap<String, String>) -> Result<Vec<u8>> {
    safetensors::serialize(tensors, Some(metadata.into_iter().collect()))
        .map_err(|e| Error::file(file, FileProblem::Unwritable(e.to_string())))
}

/// The same with 16-bit floats: half the bytes, three digits of every number.
///
/// # Errors
/// [`Error::Tensor`] for a number that is too large for them, [`Error::File`] as for [`write`].
pub fn write_half(
    file: &str,
    tensors: &Tensors,
    metadata: BTreeMap<String, String>,
) -> Result<Vec<u8>> {
    let large = |v: &&f32| !f16::from_f32(**v).is_finite();
    for (name, tensor) in tensors {
        if let Some(value) = tensor.data.iter().find(large) {
            return Err(Error::tensor(name, TensorProblem::TooLargeForHalf { value: *value }));
        }
    }
    let halves = tensors.iter().map(|(name, tensor)| (name, Half(tensor)));
    safetensors::serialize(halves, Some(metadata.into_iter().collect()))
        .map_err(|e| Error::file(file, FileProblem::Unwritable(e.to_string())))
}

/// A tensor to be written with 16 bits a number.
struct Half<'a>(&'a Tensor);

impl View for Half<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F16
    }

    fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let bytes = self.0.data.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes());
        bytes.collect::<Vec<u8>>().into()
    }

    fn data_len(&self) -> usize {
        self.0.data.len() * 2
    }
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.data.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>().into()
    }

    fn data_len(&self) -> usize {
        self.data.len() * 4
    }
}

/// One line of a header.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// Checks all that the format demands, because the format's own reader does not say which tensor is
/// wrong nor what it should have been.
fn check(file: &str, bytes: &[u8]) -> Result<()> {
    let refuse = |problem: FileProblem| Err(Error::file(file, problem));
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
        return refuse(FileProblem::NoLength { found: bytes.len() });
    };
    let length = u64::from_le_bytes(*length);
    let Some(header) = usize::try_from(length).ok().and_then(|n| rest.get(..n)) else {
        return refuse(FileProblem::HeaderTruncated { expected: length, found: rest.len() });
    };
    let data = (rest.len() - header.len()) as u64;
    let header: BTreeMap<String, serde_json::Value> = match serde_json::from_slice(header) {
        Ok(header) => header,
        Err(e) => return refuse(FileProblem::Header(e.to_string())),
    };
    let mut entries = Vec::new();
    for (name, value) in header {
        if name == "__metadata__" {
            continue;
        }
        let wrong = |problem: TensorProblem| Err(Error::tensor_in(file, &name, problem));
        let Ok(entry) = Entry::deserialize(&value) else {
            return wrong(TensorProblem::Entry(value.to_string()));
        };
        let Some(width) = width(&entry.dtype) else {
            return wrong(TensorProblem::Type(entry.dtype));
        };
        let [start, end] = entry.data_offsets;
        let bytes = entry.shape.iter().try_fold(width, |n, side| n.checked_mul(*side));
        if bytes.is_none() || end.checked_sub(start) != bytes {
            let Entry { shape, dtype, .. } = entry;
            return wrong(TensorProblem::Bytes { bytes, shape, dtype, start, end });
        }
        if end > data {
            return wrong(TensorProblem::Truncated { start, end, data });
        }
        entries.push((start, end, name));
    }
    entries.sort();
    let mut covered = 0;
    for (start, end, name) in entries {
        if start != covered {
            let problem = TensorProblem::Start { expected: covered, found: start };
            return Err(Error::tensor_in(file, &name, problem));
        }
        covered = end;
    }
    if covered != data {
        return refuse(FileProblem::DataLength { expected: covered, found: data });
    }
    Ok(())
}

/// Bytes of one value of a type that we read.
fn width(dtype: &str) -> Option<u64> {
    match dtype {
        "F16" | "BF16" => Some(2),
        "F32" => Some(4),
        "F64" => Some(8),
        _ => None,
    }
}

/// Little-endian values as `f32`; NaN for a type that [`check`] would have refused.
pub(crate) fn floats(dtype: Dtype, bytes: &[u8]) -> Vec<f32> {
    let halves = || bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
    match dtype {
        Dtype::F16 => halves().map(|h| f16::from_bits(h).to_f32()).collect(),
        Dtype::BF16 => halves().map(|h| bf16::from_bits(h).to_f32()).collect(),
        Dtype::F32 => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        Dtype::F64 => bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect(),
        _ => vec![f32::NAN],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_floats() {
        let bits = [0x3c00u16, 0xc000, 0x7bff, 0x0001, 0x7c00];
        let bytes: Vec<u8> = bits.iter().flat_map(|h| h.to_le_bytes()).collect();
        let values = [1.0, -2.0, 65504.0, 5.960_464_5e-8, f32::INFINITY];
        assert_eq!(floats(Dtype::F16, &bytes), values);
        assert_eq!(floats(Dtype::BF16, &[0x80, 0x3f, 0x00, 0xc0]), [1.0, -2.0]);
    }

    #[test]
    fn what_is_written_as_halves_is_read_within_their_precision() {
        let data = vec![0.0, -1.0, 0.333_333_34, 6e-8, 65504.0, 1.000_4];
        let tensors = Tensors::from([("a".to_owned(), Tensor { shape: vec![2, 3], data })]);
        let bytes = write_half("file", &tensors, BTreeMap::new()).unwrap();
        let (read, _) = read("file", &bytes).unwrap();
        assert_eq!(read["a"].shape, [2, 3]);
        for (found, wanted) in read["a"].data.iter().zip(&tensors["a"].data) {
            let precision = (wanted.abs() / 2048.0).max(3e-8);
            assert!((found - wanted).abs() <= precision, "{found} {wanted}");
        }
        let large = Tensors::from([("b".to_owned(), Tensor { shape: vec![1], data: vec![7e4] })]);
        let error = write_half("file", &large, BTreeMap::new()).unwrap_err().to_string();
        assert!(error.contains("`b`") && error.contains("65504"), "{error}");
    }
}
