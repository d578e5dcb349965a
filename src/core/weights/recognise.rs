//! Recognition of what a file is by its content, where it is no backbone. Invariant: names of files do not count.

use crate::data::picture::seems_image;
use crate::error::other::{OtherFile, OtherModel};
use crate::weights::{kind, places};

/// Bytes at the end of a zip archive among which its last record begins.
const ZIP_END: usize = 22 + 65_535;

/// How the names of files end that people take for weights.
const ENDINGS: [&str; 16] = [
    "safetensors",
    "pth",
    "pt",
    "ckpt",
    "bin",
    "tar",
    "pkl",
    "pickle",
    "npz",
    "h5",
    "hdf5",
    "keras",
    "gguf",
    "onnx",
    "msgpack",
    "pdparams",
];

/// True if a file of that name, with that beginning and so many bytes, is one to read weights from, or one that a
/// person means so: the content decides, and the name only where the content is no image.
pub fn is_weights(name: &str, head: &[u8], bytes: u64) -> bool {
    if seems_image(head) {
        return false;
    }
    let safetensors = kind::seems_safetensors(head, bytes);
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let named = name.contains('.') && ENDINGS.contains(&ending.as_str());
    safetensors || is_torch_zip(head) || matches!(head, [0x80, ..=5, ..]) || named
}

/// True of an archive whose first entry is torch.save's.
fn is_torch_zip(head: &[u8]) -> bool {
    let name = head.get(30..).unwrap_or_default();
    let ends = |end: &[u8]| name.windows(end.len()).any(|window| window == end);
    head.starts_with(b"PK\x03\x04") && (ends(b"data.pkl") || ends(b".format_version"))
}

/// What a zip archive is, by the names of its entries; nothing for one of torch.save.
pub fn zip<'a>(mut names: impl Iterator<Item = &'a str> + Clone) -> Option<OtherFile> {
    if names.clone().any(|name| name.contains("/code/") || name.ends_with("constants.pkl")) {
        return Some(OtherFile::TorchScript);
    }
    if names.clone().any(|name| name == "data.pkl" || name.ends_with("/data.pkl")) {
        return None;
    }
    Some(if names.any(|name| name.ends_with(".npy")) {
        OtherFile::Npz
    } else {
        OtherFile::OtherZip
    })
}

/// True if the last record of a zip archive is missing.
pub fn is_half_zip(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(ZIP_END)..];
    !end.windows(4).any(|window| window == b"PK\x05\x06")
}

/// The model that the names of tensors tell of, and the name that does; nothing for a plain Vision Transformer.
pub fn model<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<(OtherModel, String)> {
    let find = |is: &dyn Fn(&str) -> bool| names.clone().find(|name| is(name)).map(str::to_owned);
    let ends = |end: &'static str| find(&move |name: &str| name.ends_with(end));
    let has = |part: &'static str| find(&move |name: &str| name.contains(part));
    let first = |found: [Option<String>; 3]| found.into_iter().flatten().next();
    use OtherModel::*;
    for (model, found) in [
        (Dinov3, first([has("rope_embed"), has("storage_tokens"), ends("qkv.bias_mask")])),
        (Dinov3, first([ends("embeddings.patch_embeddings.weight"), None, None])),
        (Registers, first([ends("register_tokens"), ends("reg_token"), None])),
        (SwiGlu, first([has("mlp.w12."), has("mlp.weights_in."), has("mlp.gate_proj.")])),
        (Distilled, first([ends("dist_token"), ends("distillation_token"), None])),
        (Clip, first([ends("class_embedding"), has("visual.transformer"), None])),
        (Swin, first([has("layers.0.blocks.0."), None, None])),
        (ResNet, first([has("layer1.0.conv1."), has("layer1.0.bn1."), None])),
    ] {
        if let Some(tensor) = found {
            return Some((model, tensor));
        }
    }
    if ends("cls_token").or_else(|| ends("class_token")).is_some() {
        return None;
    }
    let part = |wanted: usize| {
        names.clone().find(|name| places::anchor(name).is_some_and(|(_, part)| part == wanted))
    };
    let [positions, patches] = [part(1), part(2)];
    patches.filter(|_| positions.is_some()).map(|name| (NoClsToken, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_a_file_decides_whether_it_is_read_as_weights() {
        let zip = |entry: &[u8]| [&b"PK\x03\x04"[..], &[0; 26], entry].concat();
        let safetensors = b"\x40\0\0\0\0\0\0\0{\"a\"";
        for (name, head, expected) in [
            ("model", &safetensors[..], true),
            ("model.jpg", safetensors, true),
            ("weights.pkl", b"\x80\x02}q", true),
            ("last", &zip(b"archive/data.pkl"), true),
            ("photos.zip", &zip(b"photos/a.jpg"), false),
            ("photo.pth", b"\xff\xd8\xff\xe0", false),
            ("photo.bin", b"\0\0\0\x18ftypheic", false),
            ("pytorch_model.bin", b"version https://git-lfs", true),
            ("vit.pth.tar", b"<!DOCTYPE html>", true),
            ("notes.txt", b"These are words", false),
            ("IMG_1.JPG", b"", false),
            ("pt", b"words", false),
            ("x.safetensors", b"", true),
        ] {
            assert_eq!(is_weights(name, head, 1000), expected, "{name}");
        }
        assert!(!is_weights("x", safetensors, 64), "a header that the file cannot hold");
    }

    #[test]
    fn archives_are_named_by_their_entries() {
        let zip = |names: &[&'static str]| zip(names.iter().copied());
        assert_eq!(zip(&["a/data.pkl", "a/data/0"]), None);
        assert_eq!(zip(&["a/data.pkl", "a/code/__torch__.py"]), Some(OtherFile::TorchScript));
        assert_eq!(zip(&["cls_token.npy"]), Some(OtherFile::Npz));
        assert_eq!(zip(&["ok.pth"]), Some(OtherFile::OtherZip));
        assert!(is_half_zip(b"PK\x03\x04abc") && !is_half_zip(b"PK\x03\x04PK\x05\x06"));
    }

    #[test]
    fn other_models_are_named_by_their_tensors() {
        let vit = ["cls_token", "pos_embed", "patch_embed.proj.weight"];
        let named =
            |name: &'static str| model(vit.into_iter().chain([name])).map(|(model, _)| model);
        assert_eq!(named("mask_token"), None);
        for (name, expected) in [
            ("rope_embed.periods", OtherModel::Dinov3),
            ("register_tokens", OtherModel::Registers),
            ("blocks.0.mlp.w12.weight", OtherModel::SwiGlu),
            ("dist_token", OtherModel::Distilled),
        ] {
            assert_eq!(named(name), Some(expected), "{name}");
        }
        assert_eq!(
            model(vit.into_iter().skip(1)).map(|(model, _)| model),
            Some(OtherModel::NoClsToken)
        );
        assert_eq!(
            model(["conv1.weight", "layer1.0.conv1.weight"].into_iter()).map(|(model, _)| model),
            Some(OtherModel::ResNet)
        );
    }
}
