//! Networks of a file: which is taken, and what of it may be left. Invariant: another network than the one that was asked
//! for is never taken without a word, and nothing that computes is passed over.

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod files;

use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::tensors::{Tensor, Tensors};
use files::{prefixed, read, safetensors, vit};

/// Names changed; nothing for a tensor that is left out.
fn renamed(tensors: &Tensors, rename: impl Fn(&str) -> Option<String>) -> Tensors {
    let one = |(name, tensor): (&String, &Tensor)| Some((rename(name)?, tensor.clone()));
    tensors.iter().filter_map(one).collect()
}

/// The same network with a part of every value.
fn scaled(tensors: &Tensors) -> Tensors {
    let mut scaled = tensors.clone();
    scaled.values_mut().flat_map(|tensor| &mut tensor.data).for_each(|value| *value *= 0.5);
    scaled
}

#[test]
fn a_whole_student_is_not_taken_for_a_teacher_that_is_half_there() {
    let (plain, expected) = (files::timm(&vit()), scaled(&files::backbone(&vit())));
    let without =
        |part: &'static str| move |name: &str| (!name.starts_with(part)).then(|| name.to_owned());
    let unknown = |name: &str| {
        let name = name.replace("patch_embed.proj", "patch_embed.projection");
        Some(name.replace("blocks.", "layers.").replace("norm1", "ln1"))
    };
    let foreign = |name: &str| Some(format!("conv.{}.weight", name.replace('.', "-")));
    for (half, missing) in [
        (renamed(&plain, without("pos_embed")), "found no pos_embed there"),
        (renamed(&plain, without("cls_token")), "found no cls_token there"),
        (renamed(&plain, without("patch_embed")), "found no patch_embed.proj.weight there"),
        (renamed(&plain, without("blocks.0.")), "found no blocks.0.norm1.weight there"),
        (renamed(&plain, unknown), "found no patch_embed.proj.weight, blocks.0.norm1.weight there"),
        (renamed(&plain, foreign), "found no cls_token, pos_embed,"),
    ] {
        for [student, teacher] in
            [["student.", "teacher."], ["model.", "model_ema."], ["online.", "target."]]
        {
            let mut all = prefixed(scaled(&plain), student);
            all.extend(prefixed(half.clone(), teacher));
            let bytes = safetensors(&all);
            let read =
                |network| weights::read("w", &bytes, network, None).map(|found| found.backbone);
            let message = read(Network::Teacher).unwrap_err().to_string();
            let begins = format!("the teacher whole, whose names begin with `{teacher}");
            for words in [&begins, missing, &format!("The network `{student}…` is whole")] {
                assert!(message.contains(words), "{words}: {message}");
            }
            assert!(read(Network::Student).unwrap() == expected, "{student}");
        }
        let mut all = prefixed(plain.clone(), "teacher.");
        all.extend(prefixed(half, "student."));
        let message = weights::read("w", &safetensors(&all), Network::Student, None);
        assert!(message.unwrap_err().to_string().contains("`--network teacher`"));
    }
}

#[test]
fn heads_and_states_of_a_teacher_are_no_half_network() {
    let mut all = prefixed(files::timm(&vit()), "student.backbone.");
    for name in
        ["teacher.head.mlp.0.weight", "teacher_head.0.weight", "teacher.center", "ema_decay"]
    {
        all.insert(name.to_owned(), Tensor::full(&[2, 2], 0.0));
    }
    assert_eq!(read(&safetensors(&all)).account.taken, "student.backbone.");
}

#[test]
fn wrappers_in_the_middle_of_names_mean_nothing() {
    let (plain, expected) = (files::timm(&vit()), files::backbone(&vit()));
    for wrapper in ["_orig_mod", "_checkpoint_wrapped_module", "_fsdp_wrapped_module", "module"] {
        for within in
            ["blocks.0", "blocks.1.attn", "patch_embed", "norm", "blocks", "blocks.0.mlp.fc1"]
        {
            let wrapped = renamed(&plain, |name| {
                let rest = name.strip_prefix(within).filter(|rest| rest.starts_with('.'));
                Some(rest.map_or(name.to_owned(), |rest| format!("{within}.{wrapper}{rest}")))
            });
            assert!(read(&safetensors(&wrapped)).backbone == expected, "{within}.{wrapper}");
            let wrapped = prefixed(wrapped, &format!("teacher.{wrapper}."));
            let found = read(&safetensors(&wrapped));
            assert!(found.backbone == expected, "{within}.{wrapper}");
            assert_eq!(found.account.taken, format!("teacher.{wrapper}."));
        }
    }
}

#[test]
fn what_may_compute_is_refused_though_its_name_sounds_like_a_head() {
    for name in ["input_projection.weight", "step_embed.weight", "best_prompt", "pos_embed_center"]
    {
        let mut tensors = files::timm(&vit());
        tensors.insert(name.to_owned(), Tensor::full(&[64, 64], 1.0));
        let message = files::refused(&safetensors(&tensors));
        assert!(message.contains(&format!("`{name}`")), "{message}");
    }
}

#[test]
fn shards_are_refused_by_name() {
    let tensors = files::timm(&vit());
    let half = |first: bool| {
        let middle = tensors.len() / 2;
        let part = tensors.iter().enumerate().filter(|(i, _)| (*i < middle) == first);
        part.map(|(_, (name, tensor))| (name.clone(), tensor.clone())).collect::<Tensors>()
    };
    for (first, number) in [(true, 1), (false, 2)] {
        let name = format!("folder/model-0000{number}-of-00002.safetensors");
        let read = |bytes: &[u8]| {
            weights::read(&name, bytes, Network::Teacher, None).map_err(|error| error.to_string())
        };
        for bytes in [safetensors(&half(first)), files::torch_backbone(&half(first))] {
            let message = read(&bytes).unwrap_err();
            assert!(message.contains(&format!("it is part {number} of 2")), "{message}");
        }
        assert!(read(&safetensors(&tensors)).is_ok(), "whole in spite of its name");
    }
    let index = br#"{"metadata": {"total_size": 1}, "weight_map": {"cls_token": "a"}}"#;
    assert!(files::refused(index).contains("the list of a model that was saved in parts"));
}

#[test]
fn a_header_of_any_length_is_no_archive() {
    // Lengths whose bytes are the marks of zip, gzip and Windows programs.
    for length in [0x4b50, 0x8b1f, 0x5a4d] {
        let bytes = safetensors(&files::timm(&vit()));
        let (header, data) =
            bytes[8..].split_at(u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize);
        let mut padded = header.to_vec();
        padded.resize(length, b' ');
        let bytes = [&(length as u64).to_le_bytes()[..], &padded, data].concat();
        assert!(read(&bytes).backbone == files::backbone(&vit()), "{length}");
    }
}

#[test]
fn a_tensor_that_is_empty_or_of_another_kind_is_told_as_that() {
    let mut tensors = files::timm(&vit());
    tensors.insert("norm.weight".into(), Tensor::full(&[0], 0.0));
    let message = files::refused(&files::torch_backbone(&tensors));
    assert!(message.contains("expected shape [64], found [0]"), "{message}");
    let mut without = files::hugging_face(&vit());
    without.remove("embeddings.cls_token");
    let message = files::refused(&safetensors(&without));
    assert!(message.contains("without a CLS token"), "{message}");
}

#[test]
fn a_network_that_normalises_images_in_its_own_way_is_refused() {
    for prefix in ["", "backbone."] {
        let with = |name: &str, values: [f32; 3]| {
            let mut tensors = prefixed(files::timm(&vit()), prefix);
            let tensor = Tensor { shape: vec![1, 3, 1, 1], data: values.to_vec() };
            tensors.insert(name.to_owned(), tensor);
            safetensors(&tensors)
        };
        for name in ["normalize.mean", "pixel_mean"] {
            let message = files::refused(&with(name, [0.5; 3]));
            assert!(message.contains("normalises them itself"), "{message}");
            // As all images are normalised here, by 0 to 1 or by 0 to 255.
            for scale in [1.0, 255.0] {
                let ours = [0.485, 0.456, 0.406].map(|value| value * scale);
                assert_eq!(read(&with(name, ours)).account.unused, [name]);
            }
        }
    }
}
