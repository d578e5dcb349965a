//! Backbones of others. Invariant: every format gives the same parameters, and another model is refused with a
//! sentence that names the tensor and what was expected.

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod files;

use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::weights;
use dino_core::weights::checkpoint::{CENTER, ROLES};
use dino_core::weights::tensors;
use dino_core::weights::tensors::{Tensor, Tensors};
use dino_core::weights::{Origin, Weights};
use files::{Pickle, archive, prefixed, read, refused, safetensors, torch, torch_backbone, vit};

/// The same tensors with every value shifted, for other networks' dictionaries.
fn shifted(tensors: &Tensors, by: f32) -> Tensors {
    let shift = |t: &Tensor| t.data.iter().map(|v| v + by).collect();
    let shifted =
        |(n, t): (&String, &Tensor)| (n.clone(), Tensor { shape: t.shape.clone(), data: shift(t) });
    tensors.iter().map(shifted).collect()
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
        assert!(found.account.unused.is_empty(), "{:?}", found.account.unused);
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

/// Files that PyTorch itself wrote; `tests/oracle/make.py` makes them.
#[test]
fn files_of_pytorch_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/weights");
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let of = |name: &str, network| weights::read("w", &file(name), network, Some(1)).unwrap();
    let plain = of("backbone.pth", Network::Teacher);
    assert_eq!((plain.vit.embed_dim, plain.vit.depth, plain.vit.img_size), (4, 1, 8));
    let full = of("full.pth", Network::Teacher);
    assert!(full.backbone == plain.backbone, "the teacher's");
    let unused = [
        "dino_loss.center",
        "optimizer.state.…",
        "student.module.head.mlp.0.weight",
        "teacher.head.mlp.0.weight",
    ];
    assert_eq!(full.account.unused, unused.map(String::from));
    assert_eq!((full.account.taken.as_str(), full.account.left.len()), ("teacher.backbone.", 1));
    let student = of("full.pth", Network::Student).backbone;
    for (name, tensor) in &student {
        let half: Vec<f32> = plain.backbone[name].data.iter().map(|v| v * 0.5).collect();
        assert!(tensor.data == half, "{name}");
    }
    // Code beside the weights is not run, and said.
    assert_eq!(of("code.pth", Network::Teacher).account.passed_over, ["posix.system"]);
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
    assert_eq!(found.account.unused, ["mask_token"]);
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
    assert_eq!(read(&safetensors(&tensors)).account.unused, ["fc_norm.bias", "head.mlp.0.weight"]);
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
        ("blocks.0.attn.q_norm.weight", &[64], "a part that this network does not have"),
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
    assert!(message.contains("`layer1.0.bn1.bias` tells that it is a ResNet"), "{message}");
}

#[test]
fn other_head_widths_than_64_need_the_number_of_heads() {
    let narrow = dino_core::run::config::VitConfig { embed_dim: 24, ..vit() };
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
fn an_exported_backbone_is_read_unchanged() {
    let narrow = dino_core::run::config::VitConfig { embed_dim: 24, num_heads: 2, ..vit() };
    let bytes = safetensors(&files::timm(&narrow));
    let found = weights::read("w", &bytes, Network::Teacher, Some(2)).unwrap();
    let out = weights::backbone(&found, weights::Precision::Full).unwrap();
    assert_eq!(out, weights::backbone(&found, weights::Precision::Full).unwrap(), "the same bytes");
    let half = weights::backbone(&found, weights::Precision::Half).unwrap();
    assert!(half.len() < out.len() * 6 / 10, "{} of {}", half.len(), out.len());
    assert_eq!(read(&half).backbone.len(), found.backbone.len(), "halves are read again");
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
    assert_eq!((config.vit.embed_dim, config.head.out_dim), (64, 256));
    let train = &config.train;
    assert!(
        (train.lr - 2e-4).abs() < 1e-12,
        "a fifth of that of a fresh network so wide: {}",
        train.lr
    );
    assert_eq!(dino_core::run::schedule::frozen_steps(train), config.total_steps() / 10);
    let bytes = weights::start(found.clone(), config, 7).unwrap().to_bytes().unwrap();
    let checkpoint = dino_core::weights::checkpoint::Checkpoint::from_bytes("c", &bytes).unwrap();
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
    settings.set(Setting::Depth, 12.0);
    let message = weights::config(&found, &settings, 100).unwrap_err().to_string();
    assert!(message.contains("`depth`: expected 2, as the weights have it, found 12"), "{message}");
}

#[test]
fn crops_follow_patches_of_14() {
    let large = dino_core::run::config::VitConfig { patch_size: 14, img_size: 518, ..vit() };
    let found = Weights {
        vit: large,
        backbone: Tensors::new(),
        ..read(&safetensors(&files::timm(&vit())))
    };
    let mut settings = Settings::of(weights::PRESET, 0);
    let crops = weights::config(&found, &settings, 0).unwrap().crops;
    assert_eq!((crops.global_size, crops.local_size), (224, 98));
    settings.set(Setting::LocalSize, 96.0);
    let message = weights::config(&found, &settings, 0).unwrap_err().to_string();
    assert!(
        message.contains("`local_size`: expected a multiple of the patch size 14"),
        "{message}"
    );
}

/// Other names of the same tensors.
fn renamed(rename: impl Fn(&str) -> String) -> Tensors {
    files::timm(&vit()).into_iter().map(|(name, tensor)| (rename(&name), tensor)).collect()
}

#[test]
fn whatever_stands_before_the_names_the_backbone_is_found() {
    let expected = files::backbone(&vit());
    for prefix in [
        "model.",
        "encoder.",
        "trunk.",
        "0.",
        "module.base_encoder.",
        "teacher_backbone.",
        "net.vit.",
        "ema_",
        "model.module.backbone.",
        "_orig_mod.",
    ] {
        let found = read(&safetensors(&prefixed(files::timm(&vit()), prefix)));
        assert!(found.backbone == expected, "{prefix}");
        assert_eq!(found.account.taken, prefix);
    }
}

#[test]
fn blocks_in_chunks_are_counted_through() {
    let expected = files::backbone(&vit());
    let chunked = |number: fn(usize) -> String| {
        renamed(|name| match name.strip_prefix("blocks.").and_then(|rest| rest.split_once('.')) {
            Some((block, part)) => format!("blocks.{}.{part}", number(block.parse().unwrap())),
            None => name.to_owned(),
        })
    };
    for number in [
        // One chunk of all, a chunk for each with numbers that run on, and with numbers that begin anew.
        |block| format!("0.{block}"),
        |block| format!("{block}.{block}"),
        |block| format!("{block}.0"),
    ] {
        assert!(read(&safetensors(&chunked(number))).backbone == expected);
    }
}

#[test]
fn names_of_transformers_5_and_of_torchvision_are_read() {
    let expected = files::backbone(&vit());
    let mut five = Tensors::new();
    for (name, tensor) in files::hugging_face(&vit()) {
        let name = name
            .replace("encoder.layer.", "layers.")
            .replace("attention.output.dense", "attention.o_proj");
        let name = name.replace("intermediate.dense", "mlp.fc1").replace("output.dense", "mlp.fc2");
        let name = ["query", "key", "value"].iter().fold(name, |name, part| {
            name.replace(
                &format!("attention.attention.{part}"),
                &format!("attention.{}_proj", &part[..1]),
            )
        });
        five.insert(name, tensor);
    }
    assert!(read(&safetensors(&five)).backbone == expected, "transformers 5");
    let torchvision = renamed(|name| {
        let name =
            name.replace("cls_token", "class_token").replace("pos_embed", "encoder.pos_embedding");
        let name = name
            .replace("patch_embed.proj", "conv_proj")
            .replace("blocks.", "encoder.layers.encoder_layer_");
        let name = name
            .replace("attn.qkv.", "self_attention.in_proj_")
            .replace("attn.proj", "self_attention.out_proj");
        let name = name
            .replace("norm1", "ln_1")
            .replace("norm2", "ln_2")
            .replace("fc1", "0")
            .replace("fc2", "3");
        match name.strip_prefix("norm.") {
            Some(end) => format!("encoder.ln.{end}"),
            None => name,
        }
    });
    assert!(read(&safetensors(&torchvision)).backbone == expected, "torchvision");
}

#[test]
fn a_tensor_outside_the_blocks_that_changes_the_result_is_refused() {
    for name in [
        "patch_embed.norm.weight",
        "ln_pre.weight",
        "pre_norm.weight",
        "embeddings.norm.weight",
        "cls_pos_embed",
        "rel_pos_bias.relative_position_bias_table",
        "rope.freqs",
        "time_embed",
        "patch_embed.conv1.weight",
    ] {
        let mut tensors = files::timm(&vit());
        tensors.insert(name.to_owned(), Tensor::full(&[64], 1.0));
        let message = refused(&safetensors(&tensors));
        assert!(message.contains(&format!("`{name}`")), "{message}");
    }
    for name in [
        "head.weight",
        "mask_token",
        "decoder_pos_embed",
        "decoder.blocks.0.norm1.weight",
        "fc_norm.weight",
    ] {
        let mut tensors = files::timm(&vit());
        tensors.insert(name.to_owned(), Tensor::full(&[64], f32::NAN));
        assert_eq!(read(&safetensors(&tensors)).account.unused, [name]);
    }
}
