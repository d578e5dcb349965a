//! One DINO step as a plan: student on all crops, teacher on the globals, loss, backward, update.
//! Invariant: the whole step is this list; a batch that is split into micro-batches runs its first
//! part once each and its second part, the update, once.

use crate::gpu::limits::Limits;
use crate::gpu::params::Params;
use crate::gpu::plan::{Phase, Plan, Slice};
use crate::kernels::Rows;
use crate::kernels::dino_loss;
use crate::kernels::dino_loss::{Loss, LossParams};
use crate::kernels::gemm::Tuning;
use crate::kernels::metrics;
use crate::kernels::metrics::{MOMENTS, MetricsParams, RECORD};
use crate::kernels::normalize;
use crate::kernels::sparse::{Matrix, Planned};
use crate::kernels::step::Step;
use crate::kernels::update;
use crate::kernels::update::{Update, UpdateParams, Window};
use crate::model::head;
use crate::model::head::Head;
use crate::model::layers::{Builder, partial_scratch};
use crate::model::layout::{Arena, Layout};
use crate::model::positions::interpolation;
use crate::model::vit;
use crate::model::vit::{Keep, Vit};
use dino_core::error::Result;
use dino_core::run::config::Config;
use std::ops::Range;

/// The five arenas.
pub struct Arenas {
    pub student: Arena,
    pub teacher: Arena,
    pub gradient: Arena,
    pub first_moment: Arena,
    pub second_moment: Arena,
}

/// A training step, planned.
pub struct StepPlan {
    pub plan: Plan,
    pub layout: Layout,
    pub arenas: Arenas,
    /// Images of one run of `forward_backward`; the batch is a multiple of it.
    pub micro_batch: usize,
    /// Lines from patches to gradients.
    pub forward_backward: Range<usize>,
    /// Lines from gradients to new parameters.
    pub update: Range<usize>,
    /// Words to write once, before step 0.
    pub constants: Vec<(Slice, Vec<u32>)>,
    /// [`Step`], rewritten before every step.
    pub step: Slice,
    /// Loss, entropy, KL, feature std, norm of the centre.
    pub record: Slice,
    pub center: Slice,
    pub student: Vit,
    pub student_head: Head,
    pub teacher_head: Head,
}

/// The packed rows of a micro-batch of `images` as the student sees them.
pub fn student_rows(config: &Config, images: usize) -> Rows {
    let locals = config.crops.n_local * images;
    Rows {
        global_crops: 2 * images,
        global_tokens: config.vit.tokens(config.crops.global_size),
        local_crops: locals,
        local_tokens: if locals > 0 { config.vit.tokens(config.crops.local_size) } else { 0 },
    }
}

/// The teacher's rows: it sees the global crops only.
fn teacher_rows(rows: Rows) -> Rows {
    Rows { local_crops: 0, local_tokens: 0, ..rows }
}

/// Plans a step. `augment` adds the lines that fill the patches (R, 3 p²) and may be empty.
///
/// # Errors
/// [`Error::TooLarge`] with the tensor and the limit.
pub fn plan(
    config: &Config,
    limits: Limits,
    tuning: &Tuning,
    micro_batch: usize,
    augment: impl FnOnce(&mut Plan, Slice) -> Result<()>,
) -> Result<StepPlan> {
    config.validate()?;
    let layout = Layout::new(config, limits)?;
    let rows = student_rows(config, micro_batch);
    let (r, d, crops) = (rows.rows(), config.vit.embed_dim, rows.crops());
    let scratch = partial_scratch(&layout, tuning, r, crops);
    let mut b = Builder::new(&layout, tuning, scratch);
    let p = &mut b.plan;
    let arenas = Arenas {
        student: Arena::new(p, "student", &layout, false),
        teacher: Arena::new(p, "teacher", &layout, false),
        gradient: Arena::new(p, "gradient", &layout, false),
        first_moment: Arena::new(p, "first_moment", &layout, false),
        second_moment: Arena::new(p, "second_moment", &layout, false),
    };
    let classes = config.head.out_dim;
    let center = p.buffer("center", classes);
    let center_sum = p.buffer("center_sum", classes);
    let step = p.buffer("step", Step::FIELDS.len());
    let sums = p.buffer("sums", MOMENTS + 2 * d);
    let record = p.buffer("record", RECORD.len());
    let patches = p.buffer("patches", r * config.vit.patch_values());
    let side = config.vit.grid(config.vit.img_size);
    let matrix = positions(config, rows, side);
    let interpolate = Planned::new(p, "interpolation", &matrix);
    let keep = if tuning.recompute { Keep::Inputs } else { Keep::Everything };
    let student = Vit::new(p, "student", &config.vit, rows, patches, keep, true);
    let teacher =
        Vit::new(p, "teacher", &config.vit, teacher_rows(rows), patches, Keep::Nothing, false);
    let student_head = Head::new(p, "student", &config.head, crops, true);
    let teacher_head = Head::new(p, "teacher", &config.head, rows.global_crops, false);
    let teacher_interpolation =
        Planned::new(p, "teacher.interpolation", &positions(config, teacher_rows(rows), side));
    let d_vit = gradients(p, config, rows, &matrix, side);
    let d_head = head::Gradients::new(p, &config.head, crops, d_vit.features);
    let teachers = rows.global_crops;
    let q = p.scratch("q", teachers * head::stride(classes));
    let entropy = p.buffer("entropy", teachers);
    let row_loss = p.buffer("row_loss", crops);
    let unit_features = p.scratch("unit_features", teachers * d);
    let unit_inverse = p.scratch("unit_inverse", teachers);

    let start = b.plan.mark();
    b.plan.phase(Phase::Augment);
    augment(&mut b.plan, patches)?;
    b.plan.phase(Phase::Teacher);
    b.plan.scope("teacher.");
    teacher.forward(&mut b, &arenas.teacher, &teacher_interpolation);
    teacher_head.forward(&mut b, &arenas.teacher, teacher.features);
    b.plan.phase(Phase::Student);
    b.plan.scope("student.");
    student.forward(&mut b, &arenas.student, &interpolate);
    student_head.forward(&mut b, &arenas.student, student.features);
    b.plan.phase(Phase::Loss);
    b.plan.scope("loss.");
    let pairs = 2 * config.views() - 2;
    let params = LossParams {
        images: micro_batch as u32,
        views: config.views() as u32,
        prototypes: classes as u32,
        stride: head::stride(classes) as u32,
        student_temp: config.train.student_temp as f32,
        weight: 1.0 / (pairs * config.train.batch) as f32,
    };
    let loss = Loss {
        teacher_logits: teacher_head.logits,
        student_logits: student_head.logits,
        center,
        center_sum,
        step,
        q,
        entropy,
        scale: student_head.scale,
        row_loss,
    };
    dino_loss::loss(&mut b.plan, params, &loss);
    let shape = normalize::RowShape { rows: teachers, width: d, stride: d };
    let unit = [teacher.features, unit_features, unit_inverse];
    normalize::l2_normalize(&mut b.plan, "features", shape, unit);
    let numbers = MetricsParams {
        loss_rows: crops as u32,
        teacher_rows: teachers as u32,
        width: d as u32,
        samples: (2 * config.train.batch) as f32,
        prototypes: classes as u32,
    };
    metrics::accumulate(&mut b.plan, numbers, [row_loss, entropy, unit_features, sums]);
    b.plan.phase(Phase::Backward);
    b.plan.scope("backward.");
    student_head.backward(&mut b, &arenas.student, &arenas.gradient, student.features, &d_head);
    student.backward(&mut b, &arenas.student, &arenas.gradient, &d_vit);

    let middle = b.plan.mark();
    b.plan.phase(Phase::Update);
    b.plan.scope("update.");
    student_head.finish(&mut b, &arenas.student, &arenas.gradient);
    let mut constants = Vec::new();
    let end = Ending { config, step, sums, center, center_sum };
    plan_update(&mut b, &arenas, &end, &mut constants);
    metrics::finish(&mut b.plan, numbers, [center, sums, record]);
    let matrices = [
        &interpolate,
        &teacher_interpolation,
        &d_vit.to_pos_embed,
        &d_vit.to_cls_token,
        &d_vit.to_patch_bias,
    ];
    constants.extend(matrices.iter().flat_map(|m| m.uploads.clone()));
    let mut plan = b.plan;
    plan.share();
    let update = middle..plan.mark();
    limits.check(&plan)?;
    Ok(StepPlan {
        plan,
        layout,
        arenas,
        micro_batch,
        forward_backward: start..middle,
        update,
        constants,
        step,
        record,
        center,
        student,
        student_head,
        teacher_head,
    })
}

/// Positions of the global crops, then of the local ones.
fn positions(config: &Config, rows: Rows, side: usize) -> Matrix {
    let grid = config.vit.grid(config.crops.global_size);
    let mut matrix = interpolation(side, grid, grid);
    if rows.local_crops > 0 {
        let grid = config.vit.grid(config.crops.local_size);
        matrix.rows.extend(interpolation(side, grid, grid).rows);
    }
    matrix
}

/// Scratch of the backbone's backward pass.
fn gradients(
    p: &mut Plan,
    config: &Config,
    rows: Rows,
    matrix: &Matrix,
    side: usize,
) -> vit::Gradients {
    let (r, d, crops) = (rows.rows(), config.vit.embed_dim, rows.crops());
    let table = matrix.rows.len();
    // Every CLS row adds to cls_token, every other row to the patch embedding's bias.
    let is_cls = |row: &usize| *row == 0 || (*row == rows.global_tokens && rows.local_crops > 0);
    let ones =
        |rows: Vec<usize>| Matrix { rows: vec![rows.into_iter().map(|r| (r, 1.0)).collect()] };
    let cls = ones((0..table).filter(is_cls).collect());
    let patch = ones((0..table).filter(|r| !is_cls(r)).collect());
    let hidden = p.scratch("d_hidden", r * dino_core::run::config::MLP_RATIO * d);
    vit::Gradients {
        features: p.scratch("d_features", crops * d),
        cls: p.scratch("d_cls", crops * d),
        x: p.scratch("d_x", r * d),
        branch: p.scratch("d_branch", r * d),
        norm: p.scratch("d_norm", r * d),
        hidden,
        // The MLP's half of a block has read its scratch before attention's half writes this.
        qkv: hidden.part(0, 3 * r * d),
        delta: p.scratch("delta", r * config.vit.num_heads),
        positions: p.scratch("d_positions", table * d),
        to_pos_embed: Planned::new(p, "to_pos_embed", &matrix.transposed(side * side + 1)),
        to_cls_token: Planned::new(p, "to_cls_token", &cls),
        to_patch_bias: Planned::new(p, "to_patch_bias", &patch),
    }
}

/// Buffers of the end of a step beside the arenas.
struct Ending<'a> {
    config: &'a Config,
    step: Slice,
    sums: Slice,
    center: Slice,
    center_sum: Slice,
}

fn plan_update(
    b: &mut Builder,
    arenas: &Arenas,
    e: &Ending,
    constants: &mut Vec<(Slice, Vec<u32>)>,
) {
    let layout = b.layout;
    let p = &mut b.plan;
    let windows: Vec<Window> = (0..layout.windows.len())
        .map(|w| {
            let (first_chunk, chunks) = layout.window_chunks(w);
            let blocks = p.buffer(format!("blocks.{w}"), layout.windows[w] / 64);
            constants.push((blocks, layout.blocks(w)));
            Window {
                student: arenas.student.windows[w],
                gradient: arenas.gradient.windows[w],
                first_moment: arenas.first_moment.windows[w],
                second_moment: arenas.second_moment.windows[w],
                teacher: arenas.teacher.windows[w],
                blocks,
                words: layout.windows[w],
                first_chunk,
                chunks,
            }
        })
        .collect();
    let chunk_words = layout.chunks();
    let chunks = p.buffer("chunks", chunk_words.len());
    let squares = p.buffer("squares", chunk_words.len() / 2);
    let tensors = p.buffer("tensors", 4 * layout.tensors.len());
    let updates = p.buffer("updates", 4 * layout.tensors.len());
    constants.push((chunks, chunk_words));
    constants.push((tensors, layout.table()));
    let train = &e.config.train;
    let params = UpdateParams {
        words: 0,
        first_chunk: 0,
        chunks: 0,
        tensors: layout.tensors.len() as u32,
        clip: train.clip_grad as f32,
        center_momentum: train.center_momentum as f32,
        center_rows: (2 * train.batch) as f32,
        prototypes: e.config.head.out_dim as u32,
    };
    let u = Update {
        windows: &windows,
        chunks,
        squares,
        tensors,
        updates,
        step: e.step,
        sums: e.sums,
        center: e.center,
        center_sum: e.center_sum,
    };
    update::update(p, params, &u);
}
