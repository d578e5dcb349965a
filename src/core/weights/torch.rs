//! Tensors of a file that `torch.save` wrote: a zip archive of a pickle, which says where tensors are,
//! and one stored file for each storage. Invariant: no tensor is larger than its storage and no storage
//! larger than the file, so nothing can unfold into more than was given.

use crate::error::{Error, Result};
use crate::run::network::Network;
use crate::weights::pickle;
use crate::weights::pickle::{Kind, Pickle, Value};
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
        let Value::Tensor { storage, offset, shape, strides } = value else { continue };
        if !wanted(name) {
            others.push(name.to_owned());
            continue;
        }
        let wrong = |expected: &str, found: String| {
            let name = format!("{name}` in `{file}");
            Error::Tensor { name, expected: expected.to_owned(), found }
        };
        let Value::Storage { kind, key, count } = pickle.get(*storage) else {
            return Err(wrong("a storage", "none".into()));
        };
        let Value::Text(key) = pickle.get(*key) else {
            return Err(wrong("a storage", "one without a name".into()));
        };
        let (dtype, width) = match kind {
            Kind::Half => (Dtype::F16, 2),
            Kind::BFloat => (Dtype::BF16, 2),
            Kind::Float => (Dtype::F32, 4),
            Kind::Double => (Dtype::F64, 8),
            Kind::Other => {
                return Err(wrong("values of type float", "whole numbers".into()));
            }
        };
        let Some(size) = count.checked_mul(width).filter(|size| *size <= left) else {
            let found = format!("a storage of {count} values");
            return Err(wrong(&format!("at most {left} bytes, all that is left of it"), found));
        };
        left -= size;
        let data = tensors::floats(dtype, &archive.storage(name, key, size)?);
        let Some(data) = gather(&data, *offset, shape, strides) else {
            let found = format!("shape {shape:?} with strides {strides:?} from {offset}");
            return Err(wrong(&format!("a part of its storage of {count} values"), found));
        };
        if let Some(value) = data.iter().find(|v| !v.is_finite()) {
            return Err(wrong("finite numbers", value.to_string()));
        }
        let shape = shape.iter().map(|side| *side as usize).collect();
        tensors.insert(name.to_owned(), Tensor { shape, data });
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
fn parameters<'a>(file: &str, pickle: &'a Pickle, network: Network) -> Result<&'a Value> {
    let root = pickle.root();
    let is_tensor = |(_, value): (&str, &Value)| matches!(value, Value::Tensor { .. });
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
    let names: Vec<&str> = pickle.entries(root).map(|(name, _)| name).take(12).collect();
    let found = match names.is_empty() {
        true => "no dictionary".to_owned(),
        false => format!("only {}", names.join(", ")),
    };
    Err(Error::file(
        file,
        format!(
            "expected a dictionary of tensors, or one under `teacher`, `student`, `model` or \
             `state_dict`; found {found}"
        ),
    ))
}

struct Archive<'a> {
    file: &'a str,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The folder of all entries, with its slash.
    root: String,
}

impl<'a> Archive<'a> {
    fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let refuse = |message: String| Error::file(file, message);
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|e| refuse(format!("expected a zip archive written by torch.save: {e}")))?;
        let root = zip.file_names().flatten().find_map(|name| {
            let root = name.strip_suffix("data.pkl")?;
            (root.is_empty() || root.ends_with('/')).then(|| root.to_owned())
        });
        let Some(root) = root else {
            return Err(refuse(
                "expected an archive written by torch.save with data.pkl in it, found another one"
                    .into(),
            ));
        };
        let mut archive = Self { file, zip, root };
        if archive.zip.index_for_name(&format!("{}byteorder", archive.root)).is_some() {
            let order = archive.entry("byteorder", 16)?;
            if order != b"little" {
                let found = String::from_utf8_lossy(&order).into_owned();
                return Err(archive.refuse("byteorder", "little", &found));
            }
        }
        Ok(archive)
    }

    fn refuse(&self, name: &str, expected: &str, found: &str) -> Error {
        let message = format!("`{name}` in this archive: expected {expected}, found {found}");
        Error::file(self.file, message)
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
        let expected = format!("{size} bytes for tensor {tensor}");
        Err(self.refuse(&name, &expected, &format!("{}", bytes.len())))
    }

    /// The bytes of an entry, its checksum compared.
    fn entry(&mut self, name: &str, most: u64) -> Result<Vec<u8>> {
        let full = format!("{}{name}", self.root);
        let Some(index) = self.zip.index_for_name(&full) else {
            return Err(self.refuse(name, "this entry", "none"));
        };
        let damaged = |e: &dyn std::fmt::Display| {
            let message = format!("`{name}` in this archive cannot be read: {e}");
            Error::file(self.file, message)
        };
        let method = self.zip.by_index_raw(index).map_err(|e| damaged(&e))?.compression();
        if method != CompressionMethod::Stored {
            let found = format!("{method}");
            return Err(self.refuse(name, "data as it is, as torch.save stores it", &found));
        }
        let entry = self.zip.by_index(index).map_err(|e| damaged(&e))?;
        let size = entry.size();
        if size > most {
            let expected = format!("at most {most} bytes");
            drop(entry);
            return Err(self.refuse(name, &expected, &size.to_string()));
        }
        let mut bytes = Vec::new();
        let read = entry.take(most + 1).read_to_end(&mut bytes);
        match read {
            Ok(_) if bytes.len() as u64 == size => Ok(bytes),
            Ok(found) => Err(self.refuse(name, &format!("{size} bytes"), &found.to_string())),
            Err(e) => {
                let message = format!("`{name}` in this archive cannot be read: {e}");
                Err(Error::file(self.file, message))
            }
        }
    }
}
