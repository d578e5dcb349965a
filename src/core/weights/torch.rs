//! Tensors of a file that `torch.save` wrote: a zip archive of a pickle, which says where tensors are,
//! and one stored file for each storage. Invariant: no tensor is larger than its storage and no storage
//! larger than the file, so nothing can unfold into more than was given.

use crate::error::{EntryProblem, Error, FileProblem, Result, TensorProblem};
use crate::run::network::Network;
use crate::weights::pickle;
use crate::weights::pickle::{Pickle, PickleValue, StorageType};
use crate::weights::tensors;
use crate::weights::tensors::{Tensor, Tensors};
use safetensors::Dtype;
use std::io::{Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// Dictionaries in which others keep parameters, beside those of the two networks.
const NESTED: [&str; 3] = ["model", "state_dict", "model_state_dict"];

/// Reads the tensors whose names are `wanted`; the names of the others come as a list. Of a full
/// checkpoint that has both networks, those of `network`.
///
/// # Errors
/// [`Error::File`] or [`Error::Tensor`]: no zip archive, damaged, compressed, code in the pickle, no
/// parameters, a tensor outside its storage, values that are no floats or not finite.
pub fn read(
    file: &str,
    bytes: &[u8],
    network: Network,
    wanted: impl Fn(&str) -> bool,
) -> Result<(Tensors, Vec<String>)> {
    let mut archive = Archive::open(file, bytes)?;
    let pickle = pickle::read(file, &archive.pickle()?)?;
    let parameters = parameters(file, &pickle, network)?;
    let (mut tensors, mut others) = (Tensors::new(), Vec::new());
    // A file may not be unfolded by naming one storage again and again.
    let mut left = bytes.len() as u64;
    for (name, value) in pickle.entries(parameters) {
        let PickleValue::Tensor { storage, offset, shape, strides } = value else { continue };
        if !wanted(name) {
            others.push(name.to_owned());
            continue;
        }
        let wrong = |problem: TensorProblem| Error::tensor_in(file, name, problem);
        let PickleValue::Storage { kind, key, count } = pickle.get(*storage) else {
            return Err(wrong(TensorProblem::NoStorage));
        };
        let PickleValue::Text(key) = pickle.get(*key) else {
            return Err(wrong(TensorProblem::NoStorage));
        };
        let (dtype, width) = match kind {
            StorageType::Half => (Dtype::F16, 2),
            StorageType::BFloat => (Dtype::BF16, 2),
            StorageType::Float => (Dtype::F32, 4),
            StorageType::Double => (Dtype::F64, 8),
            StorageType::Other => return Err(wrong(TensorProblem::NotFloats)),
        };
        let Some(size) = count.checked_mul(width).filter(|size| *size <= left) else {
            return Err(wrong(TensorProblem::StorageTooLarge { left, values: *count }));
        };
        left -= size;
        let data = tensors::floats(dtype, &archive.storage(name, key, size)?);
        let Some(data) = gather(&data, *offset, shape, strides) else {
            let (values, offset) = (*count, *offset);
            let (shape, strides) = (shape.clone(), strides.clone());
            return Err(wrong(TensorProblem::OutsideStorage { values, shape, strides, offset }));
        };
        let shape = shape.iter().map(|side| *side as usize).collect();
        let tensor = Tensor { shape, data };
        tensor.finite().map_err(wrong)?;
        tensors.insert(name.to_owned(), tensor);
    }
    Ok((tensors, others))
}

/// The values of a tensor, row-major; nothing when it leaves its storage or is larger than it.
fn gather(data: &[f32], offset: u64, shape: &[u64], strides: &[u64]) -> Option<Vec<f32>> {
    let count = shape.iter().try_fold(1u64, |n, side| n.checked_mul(*side))?;
    if count > data.len() as u64 || count == 0 {
        return None;
    }
    let mut last = offset;
    for (side, stride) in shape.iter().zip(strides) {
        last = last.checked_add(stride.checked_mul(side - 1)?)?;
    }
    if last >= data.len() as u64 {
        return None;
    }
    let mut row_major = 1;
    let contiguous = shape.iter().zip(strides).rev().all(|(side, stride)| {
        let expected = row_major;
        row_major *= side;
        *side == 1 || *stride == expected
    });
    if contiguous {
        return Some(data[offset as usize..][..count as usize].to_vec());
    }
    let mut places = vec![offset as usize];
    for (side, stride) in shape.iter().zip(strides) {
        let steps = 0..*side as usize;
        let step = *stride as usize;
        places = places
            .into_iter()
            .flat_map(|place| steps.clone().map(move |i| place + i * step))
            .collect();
    }
    Some(places.into_iter().map(|place| data[place]).collect())
}

/// The dictionary of parameters: the file itself, or what it has under a known name.
fn parameters<'a>(file: &str, pickle: &'a Pickle, network: Network) -> Result<&'a PickleValue> {
    let root = pickle.root();
    let is_tensor = |(_, value): (&str, &PickleValue)| matches!(value, PickleValue::Tensor { .. });
    if pickle.entries(root).any(is_tensor) {
        return Ok(root);
    }
    let [first, second] = match network {
        Network::Student => ["student", "teacher"],
        _ => ["teacher", "student"],
    };
    for known in [first, second].into_iter().chain(NESTED) {
        let found = pickle.entries(root).find(|(name, _)| *name == known);
        if let Some((_, found)) = found
            && pickle.entries(found).any(is_tensor)
        {
            return Ok(found);
        }
    }
    let names = pickle.entries(root).map(|(name, _)| name.to_owned()).take(12).collect();
    Err(Error::file(file, FileProblem::NoTensors { names }))
}

struct Archive<'a> {
    file: &'a str,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The folder of all entries, with its slash.
    root: String,
}

impl<'a> Archive<'a> {
    fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|e| Error::file(file, FileProblem::NotTorch(e.to_string())))?;
        let root = zip.file_names().flatten().find_map(|name| {
            let root = name.strip_suffix("data.pkl")?;
            (root.is_empty() || root.ends_with('/')).then(|| root.to_owned())
        });
        let Some(root) = root else {
            return Err(Error::file(file, FileProblem::NoPickle));
        };
        let mut archive = Self { file, zip, root };
        if archive.zip.index_for_name(&format!("{}byteorder", archive.root)).is_some() {
            let order = archive.entry("byteorder", 16)?;
            if order != b"little" {
                let found = String::from_utf8_lossy(&order).into_owned();
                return Err(archive.refuse("byteorder", EntryProblem::ByteOrder(found)));
            }
        }
        Ok(archive)
    }

    fn refuse(&self, name: &str, problem: EntryProblem) -> Error {
        Error::file(self.file, FileProblem::Entry { entry: name.to_owned(), problem })
    }

    fn pickle(&mut self) -> Result<Vec<u8>> {
        self.entry("data.pkl", pickle::MOST_BYTES as u64)
    }

    /// A storage of exactly `size` bytes.
    fn storage(&mut self, tensor: &str, key: &str, size: u64) -> Result<Vec<u8>> {
        let name = format!("data/{}", key.chars().take(80).collect::<String>());
        let bytes = self.entry(&name, size)?;
        if bytes.len() as u64 == size {
            return Ok(bytes);
        }
        let (tensor, found) = (tensor.to_owned(), bytes.len() as u64);
        Err(self.refuse(&name, EntryProblem::Storage { tensor, expected: size, found }))
    }

    /// The bytes of an entry, its checksum compared.
    fn entry(&mut self, name: &str, most: u64) -> Result<Vec<u8>> {
        let full = format!("{}{name}", self.root);
        let Some(index) = self.zip.index_for_name(&full) else {
            return Err(self.refuse(name, EntryProblem::Missing));
        };
        let file = self.file;
        let damaged = |e: &dyn std::fmt::Display| {
            let problem = EntryProblem::Unreadable(e.to_string());
            Error::file(file, FileProblem::Entry { entry: name.to_owned(), problem })
        };
        let method = self.zip.by_index_raw(index).map_err(|e| damaged(&e))?.compression();
        if method != CompressionMethod::Stored {
            return Err(self.refuse(name, EntryProblem::Compressed(method.to_string())));
        }
        let entry = self.zip.by_index(index).map_err(|e| damaged(&e))?;
        let size = entry.size();
        if size > most {
            drop(entry);
            return Err(self.refuse(name, EntryProblem::TooLong { most, found: size }));
        }
        let mut bytes = Vec::new();
        let read = entry.take(most + 1).read_to_end(&mut bytes);
        match read {
            Ok(_) if bytes.len() as u64 == size => Ok(bytes),
            Ok(found) => {
                let problem = EntryProblem::Length { expected: size, found: found as u64 };
                Err(self.refuse(name, problem))
            }
            Err(e) => Err(damaged(&e)),
        }
    }
}
