//! A run and a tuning cache of commit 891c52f on this machine's adapter (tests/compat/README.md). Invariant: on the
//! adapter of the recording the run goes on to the bit as it did; on another, within rounding.
#![cfg(not(target_arch = "wasm32"))]

#[path = "cli/command.rs"]
#[allow(dead_code)]
mod command;

use command::{folder, text};
use dino_core::eval::history::History;
use dino_core::eval::metrics::Column;
use dino_core::weights::checkpoint::Checkpoint;
use dino_engine::tune::TunedGpu;
use dino_engine::tune::tuner::Tuner;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat").join(name)
}

#[test]
fn an_earlier_versions_run_continues_with_its_recorded_losses() {
    let folder = folder("resume");
    let (out, curve) = (folder.join("resumed.safetensors"), folder.join("resumed.csv"));
    let cache = folder.join("cache/dino");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("tuning.json"), fs::read(path("tuning.json")).unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dino"))
        .args(["resume", "--checkpoint", text(&path("run.safetensors"))])
        .args(["--images", text(&path("images")), "--out", text(&out), "--curve", text(&curve)])
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    let read = |file: &Path| {
        let csv = fs::read_to_string(file).unwrap();
        History::from_csv(&file.display().to_string(), &csv).unwrap()
    };
    let (found, recorded) = (read(&curve), read(&path("resumed.csv")));
    assert_eq!(found.samples().len(), 4, "{told}");
    // The cache is refused on another adapter, where products may be summed in another order.
    let same = !told.contains("measured again");
    let tolerance = if same { 1e-6 } else { 1e-3 };
    for (found, recorded) in found.samples().iter().zip(recorded.samples()) {
        assert_eq!(found.point.step, recorded.point.step);
        for column in Column::METRICS {
            let (a, b) = (column.of(found), column.of(recorded));
            let name = column.name();
            assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{name}: {a}, then {b}: {told}");
        }
    }
    if same {
        let expected = fs::read_to_string(path("resumed.hash")).unwrap();
        // That version did not note which images a run had.
        let mut state = Checkpoint::from_bytes("resumed", &fs::read(&out).unwrap()).unwrap();
        assert_eq!(state.images.take().map(|images| images.count), Some(3));
        let found = format!("{:016x}", dino_core::storage::hash(&state.to_bytes().unwrap()));
        assert_eq!(found, expected.trim(), "the state is another: {told}");
    } else {
        eprintln!("another adapter than the recording's: metrics compared to {tolerance}");
    }
}

/// If a product's shader changes, the measurements are worthless and the file here is made again.
#[test]
fn a_tuning_cache_is_recalled() {
    let gpu = pollster::block_on(TunedGpu::new()).unwrap();
    let mut text: Value = serde_json::from_slice(&fs::read(path("tuning.json")).unwrap()).unwrap();
    // The measurements are the recording's; only the adapter's name is replaced.
    let here: Value = serde_json::from_str(&Tuner::default().remember(&gpu)).unwrap();
    text["adapter"] = here["adapter"].clone();
    assert_eq!(text["shaders"], here["shaders"], "the products' shaders have changed");
    let mut tuner = Tuner::default();
    tuner.recall(&gpu, &text.to_string()).unwrap();
    let choices = text["choices"].as_array().unwrap();
    assert!(choices.len() > 5 && tuner.tuning.choices.len() == choices.len());
    let again: Value = serde_json::from_str(&tuner.remember(&gpu)).unwrap();
    assert_eq!(again["rate"], text["rate"]);
    for choice in choices {
        assert!(again["choices"].as_array().unwrap().contains(choice), "{choice}");
    }
}
