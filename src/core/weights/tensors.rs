//! Named tensors on the host, in and out of safetensors files. Invariant: what [`read`] returns is
//! whole and finite; everything else is refused with the tensor, what was expected and what came.

use crate::error::{Error, FileProblem, Result, TensorProblem};
use crate::weights::source::{Listed, Source, What};
use half::{bf16, f16};
use safetensors::{Dtype, View};
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
    let mut source = Safetensors::open(file, bytes)?;
    let mut tensors = Tensors::new();
    for Listed { name, .. } in source.list() {
        let tensor = source.tensor(&name)?;
        tensors.insert(name, tensor);
    }
    Ok((tensors, source.metadata))
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

/// A safetensors file whose header was read; tensors of any type lie in it.
pub struct Safetensors<'a> {
    file: &'a str,
    entries: BTreeMap<String, Entry>,
    /// The file's own remarks.
    pub metadata: BTreeMap<String, String>,
    data: &'a [u8],
}

impl<'a> Safetensors<'a> {
    /// Reads the header and checks where every tensor lies, because the format's own reader does not say which one is
    /// wrong nor what it should have been.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Tensor`]: truncated, an invalid header, tensors that overlap, bytes left over.
    pub fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let refuse = |problem: FileProblem| Err(Error::file(file, problem));
        let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
            return refuse(FileProblem::NoLength { found: bytes.len() });
        };
        let length = u64::from_le_bytes(*length);
        let Some((header, data)) =
            usize::try_from(length).ok().and_then(|n| rest.split_at_checked(n))
        else {
            return refuse(FileProblem::HeaderTruncated { expected: length, found: rest.len() });
        };
        let header: BTreeMap<String, serde_json::Value> = match serde_json::from_slice(header) {
            Ok(header) => header,
            Err(e) => return refuse(FileProblem::Header(e.to_string())),
        };
        let (mut entries, mut metadata) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in header {
            if name == "__metadata__" {
                metadata = match BTreeMap::deserialize(&value) {
                    Ok(metadata) => metadata,
                    Err(e) => return refuse(FileProblem::Safetensors(e.to_string())),
                };
                continue;
            }
            let Ok(entry) = Entry::deserialize(&value) else {
                let problem = TensorProblem::Entry(value.to_string());
                return Err(Error::tensor_in(file, &name, problem));
            };
            entries.insert(name, entry);
        }
        let found = Self { file, entries, metadata, data };
        found.check()?;
        Ok(found)
    }

    fn check(&self) -> Result<()> {
        let data = self.data.len() as u64;
        let mut places = Vec::new();
        for (name, Entry { dtype, shape, data_offsets: [start, end] }) in &self.entries {
            let (start, end) = (*start, *end);
            let wrong = |problem: TensorProblem| Err(Error::tensor_in(self.file, name, problem));
            // The size of a type that is not read is not known here.
            let bytes = match width(dtype) {
                Some(width) => shape.iter().try_fold(width, |n, side| n.checked_mul(*side)),
                None => end.checked_sub(start),
            };
            if bytes.is_none() || end.checked_sub(start) != bytes {
                let (shape, dtype) = (shape.clone(), dtype.clone());
                return wrong(TensorProblem::Bytes { bytes, shape, dtype, start, end });
            }
            if end > data {
                return wrong(TensorProblem::Truncated { start, end, data });
            }
            places.push((start, end, name));
        }
        places.sort();
        let mut covered = 0;
        for (start, end, name) in places {
            if start != covered {
                let problem = TensorProblem::Start { expected: covered, found: start };
                return Err(Error::tensor_in(self.file, name, problem));
            }
            covered = end;
        }
        if covered != data {
            let problem = FileProblem::DataLength { expected: covered, found: data };
            return Err(Error::file(self.file, problem));
        }
        Ok(())
    }
}

impl Source for Safetensors<'_> {
    fn list(&self) -> Vec<Listed> {
        let what = |entry: &Entry| {
            let many = entry.shape.iter().fold(1, |n: u64, side| n.saturating_mul(*side)) > 1;
            if width(&entry.dtype).is_some() && many { What::Weights } else { What::Number }
        };
        let listed = |(name, entry): (&String, &Entry)| Listed {
            name: name.clone(),
            what: what(entry),
            numbered: None,
        };
        self.entries.iter().map(listed).collect()
    }

    fn tensor(&mut self, name: &str) -> Result<Tensor> {
        let wrong = |problem: TensorProblem| Error::tensor_in(self.file, name, problem);
        let Some(entry) = self.entries.get(name) else {
            return Err(wrong(TensorProblem::NoStorage));
        };
        let dtype = match entry.dtype.as_str() {
            "F16" => Dtype::F16,
            "BF16" => Dtype::BF16,
            "F32" => Dtype::F32,
            "F64" => Dtype::F64,
            other => return Err(wrong(TensorProblem::Type(other.to_owned()))),
        };
        let [start, end] = entry.data_offsets.map(|place| place as usize);
        let data = floats(dtype, self.data.get(start..end).unwrap_or_default());
        let tensor =
            Tensor { shape: entry.shape.iter().map(|side| *side as usize).collect(), data };
        tensor.finite().map_err(wrong)?;
        Ok(tensor)
    }
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

/// Little-endian values as `f32`; NaN for a type that is none of the four.
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
