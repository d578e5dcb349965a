//! Engine against the referee, over several steps, on shapes that the golden cases do not have. Invariant: every
//! quantity of a golden case is compared, tensor by tensor.

use dino_engine::tune::TunedGpu;
use dino_engine::verify::replay;
use reference::shapes::Shape;
use std::rc::Rc;

fn check(name: &str) {
    let shapes: Vec<Shape> = serde_json::from_str(include_str!("../shapes.json")).unwrap();
    let shape = shapes.into_iter().find(|shape| shape.name == name).unwrap();
    let files = shape.make().unwrap().to_bytes().unwrap();
    pollster::block_on(async {
        let gpu = Rc::new(TunedGpu::new().await.unwrap());
        let report = replay::run(&gpu, &files).await.unwrap();
        println!("{name} on {}\n{report}", gpu.name());
        assert!(report.passed(), "\n{report}");
    });
}

#[test]
fn head_dim_8() {
    check("head_dim_8");
}

#[test]
fn head_dim_12_six_locals() {
    check("head_dim_12_six_locals");
}

#[test]
fn head_dim_64_patch_14() {
    check("head_dim_64_patch_14");
}

#[test]
fn patch_16_no_locals() {
    check("patch_16_no_locals");
}

#[test]
fn many_tokens() {
    check("many_tokens");
}

#[test]
fn head_dim_20_global_enlarged() {
    check("head_dim_20_global_enlarged");
}
