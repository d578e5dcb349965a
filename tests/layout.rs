//! Shaders as naga parses them. Invariant: each is valid, within WebGPU's default limits, and has the bindings
//! and uniforms that Rust describes.

use dino_engine::gpu::kernel::{Access, Kernel};
use dino_engine::gpu::params::{Constants, Field, Params};
use dino_engine::kernels;
use dino_engine::kernels::gemm::{Epilogue, Form, VARIANTS, Variant};
use dino_engine::kernels::step::Step;
use naga::valid::{
    Capabilities, ModuleInfo, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator,
};
use naga::{AddressSpace, Module, ScalarKind, StorageAccess, TypeInner};

fn parse(kernel: &Kernel, constants: &Constants) -> (Module, ModuleInfo) {
    let text = constants.specialise(kernel.source).expect("all constants are declared");
    let module = naga::front::wgsl::parse_str(&text)
        .unwrap_or_else(|e| panic!("{}", e.emit_to_string_with_path(&text, kernel.file)));
    let info = Validator::new(ValidationFlags::all(), Capabilities::SUBGROUP)
        .subgroup_stages(ShaderStages::COMPUTE)
        .subgroup_operations(SubgroupOperationSet::all())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{}", e.emit_to_string_with_path(&text, kernel.file)));
    (module, info)
}

/// Name and type of each member of a struct; anything but `u32` and `f32` is refused.
fn fields(module: &Module, inner: &TypeInner) -> Vec<(String, bool)> {
    let TypeInner::Struct { members, .. } = inner else { panic!("{inner:?} is no struct") };
    let field = |m: &naga::StructMember| match module.types[m.ty].inner {
        TypeInner::Scalar(s) if s.width == 4 && s.kind == ScalarKind::Float => true,
        TypeInner::Scalar(s) if s.width == 4 && s.kind == ScalarKind::Uint => false,
        ref other => panic!("{:?} is {other:?}", m.name),
    };
    members.iter().map(|m| (m.name.clone().unwrap_or_default(), field(m))).collect()
}

fn of_rust(fields: &[Field]) -> Vec<(String, bool)> {
    fields.iter().map(|f| (f.name.to_owned(), f.float)).collect()
}

/// Checks one kernel as it is compiled with these constants.
fn check(kernel: &Kernel, constants: &Constants) {
    let name = format!("{} of {} with {constants:?}", kernel.name, kernel.file);
    let (module, info) = parse(kernel, constants);
    let at = module.entry_points.iter().position(|e| e.name == kernel.name);
    let at = at.unwrap_or_else(|| panic!("{name}: no such entry point"));
    let entry = &module.entry_points[at];
    let invocations: u32 = entry.workgroup_size.iter().product();
    assert!((1..=256).contains(&invocations), "{name}: {invocations} invocations");
    assert!(entry.workgroup_size[2] <= 64, "{name}: {:?}", entry.workgroup_size);
    let mut layouter = naga::proc::Layouter::default();
    layouter.update(module.to_ctx()).expect("sizes of all types");
    let (mut storage, mut uniforms, mut workgroup) = (Vec::new(), Vec::new(), 0);
    for (handle, variable) in module.global_variables.iter() {
        if info.get_entry_point(at)[handle].is_empty() {
            continue;
        }
        let binding = variable.binding.as_ref().map(|b| (b.group, b.binding));
        match variable.space {
            AddressSpace::Storage { access } => {
                let write = access.contains(StorageAccess::STORE);
                storage.push((binding, if write { Access::Write } else { Access::Read }));
            }
            AddressSpace::Uniform => uniforms.push((binding, variable.ty)),
            AddressSpace::WorkGroup => workgroup += layouter[variable.ty].size,
            ref other => panic!("{name}: a variable in {other:?}"),
        }
    }
    assert!(workgroup <= 16384, "{name}: {workgroup} bytes of workgroup memory");
    assert!(storage.len() <= 8, "{name}: {} storage buffers", storage.len());
    storage.sort_by_key(|(binding, _)| *binding);
    // A variant may leave some bindings unused; those it uses must be as in Rust.
    for (binding, access) in &storage {
        let (group, index) = binding.expect("a binding");
        assert_eq!(group, 0, "{name}");
        assert_eq!(kernel.bindings.get(index as usize), Some(access), "{name}: binding {index}");
    }
    if constants.0.is_empty() {
        assert_eq!(storage.len(), kernel.bindings.len(), "{name}: storage bindings");
    }
    let [(binding, ty)] = uniforms[..] else { panic!("{name}: {} uniforms", uniforms.len()) };
    assert_eq!(binding, Some((0, kernel.bindings.len() as u32)), "{name}: the uniform");
    assert_eq!(fields(&module, &module.types[ty].inner), of_rust(kernel.params), "{name}");
}

#[test]
fn every_kernel_has_the_bindings_and_uniform_of_its_shader() {
    for kernel in kernels::all() {
        check(kernel, &Constants::default());
    }
}

#[test]
fn attention_shaders_are_valid_for_every_head_width() {
    for kernel in kernels::all().iter().filter(|k| k.file == "attention.wgsl") {
        for head4 in 1..=16 {
            for lanes in [1, 4, 8] {
                let held = u32::div_ceil(head4, lanes);
                let constants =
                    vec![("HEAD4", head4), ("LANES", lanes), ("HELD", held), ("GROUP", 8)];
                let (module, info) = parse(kernel, &Constants(constants));
                assert_eq!(module.entry_points.len(), 3);
                drop(info);
            }
        }
    }
}

#[test]
fn product_shaders_are_valid_in_every_variant_and_epilogue() {
    use Epilogue::*;
    for variant in VARIANTS {
        for form in [Form::Nt, Form::Nn, Form::Tn].into_iter().filter(|f| variant.makes(*f)) {
            for epilogue in [
                Store,
                Bias,
                BiasGelu,
                BiasGeluDerivative,
                BiasResidual,
                TimesOther,
                TimesColumn,
                Add,
                AddBias,
            ] {
                let (kernel, mut constants) = variant.kernel();
                constants.extend([("FORM", form as u32), ("EPILOGUE", epilogue as u32)]);
                check(kernel, &Constants(constants));
            }
        }
        let (m, n) = variant.tile();
        let (_, constants) = variant.kernel();
        let of = |name: &str| constants.iter().find(|(n, _)| *n == name).map_or(16, |(_, v)| *v);
        let (across, down) = match variant {
            Variant::Registers { .. } | Variant::Tiles { .. } => (of("GX"), of("GY")),
            Variant::Lanes { .. } => (of("LANES"), 1),
        };
        assert_eq!((m, n), ((down * of("ROWS")) as usize, (across * 4 * of("COLS4")) as usize));
    }
}

#[test]
fn the_list_of_kernels_is_complete() {
    let all = kernels::all();
    let mut names: Vec<_> = all.iter().map(|k| k.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len(), "two kernels share a name");
    let mut found = Vec::new();
    for kernel in &all {
        let (module, _) = parse(kernel, &Constants::default());
        found.extend(module.entry_points.iter().map(|e| e.name.clone()));
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(names, found, "entry points of the shaders");
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shaders");
    for file in std::fs::read_dir(dir).expect("shaders/") {
        let file = file.expect("a file").file_name().into_string().expect("a name");
        const SHARED: [&str; 4] =
            ["augment_common.wgsl", "gemm_epilogue.wgsl", "row_sum.wgsl", "step.wgsl"];
        let used = all.iter().any(|k| k.file == file) || SHARED.contains(&file.as_str());
        assert!(used, "no kernel is in {file}");
    }
}

#[test]
fn the_step_is_the_same_struct_everywhere() {
    for file in ["dino_loss.wgsl", "update.wgsl"] {
        let kernel = *kernels::all().iter().find(|k| k.file == file).expect("a kernel");
        let (module, _) = parse(kernel, &Constants::default());
        let step = module.types.iter().find(|(_, t)| t.name.as_deref() == Some("Step"));
        let (_, step) = step.expect("a struct Step");
        assert_eq!(fields(&module, &step.inner), of_rust(Step::FIELDS), "{file}");
    }
}
