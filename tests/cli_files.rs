//! Folders, masks and photographs as the native binary meets them. Invariant: what is left out, or read in another way
//! than a person may think, is told.
#![cfg(unix)]

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod weights;

#[path = "cli/command.rs"]
#[allow(dead_code)]
mod command;

use command::{dino, folder, text};
use image::{GrayImage, Luma, Rgb, RgbImage};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A small backbone.
fn backbone(folder: &Path) -> PathBuf {
    let file = folder.join("b.pth");
    fs::write(&file, weights::torch_backbone(&weights::timm(&weights::vit()))).unwrap();
    file
}

fn paint(path: PathBuf) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let stripe = |x: u32, _| Rgb([if (x / 5).is_multiple_of(2) { 40 } else { 210 }, 90, 20]);
    RgbImage::from_fn(48, 32, stripe).save(path).unwrap();
}

/// The table and what is told beside it.
fn evaluate(file: &Path, images: &Path, more: &[&str]) -> (String, String) {
    let evaluate =
        ["evaluate", "--checkpoint", text(file), "--heads", "2", "--images", text(images)];
    let output = dino(&[&evaluate[..], more].concat());
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    (String::from_utf8(output.stdout).unwrap(), told)
}

#[test]
fn classes_are_not_lost_and_what_is_left_out_is_counted() {
    let folder = folder("classes");
    let (file, images) = (backbone(&folder), folder.join("images"));
    for name in ["bus/1.png", "bus/2.png", "car/1.png", "train/1.png", "train/2.png"] {
        paint(images.join(name));
    }
    for (name, words) in [("note.txt", "words"), ("notes/a.txt", "words"), (".hidden", "")] {
        fs::create_dir_all(images.join("notes")).unwrap();
        fs::write(images.join(name), words).unwrap();
    }
    let (table, told) = evaluate(&file, &images, &[]);
    assert!(table.starts_with("backbone: 5 images, 3 labels\n"), "{table}");
    assert!(told.contains("labels: 3, from folder level 1 (bus, car, train)"), "{told}");
    assert!(told.contains("hidden or litter of a system (.hidden)"), "{told}");
    assert!(!told.contains("left out:"), "{told}");
    paint(images.join("loose.png"));
    let (table, told) = evaluate(&file, &images, &[]);
    assert!(table.starts_with("backbone: 5 images, 3 labels\n"), "{table}");
    assert!(told.contains("left out: 1 image without a label, loose.png"), "{told}");
}

/// Not every file system takes such names.
#[test]
fn folders_whose_names_are_no_text_stay_two() {
    let folder = folder("names");
    let (file, images) = (backbone(&folder), folder.join("images"));
    for name in [&b"\xe9t\xe9"[..], b"\xe8t\xe8"] {
        let path = images.join(OsStr::from_bytes(name));
        if fs::create_dir_all(&path).is_err() {
            return;
        }
        paint(path.join("1.png"));
        paint(path.join("2.png"));
    }
    let (table, told) = evaluate(&file, &images, &[]);
    assert!(table.starts_with("backbone: 4 images, 2 labels\n"), "{table}");
    assert!(told.contains("(\\xe8t\\xe8, \\xe9t\\xe9)"), "{told}");
}

#[test]
fn masks_of_classes_are_as_good_as_bright_ones() {
    let folder = folder("masks");
    let (file, images) = (backbone(&folder), folder.join("images"));
    paint(images.join("1.png"));
    let mut scores = Vec::new();
    for (name, value, side) in
        [("bright", 255, 48), ("classes", 1, 48), ("other", 255, 32), ("none", 0, 48)]
    {
        let masks = folder.join(name);
        fs::create_dir_all(&masks).unwrap();
        let object = |x, _| Luma([if x < 20 { value } else { 0 }]);
        GrayImage::from_fn(side, 32, object).save(masks.join("1.png")).unwrap();
        scores.push(evaluate(&file, &images, &["--masks", text(&masks), "--side", "48"]));
    }
    let [bright, classes, other, none] = &scores[..] else { panic!() };
    assert_eq!(bright.0, classes.0);
    assert!(
        !bright.1.contains("masks of") && classes.1.contains("masks of classes, all"),
        "{classes:?}"
    );
    assert!(other.1.contains("masks of another shape than their image"), "{other:?}");
    assert!(none.1.contains("masks without an object, black everywhere: 1, such as"), "{none:?}");
}

#[test]
fn an_image_may_come_from_a_pipe() {
    let folder = folder("pipe");
    let (file, image) = (backbone(&folder), folder.join("1.png"));
    paint(image.clone());
    // A pipe gives its bytes once.
    let mut cat = Command::new("cat").arg(&image).stdout(Stdio::piped()).spawn().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dino"))
        .args(["attention", "--checkpoint", text(&file), "--heads", "2", "--image", "/dev/stdin"])
        .args(["--out", text(&folder.join("maps"))])
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .stdin(cat.stdout.take().unwrap())
        .output()
        .unwrap();
    cat.wait().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(image::open(folder.join("maps/img.png")).unwrap().width(), 48);
}
