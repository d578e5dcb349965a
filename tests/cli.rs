//! Native binary on bad input. Invariant: it never panics; it ends with a sentence on standard error that names
//! the thing and what was expected and with status 1, or with status 2 if the command makes no sense.
#![cfg(not(target_arch = "wasm32"))]

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod weights;

#[path = "cli/command.rs"]
mod command;

use command::{dino, folder, refused, text};
use std::fs;
use std::path::{Path, PathBuf};

/// A copy of a golden case.
fn case(name: &str) -> PathBuf {
    let path = folder(name);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/basic");
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        // Not `copy`, which would keep a read-only mode.
        fs::write(path.join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap();
    }
    path
}

#[test]
fn unknown_commands_and_options_end_with_status_2() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["replay"],
        &["train", "--images", "x"],
        &["train", "--images", "x", "--out", "y", "--preset", "giant"],
        &["train", "--images", "x", "--out", "y", "--steps", "0"],
        &["train", "--images", "x", "--out", "y", "--steps", "-3"],
        &["train", "--images", "x", "--out", "y", "--batch", "many"],
        &["train", "--images", "x", "--out", "y", "--set", "lr"],
        &["train", "--images", "x", "--out", "y", "--set", "lr=much"],
        &["train", "--images", "x", "--out", "y", "--set", "speed=9"],
        &["train", "--images", "x", "--out", "y", "--every", "0"],
        &["resume", "--images", "x", "--out", "y"],
        &["resume", "--checkpoint", "x", "--images", "x", "--out", "y", "--preset", "spark"],
        &["evaluate", "--checkpoint", "x"],
        &["evaluate", "--checkpoint", "x", "--images", "y", "--side", "100"],
        &["evaluate", "--checkpoint", "x", "--images", "y", "--masks", "z", "--side", "9999"],
        &["evaluate", "--checkpoint", "x", "--images", "y", "--label-level", "0"],
        &["attention", "--checkpoint", "x", "--out", "y"],
        &["attention", "--checkpoint", "x", "--image", "i", "--video", "v", "--out", "y"],
        &["attention", "--checkpoint", "x", "--video", "v", "--out", "y", "--fps", "1000"],
        &["completions"],
        &["completions", "cobol"],
        &["convert", "--in", "x"],
        &["convert", "--in", "x", "--out", "y", "--to", "onnx"],
        &["convert", "--in", "x", "--out", "y", "--network", "both"],
        &["attention", "--checkpoint", "x", "--image", "x", "--out", "y", "--side", "481"],
    ] {
        let output = dino(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
    let presets = dino(&["train", "--images", "x", "--out", "y", "--preset", "giant"]).stderr;
    assert!(String::from_utf8(presets).unwrap().contains("spark"), "the presets are listed");
    assert_eq!(dino(&["--help"]).status.code(), Some(0));
}

#[test]
fn settings_are_judged_before_anything_is_read() {
    let out = folder("settings").join("out.safetensors");
    for (set, words) in [
        ("lr=99", "`lr`: expected a number from 0 to 10, found 99"),
        ("heads=3", "`heads`: a width of 64 cannot be divided into 3 heads"),
        ("batch=2.5", "`batch`: expected a whole number"),
    ] {
        let message =
            refused(&["train", "--images", "/nowhere", "--out", text(&out), "--set", set]);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_missing_case_is_named() {
    for command in ["replay", "augment"] {
        let message = refused(&[command, "/nowhere/at/all"]);
        assert!(message.contains("/nowhere/at/all: expected a folder"), "{message}");
    }
    let message = refused(&["replay", text(&folder("empty_case"))]);
    assert!(message.contains("case.json: missing in the case; found nothing"), "{message}");
    let case = case("incomplete");
    fs::remove_file(case.join("expect.safetensors")).unwrap();
    let message = refused(&["replay", text(&case)]);
    assert!(message.contains("expect.safetensors: missing"), "{message}");
}

#[test]
fn a_malformed_case_is_refused_before_any_device_is_asked_for() {
    let case = case("malformed");
    let json = fs::read_to_string(case.join("case.json")).unwrap();
    for (from, to, expected) in [
        (
            "\"patch_size\": 4",
            "\"patch_size\": 7",
            "`patch_size`: expected 4, 8, 14 or 16 pixels, found 7",
        ),
        ("\"num_heads\": 3", "\"num_heads\": 5", "a width of 24 cannot be divided into 5 heads"),
        ("\"embed_dim\": 24", "\"embed_dim\": 64", "cannot be divided into 3 heads"),
        ("\"depth\": 2", "\"depth\": 3", "backbone.blocks.2.norm1.weight"),
        ("\"steps\": 10", "\"steps\": 11", "step10.global"),
        ("}", "", "case.json"),
    ] {
        fs::write(case.join("case.json"), json.replacen(from, to, 1)).unwrap();
        let message = refused(&["replay", text(&case)]);
        assert!(message.contains(expected), "{to}: {message}");
        assert!(message.starts_with("error: "), "no device was opened: {message}");
    }
    fs::write(case.join("case.json"), json).unwrap();
    let init = fs::read(case.join("init.safetensors")).unwrap();
    for bytes in [&[][..], &init[..init.len() - 4], b"not a safetensors file at all"] {
        fs::write(case.join("init.safetensors"), bytes).unwrap();
        let message = refused(&["replay", text(&case)]);
        assert!(message.contains("init.safetensors"), "{message}");
    }
}

#[test]
fn train_names_unusable_folders_and_files() {
    let images = folder("no_images");
    let out = folder("train_out").join("run.safetensors");
    let train = |images: &str, out: &str| refused(&["train", "--images", images, "--out", out]);
    let message = train("/nowhere/at/all", text(&out));
    assert!(message.contains("/nowhere/at/all: expected a folder"), "{message}");
    let message = train(text(&images), text(&out));
    assert!(message.contains("expected at least one image, found none among 0 files"), "{message}");
    fs::create_dir(images.join("inside")).unwrap();
    fs::write(images.join("inside/empty.jpg"), b"").unwrap();
    fs::write(images.join("notes.jpg"), b"these are words").unwrap();
    fs::write(images.join("drawing.svg"), b"<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    let message = train(text(&images), text(&out));
    for name in ["inside/empty.jpg: ", "notes.jpg: ", "drawing.svg: ", "none among 3 files"] {
        assert!(message.contains(name), "{message}");
    }
    let message = train(text(&images), "/nowhere/at/all/run.safetensors");
    assert!(message.contains("/nowhere/at/all/run.safetensors: cannot be written"), "{message}");
    let message = train(text(&images), text(&images));
    assert!(message.contains("expected a file to write, found a folder"), "{message}");
    assert!(fs::read_dir(out.parent().unwrap()).unwrap().next().is_none(), "nothing is left");
}

#[test]
fn attention_refuses_a_file_without_a_backbone() {
    let folder = folder("attention");
    let (checkpoint, out) = (folder.join("c.safetensors"), folder.join("out"));
    let attention = || {
        let arguments =
            ["--checkpoint", text(&checkpoint), "--image", "x.png", "--out", text(&out)];
        refused(&[&["attention"][..], &arguments].concat())
    };
    assert!(attention().contains("c.safetensors: cannot be read"));
    fs::write(&checkpoint, b"").unwrap();
    assert!(attention().contains("it is empty"));
    let crops =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/basic/crops.safetensors");
    fs::write(&checkpoint, fs::read(crops).unwrap()).unwrap();
    let message = attention();
    assert!(message.contains("a Vision Transformer's backbone"), "{message}");
    assert!(!out.exists());
}

#[test]
fn every_command_has_an_example() {
    let help = String::from_utf8(dino(&["--help"]).stdout).unwrap();
    let mut commands = Vec::new();
    for line in help.lines().skip_while(|line| *line != "Commands:").skip(1) {
        let Some(name) = line.split_whitespace().next() else { break };
        commands.push(name.to_owned());
    }
    assert!(commands.len() > 7, "{commands:?}");
    for command in commands.iter().filter(|command| *command != "help") {
        let output = dino(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains("Example") && help.contains(&format!("dino {command} ")), "{help}");
    }
}

#[test]
fn shells_complete_every_command() {
    for (shell, sign) in
        [("bash", "complete -F"), ("zsh", "#compdef dino"), ("fish", "complete -c dino")]
    {
        let words = String::from_utf8(dino(&["completions", shell]).stdout).unwrap();
        assert!(words.contains(sign), "{shell}");
        for word in ["resume", "evaluate", "checkpoint", "spark"] {
            assert!(words.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn evaluate_and_resume_refuse_a_bad_checkpoint_before_opening_a_device() {
    let folder = folder("wants");
    let (file, images) = (folder.join("c.safetensors"), folder.join("images"));
    let out = folder.join("o.safetensors");
    fs::create_dir(&images).unwrap();
    fs::write(&file, b"nothing of the kind").unwrap();
    let rest = ["--checkpoint", text(&file), "--images", text(&images)];
    for command in [&["evaluate"][..], &["resume", "--out", text(&out)]] {
        let message = refused(&[command, &rest].concat());
        assert!(message.starts_with("error: ") && message.contains("c.safetensors"), "{message}");
    }
    assert!(!out.exists());
}

#[test]
fn a_configuration_beside_a_file_of_weights_tells_its_heads() {
    let folder = folder("card");
    let plain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/weights/torch/plain.pth");
    let (input, out) = (folder.join("plain.pth"), folder.join("out.safetensors"));
    fs::write(&input, fs::read(plain).unwrap()).unwrap();
    let arguments = ["convert", "--in", text(&input), "--out", text(&out), "--to", "backbone"];
    assert!(refused(&arguments).contains("does not say how many heads"));
    fs::write(folder.join("config.json"), "{\"num_attention_heads\": 1}").unwrap();
    assert_eq!(dino(&arguments).status.code(), Some(0));
}

#[test]
fn the_student_of_a_file_is_taken_on_request() {
    let folder = folder("both");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (both, out) = (root.join("tests/weights/torch/both.pth"), folder.join("maps"));
    let image = root.join("tests/images/cmyk.jpg");
    let maps = |network: &str| {
        let arguments = ["attention", "--checkpoint", text(&both), "--heads", "1", "--json"];
        let more = ["--network", network, "--image", text(&image), "--out", text(&out)];
        let output = dino(&[&arguments[..], &more[..]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains(&format!("taken: `model.{network}.backbone.")), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_ne!(maps("teacher"), maps("student"));
}

#[test]
fn convert_reads_and_writes() {
    let folder = folder("convert");
    let small = weights::vit();
    let file = |name: &str| folder.join(name);
    let input = file("backbone.pth");
    fs::write(&input, weights::torch_backbone(&weights::timm(&small))).unwrap();
    let convert = |out: &Path, more: &[&str]| {
        let start = ["convert", "--in", text(&input), "--out", text(out)];
        let output = dino(&[&start[..], more].concat());
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), said)
    };
    let (code, said) = convert(&file("timm.safetensors"), &["--to", "backbone"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(
            "a file of torch.save: 30 tensors of a backbone of width 64, 2 blocks, 1 heads"
        )
    );
    let (tensors, _) =
        dino_core::weights::tensors::read("t", &fs::read(file("timm.safetensors")).unwrap())
            .unwrap();
    assert!(tensors == weights::timm(&small));
    let run =
        ["--steps", "40", "--images", "64", "--seed", "3", "--set", "prototypes=64", "--json"];
    let (code, said) = convert(&file("run.safetensors"), &run);
    assert_eq!(code, Some(0), "{said}");
    let line: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((&line["tensors"], &line["network"]["embed_dim"]), (&30.into(), &64.into()));
    let bytes = fs::read(file("run.safetensors")).unwrap();
    let run = dino_core::weights::checkpoint::Checkpoint::from_bytes("run", &bytes).unwrap();
    assert_eq!((run.step, run.seed, run.config.head.out_dim), (0, 3, 64));
    assert_eq!((run.config.total_steps(), run.config.train.steps_per_epoch), (40, 2));
    let (code, said) = convert(&file("no.safetensors"), &["--set", "depth=12"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("`depth`: expected 2, as the weights have it, found 12"), "{said}");
    let (_, said) = convert(&file("no.safetensors"), &["--heads", "3"]);
    assert!(said.contains("cannot be divided into 3 heads"), "{said}");
    assert!(!file("no.safetensors").exists());
    fs::write(&input, b"GIF89a").unwrap();
    let (code, said) = convert(&file("no.safetensors"), &[]);
    assert!(code == Some(1) && said.contains("backbone.pth: it is an image"), "{said}");
}
