//! Small run: 300 steps of the smallest preset on the sample photographs. Invariant: it ends neither with the
//! same answer for every image nor with one prototype for all; if it collapses, the recipe is wrong, not the
//! threshold.
#![cfg(not(target_arch = "wasm32"))]

use dino_core::data::picture;
use dino_core::data::picture::Picture;
use dino_core::run::presets;
use dino_engine::train::trainer::Trainer;
use dino_engine::tune::TunedGpu;
use std::path::Path;
use std::rc::Rc;

const STEPS: usize = 300;
/// One step sees few images, so the end is the mean of this many.
const END: usize = 10;

fn photographs() -> Vec<Picture> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/samples");
    let manifest = std::fs::read_to_string(samples.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let entries = manifest["images"].as_array().unwrap();
    let side = presets::all()[0].config(entries.len(), STEPS, None).crops.picture_side();
    let pictures = entries.iter().map(|entry| {
        let file = entry["file"].as_str().unwrap();
        let bytes = std::fs::read(samples.join(file)).unwrap();
        picture::decode(file, &bytes, side).unwrap()
    });
    pictures.collect()
}

#[test]
fn the_smallest_preset_does_not_collapse() {
    pollster::block_on(async {
        let pictures = photographs();
        let config = presets::all()[0].config(pictures.len(), STEPS, None);
        let uniform = (config.head.out_dim as f64).ln();
        let healthy = 1.0 / (config.vit.embed_dim as f64).sqrt();
        let gpu = Rc::new(TunedGpu::new().await.unwrap());
        let mut trainer = Trainer::new(gpu, config, 0).await.unwrap();
        let mut metrics = Vec::new();
        for _ in 0..STEPS {
            trainer.step(&pictures).await.unwrap();
            metrics.extend(trainer.drain());
        }
        trainer.finish().await.unwrap();
        metrics.extend(trainer.drain());
        assert_eq!(metrics.len(), STEPS);
        assert!(metrics.iter().all(|m| m.loss.is_finite()));
        let end = &metrics[STEPS - END..];
        let mean = |value: &dyn Fn(&dino_core::eval::metrics::Metrics) -> f32| {
            end.iter().map(|m| f64::from(value(m))).sum::<f64>() / END as f64
        };
        let entropy = mean(&|m| m.entropy) / uniform;
        let deviation = mean(&|m| m.feature_std) / healthy;
        println!("teacher entropy {:.1} % of ln K", 100.0 * entropy);
        println!("feature deviation {deviation:.2} of 1/√D");
        assert!((0.05..0.95).contains(&entropy), "teacher entropy {entropy:.3} of ln K");
        assert!(deviation > 0.25, "feature deviation {deviation:.3} of 1/√D");
    });
}
