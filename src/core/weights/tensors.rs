//! Named tensors on the host, in and out of safetensors files. Invariant: what [`read`] returns is
//! whole and finite; everything else is refused with the tensor, what was expected and what came.

use crate::error::{Error, Result};
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors, View};
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
        if self.shape == shape {
            return Ok(());
        }
        Err(Error::Tensor {
            name: name.to_owned(),
            expected: format!("shape {shape:?}"),
            found: format!("{:?}", self.shape),
        })
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
    let full = format!("{name}` in `{file}");
    let Some(tensor) = tensors.get(name) else {
        let expected = format!("shape {shape:?}");
        return Err(Error::Tensor { name: full, expected, found: "no such tensor".into() });
    };
    tensor.expect(&full, shape)?;
    Ok(tensor)
}

/// Reads a safetensors file; F16, BF16 and F64 become F32. Returns the tensors and the metadata.
///
/// # Errors
/// [`Error::File`] or [`Error::Tensor`] when the file is truncated, its header is not valid, two
/// tensors overlap, bytes are left over, a type is not a float or a value is not finite.
pub fn read(file: &str, bytes: &[u8]) -> Result<(Tensors, BTreeMap<String, String>)> {
    check(file, bytes)?;
    let invalid = |e| Error::file(file, format!("not a valid safetensors file: {e}"));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(invalid)?;
    let views = SafeTensors::deserialize(bytes).map_err(invalid)?;
    let mut tensors = Tensors::new();
    for (name, view) in views.iter() {
        let data = floats(view.dtype(), view.data());
        if let Some(i) = data.iter().position(|v| !v.is_finite()) {
            return Err(Error::Tensor {
                name: format!("{name}` in `{file}"),
                expected: "finite numbers".into(),
                found: format!("{} at position {i} of {}", data[i], data.len()),
            });
        }
        tensors.insert(name.to_owned(), Tensor { shape: view.shape().to_vec(), data });
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
        .map_err(|e| Error::file(file, format!("cannot be written: {e}")))
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
            return Err(Error::Tensor {
                name: name.clone(),
                expected: "numbers up to 65504, the largest of 16 bits".into(),
                found: value.to_string(),
            });
        }
    }
    let halves = tensors.iter().map(|(name, tensor)| (name, Half(tensor)));
    safetensors::serialize(halves, Some(metadata.into_iter().collect()))
        .map_err(|e| Error::file(file, format!("cannot be written: {e}")))
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
    let refuse = |message: String| Err(Error::file(file, message));
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
        let found = bytes.len();
        return refuse(format!(
            "expected a safetensors file, which begins with 8 bytes of length; found {found} bytes"
        ));
    };
    let length = u64::from_le_bytes(*length);
    let Some(header) = usize::try_from(length).ok().and_then(|n| rest.get(..n)) else {
        return refuse(format!(
            "expected a safetensors header of {length} bytes, found only {} bytes: the file is \
             truncated or of another kind",
            rest.len()
        ));
    };
    let data = (rest.len() - header.len()) as u64;
    let header: BTreeMap<String, serde_json::Value> = match serde_json::from_slice(header) {
        Ok(header) => header,
        Err(e) => return refuse(format!("its safetensors header is not valid JSON: {e}")),
    };
    let mut entries = Vec::new();
    for (name, value) in header {
        if name == "__metadata__" {
            continue;
        }
        let wrong = |expected: String, found: String| {
            Err(Error::Tensor { name: format!("{name}` in `{file}"), expected, found })
        };
        let Ok(entry) = Entry::deserialize(&value) else {
            return wrong("a type, a shape and two data offsets".into(), value.to_string());
        };
        let Some(width) = width(&entry.dtype) else {
            return wrong("values of type F32, F16, BF16 or F64".into(), entry.dtype);
        };
        let [start, end] = entry.data_offsets;
        let bytes = entry.shape.iter().try_fold(width, |n, side| n.checked_mul(*side));
        if bytes.is_none() || end.checked_sub(start) != bytes {
            let size = bytes.map_or("too many".into(), |n| n.to_string());
            return wrong(
                format!("{size} bytes for shape {:?} of {}", entry.shape, entry.dtype),
                format!("bytes {start} to {end}"),
            );
        }
        if end > data {
            return wrong(
                format!("its bytes {start} to {end} in the file"),
                format!("only {data} bytes of data: the file is truncated"),
            );
        }
        entries.push((start, end, name));
    }
    entries.sort();
    let mut covered = 0;
    for (start, end, name) in entries {
        if start != covered {
            let found = if start < covered { "overlapping the one before" } else { "after a gap" };
            return Err(Error::Tensor {
                name: format!("{name}` in `{file}"),
                expected: format!("its data to start at byte {covered}"),
                found: format!("byte {start}, {found}"),
            });
        }
        covered = end;
    }
    if covered != data {
        return refuse(format!("expected {covered} bytes of tensor data, found {data}"));
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
