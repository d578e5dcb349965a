//! Golden cases as files. Invariant: the given ones are read whole, damaged ones are refused with a sentence, and
//! a comparison notices every quantity that is off.

use dino_core::Error;
use dino_core::weights::tensors;
use dino_core::weights::tensors::{Tensor, Tensors};
use dino_engine::verify::golden::{Case, compare};
use std::collections::BTreeMap;
use std::path::Path;

type Files = BTreeMap<String, Vec<u8>>;

fn files(name: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(name, std::fs::read(path).unwrap());
    }
    files
}

/// The case with one tensor of one file changed or, with `None`, removed.
fn with(file: &str, tensor: &str, change: Option<Tensor>) -> Files {
    let mut files = files("basic");
    let (mut tensors, _) = tensors::read(file, &files[file]).unwrap();
    match change {
        Some(change) => tensors.insert(tensor.into(), change),
        None => tensors.remove(tensor),
    };
    files.insert(file.into(), tensors::write(file, &tensors, BTreeMap::new()).unwrap());
    files
}

fn refused(files: &Files) -> String {
    Case::read(files).unwrap_err().to_string()
}

#[test]
fn the_given_cases_are_read() {
    for (name, steps, local) in
        [("basic", 10, true), ("no_local", 6, false), ("schedules", 16, true)]
    {
        let case = Case::read(&files(name)).unwrap();
        assert_eq!(case.steps, steps);
        assert_eq!(case.crops.len(), steps);
        assert_eq!(case.crops[0].local.is_some(), local);
        assert_eq!(case.init.len(), dino_core::weights::parameters::shapes(&case.config).len());
    }
}

#[test]
fn missing_files_and_tensors_are_named() {
    let mut without = files("basic");
    without.remove("crops.safetensors");
    let message = refused(&without);
    assert!(message.contains("crops.safetensors: missing"), "{message}");
    for (file, tensor) in [
        ("init.safetensors", "head.mlp.2.bias"),
        ("crops.safetensors", "step9.global"),
        ("crops.safetensors", "step3.local"),
        ("expect.safetensors", "step7.loss"),
        ("expect.safetensors", "step0.grad.backbone.norm.bias"),
        ("expect.safetensors", "final.teacher.backbone.cls_token"),
    ] {
        let message = refused(&with(file, tensor, None));
        assert!(message.contains(tensor) && message.contains(file), "{message}");
        assert!(message.contains("no such tensor"), "{message}");
    }
}

#[test]
fn wrong_shapes_are_named_with_both_shapes() {
    let message =
        refused(&with("init.safetensors", "head.mlp.2.bias", Some(Tensor::full(&[31], 0.0))));
    assert_eq!(
        message,
        "tensor `head.mlp.2.bias` in `init.safetensors`: expected shape [32], found [31]"
    );
    let message =
        refused(&with("crops.safetensors", "step4.local", Some(Tensor::full(&[6, 3, 8, 4], 0.0))));
    assert!(message.contains("[6, 3, 8, 8]") && message.contains("[6, 3, 8, 4]"), "{message}");
}

#[test]
fn parameters_that_the_configuration_does_not_have_are_refused() {
    for (file, tensor) in [
        ("init.safetensors", "backbone.blocks.2.norm1.bias"),
        ("expect.safetensors", "final.student.backbone.blocks.2.norm1.bias"),
        ("expect.safetensors", "step0.grad.backbone.blocks.2.norm1.bias"),
    ] {
        let message = refused(&with(file, tensor, Some(Tensor::full(&[24], 0.0))));
        assert!(message.contains(tensor) && message.contains("unknown"), "{message}");
    }
}

#[test]
fn values_that_are_no_numbers_are_refused() {
    for value in [f32::NAN, f32::INFINITY] {
        let mut loss = Tensor::full(&[1], 1.0);
        loss.data[0] = value;
        let message = refused(&with("expect.safetensors", "step2.loss", Some(loss)));
        assert!(message.contains("step2.loss") && message.contains("finite"), "{message}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for (from, to, expected) in [
        ("\"patch_size\": 4", "\"patch_size\": 7", "patch_size"),
        ("\"num_heads\": 3", "\"num_heads\": 5", "5 heads"),
        ("\"steps\": 10", "\"steps\": 0", "steps"),
        ("\"steps\": 10", "\"steps\": 1000000000000", "step10.global"),
        ("\"batch\": 3,", "", "batch"),
        ("\"batch\": 3", "\"batch\": \"three\"", "three"),
        ("\"depth\": 2", "\"depth\": -2", "-2"),
    ] {
        let mut files = files("basic");
        let text = String::from_utf8(files["case.json"].clone()).unwrap();
        assert!(text.contains(from));
        files.insert("case.json".into(), text.replace(from, to).into_bytes());
        let message = refused(&files);
        assert!(message.contains(expected), "{to}: {message}");
    }
    let mut files = files("basic");
    files.insert("case.json".into(), b"{".to_vec());
    assert!(refused(&files).starts_with("case.json: "));
}

#[test]
fn unknown_settings_are_ignored() {
    let mut files = files("basic");
    let text = String::from_utf8(files["case.json"].clone()).unwrap();
    let text = text.replacen('{', "{\"remark\": [1, {\"a\": null}],", 1);
    files.insert("case.json".into(), text.into_bytes());
    Case::read(&files).unwrap();
}

#[test]
fn the_recorded_numbers_compared_with_themselves_have_no_error() {
    for (name, rows) in [("basic", 11), ("no_local", 10), ("schedules", 11)] {
        let case = Case::read(&files(name)).unwrap();
        let report = compare(&case, &case.expect);
        assert_eq!(report.rows.len(), rows, "{report}");
        assert!(report.passed(), "{report}");
        assert!(report.rows.iter().all(|row| row.error == 0.0), "{report}");
    }
}

/// Scales one tensor of a perfect measurement and returns the failing quantities.
fn failing(case: &Case, tensor: &str, factor: f32) -> Vec<String> {
    let mut measured = case.expect.clone();
    for value in &mut measured.get_mut(tensor).unwrap().data {
        *value *= factor;
    }
    failures(case, &measured)
}

fn failures(case: &Case, measured: &Tensors) -> Vec<String> {
    let report = compare(case, measured);
    let failing = report.rows.iter().filter(|row| !row.pass());
    failing.map(|row| format!("{} {}", row.quantity, row.worst)).collect()
}

#[test]
fn each_quantity_fails_just_above_its_tolerance() {
    let case = Case::read(&files("basic")).unwrap();
    for (quantity, tensor, tolerance) in [
        ("loss", "step9.loss", 1e-4),
        ("schedule", "step3.schedule", 1e-6),
        ("teacher_logits", "step0.teacher_logits", 2e-5),
        ("student_logits", "step0.student_logits", 2e-5),
        ("features", "step0.features", 2e-5),
        ("attention", "step0.attention", 2e-5),
        ("pos_embed_local", "step0.pos_embed_local", 2e-5),
        ("gradients", "step0.grad.head.mlp.0.weight", 1e-4),
        ("final.center", "final.center", 1e-4),
        ("final.teacher", "final.teacher.backbone.pos_embed", 5e-3),
        ("final.student", "final.student.backbone.pos_embed", 5e-2),
    ] {
        assert!(failing(&case, tensor, 1.0 + 0.7 * tolerance).is_empty(), "{tensor}");
        let failing = failing(&case, tensor, 1.0 + 1.4 * tolerance);
        assert_eq!(failing, [format!("{quantity} {tensor}")]);
    }
}

#[test]
fn a_tiny_gradient_is_measured_against_all_gradients() {
    let mut case = Case::read(&files("basic")).unwrap();
    let gradients = case.expect.iter().filter(|(name, _)| name.starts_with("step0.grad."));
    let all = gradients.flat_map(|(_, t)| &t.data).map(|v| v * v).sum::<f32>().sqrt();
    let tensor = "step0.grad.backbone.cls_token";
    case.expect.insert(tensor.into(), Tensor::full(&[1, 1, 24], 0.0));
    let with = |value: f32| {
        let mut measured = case.expect.clone();
        measured.get_mut(tensor).unwrap().data[0] = value;
        failures(&case, &measured)
    };
    assert!(with(0.8e-7 * all).is_empty());
    assert_eq!(with(1.3e-7 * all), [format!("gradients {tensor}")]);
}

#[test]
fn a_missing_or_nan_quantity_fails() {
    let case = Case::read(&files("basic")).unwrap();
    let mut measured = case.expect.clone();
    measured.remove("step5.loss");
    measured.get_mut("final.center").unwrap().data[3] = f32::NAN;
    measured.get_mut("step0.features").unwrap().data.pop();
    assert_eq!(
        failures(&case, &measured),
        [
            "loss step5.loss (not measured)",
            "features step0.features (not measured)",
            "final.center final.center"
        ]
    );
}

#[test]
fn damaged_files_are_refused() {
    let whole = files("basic")["expect.safetensors"].clone();
    for cut in [0, 1, 7, 8, 9, 1000, whole.len() - 1] {
        let error = tensors::read("x.safetensors", &whole[..cut]).unwrap_err();
        assert!(error.to_string().contains("x.safetensors"), "{cut}: {error}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    let message = tensors::read("x", &longer).unwrap_err().to_string();
    assert!(message.contains("bytes of tensor data"), "{message}");
    for length in [10_000_000_000, u64::MAX, i64::MAX as u64] {
        let mut huge = whole.clone();
        huge[..8].copy_from_slice(&length.to_le_bytes());
        let message = tensors::read("x", &huge).unwrap_err().to_string();
        assert!(message.contains(&format!("header of {length} bytes")), "{message}");
    }
}

/// A file with this header and 64 bytes of zeros.
fn hostile(header: &str) -> Error {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([0; 64]);
    tensors::read("x", &bytes).unwrap_err()
}

#[test]
fn hostile_headers_are_refused_with_the_tensor_and_what_was_expected() {
    let entry = |shape: &str, start: u64, end: u64| {
        format!(r#"{{"dtype":"F32","shape":{shape},"data_offsets":[{start},{end}]}}"#)
    };
    let two = |a: String, b: String| format!(r#"{{"a":{a},"b":{b}}}"#);
    for (header, expected) in [
        (
            two(entry("[8]", 0, 32), entry("[8]", 16, 48)),
            "tensor `b` in `x`: expected its data to start at byte 32, found byte 16, overlapping the one before",
        ),
        (
            two(entry("[4]", 0, 16), entry("[8]", 32, 64)),
            "tensor `b` in `x`: expected its data to start at byte 16, found byte 32, after a gap",
        ),
        (
            two(entry("[8]", 0, 32), entry("[9]", 32, 64)),
            "tensor `b` in `x`: expected 36 bytes for shape [9] of F32, found bytes 32 to 64",
        ),
        (
            two(entry("[8]", 0, 32), entry("[9]", 32, 68)),
            "tensor `b` in `x`: expected its bytes 32 to 68 in the file, found only 64 bytes of data: the file is truncated",
        ),
        (two(entry("[8]", 0, 32), entry("[8]", 64, 32)), "found bytes 64 to 32"),
        (two(entry("[4294967296,4294967296,4]", 0, 64), entry("[0]", 64, 64)), "too many bytes"),
        (two(entry("[-1]", 0, 64), entry("[0]", 64, 64)), "`a`"),
        (
            r#"{"a":{"dtype":"I64","shape":[8],"data_offsets":[0,64]}}"#.into(),
            "values of type F32, F16, BF16 or F64, found I64",
        ),
        (
            r#"{"a":3}"#.into(),
            "tensor `a` in `x`: expected a type, a shape and two data offsets, found 3",
        ),
        (r#"{"__metadata__":{"a":"b"}}"#.into(), "expected 0 bytes of tensor data, found 64"),
        (
            r#"{"__metadata__":3,"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}"#.into(),
            "not a valid safetensors file",
        ),
        ("{".into(), "not valid JSON"),
        ("[1]".into(), "not valid JSON"),
        (format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), "not valid JSON"),
    ] {
        let message = hostile(&header).to_string();
        assert!(message.contains(expected), "{header:.200}\n{message}");
    }
}

#[test]
fn other_float_types_are_converted() {
    let header = r#"{"h":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[20,24]},"d":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(1.5f64.to_le_bytes());
    bytes.extend((-0.1f64).to_le_bytes());
    bytes.extend([0x00, 0x3e, 0x00, 0xc0, 0xc0, 0x3f, 0x00, 0xc0]);
    let (tensors, _) = tensors::read("x", &bytes).unwrap();
    assert_eq!(tensors["d"], Tensor { shape: vec![2, 1], data: vec![1.5, -0.1] });
    assert_eq!(tensors["h"].data, [1.5, -2.0]);
    assert_eq!(tensors["b"].data, [1.5, -2.0]);
    let overflow = bytes.len() - 24;
    bytes[overflow..overflow + 8].copy_from_slice(&1e300f64.to_le_bytes());
    let message = tensors::read("x", &bytes).unwrap_err().to_string();
    assert!(message.contains("expected finite numbers, found inf"), "{message}");
}
