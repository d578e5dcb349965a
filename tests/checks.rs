//! Checks of the library, all of them, run natively on a device with no more than WebGPU's default limits.
//! Invariant: a check that fails does not hide the others.

use dino_engine::gpu::device::Gpu;
use dino_engine::tune::TunedGpu;
use dino_engine::verify::checks;
use std::rc::Rc;
use std::time::Instant;

/// Runs the checks one after the other, since they share a device, and reports all that fail.
fn run(gpu: Gpu) {
    let gpu = Rc::new(TunedGpu::from(gpu));
    println!("on {}", gpu.name());
    let only = std::env::var("CHECK").unwrap_or_default();
    let mut failed = Vec::new();
    for check in checks::all().iter().filter(|c| c.name.contains(&only)) {
        let start = Instant::now();
        let outcome = pollster::block_on((check.run)(&gpu));
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("{:60} {word} {:.1} s", check.name, start.elapsed().as_secs_f64());
        failed.extend(outcome.err().map(|message| format!("{}: {message}", check.name)));
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

fn device() -> Gpu {
    pollster::block_on(Gpu::with_limits(|_| wgpu::Limits::default())).expect("a device")
}

#[test]
fn all() {
    run(device());
}

/// The same on an adapter that says it is hardware: other plans, other variants, other decisions.
#[test]
fn all_as_hardware() {
    let mut gpu = device();
    gpu.info.device_type = wgpu::DeviceType::Other;
    assert!(!gpu.is_software());
    run(gpu);
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = checks::all().iter().map(|c| c.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
