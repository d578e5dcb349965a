//! Golden cases on native wgpu. Invariant: every recorded quantity is within its tolerance.

use dino_engine::tune::TunedGpu;
use dino_engine::verify::replay;
use std::collections::BTreeMap;
use std::rc::Rc;

fn files(case: &str) -> BTreeMap<String, Vec<u8>> {
    let dir =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(case);
    let entries = std::fs::read_dir(&dir).expect("the case is in the repository");
    entries
        .map(|e| e.expect("a file").path())
        .map(|p| {
            let name = p.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&p).expect("readable"))
        })
        .collect()
}

fn replay(case: &str) {
    pollster::block_on(async {
        let gpu = Rc::new(TunedGpu::new().await.expect("a Vulkan adapter"));
        let report = replay::run(&gpu, &files(case)).await.expect("the case runs");
        println!("{case} on {}\n{report}", gpu.name());
        assert!(report.passed(), "\n{report}");
    });
}

#[test]
fn basic() {
    replay("basic");
}

#[test]
fn no_local() {
    replay("no_local");
}

#[test]
fn schedules() {
    replay("schedules");
}
