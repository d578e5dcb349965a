//! Rule for folders of images, on the tree of traps that Python's is tested on, too (`images/traps.json`). Invariant:
//! what counts, in what order and under what label does not depend on where the paths begin.
#![cfg(not(target_arch = "wasm32"))]

use dino_core::data::decode::decode;
use dino_core::data::folder::{is_library, is_passed_over, label_level, levels, order};
use proptest::prelude::*;
use serde_json::Value;
use std::cmp::Ordering;
use std::path::Path;

fn traps() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/images/traps.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// Paths with their labels.
fn labelled<'a>(paths: &[&'a str]) -> Vec<(&'a str, Option<&'a str>)> {
    let levels = levels(paths.iter().copied());
    let depth = label_level(&levels);
    let level = levels.iter().find(|level| Some(level.depth) == depth);
    paths.iter().map(|path| (*path, level.and_then(|level| level.label(path)))).collect()
}

/// What a folder of the traps, or a list of labels, expects.
fn expected(images: &Value) -> Vec<(&str, Option<&str>)> {
    let images = images.as_array().unwrap().iter();
    images.map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str())).collect()
}

#[test]
fn paths_alone_give_the_listing() {
    let traps = traps();
    let is_image =
        |kind: &Value| decode("x", &bytes(&traps["contents"][kind.as_str().unwrap()]), 32).is_ok();
    for chosen in traps["chosen"].as_array().unwrap() {
        let folder = chosen["folder"].as_str().unwrap();
        if folder == "links" {
            continue;
        }
        let own = folder.rsplit('/').next().unwrap();
        let library = if is_library(own) { format!("{own}/") } else { String::new() };
        let files = traps["files"].as_object().unwrap().iter();
        let below = files.filter_map(|(path, kind)| {
            let path = path.strip_prefix(folder)?.strip_prefix('/')?;
            (is_image(kind) && !is_passed_over(&format!("{library}{path}"))).then_some(path)
        });
        let mut below: Vec<&str> = below.collect();
        below.sort_by(|a, b| order(a, b));
        assert_eq!(labelled(&below), expected(&chosen["images"]), "{folder}");
    }
}

#[test]
fn what_is_litter_is_passed_over() {
    for (expected, paths) in traps()["passed_over"].as_object().unwrap() {
        for path in paths.as_array().unwrap() {
            let path = path.as_str().unwrap();
            assert_eq!(is_passed_over(path), expected == "True", "{path:?}");
        }
    }
}

#[test]
fn labels_are_of_the_level_that_tells_images_apart() {
    for case in traps()["labels"].as_array().unwrap() {
        let expected = expected(&case["images"]);
        let paths: Vec<&str> = expected.iter().map(|(path, _)| *path).collect();
        let depth = label_level(&levels(paths.iter().copied()));
        assert_eq!(depth.map(|depth| depth as u64), case["level"].as_u64(), "{case}");
        assert_eq!(labelled(&paths), expected);
    }
}

#[test]
fn every_level_is_offered() {
    let paths = ["cat/photo/1.jpg", "dog/sketch/1.jpg", "dog/images/1.jpg"];
    let found: Vec<(usize, Vec<String>)> =
        levels(paths.into_iter()).into_iter().map(|level| (level.depth, level.names)).collect();
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    assert_eq!(found, [(0, names(["cat", "dog"])), (1, names(["photo", "sketch"]))]);
}

/// Paths of few names, so that they share folders, among them names with a meaning.
fn path() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => prop::sample::select(vec![
            "cat", "dog", "train", "val", "images", "photo", "sketch", "fold 1", "a", "b", "abbey", "A", ".x", "",
            "100CANON", "é", "Thumbs.db", "x.photoslibrary", "originals",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(name, 1..5).prop_map(|names| names.join("/"))
}

proptest! {
    #[test]
    fn the_chosen_folders_name_decides_nothing(
        paths in prop::collection::vec(path(), 0..12), root in "[^/]{1,8}"
    ) {
        let bare: Vec<&str> = paths.iter().map(String::as_str).collect();
        let under: Vec<String> = paths.iter().map(|path| format!("{root}/{path}")).collect();
        let under: Vec<&str> = under.iter().map(String::as_str).collect();
        let labels = |paths: &[&str]| -> Vec<Option<String>> {
            labelled(paths).into_iter().map(|(_, label)| label.map(str::to_owned)).collect()
        };
        prop_assert_eq!(labels(&bare), labels(&under));
    }

    #[test]
    fn the_order_is_total_and_that_of_paths(a in path(), b in path(), c in path()) {
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        prop_assert_eq!(order(&a, &b) == Ordering::Equal, a == b);
        if order(&a, &b).is_le() && order(&b, &c).is_le() {
            prop_assert!(order(&a, &c).is_le());
        }
        let plain = |path: &str| path.split('/').all(|name| !name.is_empty() && name != ".");
        if plain(&a) && plain(&b) {
            prop_assert_eq!(order(&a, &b), Path::new(&a).cmp(Path::new(&b)));
        }
    }

    #[test]
    fn below_what_is_passed_over_all_is(path in path(), name in "[^/]{1,8}") {
        if is_passed_over(&path) {
            let below = format!("{path}/{name}");
            prop_assert!(is_passed_over(&below));
        }
    }
}
