//! Named tensors on the host, in and out of safetensors files. Invariant: what [`read`] returns is
//! whole and finite; everything else is refused with the tensor, what was expected and what came.

use crate::error::{Error, Result};
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
        Dtype::F16 => halves().map(half).collect(),
        Dtype::BF16 => halves().map(|h| f32::from_bits(u32::from(h) << 16)).collect(),
        Dtype::F32 => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        Dtype::F64 => bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect(),
        _ => vec![f32::NAN],
    }
}

/// An IEEE half: 1 sign bit, 5 of exponent with bias 15, 10 of mantissa.
fn half(h: u16) -> f32 {
    let sign = if h >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(h >> 10 & 31);
    let mantissa = f32::from(h & 1023) / 1024.0;
    sign * match exponent {
        0 => mantissa * 2f32.powi(-14),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + mantissa) * 2f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn halves_become_floats() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x7c00, f32::INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
