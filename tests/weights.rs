//! Backbones of others: every format gives the same parameters, and what is hostile, damaged or of
//! another model is refused with a sentence that names the tensor and what was expected.

#[path = "weights/files.rs"]
mod files;

use dino::checkpoint::{CENTER, ROLES};
use dino::settings::{Setting, Settings};
use dino::tensors::{self, Tensor, Tensors};
use dino::trainer::Network;
use dino::weights::{self, Origin, Weights};
use files::{Pickle, archive, safetensors, torch, torch_backbone, vit, with_header};
use proptest::collection::vec;
use proptest::{option, prelude::*, sample};

fn read(bytes: &[u8]) -> Weights {
    weights::read("w", bytes, Network::Teacher, None).unwrap()
}

fn refused(bytes: &[u8]) -> String {
    let message = weights::read("w.pth", bytes, Network::Teacher, None).unwrap_err().to_string();
    assert!(message.contains("w.pth"), "the file is named: {message}");
    message
}

/// Whole tensors of one value, for other networks' dictionaries.
fn shifted(tensors: &Tensors, by: f32) -> Tensors {
    let shift = |t: &Tensor| t.data.iter().map(|v| v + by).collect();
    let shifted =
        |(n, t): (&String, &Tensor)| (n.clone(), Tensor { shape: t.shape.clone(), data: shift(t) });
    tensors.iter().map(shifted).collect()
}

fn prefixed(tensors: Tensors, prefix: &str) -> Tensors {
    tensors.into_iter().map(|(name, t)| (format!("{prefix}{name}"), t)).collect()
}

#[test]
fn every_format_gives_the_same_backbone() {
    let expected = files::backbone(&vit());
    let (timm, hf) = (files::timm(&vit()), files::hugging_face(&vit()));
    for (bytes, origin) in [
        (safetensors(&timm), Origin::Timm),
        (safetensors(&hf), Origin::HuggingFace),
        (safetensors(&prefixed(hf, "vit.")), Origin::HuggingFace),
        (safetensors(&prefixed(timm.clone(), "module.backbone.")), Origin::Timm),
        (torch_backbone(&timm), Origin::Torch),
        (torch_backbone(&prefixed(timm, "module.backbone.")), Origin::Torch),
    ] {
        let found = read(&bytes);
        assert_eq!((found.origin, &found.vit), (origin, &vit()));
        assert!(found.backbone == expected, "{origin}");
        assert!(found.unused.is_empty(), "{:?}", found.unused);
    }
}

#[test]
fn a_full_checkpoint_has_two_networks_and_settings() {
    let teacher = prefixed(files::timm(&vit()), "backbone.");
    let student = prefixed(shifted(&teacher, 1.0), "module.");
    let mut all: Vec<&Tensor> = student.values().collect();
    let first = all.len();
    all.extend(teacher.values());
    let pickle = Pickle::new()
        .raw(b"}(")
        .text("student")
        .tensors(&student, 0)
        .text("teacher")
        .tensors(&teacher, first)
        .text("epoch")
        .int(100)
        .text("args")
        .global("argparse", "Namespace")
        .raw(&[b')', 0x81, b'}', b'('])
        .text("lr")
        .raw(b"G\x3f\x50\x62\x4d\xd2\xf1\xa9\xfc")
        .text("seed")
        .raw(b"N")
        .raw(b"ubu")
        .stop();
    let bytes = torch(&pickle, &all);
    let expected = files::backbone(&vit());
    assert!(read(&bytes).backbone == expected, "the teacher's");
    let student = weights::read("w", &bytes, Network::Student, None).unwrap();
    assert!(student.backbone == shifted(&expected, 1.0), "the student's");
}

/// What PyTorch itself wrote; `tests/oracle/make.py` makes them.
#[test]
fn files_of_pytorch_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/weights");
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let of = |name: &str, network| weights::read("w", &file(name), network, Some(1)).unwrap();
    let plain = of("backbone.pth", Network::Teacher);
    assert_eq!((plain.vit.embed_dim, plain.vit.depth, plain.vit.img_size), (4, 1, 8));
    let full = of("full.pth", Network::Teacher);
    assert!(full.backbone == plain.backbone, "the teacher's");
    assert_eq!(full.unused, ["head.mlp.0.weight"].map(String::from));
    let student = of("full.pth", Network::Student).backbone;
    for (name, tensor) in &student {
        let half: Vec<f32> = plain.backbone[name].data.iter().map(|v| v * 0.5).collect();
        assert!(tensor.data == half, "{name}");
    }
    let message = weights::read("w", &file("code.pth"), Network::Teacher, Some(1));
    assert!(message.unwrap_err().to_string().contains("`posix.system`"));
}

#[test]
fn halves_and_doubles_are_read() {
    let tensors = files::timm(&vit());
    let name = "cls_token";
    let values: Vec<f32> = (0..64).map(|i| i as f32 / 8.0 - 4.0).collect();
    for (storage, bytes) in [
        // Eighths up to 4 have few bits: the upper half of a float is a bfloat.
        (
            "BFloat16Storage",
            values.iter().flat_map(|v| v.to_le_bytes()[2..].to_vec()).collect::<Vec<u8>>(),
        ),
        ("DoubleStorage", values.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect()),
    ] {
        let mut rest = tensors.clone();
        rest.remove(name);
        let pickle = Pickle::new().tensors(&rest, 0).raw(b"(").text(name);
        let pickle = pickle.tensor("cls", 64, 0, &[1, 1, 64], &[64, 64, 1]).raw(b"u").stop();
        let position = pickle.windows(12).rposition(|w| w == b"FloatStorage").unwrap();
        let mut changed = pickle[..position].to_vec();
        changed.extend(storage.as_bytes());
        changed.extend(&pickle[position + 12..]);
        let plain: Vec<Vec<u8>> = (rest.values())
            .map(|t| t.data.iter().flat_map(|v| v.to_le_bytes()).collect())
            .collect();
        let names: Vec<String> = (0..plain.len()).map(|i| format!("a/data/{i}")).collect();
        let mut entries: Vec<(&str, &[u8])> =
            vec![("a/data.pkl", &changed), ("a/data/cls", &bytes)];
        entries.extend(names.iter().map(String::as_str).zip(plain.iter().map(Vec::as_slice)));
        let found = read(&archive(&entries));
        assert_eq!(found.backbone["backbone.cls_token"].data, values, "{storage}");
    }
}

#[test]
fn layer_scale_is_folded_in() {
    let mut tensors = files::timm(&vit());
    for (name, value) in [("blocks.1.ls1.gamma", 2.0), ("blocks.0.ls2.gamma", 4.0)] {
        tensors.insert(name.into(), Tensor::full(&[64], value));
    }
    tensors.insert("mask_token".into(), Tensor::full(&[1, 64], 0.0));
    let (plain, found) = (files::backbone(&vit()), read(&safetensors(&tensors)));
    assert_eq!(found.unused, ["mask_token"]);
    for (name, tensor) in &plain {
        let scale = match name.strip_prefix("backbone.blocks.") {
            Some("1.attn.proj.weight" | "1.attn.proj.bias") => 2.0,
            Some("0.mlp.fc2.weight" | "0.mlp.fc2.bias") => 4.0,
            _ => 1.0,
        };
        let expected: Vec<f32> = tensor.data.iter().map(|v| v * scale).collect();
        assert!(found.backbone[name].data == expected, "{name}");
    }
}

#[test]
fn what_is_not_of_the_backbone_is_listed_and_what_is_missing_too() {
    let mut tensors = files::timm(&vit());
    tensors.insert("head.mlp.0.weight".into(), Tensor::full(&[2, 2], 0.0));
    tensors.insert("fc_norm.bias".into(), Tensor::full(&[2], 0.0));
    assert_eq!(read(&safetensors(&tensors)).unused, ["fc_norm.bias", "head.mlp.0.weight"]);
    tensors.remove("blocks.0.attn.qkv.bias");
    tensors.remove("norm.weight");
    let message = refused(&safetensors(&tensors));
    for part in [
        "expected all 30 tensors of a backbone with 2 blocks, found 28",
        "missing: backbone.blocks.0.attn.qkv.bias, backbone.norm.weight",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let mut split = files::hugging_face(&vit());
    split.remove("encoder.layer.1.attention.attention.key.weight");
    let message = refused(&safetensors(&split));
    assert!(message.contains("missing: backbone.blocks.1.attn.qkv.weight"), "{message}");
}

#[test]
fn another_model_is_refused() {
    for (name, shape, expected) in [
        ("reg_token", &[1, 4, 64][..], "`reg_token`"),
        ("dist_token", &[1, 1, 64], "`dist_token`"),
        ("norm_pre.weight", &[64], "`norm_pre.weight`"),
        ("blocks.0.attn.q_norm.weight", &[64], "a part that this network has not"),
        ("blocks.1.ls1.gamma", &[32], "expected shape [64], found [32]"),
        ("pos_embed", &[1, 6, 64], "one is CLS and the others fill a square, found [1, 6, 64]"),
        ("pos_embed", &[1, 40_001, 64], "`img_size`"),
        ("cls_token", &[1, 2, 64], "expected shape [1, 1, 64], found [1, 2, 64]"),
        ("patch_embed.proj.weight", &[64, 4, 8, 8], "shape [width, 3, patch, patch]"),
        ("patch_embed.proj.weight", &[64, 3, 8, 4], "square patches"),
        ("patch_embed.proj.weight", &[64, 3, 7, 7], "`patch_size`"),
        ("blocks.60.norm1.weight", &[64], "expected 1 to 48 blocks in the network, found 61"),
        (
            "blocks.18446744073709551615.norm1.weight",
            &[64],
            "expected 1 to 48 blocks in the network, found",
        ),
        ("blocks.0.mlp.fc1.weight", &[128, 64], "expected shape [256, 64], found [128, 64]"),
    ] {
        let mut tensors = files::timm(&vit());
        tensors.insert(name.into(), Tensor::full(shape, 0.0));
        let bytes = safetensors(&tensors);
        let message = weights::read("w", &bytes, Network::Teacher, None).unwrap_err().to_string();
        assert!(message.contains(expected), "{name}: {message}");
    }
    let mut resnet = Tensors::new();
    for name in ["conv1.weight", "layer1.0.bn1.bias"] {
        resnet.insert(name.into(), Tensor::full(&[4], 0.0));
    }
    let message = refused(&safetensors(&resnet));
    assert!(
        message.contains("found 2 others such as conv1.weight, layer1.0.bn1.bias"),
        "{message}"
    );
}

#[test]
fn heads_are_64_wide_or_have_to_be_said() {
    let narrow = dino::config::VitConfig { embed_dim: 24, ..vit() };
    let bytes = safetensors(&files::timm(&narrow));
    let failed =
        |heads| weights::read("w", &bytes, Network::Teacher, heads).unwrap_err().to_string();
    assert!(failed(None).contains("expected a width of whole heads of 64, found 24"));
    assert!(failed(Some(5)).contains("cannot be divided into 5 heads"));
    assert!(failed(Some(0)).contains("`num_heads`"));
    let found = weights::read("w", &bytes, Network::Teacher, Some(3)).unwrap();
    assert_eq!(found.vit.num_heads, 3);
}

#[test]
fn a_backbone_goes_out_and_comes_back() {
    let narrow = dino::config::VitConfig { embed_dim: 24, num_heads: 2, ..vit() };
    let bytes = safetensors(&files::timm(&narrow));
    let found = weights::read("w", &bytes, Network::Teacher, Some(2)).unwrap();
    let out = weights::backbone(&found).unwrap();
    assert_eq!(out, weights::backbone(&found).unwrap(), "the same bytes");
    let (tensors, _) = tensors::read("out", &out).unwrap();
    assert!(tensors == files::timm(&narrow), "timm's names, nothing else");
    assert_eq!(read(&out).vit.num_heads, 2, "our file says how many heads");
}

#[test]
fn a_run_starts_from_a_backbone() {
    let found = read(&safetensors(&files::hugging_face(&vit())));
    let mut settings = Settings::of(weights::PRESET, 0);
    let config = weights::config(&found, &settings, 100).unwrap();
    assert_eq!((config.vit.img_size, config.crops.global_size), (16, 16), "as positions are");
    assert_eq!(config.crops.local_size, 8);
    assert_eq!((config.vit.embed_dim, config.head.out_dim), (64, 4096));
    let train = &config.train;
    assert!((train.lr - 5e-5).abs() < 1e-12, "a fifth of the preset's: {}", train.lr);
    assert_eq!(dino::schedule::frozen_steps(train), config.total_steps() / 10);
    let bytes = weights::start(found.clone(), config, 7).unwrap().to_bytes().unwrap();
    let checkpoint = dino::checkpoint::Checkpoint::from_bytes("c", &bytes).unwrap();
    assert_eq!((checkpoint.step, checkpoint.seed), (0, 7));
    for (name, tensor) in &found.backbone {
        assert!(checkpoint.tensors[&format!("student.{name}")] == *tensor, "{name}");
    }
    for (name, tensor) in &checkpoint.tensors {
        let zero = tensor.data.iter().all(|v| *v == 0.0);
        let role = ROLES.iter().find(|role| name.starts_with(**role));
        match role.copied() {
            Some(role @ ("first_moment." | "second_moment.")) => assert!(zero, "{role}{name}"),
            Some(_) => {
                let teacher = name.replacen("student.", "teacher.", 1);
                assert!(checkpoint.tensors[&teacher] == *tensor, "{name}");
            }
            None => assert!(zero && name == CENTER),
        }
    }
    let back = read(&bytes);
    assert_eq!(back.origin, Origin::Ours);
    assert!(back.backbone == found.backbone);
    settings.changed.insert(Setting::Depth, 12.0);
    let message = weights::config(&found, &settings, 100).unwrap_err().to_string();
    assert!(message.contains("`depth`: expected 2, as the weights have it, found 12"), "{message}");
}

#[test]
fn crops_follow_patches_of_14() {
    let large = dino::config::VitConfig { patch_size: 14, img_size: 518, ..vit() };
    let found =
        Weights { origin: Origin::Timm, vit: large, backbone: Tensors::new(), unused: Vec::new() };
    let mut settings = Settings::of(weights::PRESET, 0);
    let crops = weights::config(&found, &settings, 0).unwrap().crops;
    assert_eq!((crops.global_size, crops.local_size), (224, 98));
    settings.changed.insert(Setting::LocalSize, 96.0);
    let message = weights::config(&found, &settings, 0).unwrap_err().to_string();
    assert!(
        message.contains("`local_size`: expected a multiple of the patch size 14"),
        "{message}"
    );
}

#[test]
fn code_in_a_pickle_is_refused_and_not_run() {
    let attack = |pickle: Pickle| refused(&torch(&pickle.stop(), &[]));
    // What pickling an object whose __reduce__ is (os.system, ("…",)) gives.
    let reduce =
        Pickle::new().global("posix", "system").raw(b"(").text("touch /tmp/owned").raw(b"tR");
    let message = attack(reduce);
    assert!(message.contains("`posix.system`"), "{message}");
    assert!(message.contains("nothing of it was run"), "{message}");
    for (module, name) in [
        ("builtins", "eval"),
        ("__builtin__", "getattr"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_tensor_v3"),
        ("collections", "OrderedDict.fromkeys"),
        ("argparse", "ArgumentParser"),
        ("", ""),
    ] {
        let message = attack(Pickle::new().global(module, name).raw(b")R"));
        assert!(message.contains(&format!("`{module}.{name}`")), "{message}");
    }
    // STACK_GLOBAL of protocol 4 says the same in another way; INST, OBJ and EXT1 are not known at all.
    let stack = Pickle::new().text("os").text("system").raw(&[0x93]);
    assert!(attack(stack).contains("`os.system`"));
    for code in [&b"(iposix\nsystem\n"[..], b"(cposix\nsystem\no", &[0x82, 1]] {
        let message = attack(Pickle::new().raw(code));
        assert!(message.contains("instruction") || message.contains("posix.system"), "{message}");
    }
    assert!(!std::path::Path::new("/tmp/owned").exists());
}

#[test]
fn malformed_pickles_are_refused() {
    let attack = |bytes: &[u8]| refused(&torch(bytes, &[]));
    for (bytes, words) in [
        (&b""[..], "cut off"),
        (b"\x80", "cut off"),
        (b".", "lacks its operands"),
        (b"(.", "lacks its operands"),
        (b"t.", "lacks its mark"),
        (b"h\x05.", "was not kept"),
        (b"Nq\x01(h\x01", "cut off"),
        (b"X\xff\xff\xff\xffabc", "cut off"),
        (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "cut off"),
        (b"cno newline", "without an end"),
        (b"}(K\x01u.", "a key without a value"),
        (b"K\x01K\x02K\x03s.", "no dictionary"),
        (b"K\x01K\x02a.", "no list"),
        (b"K\x01)R.", "no known name"),
        (b"ctorch\nFloatStorage\n)R.", "other arguments"),
        (b"K\x01Q.", "storage whose type"),
        (b"N.", "found no dictionary"),
        (b"}.", "found no dictionary"),
    ] {
        let message = attack(bytes);
        assert!(message.contains(words), "{bytes:?}: {message}");
    }
    // A dictionary that holds itself, and more objects than any model needs.
    let message = attack(b"}q\x00X\x01\x00\x00\x00ah\x00s.");
    assert!(message.contains("found only a"), "{message}");
    let many = [b")".repeat(300_000), b".".to_vec()].concat();
    assert!(attack(&many).contains("more than 262144 objects"));
    let long = vec![b'N'; (16 << 20) + 1];
    assert!(attack(&long).contains("expected at most 16777216 bytes"));
}

#[test]
fn tensors_stay_within_their_storages() {
    let one = Tensor::full(&[64], 0.5);
    let cls = |count, offset, shape: &[u64], strides: &[u64]| {
        let pickle = Pickle::new().raw(b"}(").text("cls_token");
        let pickle = pickle.tensor("0", count, offset, shape, strides).raw(b"u").stop();
        refused(&torch(&pickle, &[&one]))
    };
    // The one that is sound fails later, because the rest of the backbone is missing.
    assert!(cls(64, 0, &[1, 1, 64], &[64, 64, 1]).contains("patch_embed.proj.weight"));
    for (count, offset, shape, strides) in [
        (64, 1, &[1, 1, 64][..], &[64, 64, 1][..]),
        (64, 0, &[2, 64], &[64, 1]),
        (64, 0, &[64], &[2]),
        (64, 0, &[1 << 40, 1 << 40], &[0, 0]),
        (64, 0, &[1 << 20], &[0]),
        (64, u64::MAX >> 1, &[2], &[u64::MAX >> 1]),
        (64, 0, &[0], &[1]),
    ] {
        let message = cls(count, offset, shape, strides);
        assert!(message.contains("a part of its storage of 64 values"), "{shape:?}: {message}");
    }
    let message = cls(65, 0, &[64], &[1]);
    assert!(message.contains("expected 260 bytes for tensor cls_token, found 256"), "{message}");
    let message = cls(u64::MAX >> 3, 0, &[64], &[1]);
    assert!(message.contains("all that is left"), "{message}");
    let pickle = Pickle::new().raw(b"}(").text("cls_token").tensor("7", 64, 0, &[64], &[1]);
    let message = refused(&torch(&pickle.raw(b"u").stop(), &[&one]));
    assert!(
        message.contains("`data/7` in this archive: expected this entry, found none"),
        "{message}"
    );
}

#[test]
fn one_storage_cannot_be_read_again_and_again() {
    let one = Tensor::full(&[1 << 16], 0.5);
    let start = Pickle::new().raw(b"}(");
    let all = (0..1000).fold(start, |pickle, i| {
        pickle.text(&format!("blocks.{i}.norm1.weight")).tensor("0", 1 << 16, 0, &[1 << 16], &[1])
    });
    let message = refused(&torch(&all.raw(b"u").stop(), &[&one]));
    assert!(message.contains("all that is left"), "{message}");
}

#[test]
fn transposed_tensors_are_laid_out_in_rows() {
    let mut tensors = files::timm(&vit());
    let name = "blocks.0.attn.proj.weight";
    let weight = tensors.remove(name).unwrap();
    let pickle = Pickle::new().tensors(&tensors, 0).raw(b"(").text(name);
    let key = tensors.len().to_string();
    let pickle = pickle.tensor(&key, 64 * 64, 0, &[64, 64], &[1, 64]).raw(b"u").stop();
    let mut storages: Vec<&Tensor> = tensors.values().collect();
    storages.push(&weight);
    let found = read(&torch(&pickle, &storages));
    let turned = &found.backbone[&format!("backbone.{name}")];
    assert_eq!(turned.data[3 * 64 + 5], weight.data[5 * 64 + 3]);
}

#[test]
fn archives_that_torch_did_not_write_are_refused() {
    let message = refused(b"PK\x03\x04 this is not an archive");
    assert!(message.contains("expected a zip archive written by torch.save"), "{message}");
    let message = refused(&archive(&[("word/document.xml", b"<w/>")]));
    assert!(message.contains("data.pkl"), "{message}");
    let whole = torch_backbone(&files::timm(&vit()));
    for cut in [3, 100, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..cut]);
    }
    let message = refused(&archive(&[("a/data.pkl", b"}."), ("a/byteorder", b"big")]));
    assert!(message.contains("expected little, found big"), "{message}");
    let message = refused(&[&[0x80, 2, 0x8a, 10][..], &[0; 64]].concat());
    assert!(message.contains("the one before PyTorch 1.6"), "{message}");
}

/// A stored entry whose directory calls it deflated: 42 bytes that would be a gigabyte, and a checksum
/// that is not the data's.
#[test]
fn bombs_and_false_sums_are_refused() {
    let plain = archive(&[("a/data.pkl", b"}.")]);
    let directory = plain.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let mut bomb = plain.clone();
    for (start, method, size) in [(0, 8, 22), (directory, 10, 24)] {
        bomb[start + method..][..2].copy_from_slice(&8u16.to_le_bytes());
        bomb[start + size..][..4].copy_from_slice(&(1u32 << 30).to_le_bytes());
    }
    let message = refused(&bomb);
    assert!(message.contains("as torch.save stores it, found"), "{message}");
    let mut huge = plain.clone();
    for (start, size) in [(0, 22), (directory, 24)] {
        huge[start + size..][..4].copy_from_slice(&(1u32 << 30).to_le_bytes());
    }
    refused(&huge);
    let mut wrong = plain;
    for (start, sum) in [(0, 14), (directory, 16)] {
        wrong[start + sum] ^= 1;
    }
    let message = refused(&wrong);
    assert!(message.contains("data.pkl"), "{message}");
}

#[test]
fn hostile_safetensors_are_refused() {
    for (bytes, words) in [
        (with_header("", 0), "not valid JSON"),
        (
            (10u64 << 30).to_le_bytes().to_vec(),
            "expected a safetensors header of 10737418240 bytes",
        ),
        (u64::MAX.to_le_bytes().to_vec(), "found only 0 bytes"),
        (with_header("[1]", 0), "not valid JSON"),
        (with_header(&"[".repeat(100_000), 0), "not valid JSON"),
        (
            with_header(
                r#"{"cls_token":{"dtype":"F32","shape":[64],"data_offsets":[0,256]}}"#,
                255,
            ),
            "tensor `cls_token` in `w.pth`: expected its bytes 0 to 256 in the file",
        ),
        (
            with_header(
                r#"{"cls_token":{"dtype":"F32","shape":[64],"data_offsets":[0,128]}}"#,
                256,
            ),
            "expected 256 bytes for shape [64] of F32, found bytes 0 to 128",
        ),
        (
            with_header(
                r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},
                    "b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}"#,
                24,
            ),
            "tensor `b` in `w.pth`: expected its data to start at byte 16, found byte 8",
        ),
        (
            with_header(r#"{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8),
            "expected values of type F32, F16, BF16 or F64, found I64",
        ),
        (
            with_header(
                r#"{"x":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}"#,
                0,
            ),
            "tensor `x`",
        ),
    ] {
        let message = refused(&bytes);
        assert!(message.contains(words), "{words}: {message}");
    }
    let mut tensors = files::timm(&vit());
    tensors.get_mut("norm.bias").unwrap().data[3] = f32::NAN;
    let message = refused(&safetensors(&tensors));
    assert!(message.contains("`norm.bias`") && message.contains("NaN at position 3"), "{message}");
    let message = refused(&torch_backbone(&tensors));
    assert!(message.contains("`norm.bias`") && message.contains("expected finite"), "{message}");
}

/// The smallest backbone: a mutation hits something that matters.
fn smallest() -> dino::config::VitConfig {
    dino::config::VitConfig { img_size: 4, patch_size: 4, embed_dim: 4, depth: 1, ..vit() }
}

/// Bytes with some of them changed, and perhaps an end.
fn mutate(mut bytes: Vec<u8>, changes: &[(usize, u8)], cut: Option<usize>) -> Vec<u8> {
    for (at, value) in changes {
        let at = at % bytes.len();
        bytes[at] = *value;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut % bytes.len());
    }
    bytes
}

/// Whatever was read is whole and finite.
fn sound(found: dino::Result<Weights>) {
    let Ok(found) = found else { return };
    let shapes = dino::names::backbone(&found.vit);
    assert_eq!(shapes.len(), found.backbone.len());
    for (name, shape) in shapes {
        let tensor = &found.backbone[&name];
        assert_eq!((&tensor.shape, tensor.data.len()), (&shape, shape.iter().product()));
        assert!(tensor.data.iter().all(|v| v.is_finite()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn mutated_safetensors_never_panic(
        changes in vec((any::<usize>(), any::<u8>()), 0..6),
        cut in option::weighted(0.2, any::<usize>()),
        header in any::<bool>(),
    ) {
        let bytes = safetensors(&files::timm(&smallest()));
        // Half of the cases change the header alone, which is where decisions are made.
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize + 8;
        let part = |(at, value): &(usize, u8)| (if header { at % length } else { *at }, *value);
        let changes: Vec<_> = changes.iter().map(part).collect();
        sound(weights::read("w", &mutate(bytes, &changes, cut), Network::Teacher, Some(1)));
    }

    #[test]
    fn mutated_pickles_never_panic(
        changes in vec((any::<usize>(), any::<u8>()), 0..6),
        cut in option::weighted(0.2, any::<usize>()),
    ) {
        let tensors = files::timm(&smallest());
        let pickle = mutate(Pickle::new().tensors(&tensors, 0).stop(), &changes, cut);
        let bytes = torch(&pickle, &tensors.values().collect::<Vec<_>>());
        sound(weights::read("w", &bytes, Network::Teacher, Some(1)));
    }

    #[test]
    fn random_pickles_never_panic(
        pickle in vec(prop_oneof![
            sample::select(b"}](.tuseaRQbcqhrjKMJXNG0)".to_vec()),
            sample::select(vec![0u8, 1, 2, 0x80, 0x81, 0x85, 0x86, 0x87, 0x8a, 0x8c, 0x93, 0x94]),
            any::<u8>(),
        ], 0..200),
    ) {
        sound(weights::read("w", &torch(&pickle, &[]), Network::Teacher, Some(1)));
    }

    #[test]
    fn mutated_archives_never_panic(
        changes in vec((any::<usize>(), any::<u8>()), 0..6),
        cut in option::weighted(0.2, any::<usize>()),
    ) {
        let bytes = mutate(torch_backbone(&files::timm(&smallest())), &changes, cut);
        sound(weights::read("w", &bytes, Network::Teacher, Some(1)));
    }
}
