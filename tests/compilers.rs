//! Compilers that this machine has no driver for: naga, which Firefox uses, translates every shader that a preset needs to
//! HLSL, MSL and SPIR-V. Invariant: whatever a plan dispatches is translated as it is specialised, and no array that should
//! be registers is indexed by a variable.

use dino_core::run::presets;
use dino_engine::gpu::kernel::Kernel;
use dino_engine::gpu::limits::Limits;
use dino_engine::gpu::params::Constants;
use dino_engine::kernels::gemm::{Choice, Tuning, variants};
use dino_engine::kernels::gemm::{Form, Variant};
use dino_engine::train::{augment, step};
use naga::back::{hlsl, msl, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{Block, Expression, Function, Module, Statement};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Shaders by their name and what specialises them.
type Shaders = BTreeMap<(&'static str, Constants), &'static Kernel>;

/// The shaders of a step of every preset, planned for a GPU with this variant of the products, or as it comes.
fn shaders(forced: Option<Variant>, recompute: bool) -> Shaders {
    let mut all = Shaders::new();
    let forced = forced.map(|variant| Choice { variant, parts: 2 });
    for preset in presets::all() {
        let config = preset.config(64, 1, None);
        let tuning = Tuning { forced, recompute, ..Tuning::default() };
        let side = config.crops.picture_side();
        let planned = step::plan(&config, Limits::DEFAULT, &tuning, 1, |plan, patches| {
            augment::plan(plan, &config.vit, &config.crops, 1, side, patches).map(|_| ())
        });
        for line in planned.expect("a plan").plan.dispatches {
            all.insert((line.kernel.name, line.constants.clone()), line.kernel);
            if let Some(instead) = line.instead {
                all.insert((instead.kernel.name, instead.constants), instead.kernel);
            }
        }
    }
    all
}

fn parsed(kernel: &Kernel, constants: &Constants) -> (Module, ModuleInfo) {
    let text = constants.specialise(kernel.source).expect("all constants are declared");
    let module = naga::front::wgsl::parse_str(&text)
        .unwrap_or_else(|e| panic!("{}", e.emit_to_string_with_path(&text, kernel.file)));
    let info = Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{}", e.emit_to_string_with_path(&text, kernel.file)));
    (module, info)
}

/// Lines of the three translations.
fn translated(module: &Module, info: &ModuleInfo, name: &str) -> [usize; 3] {
    let mut text = String::new();
    let options = hlsl::Options { fake_missing_bindings: true, ..hlsl::Options::default() };
    let pipeline = hlsl::PipelineOptions::default();
    hlsl::Writer::new(&mut text, &options, &pipeline)
        .write(module, info, None)
        .unwrap_or_else(|e| panic!("{name}: HLSL: {e}"));
    let options = msl::Options { fake_missing_bindings: true, ..msl::Options::default() };
    let (metal, _) = msl::write_string(module, info, &options, &msl::PipelineOptions::default())
        .unwrap_or_else(|e| panic!("{name}: MSL: {e}"));
    let words = spv::write_vec(module, info, &spv::Options::default(), None)
        .unwrap_or_else(|e| panic!("{name}: SPIR-V: {e}"));
    [text.lines().count(), metal.lines().count(), words.len()]
}

/// Loops of a function's body.
fn loops(block: &Block) -> usize {
    let inside = |statement: &Statement| match statement {
        Statement::Block(block) => loops(block),
        Statement::If { accept, reject, .. } => loops(accept) + loops(reject),
        Statement::Switch { cases, .. } => cases.iter().map(|case| loops(&case.body)).sum(),
        Statement::Loop { body, continuing, .. } => 1 + loops(body) + loops(continuing),
        _ => 0,
    };
    block.iter().map(inside).sum()
}

/// Local arrays that are indexed by a variable: a GPU keeps them in memory, not in registers.
fn spilled(function: &Function) -> Vec<String> {
    let mut names = Vec::new();
    for (_, expression) in function.expressions.iter() {
        let Expression::Access { base, .. } = expression else { continue };
        let mut root = *base;
        while let Expression::Access { base, .. } | Expression::AccessIndex { base, .. } =
            &function.expressions[root]
        {
            root = *base;
        }
        if let Expression::LocalVariable(local) = function.expressions[root] {
            names.push(function.local_variables[local].name.clone().unwrap_or_default());
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Writes the SPIR-V of an entry point and how many storage buffers it binds, for `cargo xtask bench registers`.
fn write(folder: &Path, number: usize, (module, info): (&Module, &ModuleInfo), line: &Line<'_>) {
    let (name, constants, kernel) = line;
    let entry_point = (*name).to_owned();
    let pipeline = spv::PipelineOptions { shader_stage: naga::ShaderStage::Compute, entry_point };
    let words = spv::write_vec(module, info, &spv::Options::default(), Some(&pipeline))
        .unwrap_or_else(|e| panic!("{name}: SPIR-V: {e}"));
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    std::fs::write(folder.join(format!("{number}.spv")), bytes).expect("a file");
    let about = serde_json::json!({
        "entry": name,
        "constants": constants.0,
        "storage": kernel.bindings.len(),
    });
    std::fs::write(folder.join(format!("{number}.json")), about.to_string()).expect("a file");
}

type Line<'a> = (&'static str, &'a Constants, &'static Kernel);

#[test]
fn every_shader_of_every_preset_is_translated_and_keeps_its_arrays_in_registers() {
    let tiles = variants(Form::Nt, None, false);
    let mut all = shaders(None, true);
    for variant in tiles {
        all.extend(shaders(Some(variant), false));
    }
    println!(
        "{:34} {:>5} {:>5} {:>6} {:>6} {:>7}",
        "shader", "texts", "loops", "HLSL", "MSL", "SPIR-V"
    );
    let mut table: BTreeMap<&str, (usize, usize, [usize; 3])> = BTreeMap::new();
    let folder = std::env::var_os("SPIRV").map(PathBuf::from);
    for (number, ((name, constants), kernel)) in all.iter().enumerate() {
        let (module, info) = parsed(kernel, constants);
        if let Some(folder) = &folder {
            write(folder, number, (&module, &info), &(name, constants, kernel));
        }
        let lines = translated(&module, &info, &format!("{name} {constants:?}"));
        let entry =
            module.entry_points.iter().find(|entry| entry.name == *name).expect("the entry");
        let functions = module.functions.iter().map(|(_, function)| function);
        let mut found = 0;
        for function in functions.chain([&entry.function]) {
            found += loops(&function.body);
            let arrays = spilled(function);
            assert!(arrays.is_empty(), "{name} {constants:?} indexes {arrays:?} by a variable");
        }
        let row = table.entry(name).or_default();
        row.0 += 1;
        row.1 = row.1.max(found);
        row.2 = std::array::from_fn(|i| row.2[i].max(lines[i]));
    }
    for (name, (texts, loops, [hlsl, msl, spirv])) in &table {
        println!("{name:34} {texts:>5} {loops:>5} {hlsl:>6} {msl:>6} {spirv:>7}");
    }
    assert!(table.len() > 25, "{} kernels", table.len());
    assert!(table.contains_key("gemm_tiles") && table.contains_key("attention_shared"));
}
