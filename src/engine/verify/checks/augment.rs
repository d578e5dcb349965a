//! Checks of the augmentation: every line of odd-sized plans against its twin. Invariant: a twin starts from the device's state before its line, so an error is that
//! of one line.

use crate::gpu::device::Gpu;
use crate::gpu::plan::{CpuMemory, Dispatch, Plan, Slice};
use crate::gpu::program::Program;
use crate::train::augment::{AugmentIo, Geometry};
use crate::verify::checks::{Check, Outcome};
use dino_core::data::crops::{CropDraw, CropKind, Jitter, Op};
use dino_core::data::picture::Picture;
use dino_core::rng::Rng;

/// Value of every output word before a kernel runs.
const POISON: f32 = -12345.0;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "augment: sizes 1 and 63", run: |gpu| Box::pin(odd(gpu, [1, 63], 1)) },
        Check { name: "augment: sizes 65 and 30", run: |gpu| Box::pin(odd(gpu, [65, 30], 5)) },
        Check {
            name: "augment: sizes 257 and 257",
            run: |gpu| Box::pin(odd(gpu, [257, 257], 257)),
        },
        Check { name: "augment: sizes 224 and 96", run: |gpu| Box::pin(odd(gpu, [224, 96], 16)) },
    ]
}

/// Every line of a plan for two odd-shaped images against its twin, from equal inputs: the device's
/// state before the line is what the twin starts from.
async fn odd(gpu: &Gpu, sizes: [usize; 2], patch: usize) -> Outcome {
    shared_or_serial(gpu, sizes, patch, false).await?;
    shared_or_serial(gpu, sizes, patch, true).await
}

async fn shared_or_serial(
    gpu: &Gpu,
    [global_size, local_size]: [usize; 2],
    patch: usize,
    serial: bool,
) -> Outcome {
    let pictures = [noise(301, 97, 1), noise(63, 257, 2)];
    let pictures: Vec<_> = pictures.iter().collect();
    let geometry = Geometry {
        batch: 2,
        globals: 4,
        global_size,
        locals: 4,
        local_size,
        patch,
        max_side: 301,
        picture_words: pictures.iter().map(|p| p.width * p.height).sum(),
    };
    let mut plan = Plan::new(serial, gpu.lanes);
    let patches = plan.buffer("patches", geometry.patch_words());
    let io = geometry.plan(&mut plan, patches).map_err(text)?;
    let packed = io.pack(&pictures, &draws(&io)).map_err(text)?;
    let program = Program::new(gpu, plan.clone(), &[]).await.map_err(text)?;
    for buffer in 0..plan.buffers.len() {
        let whole = whole(&plan, buffer);
        program.write_f32(gpu, whole, &vec![POISON; whole.len]);
    }
    program.write(gpu, io.pictures, &packed.pictures);
    program.write(gpu, io.crops, &packed.crops);
    for line in io.lines {
        let mut memory = CpuMemory::new(&plan);
        for buffer in 0..plan.buffers.len() {
            memory.0[buffer] = program.read(gpu, whole(&plan, buffer)).await.map_err(text)?;
        }
        plan.run_on_cpu(&mut memory, line..line + 1);
        program.run(gpu, line..line + 1);
        for buffer in 0..plan.buffers.len() {
            let found = program.read(gpu, whole(&plan, buffer)).await.map_err(text)?;
            compare(&plan.dispatches[line], &plan.buffers[buffer].name, &found, &memory.0[buffer])?;
        }
    }
    gpu.check().map_err(text)
}

/// Equal to the bit but where a line computes in floats: there a rounding may fall the other way.
fn compare(line: &Dispatch, buffer: &str, found: &[f32], expected: &[f32]) -> Outcome {
    let name = &line.name;
    let mut near = 0;
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let (a, b) = (found.to_bits(), expected.to_bits());
        if a == b {
            continue;
        }
        let close = match (line.kernel.name, buffer) {
            ("augment_weights", "augment.weights") => (a as i32).wrapping_sub(b as i32).abs() <= 4,
            ("augment_color", "augment.pixels") => {
                near += 1;
                (0..4).all(|c| (a >> (8 * c) & 255).abs_diff(b >> (8 * c) & 255) <= 8)
            }
            ("augment_patches", "patches") => (found - expected).abs() <= 2e-6,
            _ => false,
        };
        if !close {
            return Err(format!(
                "{name}, {buffer}, word {i}: found {a:#010x} ({found}), the twin {b:#010x} ({expected})"
            ));
        }
    }
    if near * 1000 > found.len() {
        return Err(format!("{name}, {buffer}: {near} of {} words differ", found.len()));
    }
    Ok(())
}

/// Draws that together use every operation, for a plan of 2 images and 4 views.
fn draws(io: &AugmentIo) -> Vec<CropDraw> {
    let jitter = |order: &[Op], hue| Jitter {
        order: order.to_vec(),
        brightness: 1.3,
        contrast: 0.7,
        saturation: 1.15,
        hue,
    };
    let draw = |index: usize, frame, jitter: Option<Jitter>, blur_sigma| CropDraw {
        kind: CropKind::Local,
        frame,
        size: io.geometry.place(index).size,
        flip: index % 2 == 1,
        jitter,
        grayscale: index % 4 == 3,
        blur_sigma,
        solarize: index % 3 == 1,
    };
    use Op::{Brightness as B, Contrast as C, Hue as H, Saturation as S};
    vec![
        draw(0, [0, 0, 97, 301], Some(jitter(&[B, C, S, H], 0.1)), Some(1.9)),
        draw(1, [0, 0, 257, 63], Some(jitter(&[H, S, C, B], -0.1)), Some(0.1)),
        draw(2, [96, 300, 1, 1], None, None),
        draw(3, [100, 10, 7, 40], Some(jitter(&[C], 0.0)), Some(5.0)),
        draw(4, [3, 1, 65, 63], Some(jitter(&[S, H, B], 0.05)), None),
        draw(5, [5, 0, 31, 63], None, Some(0.6)),
        draw(6, [0, 50, 97, 100], Some(jitter(&[H], -0.3)), Some(1.2)),
        draw(7, [256, 0, 1, 63], Some(jitter(&[C, H, B, S], 0.09)), Some(2.0)),
    ]
}

/// An image of coarse blocks under noise, so that edges, flat areas and all colours occur.
fn noise(width: usize, height: usize, seed: u64) -> Picture {
    let mut rng = Rng::new(seed, 0, 0, 0);
    let tones: Vec<u8> = (0..3 * 64).map(|_| rng.below(256) as u8).collect();
    let mut rgba = Vec::with_capacity(4 * width * height);
    for y in 0..height {
        for x in 0..width {
            let block = (x / 9 + 5 * (y / 7)) % 64;
            let grain = rng.below(24) as u8;
            rgba.extend((0..3).map(|c| tones[3 * block + c].saturating_add(grain)));
            rgba.push(255);
        }
    }
    Picture { width, height, rgba }
}

fn whole(plan: &Plan, buffer: usize) -> Slice {
    Slice { buffer, start: 0, len: (plan.buffers[buffer].bytes / 4) as usize }
}

fn text(error: dino_core::Error) -> String {
    error.to_string()
}
