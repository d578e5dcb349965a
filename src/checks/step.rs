//! The whole step of a tiny network: device against CPU twins, parts of a batch against the whole,
//! several windows of memory against one.

use super::tiny::{self, Found};
use super::twins::near;
use super::{Check, Outcome, text};
use crate::engine::Engine;
use crate::gpu::Gpu;
use crate::layout::Limits;
use crate::plan::{CpuMemory, Slice};
use crate::tensors::Tensors;
use std::ops::Range;
use std::rc::Rc;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "step: equals its CPU twins", run: |gpu| Box::pin(twins(gpu)) },
        Check { name: "step: parts of a batch", run: |gpu| Box::pin(parts(gpu)) },
        Check { name: "step: several windows", run: |gpu| Box::pin(windows(gpu)) },
    ]
}

/// A step multiplies rounding through two blocks and a softmax.
const TOLERANCE: f64 = 1e-4;

async fn twins(gpu: &Rc<Gpu>) -> Outcome {
    let engine = tiny::engine(gpu, &tiny::config(), 4, Limits::of(&gpu.limits)).await?;
    // Once to have moments, sums and centre that are not zero, once to compare.
    tiny::run(&engine);
    engine.update();
    tiny::feed(&engine, 0);
    for lines in [engine.step.forward_backward.clone(), engine.step.update.clone()] {
        against_twins(&engine, lines).await?;
    }
    gpu.check().map_err(text)
}

/// Runs lines on both from the device's state and compares every buffer afterwards.
async fn against_twins(engine: &Engine, lines: Range<usize>) -> Outcome {
    let mut memory = CpuMemory(read_all(engine).await?);
    engine.program.plan.run_on_cpu(&mut memory, lines.clone());
    engine.program.run(&engine.gpu, lines);
    let found = read_all(engine).await?;
    for ((buffer, found), expected) in engine.program.plan.buffers.iter().zip(&found).zip(&memory.0)
    {
        near(&buffer.name, found, expected, TOLERANCE)?;
    }
    Ok(())
}

async fn read_all(engine: &Engine) -> Found<Vec<Vec<f32>>> {
    let program = &engine.program;
    let mut all = Vec::new();
    for (buffer, spec) in program.plan.buffers.iter().enumerate() {
        let whole = Slice { buffer, start: 0, len: (spec.bytes / 4) as usize };
        all.push(program.read(&engine.gpu, whole).await.map_err(text)?);
    }
    Ok(all)
}

/// What a step makes.
struct Made {
    gradients: Tensors,
    student: Tensors,
    teacher: Tensors,
    record: Vec<f32>,
    center: Vec<f32>,
    windows: usize,
}

async fn make(gpu: &Rc<Gpu>, micro: usize, limits: Limits) -> Found<Made> {
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

async fn parts(gpu: &Rc<Gpu>) -> Outcome {
    let limits = Limits::of(&gpu.limits);
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

async fn windows(gpu: &Rc<Gpu>) -> Outcome {
    let one = make(gpu, 1, Limits::of(&gpu.limits)).await?;
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
