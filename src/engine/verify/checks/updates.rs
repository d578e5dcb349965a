//! Checks of the loss and of the update against their CPU twins, over several windows of memory. Invariant: every
//! reason not to train a tensor is among the cases: frozen, fixed, a loss that is not finite.

use crate::gpu::device::Gpu;
use crate::gpu::limits::Limits;
use crate::gpu::params::Params;
use crate::kernels::dino_loss::{Loss, LossParams, loss};
use crate::kernels::step::Step;
use crate::kernels::update::{Update, UpdateParams, Window, update};
use crate::model::layout::Layout;
use crate::verify::checks::tiny;
use crate::verify::checks::twins::Twins;
use crate::verify::checks::{Check, Outcome, text};

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "kernel: loss", run: |gpu| Box::pin(losses(gpu)) },
        Check { name: "kernel: update", run: |gpu| Box::pin(updates(gpu)) },
    ]
}

/// Largest error: softmax at a low temperature multiplies the rounding of its argument.
const TOLERANCE: f64 = 2e-5;

async fn losses(gpu: &Gpu) -> Outcome {
    Twins::both(gpu, 50, TOLERANCE, |t| {
        for (images, views, prototypes) in [(1, 2, 16), (3, 5, 37), (2, 4, 65), (1, 3, 257)] {
            t.case(format!("{images} images, {views} views, {prototypes} prototypes"));
            let stride = (prototypes as usize).next_multiple_of(4);
            let (teachers, students) = (2 * images as usize, (views * images) as usize);
            let step = t.words("step", &scalars([0.0; 2]).words());
            let params = LossParams {
                images,
                views,
                prototypes,
                stride: stride as u32,
                student_temp: 0.1,
                weight: 0.37,
            };
            let l = Loss {
                teacher_logits: t.between("teacher_logits", teachers * stride, -0.5, 0.5),
                student_logits: t.between("student_logits", students * stride, -1.0, 1.0),
                center: t.between("center", prototypes as usize, -0.2, 0.2),
                center_sum: t.input("center_sum", prototypes as usize),
                step,
                q: t.partly("q", teachers * stride, teachers * (stride - prototypes as usize)),
                entropy: t.output("entropy", teachers),
                scale: t.between("scale", prototypes as usize, 0.5, 2.0),
                row_loss: t.output("row_loss", students),
            };
            loss(&mut t.plan, params, &l);
        }
    })
    .await
}

fn scalars(freeze: [f32; 2]) -> Step {
    let [freeze_last_layer, freeze_backbone] = freeze;
    Step {
        lr: 3e-3,
        weight_decay: 0.3,
        momentum: 0.9,
        teacher_temp: 0.05,
        first_correction: 0.271,
        second_correction: 0.002_997,
        last_first_correction: 0.1,
        last_second_correction: 0.001,
        freeze_last_layer,
        backbone_first_correction: 0.19,
        backbone_second_correction: 0.002,
        freeze_backbone,
    }
}

async fn updates(gpu: &Gpu) -> Outcome {
    // 300 x 64 prototypes are more than one chunk; 80 kB hold them but not all parameters.
    let mut config = tiny::config();
    (config.head.bottleneck_dim, config.head.out_dim) = (64, 300);
    config.head.norm_last_layer = true;
    let layout =
        Layout::new(&config, Limits { binding: 80_000, ..Limits::DEFAULT }).map_err(text)?;
    if layout.windows.len() < 2 {
        return Err("expected several windows of memory, found one".to_owned());
    }
    let mut t = Twins::new(51);
    for (name, clip, freeze, loss) in [
        ("clipped", 0.5, [0.0, 0.0], 3.0),
        ("hardly clipped, last layer frozen", 60.0, [1.0, 0.0], 3.0),
        ("backbone frozen", 60.0, [0.0, 1.0], 3.0),
        ("not clipped", 0.0, [0.0, 0.0], 3.0),
        ("loss not finite", 0.5, [0.0, 0.0], f32::NAN),
        ("loss infinite", 0.5, [0.0, 0.0], f32::INFINITY),
    ] {
        t.case(name.to_owned());
        add(&mut t, &layout, clip, freeze, loss);
    }
    t.run(gpu, TOLERANCE).await
}

fn add(t: &mut Twins, layout: &Layout, clip: f32, freeze: [f32; 2], loss: f32) {
    let windows: Vec<Window> = (0..layout.windows.len())
        .map(|w| {
            let words = layout.windows[w];
            let (first_chunk, chunks) = layout.window_chunks(w);
            Window {
                student: t.input(&format!("student.{w}"), words),
                gradient: t.input(&format!("gradient.{w}"), words),
                first_moment: t.input(&format!("first_moment.{w}"), words),
                second_moment: t.between(&format!("second_moment.{w}"), words, 0.1, 2.0),
                teacher: t.input(&format!("teacher.{w}"), words),
                blocks: t.words(&format!("blocks.{w}"), &layout.blocks(w)),
                words,
                first_chunk,
                chunks,
            }
        })
        .collect();
    let chunks = layout.chunks();
    let tensors = layout.tensors.len();
    let prototypes = 37;
    let u = Update {
        windows: &windows,
        chunks: t.words("chunks", &chunks),
        squares: t.output("squares", chunks.len() / 2),
        tensors: t.words("tensors", &layout.table()),
        updates: t.output("updates", 4 * tensors),
        step: t.words("step", &scalars(freeze).words()),
        sums: t.given("sums", vec![loss; 64]),
        center: t.input("center", prototypes),
        center_sum: t.input("center_sum", prototypes),
    };
    let params = UpdateParams {
        words: 0,
        first_chunk: 0,
        chunks: 0,
        tensors: tensors as u32,
        clip,
        center_momentum: 0.9,
        center_rows: 8.0,
        prototypes: prototypes as u32,
    };
    update(&mut t.plan, params, &u);
}
