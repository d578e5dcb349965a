//! Tensors of a file that `torch.save` wrote: a pickle says where they lie in storages. Invariant: a storage is read
//! once, and all tensors together hold at most [`UNFOLDED`] values more than the storages, so nothing can unfold into
//! more than was given.

use crate::error::{Error, Plain, Result, TensorProblem};
use crate::weights::archive::Archive;
use crate::weights::legacy;
use crate::weights::legacy::Legacy;
use crate::weights::pickle;
use crate::weights::pickle::{
    Id, Named, Pickle, PickleObject, PickleTensor, PickleValue, StorageType,
};
use crate::weights::source::{Listed, Source, What};
use crate::weights::tensors;
use crate::weights::tensors::Tensor;
use safetensors::Dtype;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Values that expanded tensors may have beyond those in the file: 64 MB of zeros that were stored as one.
const UNFOLDED: u64 = 16 << 20;

/// Where storages lie.
enum Storages<'a> {
    Zip(Archive<'a>),
    /// The format before PyTorch 1.6.
    Legacy(Legacy<'a>),
}

/// A file of `torch.save`.
pub struct Torch<'a> {
    file: &'a str,
    pickle: Pickle<'a>,
    /// Values of the pickle by name; of two with one name the first.
    names: BTreeMap<String, Named>,
    /// Names that two values have.
    twice: BTreeSet<String>,
    storages: Storages<'a>,
    /// Storages that were read, by key.
    read: HashMap<String, Rc<Vec<f32>>>,
    /// Bytes of storages that may still be read, and values that tensors may still have.
    bytes_left: u64,
    values_left: u64,
}

impl<'a> Torch<'a> {
    /// Reads the pickle of a file in either format.
    ///
    /// # Errors
    /// [`Error::File`]: no archive, damaged, compressed, a malformed pickle.
    pub fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let (pickle, storages) = if legacy::is_legacy(bytes) {
            let (pickle, storages) = Legacy::open(file, bytes)?;
            (pickle, Storages::Legacy(storages))
        } else {
            let mut archive = Archive::open(file, bytes)?;
            (pickle::read(file, archive.pickle()?.into())?, Storages::Zip(archive))
        };
        let (mut names, mut twice) = (BTreeMap::new(), BTreeSet::new());
        for named in pickle.flat() {
            match names.entry(named.name.clone()) {
                Entry::Vacant(place) => drop(place.insert(named)),
                // What lies in an object of code comes later, and its name is made up.
                Entry::Occupied(_) if named.within.is_some() => {}
                Entry::Occupied(place) => drop(twice.insert(place.key().clone())),
            }
        }
        let (bytes_left, read) = (bytes.len() as u64, HashMap::new());
        Ok(Self { file, pickle, names, twice, storages, read, bytes_left, values_left: UNFOLDED })
    }

    /// A storage's values, read when they are first asked for.
    fn storage(&mut self, tensor: &str, storage: Id) -> Result<Rc<Vec<f32>>> {
        let wrong = |problem: TensorProblem| Error::tensor_in(self.file, tensor, problem);
        let storage = self.pickle.object(PickleValue::Object(storage));
        let Some(&PickleObject::Storage { kind, key, count }) = storage else {
            return Err(wrong(TensorProblem::NoStorage));
        };
        let key = self.pickle.text(key).into_owned();
        if let Some(values) = self.read.get(&key) {
            return Ok(values.clone());
        }
        let dtype = match kind {
            StorageType::Half => Dtype::F16,
            StorageType::BFloat => Dtype::BF16,
            StorageType::Float => Dtype::F32,
            StorageType::Double => Dtype::F64,
            StorageType::Whole(_) => return Err(wrong(TensorProblem::NotFloats)),
            StorageType::Complex(_) => return Err(wrong(TensorProblem::Complex)),
        };
        let left = self.bytes_left;
        let Some(size) = count.checked_mul(kind.width()).filter(|size| *size <= left) else {
            return Err(wrong(TensorProblem::StorageTooLarge { left, values: count }));
        };
        let bytes = match &mut self.storages {
            Storages::Zip(archive) => archive.storage(tensor, &key, size)?,
            Storages::Legacy(legacy) => legacy.storage(tensor, &key, size)?,
        };
        let values = Rc::new(tensors::floats(dtype, &bytes));
        self.bytes_left -= size;
        self.values_left = self.values_left.saturating_add(count);
        self.read.insert(key, values.clone());
        Ok(values)
    }
}

impl Torch<'_> {
    /// What a value is that no code would have made.
    fn what(&self, value: PickleValue) -> What {
        let tensor = match self.pickle.object(value) {
            Some(PickleObject::Tensor(tensor)) => tensor,
            Some(_) => return What::Plain(Plain::List),
            None => {
                return What::Plain(match value {
                    PickleValue::Text(_) | PickleValue::Bytes(_) => Plain::Text,
                    PickleValue::Int(_) | PickleValue::Float(_) | PickleValue::Bool(_) => {
                        Plain::Number
                    }
                    _ => Plain::Other,
                });
            }
        };
        let storage = self.pickle.object(PickleValue::Object(tensor.storage));
        let floats = matches!(storage, Some(PickleObject::Storage { kind, .. }) if kind.is_float());
        let many = tensor.shape.iter().fold(1, |n: u64, side| n.saturating_mul(*side)) > 1;
        if floats && many { What::Weights } else { What::Number }
    }
}

impl Source for Torch<'_> {
    fn list(&self) -> Vec<Listed> {
        let listed = |(name, named): (&String, &Named)| {
            let code = |value: PickleValue| self.pickle.code(value).map(str::to_owned);
            let inside = named.within.and_then(code).map(What::Inside);
            let what = inside.or_else(|| code(named.value).map(What::Code));
            let what = what.unwrap_or_else(|| self.what(named.value));
            Listed { name: name.clone(), what, numbered: named.numbered }
        };
        self.names.iter().map(listed).collect()
    }

    fn tensor(&mut self, name: &str) -> Result<Tensor> {
        let wrong = |problem: TensorProblem| Error::tensor_in(self.file, name, problem);
        if self.twice.contains(name) {
            return Err(wrong(TensorProblem::Twice));
        }
        let found = self.names.get(name).and_then(|named| self.pickle.object(named.value));
        let Some(PickleObject::Tensor(tensor)) = found else {
            return Err(wrong(TensorProblem::NoStorage));
        };
        let PickleTensor { storage, offset, shape, strides } = &**tensor;
        let (storage, offset) = (*storage, *offset);
        let (shape, strides) = (shape.clone(), strides.clone());
        let data = self.storage(name, storage)?;
        let wrong = |problem: TensorProblem| Error::tensor_in(self.file, name, problem);
        let count = shape.iter().try_fold(1u64, |n, side| n.checked_mul(*side));
        let left = self.values_left;
        let Some(rest) = count.and_then(|count| left.checked_sub(count)) else {
            return Err(wrong(TensorProblem::Unfolds { left, shape }));
        };
        let Some(data) = gather(&data, offset, &shape, &strides) else {
            let values = data.len() as u64;
            return Err(wrong(TensorProblem::OutsideStorage { values, shape, strides, offset }));
        };
        let tensor = Tensor { shape: shape.iter().map(|side| *side as usize).collect(), data };
        tensor.finite().map_err(wrong)?;
        self.values_left = rest;
        Ok(tensor)
    }

    fn passed_over(&self) -> Vec<String> {
        self.pickle.foreign().to_vec()
    }
}

/// The values of a tensor, row-major; nothing when it leaves its storage.
fn gather(data: &[f32], offset: u64, shape: &[u64], strides: &[u64]) -> Option<Vec<f32>> {
    if shape.contains(&0) {
        return Some(Vec::new());
    }
    let count = shape.iter().try_fold(1u64, |n, side| n.checked_mul(*side))?;
    let mut last = offset;
    for (side, stride) in shape.iter().zip(strides) {
        last = last.checked_add(stride.checked_mul(side.checked_sub(1)?)?)?;
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
        return Some(data.get(offset as usize..)?.get(..count as usize)?.to_vec());
    }
    let mut places = vec![offset as usize];
    for (side, stride) in shape.iter().zip(strides) {
        let (steps, step) = (0..*side as usize, *stride as usize);
        places = places
            .into_iter()
            .flat_map(|place| steps.clone().map(move |i| place + i * step))
            .collect();
    }
    Some(places.into_iter().map(|place| data[place]).collect())
}
