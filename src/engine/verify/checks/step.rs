//! Checks of the whole step of a tiny network: device against CPU twins, parts of a batch against the whole,
//! several windows of memory against one. Invariant: a twin starts from the device's state before its line, so an
//! error is named by the line that makes it.

use crate::gpu::kernel::Access;
use crate::gpu::limits::Limits;
use crate::gpu::plan::CpuMemory;
use crate::kernels::gemm::{Choice, Tuning, VARIANTS, Variant};
use crate::train::executor::Engine;
use crate::tune::TunedGpu;
use crate::verify::checks::tiny;
use crate::verify::checks::tiny::Found;
use crate::verify::checks::twins::near;
use crate::verify::checks::{Check, Outcome, text};
use dino_core::weights::tensors::Tensors;
use std::ops::Range;
use std::rc::Rc;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "step: equals its CPU twins", run: |gpu| Box::pin(twins(gpu)) },
        Check { name: "step: by other variants", run: |gpu| Box::pin(variants(gpu)) },
        Check { name: "step: parts of a batch", run: |gpu| Box::pin(parts(gpu)) },
        Check { name: "step: several windows", run: |gpu| Box::pin(windows(gpu)) },
    ]
}

/// Rounding of one line, relative to the norm of what it writes.
const TOLERANCE: f64 = 1e-4;

async fn twins(gpu: &Rc<TunedGpu>) -> Outcome {
    let engine = tiny::engine(gpu, &tiny::config(), 4, gpu.bounds()).await?;
    // The first run makes Adam's moments, the sums and the centre nonzero; the second is compared.
    tiny::run(&engine);
    engine.update();
    tiny::feed(&engine, 0);
    for lines in [engine.step.forward_backward.clone(), engine.step.update.clone()] {
        against_twins(&engine, lines).await?;
    }
    gpu.check().map_err(text)
}

/// Whole steps as they are planned on hardware: tiles, parts of k that are summed, activations computed again.
async fn variants(gpu: &Rc<TunedGpu>) -> Outcome {
    let large = Variant::Registers { rows: 8, cols4: 2, gx: 8, gy: 8 };
    let tiles = VARIANTS.into_iter().filter(|v| matches!(v, Variant::Tiles { .. }));
    let forced = tiles.map(|variant| (variant, 1, false)).chain([
        (large, 1, true),
        (large, 4, false),
        (Variant::Tiles { rows: 4, cols4: 1, gx: 8, gy: 8 }, 3, true),
    ]);
    for (variant, parts, recompute) in forced {
        let told = |message: String| format!("{variant}, {parts} parts: {message}");
        let forced = Some(Choice { variant, parts });
        let rolled = gpu.prefers_loops();
        let tuning = Tuning { forced, recompute, rolled, ..Tuning::default() };
        let engine = tiny::engine_by(gpu, &tiny::config(), 4, gpu.bounds(), &tuning).await?;
        let most = engine.program.plan.dispatches.iter().map(|line| line.grid[2]).max();
        if most != Some(parts as u32) {
            return Err(told(format!("expected products in {parts} parts, found {most:?}")));
        }
        tiny::run(&engine);
        engine.update();
        tiny::feed(&engine, 0);
        for lines in [engine.step.forward_backward.clone(), engine.step.update.clone()] {
            against_twins(&engine, lines).await.map_err(told)?;
        }
    }
    gpu.check().map_err(text)
}

/// Runs line after line, each on its CPU twin too, from the device's state before it, and compares what it may write.
/// An error is named by the line that makes it.
async fn against_twins(engine: &Engine, lines: Range<usize>) -> Outcome {
    let (gpu, program) = (&engine.gpu, &engine.program);
    let mut memory = CpuMemory::new(&program.plan);
    for line in lines {
        let dispatch = &program.plan.dispatches[line];
        for slice in &dispatch.bindings {
            let words = program.read(gpu, *slice).await.map_err(text)?;
            memory.write(*slice, &words);
        }
        dispatch.run_on_cpu(&mut memory);
        program.run(gpu, line..line + 1);
        for (slice, access) in dispatch.bindings.iter().zip(dispatch.kernel.bindings) {
            if *access == Access::Write {
                let found = program.read(gpu, *slice).await.map_err(text)?;
                near(&dispatch.name, &found, memory.read(*slice), TOLERANCE)?;
            }
        }
    }
    Ok(())
}

/// Results of a step.
struct Made {
    gradients: Tensors,
    student: Tensors,
    teacher: Tensors,
    record: Vec<f32>,
    center: Vec<f32>,
    windows: usize,
}

async fn make(gpu: &Rc<TunedGpu>, micro: usize, limits: Limits) -> Found<Made> {
    let engine = tiny::engine(gpu, &tiny::config(), micro, limits).await?;
    tiny::run(&engine);
    let gradients = tiny::gradients(&engine).await?;
    tiny::finish(&engine);
    let (arenas, program) = (&engine.step.arenas, &engine.program);
    Ok(Made {
        gradients,
        student: engine.save(&arenas.student).await.map_err(text)?,
        teacher: engine.save(&arenas.teacher).await.map_err(text)?,
        record: program.read(gpu, engine.step.record).await.map_err(text)?,
        center: program.read(gpu, engine.step.center).await.map_err(text)?,
        windows: arenas.student.windows.len(),
    })
}

async fn parts(gpu: &Rc<TunedGpu>) -> Outcome {
    let limits = gpu.bounds();
    let whole = make(gpu, 4, limits).await?;
    for micro in [2, 1] {
        let split = make(gpu, micro, limits).await?;
        let told = |message: String| format!("{micro} at a time: {message}");
        tiny::compare_gradients(&split.gradients, &whole.gradients, TOLERANCE).map_err(told)?;
        near("record", &split.record, &whole.record, 1e-5).map_err(told)?;
        near("center", &split.center, &whole.center, 1e-5).map_err(told)?;
        for (split, whole) in [(&split.student, &whole.student), (&split.teacher, &whole.teacher)] {
            for (name, tensor) in whole {
                near(name, &split[name].data, &tensor.data, TOLERANCE).map_err(told)?;
            }
        }
    }
    Ok(())
}

async fn windows(gpu: &Rc<TunedGpu>) -> Outcome {
    let one = make(gpu, 1, gpu.bounds()).await?;
    // No buffer of one image at a time is larger, but all parameters together are.
    let several = make(gpu, 1, Limits { binding: 8192, ..Limits::DEFAULT }).await?;
    if one.windows != 1 || several.windows < 3 {
        return Err(format!(
            "expected 1 and 3 windows, found {} and {}",
            one.windows, several.windows
        ));
    }
    let same = one.gradients == several.gradients
        && one.student == several.student
        && one.teacher == several.teacher
        && one.record == several.record
        && one.center == several.center;
    if same { Ok(()) } else { Err("several windows of memory give other bits than one".to_owned()) }
}
