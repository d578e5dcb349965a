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
