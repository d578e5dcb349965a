//! Files and links of an earlier version, made by commit 891c52f (tests/compat/README.md). Invariant: what people
//! have saved, shared and left in a browser is read as it was meant; these files are never made again.

use dino_core::data::picture::ImageSet;
use dino_core::eval::history::History;
use dino_core::eval::metrics::Column;
use dino_core::run::config::VitConfig;
use dino_core::run::network::Network;
use dino_core::run::settings::Settings;
use dino_core::share::map_link::unpack;
use dino_core::storage::{Folder, Found, ImageStore, Runs, StorageError, fingerprint};
use dino_core::weights;
use dino_core::weights::checkpoint::{Checkpoint, ROLES};
use dino_core::weights::tensors;
use pollster::block_on;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// Settings as the recorded files describe them: by the keys of links.
fn described(settings: &Settings) -> Value {
    let changed =
        settings.changed.iter().map(|(s, value)| (s.row().key.to_owned(), value.number().into()));
    serde_json::json!({
        "preset": settings.preset,
        "seed": settings.seed,
        "steps": settings.steps,
        "changed": changed.collect::<serde_json::Map<String, Value>>(),
    })
}

/// Fails unless the new JSON has every value of the old one; it may have more.
fn says_all(old: &Value, new: &Value, at: &str) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, old) in old {
                let at = format!("{at}.{key}");
                says_all(old, new.get(key).unwrap_or_else(|| panic!("{at} is gone")), &at);
            }
        }
        _ => assert_eq!(old, new, "{at}"),
    }
}

#[test]
fn a_link_gives_its_settings() {
    let links = json("settings.json");
    let links = links.as_array().unwrap();
    assert!(links.len() > 2 && links[0]["settings"]["changed"].as_object().unwrap().len() > 25);
    for recorded in links {
        let link = recorded["link"].as_str().unwrap();
        let (found, notices) = Settings::from_fragment(link, "tiny").unwrap();
        assert_eq!(described(&found), recorded["settings"], "{link}");
        assert_eq!(
            notices.len() as u64,
            recorded["notices"].as_u64().unwrap(),
            "{link}: {notices:?}"
        );
    }
}

#[test]
fn a_link_gives_its_map() {
    for recorded in json("maps.json").as_array().unwrap() {
        let found = unpack(recorded["link"].as_str().unwrap()).unwrap().unwrap();
        let network = match found.network {
            Network::Teacher => "teacher",
            Network::Student => "student",
            Network::Starter => "starter",
            Network::Snapshot(step) => panic!("a snapshot of step {step}"),
        };
        let settings = found.settings.as_ref().map_or(Value::Null, described);
        let photo = [found.photo.width, found.photo.height];
        for (name, found) in [
            ("network", network.into()),
            ("grid", found.maps.grid.to_vec().into()),
            ("heads", found.maps.heads.into()),
            ("layer", found.layer.into()),
            ("layers", found.layers.into()),
            ("step", found.step.into()),
            ("settings", settings),
            ("photo", photo.to_vec().into()),
        ] {
            assert_eq!(found, recorded[name], "{name}");
        }
        let values: Vec<f32> = serde_json::from_value(recorded["values"].clone()).unwrap();
        assert_eq!(found.maps.values, values);
        for (channel, expected) in recorded["mean_colour"].as_array().unwrap().iter().enumerate() {
            let pixels = found.photo.rgba.iter().skip(channel).step_by(4).map(|v| f64::from(*v));
            let mean = pixels.sum::<f64>() / (photo[0] * photo[1]) as f64;
            assert!((mean - expected.as_f64().unwrap()).abs() < 1.0, "channel {channel}: {mean}");
        }
    }
}

#[test]
fn a_checkpoint_is_read() {
    let bytes = bytes("run.safetensors");
    let run = Checkpoint::from_bytes("run.safetensors", &bytes).unwrap();
    let (all, metadata) = tensors::read("run.safetensors", &bytes).unwrap();
    let recorded: Value = serde_json::from_str(&metadata["dino"]).unwrap();
    assert_eq!((Value::from(run.step), Value::from(run.seed)), (2.into(), 11.into()));
    assert_eq!((&recorded["step"], &recorded["seed"]), (&2.into(), &11.into()));
    says_all(&recorded["config"], &serde_json::to_value(&run.config).unwrap(), "config");
    assert_eq!(run.tensors, all);
    assert_eq!(run.images, None);
    for role in ROLES {
        assert!(all.keys().filter(|name| name.starts_with(role)).count() > 20, "{role}");
    }
}

#[test]
fn a_backbone_is_read() {
    let run = Checkpoint::from_bytes("run", &bytes("run.safetensors")).unwrap();
    for (file, tolerance) in [("backbone.safetensors", 0.0), ("half.safetensors", 1e-3)] {
        let found = weights::read(file, &bytes(file), Network::Teacher, None).unwrap();
        // A file of a backbone alone does not tell how it was trained.
        let expected = VitConfig { drop_path_rate: 0.0, ..run.config.vit.clone() };
        assert_eq!(found.vit, expected, "{file}");
        assert!(found.account.unused.is_empty() && found.backbone.len() == 18, "{file}");
        for (name, tensor) in &found.backbone {
            let expected = &run.tensors[&format!("teacher.{name}")];
            assert_eq!(tensor.shape, expected.shape, "{file}: {name}");
            for (a, b) in tensor.data.iter().zip(&expected.data) {
                assert!((a - b).abs() <= tolerance * b.abs().max(1e-3), "{file}: {name}: {a}, {b}");
            }
        }
    }
}

#[test]
fn a_curve_is_read() {
    let text = String::from_utf8(bytes("resumed.csv")).unwrap();
    let history = History::from_csv("resumed.csv", &text).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!((names[0], names.len(), history.samples().len()), ("step", 11, 4));
    for (line, sample) in lines.zip(history.samples()) {
        let mut values = line.split(',');
        assert_eq!(values.next().unwrap().parse(), Ok(sample.point.step));
        for (name, value) in names[1..].iter().zip(values) {
            let column = Column::ALL.iter().find(|column| column.name() == *name).unwrap();
            assert_eq!(value.parse(), Ok(column.of(sample)), "{name}");
        }
    }
}

/// The files of a folder, in memory.
#[derive(Debug, Clone)]
struct Files(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl Files {
    fn of(folder: &str) -> Self {
        let entries = fs::read_dir(path(folder)).unwrap().map(Result::unwrap);
        let file =
            |e: fs::DirEntry| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap());
        Self(Rc::new(RefCell::new(entries.map(file).collect())))
    }
}

impl Folder for Files {
    async fn names(&self) -> Result<Vec<String>, StorageError> {
        Ok(self.0.borrow().keys().cloned().collect())
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.0.borrow().get(name).cloned())
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), StorageError> {
        self.0.borrow_mut().remove(name);
        Ok(())
    }
}

/// The images that the folders were filled with.
fn stored_images(folder: &Files) -> Vec<(String, Option<String>, bool, Vec<u8>)> {
    let mut store = block_on(ImageStore::open(folder.clone())).unwrap();
    assert!(store.keep(), "the person agreed");
    let numbers = store.numbers();
    let read = |number| block_on(store.read(number)).unwrap().expect("an image that is whole");
    let images = numbers.into_iter().map(read);
    images.map(|image| (image.name, image.label, image.sample, image.bytes)).collect()
}

#[test]
fn a_browsers_images_are_found() {
    let images = stored_images(&Files::of("stored/images"));
    let described: Vec<_> = images
        .iter()
        .map(|(name, label, sample, _)| (name.as_str(), label.as_deref(), *sample))
        .collect();
    let expected =
        [("stairs.png", Some("indoors"), false), ("roof.png", None, false), ("sample", None, true)];
    assert_eq!(described, expected);
    let picture = dino_core::data::picture::decode("stairs.png", &images[0].3, 512).unwrap();
    assert_eq!((picture.width, picture.height), (20, 12));
    assert_eq!(picture.rgba[..8], [0, 0, 0, 255, 5, 0, 0, 255]);
}

#[test]
fn a_browsers_run_is_found() {
    let folder = Files::of("stored/run");
    let (mut runs, damages) = block_on(Runs::open(folder, 1, true)).unwrap();
    assert_eq!(damages, []);
    let steps: Vec<u64> = runs.all().map(|manifest| manifest.about.step).collect();
    assert_eq!(steps, [20, 30]);
    let Found::Run(run) = block_on(runs.load()) else { panic!("no run") };
    let about = &run.manifest.about;
    assert_eq!((run.manifest.run, about.step, about.total_steps), (99, 30, 1240));
    assert_eq!((about.trained, about.micro_batch, about.images), (12.5, 4, 2));
    assert_eq!(about.saved, 1.7e12);
    // Every setting of that version, by its name in the manifest.
    assert_eq!(described(&about.settings), json("settings.json")[0]["settings"]);
    let state: Vec<u8> = (0..1000u64).map(|i| (i * 31 + 30) as u8).collect();
    assert!(run.state == state, "another state");
    assert_eq!(run.history.len(), 30);
    for (i, metrics) in run.history.iter().enumerate() {
        let v = i as f32;
        assert_eq!((metrics.step, metrics.loss, metrics.lr), (i as u64, 5.0 - v / 7.0, 1e-3 * v));
        assert_eq!((metrics.entropy, metrics.kl), (4.0 - v / 9.0, v / 11.0));
        assert_eq!((metrics.feature_std, metrics.center_norm), (0.01 * v, v / 3.0));
        assert_eq!((metrics.weight_decay, metrics.momentum), (0.04 + v / 100.0, 0.996 + v / 1e4));
        assert_eq!(metrics.teacher_temp, 0.04 + v / 1e3);
    }
    runs.go_on(&run.manifest);
    assert_eq!(runs.blobs().collect::<Vec<_>>(), ["moment-3"]);
    assert_eq!(block_on(runs.read_blob("moment-3")), Ok(Some(b"a snapshot".to_vec())));
    // The images that the run was trained on are recognised.
    let mut set = ImageSet::default();
    for (name, label, sample, bytes) in stored_images(&Files::of("stored/images")) {
        if !sample {
            set.add(&name, label, &bytes).unwrap();
        }
    }
    assert_eq!(about.fingerprint, fingerprint(&set));
}
