//! Small backbones as the files that others write: what `torch.save` makes, and safetensors in the names of timm
//! and Hugging Face. Invariant: the same sizes give the same values.

use dino_core::rng::Rng;
use dino_core::run::config::VitConfig;
use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::Weights;
use dino_core::weights::parameters;
use dino_core::weights::tensors;
use dino_core::weights::tensors::{Tensor, Tensors};
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub fn vit() -> VitConfig {
    VitConfig {
        img_size: 16,
        patch_size: 8,
        embed_dim: 64,
        depth: 2,
        num_heads: 1,
        drop_path_rate: 0.0,
    }
}

/// A backbone of random numbers, `backbone.*`.
pub fn backbone(vit: &VitConfig) -> Tensors {
    let tensor = |(i, (name, shape)): (usize, (String, Vec<usize>))| {
        let mut rng = Rng::new(3, 0, i as u32, 0);
        let mut tensor = Tensor::full(&shape, 0.0);
        tensor.data.fill_with(|| (rng.uniform() - 0.5) as f32);
        (name, tensor)
    };
    parameters::backbone(vit).into_iter().enumerate().map(tensor).collect()
}

/// The same in the names of facebookresearch and timm.
pub fn timm(vit: &VitConfig) -> Tensors {
    let bare = |(name, t): (String, Tensor)| (name.trim_start_matches("backbone.").to_owned(), t);
    backbone(vit).into_iter().map(bare).collect()
}

/// The same in Hugging Face's.
pub fn hugging_face(vit: &VitConfig) -> Tensors {
    renamed(timm(vit))
}

/// timm's names as Hugging Face's, q, k and v apart.
pub fn renamed(theirs: Tensors) -> Tensors {
    let mut tensors = Tensors::new();
    for (name, tensor) in theirs {
        let theirs = [
            ("cls_token", "embeddings.cls_token"),
            ("pos_embed", "embeddings.position_embeddings"),
            ("patch_embed.proj", "embeddings.patch_embeddings.projection"),
            ("blocks.", "encoder.layer."),
            (".norm1.", ".layernorm_before."),
            (".norm2.", ".layernorm_after."),
            (".attn.proj.", ".attention.output.dense."),
            (".mlp.fc1.", ".intermediate.dense."),
            (".mlp.fc2.", ".output.dense."),
        ]
        .iter()
        .fold(name.clone(), |name, (ours, theirs)| name.replace(ours, theirs));
        let theirs = match theirs.strip_prefix("norm.") {
            Some(end) => format!("layernorm.{end}"),
            None => theirs,
        };
        if !theirs.contains(".attn.qkv.") {
            tensors.insert(theirs, tensor);
            continue;
        }
        let mut shape = tensor.shape.clone();
        shape[0] /= 3;
        let third = tensor.data.len() / 3;
        for (part, data) in ["query", "key", "value"].iter().zip(tensor.data.chunks(third)) {
            let name = theirs.replace(".attn.qkv.", &format!(".attention.attention.{part}."));
            tensors.insert(name, Tensor { shape: shape.clone(), data: data.to_vec() });
        }
    }
    tensors
}

pub fn safetensors(tensors: &Tensors) -> Vec<u8> {
    tensors::write("made", tensors, BTreeMap::new()).unwrap()
}

/// A safetensors file with this header and so many bytes of zeros.
pub fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

/// A pickle under construction, protocol 2.
#[derive(Default)]
pub struct Pickle(pub Vec<u8>);

impl Pickle {
    pub fn new() -> Self {
        Self(vec![0x80, 2])
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    pub fn text(self, text: &str) -> Self {
        self.raw(b"X").raw(&(text.len() as u32).to_le_bytes()).raw(text.as_bytes())
    }

    pub fn int(self, value: u64) -> Self {
        match u16::try_from(value) {
            Ok(value) => self.raw(b"M").raw(&value.to_le_bytes()),
            Err(_) => self.raw(&[0x8a, 8]).raw(&value.to_le_bytes()),
        }
    }

    pub fn ints(self, values: &[u64]) -> Self {
        values.iter().fold(self.raw(b"("), |pickle, value| pickle.int(*value)).raw(b"t")
    }

    /// A tensor of storage `key` with `count` values.
    pub fn tensor(
        self,
        key: &str,
        count: u64,
        offset: u64,
        shape: &[u64],
        strides: &[u64],
    ) -> Self {
        self.global("torch._utils", "_rebuild_tensor_v2")
            .raw(b"((")
            .text("storage")
            .global("torch", "FloatStorage")
            .text(key)
            .text("cpu")
            .int(count)
            .raw(b"tQ")
            .int(offset)
            .ints(shape)
            .ints(strides)
            .raw(&[0x89])
            .global("collections", "OrderedDict")
            .raw(b")RtR")
    }

    /// A dictionary of whole tensors, stored under the numbers from `first` on.
    pub fn tensors(self, tensors: &Tensors, first: usize) -> Self {
        let start = self.global("collections", "OrderedDict").raw(b")R(");
        let all = tensors.iter().enumerate().fold(start, |pickle, (i, (name, tensor))| {
            let shape: Vec<u64> = tensor.shape.iter().map(|side| *side as u64).collect();
            let strides: Vec<u64> =
                (1..=shape.len()).map(|i| shape[i..].iter().product()).collect();
            let count = tensor.data.len() as u64;
            pickle.text(name).tensor(&(first + i).to_string(), count, 0, &shape, &strides)
        });
        all.raw(b"u")
    }

    pub fn stop(self) -> Vec<u8> {
        self.raw(b".").0
    }
}

/// A zip archive of named entries as `torch.save` stores them.
pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in entries {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The file of this pickle with the tensors as its storages, numbered.
pub fn torch(pickle: &[u8], storages: &[&Tensor]) -> Vec<u8> {
    let bytes = |tensor: &Tensor| tensor.data.iter().flat_map(|v| v.to_le_bytes()).collect();
    let data: Vec<(String, Vec<u8>)> = (storages.iter().enumerate())
        .map(|(i, tensor)| (format!("archive/data/{i}"), bytes(tensor)))
        .collect();
    let mut entries: Vec<(&str, &[u8])> = vec![("archive/data.pkl", pickle)];
    entries.extend(data.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    archive(&entries)
}

/// `torch.save(state_dict)`.
pub fn torch_backbone(tensors: &Tensors) -> Vec<u8> {
    let pickle = Pickle::new().tensors(tensors, 0).stop();
    torch(&pickle, &tensors.values().collect::<Vec<_>>())
}

pub fn read(bytes: &[u8]) -> Weights {
    weights::read("w", bytes, Network::Teacher, None).unwrap()
}

pub fn refused(bytes: &[u8]) -> String {
    let message = weights::read("w.pth", bytes, Network::Teacher, None).unwrap_err().to_string();
    assert!(message.contains("w.pth"), "the file is named: {message}");
    message
}

pub fn prefixed(tensors: Tensors, prefix: &str) -> Tensors {
    tensors.into_iter().map(|(name, t)| (format!("{prefix}{name}"), t)).collect()
}
