//! Whole runs of the native binary on a device: stopped and resumed, evaluated, drawn. Invariant: runs that are
//! compared to the bit use the same cache of measurements.
#![cfg(not(target_arch = "wasm32"))]

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod weights;

#[path = "cli/command.rs"]
mod command;

use command::{dino, folder, refused, text};
use dino_core::weights::checkpoint::Checkpoint;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a command that must succeed prints.
fn printed(arguments: &[&str]) -> String {
    let output = dino(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Images of two kinds, red stripes down and blue stripes across, and masks of their left halves.
fn images(folder: &Path, each: u32) -> [PathBuf; 2] {
    let (images, masks) = (folder.join("images"), folder.join("masks"));
    for kind in ["down", "across"] {
        for root in [&images, &masks] {
            fs::create_dir_all(root.join(kind)).unwrap();
        }
        for i in 0..each {
            let stripe = |x: u32, y: u32| {
                let at = if kind == "down" { x } else { y } + 3 * i;
                let light: u8 = if at / 6 % 2 == 0 { 40 } else { 210 };
                let green = light.wrapping_add((17 * i) as u8);
                if kind == "down" { Rgb([light, green, 20]) } else { Rgb([20, green, light]) }
            };
            let image = RgbImage::from_fn(64, 48, stripe);
            image.save(images.join(kind).join(format!("{i}.png"))).unwrap();
            let half = |x, _| Rgb([if x < 32 { 255 } else { 0 }; 3]);
            RgbImage::from_fn(64, 48, half)
                .save(masks.join(kind).join(format!("{i}.bmp")))
                .unwrap();
        }
    }
    [images, masks]
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_resumed_run_is_the_uninterrupted_one_to_the_bit() {
    let folder = folder("resume");
    let [images, _] = images(&folder, 4);
    let [whole, half, on] =
        ["whole", "half", "on"].map(|n| folder.join(format!("{n}.safetensors")));
    let curve = folder.join("on.csv");
    let train = |out: &Path, more: &[&str]| {
        let train =
            ["train", "--images", text(&images), "--out", text(out), "--steps", "6", "--json"];
        lines(&printed(&[&train[..], &["--set", "drop_path=0.3"], more].concat()))
    };
    let told = train(&whole, &["--every", "4"]);
    assert_eq!(train(&half, &["--until", "2"]).len(), 2);
    assert!(fs::read(&half).unwrap() != fs::read(&whole).unwrap());
    let resume = |from: &Path, more: &[&str]| {
        let resume = ["resume", "--checkpoint", text(from), "--images", text(&images)];
        [&resume[..], &["--out", text(&on), "--json"], more].concat().join("\n")
    };
    let run = |words: String| lines(&printed(&words.split('\n').collect::<Vec<_>>()));
    // Continued twice, from the file that it writes itself.
    assert_eq!(run(resume(&half, &["--until", "3"])).len(), 1);
    let rest = run(resume(&on, &["--curve", text(&curve)]));
    assert!(fs::read(&on).unwrap() == fs::read(&whole).unwrap(), "another state");
    for (a, b) in rest.iter().zip(&told[3..]) {
        assert_eq!((&a["step"], &a["loss"], &a["lr"]), (&b["step"], &b["loss"], &b["lr"]));
    }
    assert_eq!((rest.len(), fs::read_to_string(&curve).unwrap().lines().count()), (3, 4));
    // The first step waits for compilation, so its speed says nothing; those after it are timed.
    assert!(told[0]["imagesPerSecond"].is_null() && rest[0]["imagesPerSecond"].is_null());
    for line in told[1..].iter().chain(&rest[1..]) {
        let speed = line["imagesPerSecond"].as_f64().unwrap();
        assert!(speed > 0.0 && speed < 1e6, "{line}");
    }

    let refused = |words: String| refused(&words.split('\n').collect::<Vec<_>>());
    let message = refused(resume(&whole, &[]));
    assert!(message.contains("nothing is left to train: 6 of 6 steps are done"), "{message}");
    let message = refused(resume(&half, &["--set", "depth=2"]));
    assert!(message.contains("the checkpoint's network stays"), "{message}");
    let message = refused(resume(&half, &["--set", "lr=99"]));
    assert!(message.contains("`lr`: expected a number from 0 to 10, found 99"), "{message}");
    // A run that is made longer continues on the longer schedules.
    let longer = run(resume(&whole, &["--steps", "8", "--set", "wd_end=0.1"]));
    assert_eq!(longer.len(), 2);
    assert!(longer[0]["lr"].as_f64() > told[5]["lr"].as_f64(), "{longer:?}");
}

#[test]
fn another_set_of_images_is_told_before_the_run_goes_on() {
    let folder = folder("another_set");
    let [images, _] = images(&folder, 4);
    let [run, on] = ["run", "on"].map(|n| folder.join(format!("{n}.safetensors")));
    let train = ["train", "--images", text(&images), "--out", text(&run), "--steps", "4", "--json"];
    printed(&[&train[..], &["--until", "2"]].concat());
    let set = |file: &Path| Checkpoint::from_bytes("c", &fs::read(file).unwrap()).unwrap().images;
    let before = set(&run).unwrap();
    assert_eq!(before.count, 8);
    let resume = || {
        let resume = ["resume", "--checkpoint", text(&run), "--images", text(&images)];
        let output = dino(&[&resume[..], &["--out", text(&on), "--json", "--until", "3"]].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        told
    };
    assert!(!resume().contains("another than before"));
    assert_eq!(set(&on), Some(before));
    fs::rename(images.join("down/0.png"), images.join("down/9.png")).unwrap();
    let told = resume();
    let sentence = "run.safetensors: the set of images is another than before: 8 images as then, but other files or \
                    another order";
    assert!(told.split("adapter: ").next().unwrap().contains(sentence), "{told}");
    fs::remove_file(images.join("down/9.png")).unwrap();
    fs::write(images.join(".hidden.png"), b"").unwrap();
    let told = resume();
    assert!(told.contains("8 images then, 7 images now"), "{told}");
    assert!(told.contains("passed over: 1 file or folder, hidden"), "{told}");
    assert_eq!(set(&on).unwrap().count, 7);
    // One step in the last life: nothing is timed.
    assert!(told.contains("\n1 step: loss ") && !told.contains("images/s"), "{told}");
}

#[test]
fn evaluate_takes_labels_from_the_level_that_tells_images_apart() {
    let folder = folder("levels");
    let [images, _] = images(&folder, 4);
    let file = folder.join("b.pth");
    fs::write(&file, weights::torch_backbone(&weights::timm(&weights::vit()))).unwrap();
    let tree = folder.join("tree");
    for (kind, part, i) in [
        ("down", "photo", 0),
        ("down", "photo", 1),
        ("down", "sketch", 2),
        ("across", "photo", 0),
        ("across", "sketch", 1),
        ("across", "sketch", 2),
    ] {
        let place = tree.join("train").join(kind).join(part);
        fs::create_dir_all(&place).unwrap();
        fs::copy(images.join(format!("{kind}/{i}.png")), place.join(format!("{i}.png"))).unwrap();
    }
    let evaluate = |images: &Path, more: &[&str]| {
        let evaluate = ["evaluate", "--checkpoint", text(&file), "--images", text(images)];
        let output = dino(&[&evaluate[..], more].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        (String::from_utf8(output.stdout).unwrap(), told)
    };
    let (table, told) = evaluate(&tree, &[]);
    assert!(table.starts_with("backbone: 6 images, 2 labels\n"), "{table}");
    let sentence =
        "labels: 2, from folder level 2 (across, down); --label-level 3 would take photo, sketch";
    assert!(told.contains(sentence), "{told}");
    let (_, told) = evaluate(&tree, &["--label-level", "3", "--json"]);
    assert!(told.contains("labels: 2, from folder level 3 (photo, sketch)"), "{told}");
    // Two images of two labels: neither can be recognised.
    fs::remove_dir_all(&tree).unwrap();
    for kind in ["down", "across"] {
        fs::create_dir_all(tree.join(kind)).unwrap();
        let place = tree.join(kind).join("0.png");
        fs::copy(images.join(kind).join("0.png"), place).unwrap();
    }
    let (table, told) = evaluate(&tree, &[]);
    assert!(table.contains("k-NN accuracy            too few images"), "{table}");
    assert!(!table.contains('%') && told.contains("too few images for k-NN"), "{table}{told}");
    fs::remove_dir_all(tree.join("down")).unwrap();
    let (table, _) = evaluate(&tree, &[]);
    assert!(table.starts_with("backbone: 1 image, 1 label\n"), "{table}");
}

#[test]
fn without_a_terminal_progress_is_an_occasional_line() {
    let folder = folder("log");
    let [images, _] = images(&folder, 4);
    let run = folder.join("run.safetensors");
    let logged = |arguments: &[&str]| -> Vec<String> {
        let output = dino(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        told.lines()
            .filter(|line| line.contains(": loss ") && line.starts_with("step "))
            .map(str::to_owned)
            .collect()
    };
    let files = ["--images", text(&images), "--out", text(&run)];
    let train = [&["train"][..], &files, &["--steps", "8", "--until", "4"]].concat();
    let resume = [&["resume", "--checkpoint", text(&run)][..], &files].concat();
    for (arguments, step) in [(train, "step 3/4"), (resume, "step 7/8")] {
        let lines = logged(&arguments);
        // Three steps take an instant, and the next line is due ten seconds later.
        let first = lines.first().expect("a line");
        let parts: Vec<&str> = first.split([':', ',']).map(str::trim).collect();
        let [at, loss, speed, left] = parts[..] else { panic!("{first}") };
        assert_eq!(at, step);
        let loss = loss.strip_prefix("loss ").unwrap();
        assert!(loss.parse::<f64>().unwrap() > 0.0, "{first}");
        assert!(speed.ends_with(" images/s") && left.ends_with(" left"), "{first}");
        assert!(lines.len() <= 2, "{lines:?}");
    }
    let train = [&["train"][..], &files, &["--steps", "4", "--json"]].concat();
    assert_eq!(logged(&train), [""; 0], "JSON says it all");
}

/// Where the variable is not set, Mesa looks for a display and complains.
#[test]
fn an_unset_xdg_runtime_dir_prints_no_complaint() {
    let folder = folder("runtime");
    let [images, _] = images(&folder, 1);
    let weights_file = folder.join("b.pth");
    fs::write(&weights_file, weights::torch_backbone(&weights::timm(&weights::vit()))).unwrap();
    let image = images.join("down/0.png");
    let attention =
        ["attention", "--checkpoint", text(&weights_file), "--heads", "1", "--image", text(&image)];
    for runtime in [None, Some("not/from/the/root")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dino"));
        command.args(attention).args(["--out", text(&folder.join("maps"))]);
        match runtime {
            Some(value) => command.env("XDG_RUNTIME_DIR", value),
            None => command.env_remove("XDG_RUNTIME_DIR"),
        };
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.starts_with("adapter: ") && told.lines().count() == 1, "{told}");
    }
}

#[test]
fn replay_prints_its_rows_as_json() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/no_local");
    let rows: Value = serde_json::from_str(&printed(&["replay", text(&case), "--json"])).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 8 && rows.iter().all(|row| row["pass"] == true), "{rows:?}");
}

#[test]
fn evaluate_prints_scores_beside_untrained_pixels_and_chance() {
    let folder = folder("evaluate");
    let [images, masks] = images(&folder, 8);
    let run = folder.join("run.safetensors");
    printed(&["train", "--images", text(&images), "--out", text(&run), "--steps", "2", "--json"]);
    let evaluate = ["evaluate", "--checkpoint", text(&run), "--images", text(&images)];
    let with = |more: &[&str]| printed(&[&evaluate[..], more].concat());
    let json = with(&["--masks", text(&masks), "--json"]);
    let scores: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&scores["images"], &scores["labels"], &scores["masks"]),
        (&16.into(), &2.into(), &16.into())
    );
    assert_eq!(scores["step"], 2);
    for name in ["knn", "linear"] {
        assert_eq!(scores[name]["chance"], 0.5, "{json}");
        for of in ["trained", "untrained", "pixels"] {
            let share = scores[name][of].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&share), "{json}");
        }
    }
    // Red and blue are easy even for a network that was never trained.
    assert!(scores["linear"]["untrained"].as_f64().unwrap() > 0.8, "{json}");
    for name in ["maskIouBestHead", "maskIouMeanHead"] {
        // Attention that is even everywhere covers 60 % of which half is inside: .3 / .8.
        let share = scores[name]["untrained"].as_f64().unwrap();
        assert!((0.2..0.9).contains(&share), "{json}");
    }
    let best = |of: &str| scores["maskIouBestHead"][of].as_f64().unwrap();
    assert!(scores["entropyOfUniform"].as_f64().unwrap() > 0.05, "{json}");
    assert!(scores["featureStdOfHealthy"].as_f64().unwrap() < 1.0, "{json}");
    let finer = with(&["--masks", text(&masks), "--side", "96", "--json"]);
    let finer: Value = serde_json::from_str(&finer).unwrap();
    assert!(finer["maskIouBestHead"]["trained"].as_f64().unwrap() != best("trained"));
    // The run's backbone alone, which has no head, has the same features.
    let backbone = folder.join("backbone.safetensors");
    printed(&["convert", "--in", text(&run), "--to", "backbone", "--out", text(&backbone)]);
    let alone = ["evaluate", "--checkpoint", text(&backbone), "--images", text(&images)];
    let output = dino(&[&alone[..], &["--masks", text(&masks), "--json"]].concat());
    assert!(String::from_utf8(output.stderr).unwrap().contains("teacher entropy is left out"));
    let alone: Value = serde_json::from_slice(&output.stdout).unwrap();
    for name in ["step", "entropy", "entropyOfUniform"] {
        assert!(alone[name].is_null(), "{alone}");
    }
    for name in ["knn", "linear", "maskIouBestHead", "maskIouMeanHead"] {
        for of in ["trained", "pixels", "chance", "centre"]
            .iter()
            .filter(|of| !scores[name][of].is_null())
        {
            let [a, b] = [&scores, &alone].map(|scores| scores[name][of].as_f64().unwrap());
            assert!((a - b).abs() < 0.08, "{name}, {of}: {a} in the run, {b} alone");
        }
    }
    let [a, b] = [&scores, &alone].map(|scores| scores["featureStd"].as_f64().unwrap());
    assert!((a / b - 1.0).abs() < 1e-3, "{a} in the run, {b} alone");
    // The training images are the test images too.
    let asked = with(&["--test", text(&images), "--json"]);
    let asked: Value = serde_json::from_str(&asked).unwrap();
    assert_eq!(asked["knn"]["pixels"], 1.0, "asked about itself: {asked}");
    fs::copy(images.join("down/0.png"), images.join("no_label.png")).unwrap();
    let table = with(&[]);
    assert!(table.contains("16 images, 2 labels"), "{table}");
    for word in
        ["k-NN accuracy", "linear probe", "trained", "untrained", "pixels", "chance", "50.0 %"]
    {
        assert!(table.contains(word), "{table}");
    }
    assert_eq!(with(&[]), table, "the same command, the same numbers");
    let message = refused(&[&evaluate[..], &["--masks", text(&folder.join("none"))]].concat());
    assert!(message.contains("none: expected a folder"), "{message}");
    // A run at step 0 is the untrained network.
    let start = folder.join("start.safetensors");
    let train = ["train", "--images", text(&images), "--out", text(&start), "--seed", "7"];
    printed(&[&train[..], &["--until", "0"]].concat());
    let masks = ["--masks", text(&masks), "--json"];
    let start = ["evaluate", "--checkpoint", text(&start), "--images", text(&images)];
    let start: Value = serde_json::from_str(&printed(&[&start[..], &masks].concat())).unwrap();
    for name in ["knn", "linear", "maskIouBestHead", "maskIouMeanHead"] {
        assert_eq!(start[name]["trained"], start[name]["untrained"], "{name}: {start}");
    }
    assert!(start["maskIouBestHead"] != scores["maskIouBestHead"], "of another seed: {start}");
    // Without labels the other scores remain.
    let down = images.join("down");
    let one = ["evaluate", "--checkpoint", text(&run), "--images", text(&down), "--json"];
    let scores: Value = serde_json::from_str(&printed(&one)).unwrap();
    assert!(scores["knn"].is_null() && scores["entropy"].is_number(), "{scores}");
}

#[test]
fn any_backbone_is_evaluated() {
    let folder = folder("foreign");
    let [images, masks] = images(&folder, 4);
    let small = weights::vit();
    let mut found = Vec::new();
    for (name, bytes) in [
        ("b.pth", weights::torch_backbone(&weights::timm(&small))),
        ("timm.safetensors", weights::safetensors(&weights::timm(&small))),
        ("hugging_face.safetensors", weights::safetensors(&weights::hugging_face(&small))),
    ] {
        let file = folder.join(name);
        fs::write(&file, bytes).unwrap();
        let evaluate = ["evaluate", "--checkpoint", text(&file), "--images", text(&images)];
        let more = ["--masks", text(&masks), "--side", "48", "--json", "--heads", "2"];
        found.push(printed(&[&evaluate[..], &more].concat()));
    }
    assert!(found[0] == found[1] && found[1] == found[2], "the same backbone: {found:?}");
    let scores: Value = serde_json::from_str(&found[0]).unwrap();
    assert_eq!(
        (&scores["images"], &scores["labels"], &scores["masks"]),
        (&8.into(), &2.into(), &8.into())
    );
    for name in ["knn", "linear", "maskIouBestHead", "maskIouMeanHead"] {
        for of in ["trained", "untrained"] {
            assert!(scores[name][of].is_number(), "{scores}");
        }
    }
    assert!(
        scores["maskIouBestHead"]["trained"] != scores["maskIouBestHead"]["untrained"],
        "{scores}"
    );
    let file = folder.join("b.pth");
    let table = printed(&["evaluate", "--checkpoint", text(&file), "--images", text(&images)]);
    assert!(
        table.starts_with("backbone: 8 images, 2 labels") && !table.contains("entropy"),
        "{table}"
    );
}

#[test]
fn attention_over_video_frames_writes_a_clip() {
    let folder = folder("video");
    let [images, _] = images(&folder, 3);
    let run = folder.join("run.safetensors");
    printed(&["train", "--images", text(&images), "--out", text(&run), "--steps", "1", "--json"]);
    fs::write(images.join("notes.txt"), "no image").unwrap();
    let attention = ["attention", "--checkpoint", text(&run), "--video", text(&images)];
    let gif = folder.join("clip.gif");
    let told = printed(&[&attention[..], &["--out", text(&gif), "--fps", "5", "--json"]].concat());
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["frames"], &told["width"], &told["height"]),
        (&6.into(), &64.into(), &48.into())
    );
    let bytes = fs::read(&gif).unwrap();
    let image = image::load_from_memory_with_format(&bytes, ImageFormat::Gif).unwrap();
    assert_eq!((image.width(), image.height()), (64, 48));
    let decoder = image::codecs::gif::GifDecoder::new(std::io::Cursor::new(&bytes)).unwrap();
    let frames = image::AnimationDecoder::into_frames(decoder).collect_frames().unwrap();
    assert_eq!(frames.len(), 6);
    assert_eq!(frames[0].delay().numer_denom_ms(), (200, 1));
    assert!(frames[0].buffer() != frames[5].buffer());

    let message = refused(&[&attention[..], &["--out", text(&folder.join("clip.avi"))]].concat());
    assert!(message.contains("expected a name that ends in .gif or .mp4"), "{message}");
    let mp4 = folder.join("clip.mp4");
    let output = Command::new(env!("CARGO_BIN_EXE_dino"))
        .args(attention)
        .args(["--out", text(&mp4)])
        .env("PATH", "")
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("ffmpeg, which is not installed: name a .gif file"), "{message}");
    assert!(!mp4.exists());
    if Command::new("ffmpeg").arg("-version").output().is_ok() {
        printed(&[&attention[..], &["--out", text(&mp4)]].concat());
        assert_eq!(&fs::read(&mp4).unwrap()[4..8], b"ftyp");
    }

    let fine = folder.join("fine.gif");
    printed(&[&attention[..], &["--out", text(&fine), "--side", "160"]].concat());
    assert!(fs::read(&fine).unwrap() != fs::read(&gif).unwrap());
    let maps = folder.join("maps");
    let image = images.join("down/0.png");
    let attention = ["attention", "--checkpoint", text(&run), "--image", text(&image)];
    let told = lines(&printed(&[&attention[..], &["--out", text(&maps), "--json"]].concat()));
    let mean = told.last().unwrap();
    assert!(mean["file"].as_str().unwrap().ends_with("mean.png"));
    let patches = mean["across"].as_u64().unwrap() * mean["down"].as_u64().unwrap();
    assert_eq!(mean["map"].as_array().unwrap().len() as u64, patches);

    // Each map is there at the image's size too, in the same colours, and over the image.
    let read = |name: &str| image::open(maps.join(name)).unwrap().to_rgb8();
    let (original, raw) = (image::open(&image).unwrap().to_rgb8(), read("mean.png"));
    assert_eq!(read("img.png"), original);
    for name in ["head0", "head1", "mean"] {
        let [full, over] = ["attn", "overlay"].map(|kind| read(&format!("{kind}-{name}.png")));
        assert_eq!((full.dimensions(), over.dimensions()), ((64, 48), (64, 48)), "{name}");
        assert!(full != original && over != original && full != over, "{name}");
    }
    let full = read("attn-mean.png");
    for (x, y) in [(0, 0), (63, 0), (0, 47), (63, 47)] {
        let corner = (x / 63 * (raw.width() - 1), y / 47 * (raw.height() - 1));
        assert_eq!(full.get_pixel(x, y), raw.get_pixel(corner.0, corner.1), "{x}, {y}");
    }

    // A backbone alone is enough.
    let backbone = folder.join("backbone.safetensors");
    let convert = ["convert", "--in", text(&run), "--to", "backbone", "--out", text(&backbone)];
    printed(&convert);
    let attention = ["attention", "--checkpoint", text(&backbone), "--image", text(&image)];
    let alone = lines(&printed(&[&attention[..], &["--out", text(&maps), "--json"]].concat()));
    assert_eq!(alone.last().unwrap()["map"], mean["map"]);
}
