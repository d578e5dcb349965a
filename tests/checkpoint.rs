//! Checkpoints, written and read. Invariant: what is written is read again; a damaged or foreign file is refused
//! with a sentence that names the tensor and what was expected.

use dino_core::data::identity::{FileIdentity, SetIdentity};
use dino_core::run::presets;
use dino_core::weights::checkpoint::{CENTER, Checkpoint, ROLES};
use dino_core::weights::init;
use dino_core::weights::tensors;
use dino_core::weights::tensors::{Tensor, Tensors};
use std::collections::BTreeMap;

fn checkpoint() -> Checkpoint {
    let mut config = presets::all()[0].config(200, 300, None);
    config.train.lr = 0.1 + 0.2;
    let student = init::student(&config, 5);
    let mut tensors = Tensors::new();
    for role in ROLES {
        for (name, tensor) in &student {
            let mut tensor = tensor.clone();
            tensor.data.iter_mut().for_each(|v| *v = v.abs() + role.len() as f32);
            tensors.insert(format!("{role}{name}"), tensor);
        }
    }
    tensors.insert(CENTER.into(), Tensor::full(&[1, config.head.out_dim], 0.25));
    Checkpoint { config, seed: u64::MAX, step: 300, tensors, images: None }
}

/// The message for a checkpoint with a changed tensor, written as a file without any check.
fn refused(change: impl FnOnce(&mut Tensors)) -> String {
    let whole = checkpoint();
    let (_, metadata) = tensors::read("c", &whole.to_bytes().unwrap()).unwrap();
    let mut tensors = whole.tensors;
    change(&mut tensors);
    let bytes = tensors::write("c", &tensors, metadata).unwrap();
    Checkpoint::from_bytes("c.safetensors", &bytes).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read() {
    let whole = checkpoint();
    let bytes = whole.to_bytes().unwrap();
    let read = Checkpoint::from_bytes("c", &bytes).unwrap();
    assert_eq!((&read.config, read.seed, read.step), (&whole.config, u64::MAX, 300));
    assert!(read == whole, "the tensors differ");
    assert!(whole.to_bytes().unwrap() == bytes, "the same state, the same bytes");
}

#[test]
fn the_set_of_images_is_remembered_where_it_is_known() {
    let mut whole = checkpoint();
    let without = whole.to_bytes().unwrap();
    let (_, metadata) = tensors::read("c", &without).unwrap();
    assert!(!metadata["dino"].contains("images"), "{}", metadata["dino"]);
    whole.images = Some(SetIdentity::of([FileIdentity::of(b"a"), FileIdentity::of(b"b")]));
    let bytes = whole.to_bytes().unwrap();
    let mut read = Checkpoint::from_bytes("c", &bytes).unwrap();
    assert_eq!(read.images, whole.images);
    read.images = None;
    assert!(read.to_bytes().unwrap() == without, "the rest is as it was");
}

#[test]
fn wrong_tensors_are_named() {
    let name = "teacher.head.mlp.0.weight";
    let message = refused(|t| t.extend([(name.into(), Tensor::full(&[3, 2], 0.0))]));
    let shape = checkpoint().tensors[name].shape.clone();
    assert_eq!(
        message,
        format!("tensor `{name}` in `c.safetensors`: expected shape {shape:?}, found [3, 2]")
    );
    let message = refused(|t| drop(t.remove("first_moment.backbone.norm.bias")));
    assert!(message.contains("first_moment.backbone.norm.bias"), "{message}");
    assert!(message.contains("no such tensor"), "{message}");
    let message = refused(|t| drop(t.remove(CENTER)));
    assert!(message.contains("`center`"), "{message}");
    let message = refused(|t| t.extend([("student.x".into(), Tensor::full(&[1], 0.0))]));
    assert!(message.contains("student.x") && message.contains("unknown"), "{message}");
}

#[test]
fn values_out_of_range_are_named() {
    let name = "student.backbone.pos_embed";
    let set = |name: &'static str, value: f32| {
        refused(move |t| t.get_mut(name).into_iter().for_each(|t| t.data[7] = value))
    };
    let message = set(name, f32::NAN);
    assert!(message.contains(name) && message.contains("finite numbers, found NaN"), "{message}");
    let message = set(CENTER, f32::NEG_INFINITY);
    assert!(message.contains("found -inf"), "{message}");
    let message = set("second_moment.backbone.pos_embed", -1e-20);
    assert!(message.contains("no negative numbers"), "{message}");
}

#[test]
fn a_state_with_nan_is_not_written() {
    let mut bad = checkpoint();
    bad.tensors.get_mut(CENTER).unwrap().data[0] = f32::NAN;
    let message = bad.to_bytes().unwrap_err().to_string();
    assert!(message.contains("`center`") && message.contains("NaN"), "{message}");
}

#[test]
fn foreign_and_damaged_metadata_is_refused() {
    let whole = checkpoint();
    let (_, metadata) = tensors::read("c", &whole.to_bytes().unwrap()).unwrap();
    let json = &metadata["dino"];
    let with = |json: String| {
        let metadata = BTreeMap::from([("dino".to_owned(), json)]);
        let bytes = tensors::write("c", &whole.tensors, metadata).unwrap();
        Checkpoint::from_bytes("c.safetensors", &bytes).unwrap_err().to_string()
    };
    for (from, to, expected) in [
        ("\"version\":1", "\"version\":9", "expected a checkpoint of version 1, found version 9"),
        ("\"patch_size\":8", "\"patch_size\":7", "expected 4, 8, 14 or 16 pixels, found 7"),
        ("\"num_heads\":2", "\"num_heads\":5", "cannot be divided into 5 heads"),
        ("\"depth\":3", "\"depth\":4", "student.backbone.blocks.3.norm1.weight"),
        ("\"step\":300", "\"step\":-1", "not valid"),
        ("{", "", "not valid"),
    ] {
        assert!(json.contains(from), "{json}");
        let message = with(json.replacen(from, to, 1));
        assert!(message.contains(expected), "{message}");
    }
    let bytes = tensors::write("c", &whole.tensors, BTreeMap::new()).unwrap();
    let message = Checkpoint::from_bytes("c", &bytes).unwrap_err().to_string();
    assert!(message.contains("metadata `dino`"), "{message}");
}

#[test]
fn a_truncated_file_is_refused_at_any_length() {
    let bytes = checkpoint().to_bytes().unwrap();
    for cut in (0..64).chain([1000, bytes.len() / 2, bytes.len() - 1]) {
        let message = Checkpoint::from_bytes("c.pt", &bytes[..cut]).unwrap_err().to_string();
        assert!(message.contains("c.pt"), "{cut}: {message}");
    }
}

#[test]
fn overlapping_tensors_are_refused() {
    let bytes = checkpoint().to_bytes().unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header = String::from_utf8(bytes[8..8 + length].to_vec()).unwrap();
    // `center` is the first tensor; the one after it is moved onto it.
    let k = checkpoint().config.head.out_dim * 4;
    let (from, to) = (format!("[{k},{}]", k + 256), format!("[{},{}]", k - 4, k + 252));
    assert_eq!(header.matches(&from).count(), 1);
    let header = header.replace(&from, &to);
    let mut damaged = (header.len() as u64).to_le_bytes().to_vec();
    damaged.extend(header.as_bytes());
    damaged.extend(&bytes[8 + length..]);
    let message = Checkpoint::from_bytes("c", &damaged).unwrap_err().to_string();
    assert!(message.contains("first_moment.backbone.blocks.0.attn.proj.bias"), "{message}");
    assert!(message.contains("start at byte 1024, found byte 1020, overlapping"), "{message}");
}
