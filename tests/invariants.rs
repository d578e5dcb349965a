//! Rules of every plan, most of them checked without a device. Invariant: a network that the configuration allows
//! can be planned, and its plan breaks no rule.

use dino_core::Error;
use dino_core::run::config::Config;
use dino_core::run::presets;
use dino_engine::gpu::device::Gpu;
use dino_engine::gpu::limits::Limits;
use dino_engine::gpu::plan::{ALIGN, Plan};
use dino_engine::gpu::program::Program;
use dino_engine::kernels::gemm::Tuning;
use dino_engine::train::augment;
use dino_engine::train::step::{StepPlan, plan};
use dino_engine::train::trainer::{Options, Trainer};
use dino_engine::tune::TunedGpu;
use dino_engine::verify::checks::tiny;
use std::rc::Rc;

/// The trainer's plan, with the augmentation.
fn whole(config: &Config, limits: Limits, micro: usize) -> dino_core::Result<StepPlan> {
    plan(config, limits, &Tuning::default(), micro, |plan, patches| {
        let side = config.crops.picture_side();
        augment::plan(plan, &config.vit, &config.crops, micro, side, patches).map(|_| ())
    })
}

fn check(name: &str, plan: &Plan) {
    let mut names: Vec<_> = plan.buffers.iter().map(|b| b.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), plan.buffers.len(), "{name}: two buffers share a name");
    for d in &plan.dispatches {
        let at = format!("{name}, {}", d.name);
        assert_eq!(d.conflict(), None, "{at}: one buffer is read and written");
        assert_eq!(d.bindings.len(), d.kernel.bindings.len(), "{at}");
        assert_eq!(d.params.len(), d.kernel.params.len(), "{at}");
        assert!(d.grid.iter().all(|n| (1..=65535).contains(n)), "{at}: grid {:?}", d.grid);
        for slice in &d.bindings {
            let buffer = &plan.buffers[slice.buffer];
            assert!(slice.len > 0, "{at}: nothing bound");
            assert!((slice.start + slice.len) as u64 * 4 <= buffer.bytes, "{at}: {}", buffer.name);
            assert_eq!(slice.start * 4 % ALIGN, 0, "{at}: {} is not aligned", buffer.name);
        }
    }
}

#[test]
fn no_line_of_any_preset_breaks_a_rule() {
    for preset in presets::all() {
        for micro in [1, 2] {
            let config = preset.config(200, 300, Some(2));
            let step = whole(&config, Limits::DEFAULT, micro).expect("a plan");
            check(preset.name, &step.plan);
            let run = step.forward_backward.end == step.update.start
                && step.update.end == step.plan.dispatches.len();
            assert!(run, "{}: one range of lines", preset.name);
        }
    }
    check("tiny", &whole(&tiny::config(), Limits::DEFAULT, 4).expect("a plan").plan);
}

#[test]
fn a_step_of_vit_tiny_is_few_lines() {
    let config = presets::by_name("tiny").expect("the preset").config(200, 300, Some(1));
    assert_eq!(
        (config.crops.global_size, config.crops.local_size, config.crops.n_local),
        (224, 96, 8)
    );
    let lines = whole(&config, Limits::DEFAULT, 1).expect("a plan").plan.dispatches.len();
    println!("ViT-Tiny/16, 2 x 224 + 8 x 96: {lines} dispatches");
    assert!(lines <= 700, "{lines} dispatches");
}

#[test]
fn every_network_that_is_allowed_can_be_planned() {
    let plan_of = |change: &dyn Fn(&mut Config)| {
        let mut config = tiny::config();
        change(&mut config);
        let step = whole(&config, Limits::DEFAULT, 1);
        check(&format!("{config:?}"), &step.unwrap_or_else(|e| panic!("{config:?}: {e}")).plan);
    };
    for prototypes in [16, 17, 1000, 4096, 65536] {
        plan_of(&|c| c.head.out_dim = prototypes);
    }
    for patch in [4, 8, 14, 16] {
        plan_of(&|c| {
            (c.vit.patch_size, c.vit.img_size) = (patch, 4 * patch);
            (c.crops.global_size, c.crops.local_size) = (3 * patch, patch);
        });
    }
    for dim in (4..=64).step_by(4) {
        plan_of(&|c| (c.vit.num_heads, c.vit.embed_dim) = (2, 2 * dim));
    }
    for depth in [1, 3] {
        plan_of(&|c| c.vit.depth = depth);
    }
    plan_of(&|c| c.crops.n_local = 0);
    plan_of(&|c| c.vit.drop_path_rate = 0.0);
    plan_of(&|c| (c.head.hidden_dim, c.head.bottleneck_dim) = (1, 1));
}

#[test]
fn a_program_holds_the_planned_bytes() {
    pollster::block_on(async {
        let gpu = Gpu::with_limits(|_| wgpu::Limits::default()).await.expect("a device");
        let step = whole(&tiny::config(), Limits::DEFAULT, 4).expect("a plan");
        let planned = step.plan.bytes();
        let program = Program::new(&gpu, step.plan, &[]).await.expect("a program");
        assert_eq!(program.allocated(), planned);
    });
}

#[test]
fn too_large_names_tensor_limit_and_batch() {
    pollster::block_on(async {
        let gpu = Gpu::with_limits(|_| wgpu::Limits::default()).await.expect("a device");
        let gpu = Rc::new(TunedGpu::from(gpu));
        let refused = async |micro: usize, limits: Limits| {
            let options =
                Options { micro_batch: Some(micro), limits: Some(limits), ..Options::default() };
            match Trainer::with(gpu.clone(), tiny::config(), 1, options).await {
                Err(error) => error,
                Ok(_) => panic!("it was planned"),
            }
        };
        // A limit for all buffers together that just fits two images at a time.
        let total = whole(&tiny::config(), Limits::DEFAULT, 2).expect("a plan").plan.bytes();
        let error = refused(4, Limits { total, ..Limits::DEFAULT }).await;
        let Error::TooLarge { bytes, limit, largest_batch, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!((*limit, *largest_batch), (total, Some(2)), "{error}");
        let four = whole(&tiny::config(), Limits::DEFAULT, 4).expect("a plan").plan.bytes();
        assert_eq!(*bytes, four, "{error}");
        // A limit for one buffer that just fits the largest for two images at a time.
        let step = whole(&tiny::config(), Limits::DEFAULT, 2).expect("a plan");
        let most = step.plan.buffers.iter().map(|b| b.bytes).max().unwrap_or(0);
        let error = refused(4, Limits { binding: most, ..Limits::DEFAULT }).await;
        let Error::TooLarge { tensor, limit, largest_batch, .. } = &error else {
            panic!("{error}");
        };
        let step = whole(&tiny::config(), Limits::DEFAULT, 4).expect("a plan");
        let named = step.plan.find(tensor).expect("a buffer of the plan");
        assert!(named.len as u64 * 4 > most, "{error}");
        assert_eq!((*limit, *largest_batch), (most, Some(2)), "{error}");
        // A tensor that no batch can make fit.
        let error = refused(4, Limits { binding: 1024, ..Limits::DEFAULT }).await;
        assert!(matches!(error, Error::TooLarge { largest_batch: Some(0), .. }), "{error}");
        assert!(
            error.to_string().contains("allows 1024 in one binding; not even one image fits"),
            "{error}"
        );
    });
}
