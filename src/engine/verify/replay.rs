//! Replay of a recorded training case on the device, compared with what the official implementation gave.
//! Invariant: the plan is the trainer's; only the patches come from the file.

use crate::gpu::plan::{Plan, Slice};
use crate::gpu::program::Program;
use crate::kernels::Rows;
use crate::kernels::attention_map::{Crop, attention_map};
use crate::kernels::gemm::Tuning;
use crate::train::executor::{Engine, patchify, scalars};
use crate::tune::TunedGpu;
use crate::verify::golden;
use crate::verify::golden::{Case, Crops};
use crate::verify::report::Report;
use dino_core::error::Result;
use dino_core::run::config::Config;
use dino_core::run::schedule;
use dino_core::weights::tensors::{Tensor, Tensors};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Ways to run a case, all of which must give the same numbers.
#[derive(Debug, Clone, Default)]
pub struct ReplayOptions {
    /// Images at a time; 0 = the whole batch.
    pub micro_batch: usize,
    pub tuning: Tuning,
}

/// Runs a case given as file name → bytes.
///
/// # Errors
/// A malformed case, or a device that fails.
pub async fn run(gpu: &Rc<TunedGpu>, files: &BTreeMap<String, Vec<u8>>) -> Result<Report> {
    let case = Case::read(files)?;
    let measured = measure(gpu.clone(), &case, &ReplayOptions::default()).await?;
    Ok(golden::compare(&case, &measured))
}

/// Runs a case and collects every quantity that may have been recorded.
///
/// # Errors
/// A device that fails or a case that does not fit it.
pub async fn measure(gpu: Rc<TunedGpu>, case: &Case, options: &ReplayOptions) -> Result<Tensors> {
    let batch = case.config.train.batch;
    let micro = if options.micro_batch == 0 { batch } else { options.micro_batch };
    let limits = gpu.bounds();
    let tuning = &options.tuning;
    let engine = Engine::new(gpu, &case.config, limits, tuning, micro, |_, _| Ok(())).await?;
    engine.load(&engine.step.arenas.student, &case.init)?;
    engine.load(&engine.step.arenas.teacher, &case.init)?;
    let mut measured = Tensors::new();
    let mut first = FirstStep::default();
    for (step, crops) in case.crops.iter().enumerate() {
        engine.set_step(&scalars(&case.config.train, step));
        let schedule = golden::schedule(&schedule::at(&case.config.train, step));
        measured.insert(format!("step{step}.schedule"), schedule);
        for part in 0..batch / micro {
            let patches = micro_patches(&case.config, crops, part, micro);
            let slice = find(&engine.program.plan, "patches");
            engine.program.write_f32(&engine.gpu, slice, &patches);
            engine.program.run(&engine.gpu, engine.step.forward_backward.clone());
            if step == 0 {
                first.collect(&engine).await?;
            }
        }
        if step == 0 {
            let tensors = first.finish(&engine, batch, micro).await?;
            measured.extend(tensors.into_iter().map(|(n, t)| (format!("step0.{n}"), t)));
        }
        engine.update();
        let record = engine.program.read(&engine.gpu, engine.step.record).await?;
        measured
            .insert(format!("step{step}.loss"), Tensor { shape: vec![1], data: vec![record[0]] });
    }
    engine.gpu.check()?;
    for (prefix, arena) in
        [("student.", &engine.step.arenas.student), ("teacher.", &engine.step.arenas.teacher)]
    {
        let tensors = engine.save(arena).await?;
        measured.extend(tensors.into_iter().map(|(n, t)| (format!("final.{prefix}{n}"), t)));
    }
    let center = engine.program.read(&engine.gpu, engine.step.center).await?;
    let shape = vec![1, case.config.head.out_dim];
    measured.insert("final.center".to_owned(), Tensor { shape, data: center });
    Ok(measured)
}

fn find(plan: &Plan, name: &str) -> Slice {
    plan.find(name).unwrap_or(Slice { buffer: 0, start: 0, len: 0 })
}

/// The patches of one micro-batch: images `part · micro ..` of every view.
fn micro_patches(config: &Config, crops: &Crops, part: usize, micro: usize) -> Vec<f32> {
    let batch = config.train.batch;
    let mut all = Vec::new();
    let mut add = |tensor: &Tensor, size: usize| {
        let values = 3 * size * size;
        for view in tensor.data.chunks(batch * values) {
            let images = &view[part * micro * values..(part + 1) * micro * values];
            all.extend(patchify(images, size, config.vit.patch_size));
        }
    };
    add(&crops.global, config.crops.global_size);
    if let Some(local) = &crops.local {
        add(local, config.crops.local_size);
    }
    all
}

/// Quantities of step 0 that are recorded image by image, in parts of micro-batches.
#[derive(Default)]
struct FirstStep {
    parts: Vec<Part>,
    positions: Vec<f32>,
}

struct Part {
    teacher_logits: Vec<f32>,
    student_logits: Vec<f32>,
    features: Vec<f32>,
    attention: Vec<f32>,
}

impl FirstStep {
    /// Reads the buffers after the run of one micro-batch. The loss has replaced the student's logits by their
    /// gradient, so the head's last product is run again.
    async fn collect(&mut self, engine: &Engine) -> Result<()> {
        let (program, gpu, step) = (&engine.program, &engine.gpu, &engine.step);
        let unpad = |words: Vec<f32>, width: usize| -> Vec<f32> {
            let stride = width.next_multiple_of(4);
            words.chunks(stride).flat_map(|row| row[..width].to_vec()).collect()
        };
        let classes = engine.config.head.out_dim;
        let last = program.plan.dispatches.iter().position(|d| d.name == "student.head.last_layer");
        if let Some(last) = last {
            program.run(gpu, last..last + 1);
        }
        let student_logits = unpad(program.read(gpu, step.student_head.logits).await?, classes);
        let teacher_logits = unpad(program.read(gpu, step.teacher_head.logits).await?, classes);
        let rows = step.student.rows;
        let width = engine.config.vit.embed_dim;
        let features = program.read(gpu, step.student.features).await?;
        let features = features[..step.micro_batch * width].to_vec();
        let attention = attention(engine, rows).await?;
        self.positions = program.read(gpu, step.student.positions).await?;
        self.parts.push(Part { teacher_logits, student_logits, features, attention });
        Ok(())
    }

    async fn finish(&self, engine: &Engine, batch: usize, micro: usize) -> Result<Tensors> {
        let config = &engine.config;
        let (classes, width) = (config.head.out_dim, config.vit.embed_dim);
        let tokens = config.vit.tokens(config.crops.global_size);
        let heads = config.vit.num_heads;
        let mut tensors = Tensors::new();
        let mut add = |name: &str, shape: &[usize], data: Vec<f32>| {
            tensors.insert(name.to_owned(), Tensor { shape: shape.to_vec(), data });
        };
        // Views outermost, images within: a micro-batch holds some images of every view.
        let by_view = |views: usize, of: fn(&Part) -> &Vec<f32>| -> Vec<f32> {
            (0..views)
                .flat_map(|v| self.parts.iter().map(move |p| (v, p)))
                .flat_map(|(v, p)| of(p)[v * micro * classes..(v + 1) * micro * classes].to_vec())
                .collect()
        };
        let all = |of: fn(&Part) -> &Vec<f32>| -> Vec<f32> {
            self.parts.iter().flat_map(|p| of(p).clone()).collect()
        };
        add("teacher_logits", &[2 * batch, classes], by_view(2, |p| &p.teacher_logits));
        let views = config.views();
        add("student_logits", &[views * batch, classes], by_view(views, |p| &p.student_logits));
        add("features", &[batch, width], all(|p| &p.features));
        add("attention", &[batch, heads, tokens, tokens], all(|p| &p.attention));
        if config.crops.n_local > 0 {
            let local = config.vit.tokens(config.crops.local_size);
            let data = self.positions[tokens * width..(tokens + local) * width].to_vec();
            add("pos_embed_local", &[1, local, width], data);
        }
        // Weight norm turns the last layer's sums into gradients at the beginning of the update; a
        // copy of the arena is read after that line alone, and the update starts from the sums again.
        let gradient = &engine.step.arenas.gradient;
        let sums = engine.save(gradient).await?;
        let first = engine.step.update.start;
        engine.program.run(&engine.gpu, first..first + 1);
        let gradients = engine.save(gradient).await?;
        engine.load(gradient, &sums)?;
        tensors.extend(gradients.into_iter().map(|(n, t)| (format!("grad.{n}"), t)));
        Ok(tensors)
    }
}

/// Attention (images, heads, T, T) of the student's last block for the first global crops.
async fn attention(engine: &Engine, rows: Rows) -> Result<Vec<f32>> {
    let vit = &engine.config.vit;
    let (tokens, heads) = (rows.global_tokens, vit.num_heads);
    let (qkv, lse) = engine.step.student.attention_of(vit.depth - 1);
    let mut plan = Plan::default();
    let owner = &engine.program.plan;
    let mut external = |s: Slice| plan.external(owner.buffers[s.buffer].name.clone(), s.len);
    let (qkv, lse) = (external(qkv), external(lse));
    let images = engine.step.micro_batch;
    let size = heads * tokens * tokens;
    let maps: Vec<Slice> = (0..images).map(|i| plan.buffer(format!("map.{i}"), size)).collect();
    for (image, map) in maps.iter().enumerate() {
        let crop = Crop { first_row: image * tokens, tokens, heads, width: vit.embed_dim };
        attention_map(&mut plan, "attention", crop, 0..tokens, [qkv, lse, *map]);
    }
    let program = Program::new(&engine.gpu, plan, &[&engine.program]).await?;
    program.run_all(&engine.gpu);
    let mut all = Vec::with_capacity(images * size);
    for map in maps {
        all.extend(program.read(&engine.gpu, map).await?);
    }
    Ok(all)
}
