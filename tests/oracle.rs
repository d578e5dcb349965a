//! Oracle: backbones of others beside timm in PyTorch, by features and attention of the last block, at the size
//! that positions were learned for and at 480 px. What timm gave is recorded in `tests/oracle/`; the weights are
//! numbers of a formula that both sides know. `cargo xtask oracle` records again and runs the ignored tests too.
//! Invariant: the same weights give what timm gives.
#![cfg(not(target_arch = "wasm32"))]

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod files;

use dino_core::data::picture::Picture;
use dino_core::rng::Rng;
use dino_core::run::config::VitConfig;
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::weights;
use dino_core::weights::parameters;
use dino_core::weights::tensors;
use dino_core::weights::tensors::{Tensor, Tensors};
use dino_engine::train::trainer::{Options, Trainer};
use dino_engine::tune::TunedGpu;
use std::rc::Rc;

const SEED: u64 = 2021;
/// Of longer maps only every seventh value is recorded.
const MOST: usize = 400;
const TOLERANCE: f32 = 1e-4;

fn vit(width: usize, patch: usize) -> VitConfig {
    VitConfig {
        img_size: 224,
        patch_size: patch,
        embed_dim: width,
        depth: 12,
        num_heads: width / 64,
        drop_path_rate: 0.0,
    }
}

/// A backbone in timm's names; `tests/oracle/formula.py` computes the same.
fn formula(vit: &VitConfig) -> Tensors {
    let tensor = |(i, (name, shape)): (usize, (String, Vec<usize>))| {
        let name = name.trim_start_matches("backbone.").to_owned();
        let mut rng = Rng::new(SEED, 0, i as u32, 0);
        let fan_in: usize = shape.iter().skip(1).product();
        let value = |spread: f64| {
            if name.contains("norm") && name.ends_with("weight") {
                1.0 + 0.2 * spread
            } else if name.ends_with("bias") {
                0.1 * spread
            } else if name == "cls_token" || name == "pos_embed" {
                0.5 * spread
            } else {
                let value = spread * (3.0 / fan_in as f64).sqrt();
                if name.ends_with("qkv.weight") { 2.0 * value } else { value }
            }
        };
        let mut tensor = Tensor::full(&shape, 0.0);
        tensor.data.fill_with(|| value(2.0 * rng.uniform() - 1.0) as f32);
        (name, tensor)
    };
    parameters::backbone(vit).into_iter().enumerate().map(tensor).collect()
}

/// 8 × 8 patches of colour under noise.
fn picture(side: usize) -> Picture {
    let mut rng = Rng::new(SEED, 1, side as u32, 0);
    let mut byte = || rng.next_u32() >> 24;
    let colours: Vec<u32> = (0..192).map(|_| byte()).collect();
    let mut rgba = Vec::with_capacity(4 * side * side);
    for (y, x) in (0..side * side).map(|i| (i / side, i % side)) {
        let cell = 3 * (y * 8 / side * 8 + x * 8 / side);
        for colour in &colours[cell..cell + 3] {
            rgba.push(((3 * colour + byte()) / 4) as u8);
        }
        rgba.push(255);
    }
    Picture { width: side, height: side, rgba }
}

/// Reads the file, starts a run from it and compares what its network sees of the images.
async fn compare(name: &str, file: &[u8], sides: &[usize]) {
    let expected = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/oracle/expect.safetensors"
    ))
    .unwrap();
    let (expected, _) = tensors::read("expect.safetensors", &expected).unwrap();
    let weights = weights::read(name, file, Network::Teacher, None).unwrap();
    let mut settings = Settings::of(weights::PRESET, 0);
    // Nothing is trained here: the smallest head, crops and batch.
    for (setting, value) in [
        (Setting::Batch, 1.0),
        (Setting::Locals, 0.0),
        (Setting::GlobalSize, 64.0),
        (Setting::Prototypes, 16.0),
        (Setting::HeadHidden, 4.0),
        (Setting::Bottleneck, 4.0),
    ] {
        settings.set(setting, value);
    }
    let config = weights::config(&weights, &settings, 1).unwrap();
    let checkpoint = weights::start(weights, config.clone(), 0).unwrap();
    let gpu = Rc::new(TunedGpu::new().await.unwrap());
    let options =
        Options { tuning: Some(dino_engine::tune::tuner::untuned(&gpu)), ..Options::default() };
    let mut trainer = Trainer::with(gpu, config.clone(), 0, options).await.unwrap();
    trainer.restore(&checkpoint).await.unwrap();
    for side in sides {
        let seen = trainer.infer(&picture(*side), Network::Teacher, 11, *side).await.unwrap();
        let grid = side / config.vit.patch_size;
        assert_eq!(seen.grid, [grid, grid]);
        // Our features have length 1.
        let cls = &expected[&format!("{name}.{side}.cls")].data;
        let length = cls.iter().map(|v| v * v).sum::<f32>().sqrt();
        let found: Vec<f32> = seen.result.cls.iter().map(|v| v * length).collect();
        let features = largest(&found, cls);
        let step = if grid * grid > MOST { 7 } else { 1 };
        let of_head = |row: &[f32]| row.iter().step_by(step).copied().collect::<Vec<f32>>();
        let found: Vec<f32> = seen.result.attention.chunks(grid * grid).flat_map(of_head).collect();
        let attention = largest(&found, &expected[&format!("{name}.{side}.attention")].data);
        println!(
            "{name} at {side} px: features differ by {features:.1e}, attention by {attention:.1e}"
        );
        assert!(features < TOLERANCE && attention < TOLERANCE, "{name} at {side} px");
    }
}

fn largest(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn tiny_16_from_hugging_face() {
    let file = files::safetensors(&files::renamed(formula(&vit(192, 16))));
    pollster::block_on(compare("tiny16", &file, &[224, 480]));
}

#[test]
fn small_16_from_torch() {
    let file = files::torch_backbone(&formula(&vit(384, 16)));
    pollster::block_on(compare("small16", &file, &[224]));
}

#[test]
#[ignore = "half a minute: cargo xtask oracle"]
fn small_16_at_480() {
    let file = files::safetensors(&formula(&vit(384, 16)));
    pollster::block_on(compare("small16", &file, &[480]));
}

#[test]
#[ignore = "minutes: cargo xtask oracle"]
fn small_8() {
    let file = files::safetensors(&files::renamed(formula(&vit(384, 8))));
    pollster::block_on(compare("small8", &file, &[224, 480]));
}
