//! Entropy of the teacher's answers in `dino evaluate`. Invariant: it is that of the logits that the official
//! code recorded.

use dino_core::eval::quality;
use dino_core::run::config::Config;
use dino_core::weights::checkpoint::{CENTER, Checkpoint, ROLES};
use dino_core::weights::tensors;
use dino_core::weights::tensors::{Tensor, Tensors};
use std::fs;
use std::path::Path;

/// The beginning of a golden case as a checkpoint, and what it expects.
fn case(name: &str) -> (Checkpoint, Tensors) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
    let file = |name: &str| fs::read(folder.join(name)).unwrap();
    let config: Config = serde_json::from_slice(&file("case.json")).unwrap();
    let mut tensors = Tensors::new();
    for (name, tensor) in tensors::read("init", &file("init.safetensors")).unwrap().0 {
        for role in ROLES {
            tensors.insert(format!("{role}{name}"), tensor.clone());
        }
    }
    tensors.insert(CENTER.into(), Tensor::full(&[1, config.head.out_dim], 0.0));
    let expect = tensors::read("expect", &file("expect.safetensors")).unwrap().0;
    (Checkpoint { config, seed: 0, step: 0, tensors, images: None }, expect)
}

#[test]
fn entropy_is_that_of_the_recorded_logits() {
    for name in ["basic", "no_local", "schedules"] {
        let (mut checkpoint, expect) = case(name);
        let k = checkpoint.config.head.out_dim;
        for (i, value) in checkpoint.tensors.get_mut(CENTER).unwrap().data.iter_mut().enumerate() {
            *value = 0.01 * (i % 5) as f32;
        }
        let center = checkpoint.tensors[CENTER].data.clone();
        // Teacher and student are the same at first; features are of the first global crops.
        let features = &expect["step0.features"].data;
        let temp = f64::from(expect["step0.schedule"].data[3]);
        let logits = &expect["step0.teacher_logits"].data[..checkpoint.config.train.batch * k];
        let entropy = |row: &[f32]| {
            let e: Vec<f64> =
                row.iter().zip(&center).map(|(t, c)| (f64::from(t - c) / temp).exp()).collect();
            let sum: f64 = e.iter().sum();
            -e.iter().map(|e| e / sum * (e / sum).ln()).sum::<f64>()
        };
        let rows: Vec<f64> = logits.chunks(k).map(entropy).collect();
        let expected = rows.iter().sum::<f64>() / rows.len() as f64;
        let found = quality::entropy(&checkpoint, features).unwrap();
        assert!((found / expected - 1.0).abs() < 1e-4, "{name}: {found}, not {expected}");
    }
}

#[test]
fn a_checkpoint_without_its_head_is_refused() {
    let (mut checkpoint, expect) = case("basic");
    checkpoint.tensors.remove("teacher.head.mlp.4.bias");
    let error = quality::entropy(&checkpoint, &expect["step0.features"].data).unwrap_err();
    assert!(error.to_string().contains("teacher.head.mlp.4.bias"), "{error}");
}
