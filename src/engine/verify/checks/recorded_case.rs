//! Recorded case of the augmentation, on the device and on the CPU twins. Invariant: its files are in the program, so a
//! test needs no folder; they would be a third of the worker's program, so in browsers the harness runs the case from its
//! folder.

use crate::gpu::device::Gpu;
use crate::gpu::plan::{CpuMemory, Slice};
use crate::verify::augment_case;
use crate::verify::augment_case::AugmentCase;
use crate::verify::checks::{Check, Outcome, text};
use std::collections::BTreeMap;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "augment: recorded case", run: |gpu| Box::pin(recorded(gpu)) },
        Check { name: "augment: recorded case, twins", run: |gpu| Box::pin(recorded_twins(gpu)) },
    ]
}

/// The recorded case, from the repository.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    macro_rules! file {
        ($name:literal) => {
            (
                $name.to_owned(),
                include_bytes!(concat!("../../../../tests/golden/augment/", $name)).to_vec(),
            )
        };
    }
    [
        file!("augment.json"),
        file!("expect.safetensors"),
        file!("image0.png"),
        file!("image1.png"),
        file!("image2.png"),
    ]
    .into()
}

async fn recorded(gpu: &Gpu) -> Outcome {
    let report = augment_case::run(gpu, &files()).await.map_err(text)?;
    if report.passed() { Ok(()) } else { Err(report.to_string()) }
}

async fn recorded_twins(_: &Gpu) -> Outcome {
    let case = AugmentCase::read(&files()).map_err(text)?;
    let mut found = BTreeMap::new();
    for run in case.runs().map_err(text)? {
        let mut memory = CpuMemory::new(&run.plan);
        write(&mut memory, run.io.pictures, &run.packed.pictures);
        write(&mut memory, run.io.crops, &run.packed.crops);
        run.plan.run_on_cpu(&mut memory, 0..run.plan.dispatches.len());
        found.extend(run.levels(memory.read(run.patches)));
    }
    let report = case.compare(found);
    if report.passed() { Ok(()) } else { Err(report.to_string()) }
}

fn write(memory: &mut CpuMemory, slice: Slice, words: &[u32]) {
    for (value, word) in memory.0[slice.buffer][slice.start..].iter_mut().zip(words) {
        *value = f32::from_bits(*word);
    }
}
