//! Augmentation, natively: draws, refusals and bad cases. Invariant: a draw stays within its image and the ranges
//! of its settings.

use dino_core::Error;
use dino_core::data::crops::{CropDraw, CropKind, draw, draw_batch};
use dino_core::data::picture::Picture;
use dino_core::run::config::{CropConfig, VitConfig};
use dino_engine::gpu::device::Gpu;
use dino_engine::gpu::params::Params;
use dino_engine::gpu::plan::Plan;
use dino_engine::kernels::augment::CropWords;
use dino_engine::train::augment::{AugmentIo, plan};
use dino_engine::verify::augment_case;
use dino_engine::verify::augment_case::AugmentCase;
use dino_engine::verify::checks::recorded_case::files;

fn config() -> CropConfig {
    CropConfig::default()
}

#[test]
fn blur_and_jitter_are_as_strong_as_they_are_set() {
    let draws = |blur: f64, jitter: f64| {
        let config = CropConfig { blur, jitter, ..config() };
        (0..200).flat_map(move |image| draw_batch(&config, 3, 1, image, &[(300, 200)]))
    };
    let sigmas = |blur| draws(blur, 1.0).filter_map(|draw| draw.blur_sigma).collect::<Vec<_>>();
    assert!(sigmas(0.0).is_empty());
    for most in [0.5, 2.0] {
        let all = sigmas(most);
        let highest = all.iter().copied().fold(0.0, f64::max);
        assert!(highest > 0.95 * most && highest <= most, "{highest} of {most}");
        assert!(all.iter().all(|sigma| *sigma >= 0.1));
    }
    for strength in [0.0, 0.5, 1.0] {
        let jitters = draws(2.0, strength).filter_map(|draw| draw.jitter);
        let far = jitters.fold([0f64; 4], |far, j| {
            let now = [j.brightness - 1.0, j.contrast - 1.0, j.saturation - 1.0, j.hue];
            std::array::from_fn(|i| far[i].max(now[i].abs()))
        });
        for (far, paper) in far.into_iter().zip([0.4, 0.4, 0.2, 0.1]) {
            let most = strength * paper;
            assert!(far <= most + 1e-12 && far >= 0.95 * most, "{far} of {most} at {strength}");
        }
    }
}

fn gpu() -> Gpu {
    pollster::block_on(Gpu::with_limits(|_| wgpu::Limits::default())).expect("a device")
}

/// The comparison with the recorded case can fail: crop 0 is no longer mirrored.
#[test]
fn a_recorded_case_with_a_changed_draw_fails() {
    let mut files = files();
    let json = String::from_utf8(files["augment.json"].clone()).expect("text");
    let changed = json.replacen("\"flip\": true", "\"flip\": false", 1);
    files.insert("augment.json".into(), changed.into_bytes());
    let report = pollster::block_on(augment_case::run(&gpu(), &files)).expect("a report");
    assert_eq!(report.rows.len(), 2);
    assert!(report.rows.iter().all(|row| !row.pass() && row.worst == "crop0"), "{report}");
}

fn frame_is_inside(draw: &CropDraw, (width, height): (usize, usize)) -> bool {
    let [top, left, h, w] = draw.frame;
    h >= 1 && w >= 1 && top + h <= height && left + w <= width
}

#[test]
fn boxes_are_inside_of_the_picture() {
    let sizes = [(1, 1), (1, 1000), (1000, 1), (2, 3), (500, 20), (17, 400), (224, 224), (1024, 1)];
    for picture in sizes {
        for step in 0..300 {
            for crop in 0..10 {
                let draw = draw(&config(), 3, step, 0, picture, crop);
                assert!(frame_is_inside(&draw, picture), "{picture:?}: {draw:?}");
            }
        }
    }
}

/// The mean of `value` over many draws of one crop.
fn mean(crop: usize, value: impl Fn(&CropDraw) -> f64) -> f64 {
    let n = 20_000;
    (0..n).map(|step| value(&draw(&config(), 11, step, 2, (400, 300), crop))).sum::<f64>()
        / n as f64
}

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "expected {expected} ± {tolerance}, found {found}"
    );
}

#[test]
fn flip_jitter_blur_and_solarize_have_the_papers_probabilities() {
    let p = |b: bool| f64::from(u8::from(b));
    for (crop, kind, blur, solarize) in [
        (0, CropKind::Global1, 1.0, 0.0),
        (1, CropKind::Global2, 0.1, 0.2),
        (2, CropKind::Local, 0.5, 0.0),
        (9, CropKind::Local, 0.5, 0.0),
    ] {
        assert_eq!(mean(crop, |d| p(d.kind == kind)), 1.0);
        // Four standard deviations of the mean of 20 000 fair coins: 0.014.
        near(mean(crop, |d| p(d.flip)), 0.5, 0.014);
        near(mean(crop, |d| p(d.jitter.is_some())), 0.8, 0.012);
        near(mean(crop, |d| p(d.grayscale)), 0.2, 0.012);
        near(mean(crop, |d| p(d.blur_sigma.is_some())), blur, blur * (1.0 - blur) * 0.06);
        near(mean(crop, |d| p(d.solarize)), solarize, solarize * 0.06);
    }
}

#[test]
fn drawn_values_span_their_ranges_evenly() {
    let all: Vec<CropDraw> =
        (0..20_000).map(|step| draw(&config(), 5, step, 0, (640, 480), 0)).collect();
    let jitters: Vec<_> = all.iter().filter_map(|d| d.jitter.clone()).collect();
    let spread = |name: &str, low: f64, high: f64, values: Vec<f64>| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let slack = (high - low) * 0.01;
        assert!(low <= least && least < low + slack, "{name}: least {least}");
        assert!(most <= high && most > high - slack, "{name}: most {most}");
        near(values.iter().sum::<f64>() / values.len() as f64, (low + high) / 2.0, slack);
    };
    spread("brightness", 0.6, 1.4, jitters.iter().map(|j| j.brightness).collect());
    spread("contrast", 0.6, 1.4, jitters.iter().map(|j| j.contrast).collect());
    spread("saturation", 0.8, 1.2, jitters.iter().map(|j| j.saturation).collect());
    spread("hue", -0.1, 0.1, jitters.iter().map(|j| j.hue).collect());
    spread("sigma", 0.1, 2.0, all.iter().filter_map(|d| d.blur_sigma).collect());

    // All 24 orders, each about equally often.
    let mut orders = std::collections::BTreeMap::new();
    for jitter in &jitters {
        *orders.entry(jitter.order.iter().map(|op| *op as u8).collect::<Vec<_>>()).or_insert(0) +=
            1;
    }
    assert_eq!(orders.len(), 24);
    let fair = jitters.len() / 24;
    assert!(orders.values().all(|n| (fair * 3 / 4..fair * 5 / 4).contains(n)), "{orders:?}");

    let local: Vec<CropDraw> =
        (0..20_000).map(|step| draw(&config(), 5, step, 0, (640, 480), 4)).collect();
    for (draws, low, high) in [(&all, 0.4, 1.0), (&local, 0.05, 0.4)] {
        for d in draws {
            let [_, _, h, w] = d.frame.map(|v| v as f64);
            let area = w * h / (640.0 * 480.0);
            assert!(area > low * 0.97 && area < high * 1.03, "area {area}");
            assert!(w / h > 0.73 && w / h < 1.36, "aspect {}", w / h);
        }
    }
    assert!(all.iter().all(|d| d.size == 224) && local.iter().all(|d| d.size == 96));
}

#[test]
fn splitting_a_batch_changes_no_draw() {
    let sizes: Vec<_> = (0..6).map(|i| (100 + 7 * i, 90)).collect();
    let whole = draw_batch(&config(), 1, 9, 0, &sizes);
    assert_eq!(whole, draw_batch(&config(), 1, 9, 0, &sizes));
    assert_eq!(whole.len(), 60);
    for other in [draw_batch(&config(), 2, 9, 0, &sizes), draw_batch(&config(), 1, 8, 0, &sizes)] {
        assert!(whole.iter().zip(&other).all(|(a, b)| a != b));
    }
    // Split into 4 and 2 images: view v of image i is the same draw.
    let (first, second) =
        (draw_batch(&config(), 1, 9, 0, &sizes[..4]), draw_batch(&config(), 1, 9, 4, &sizes[4..]));
    for view in 0..10 {
        assert_eq!(whole[view * 6..view * 6 + 4], first[view * 4..view * 4 + 4]);
        assert_eq!(whole[view * 6 + 4..view * 6 + 6], second[view * 2..view * 2 + 2]);
    }
}

/// The message of the recorded case after a change of its JSON text.
fn refused(from: &str, to: &str) -> String {
    let mut files = files();
    let json = String::from_utf8(files["augment.json"].clone()).expect("text");
    assert!(json.contains(from), "{from}");
    files.insert("augment.json".into(), json.replacen(from, to, 1).into_bytes());
    AugmentCase::read(&files).expect_err("a malformed case").to_string()
}

#[test]
fn malformed_cases_are_named() {
    assert!(AugmentCase::read(&files()).is_ok());
    for (from, to, words) in [
        ("\"size\": 64", "\"size\": 4096", &["crop 0", "size", "4096"][..]),
        ("\"size\": 64", "\"size\": 32", &["crop0", "[3, 32, 32]", "[3, 64, 64]"]),
        ("\"size\": 64,", "", &["crop 0", "size"]),
        ("\"image\": \"image0.png\"", "\"image\": \"image9.png\"", &["image9.png", "missing"]),
        ("106,", "1060,", &["crop 0", "image0.png", "1060"]),
        ("\"saturation\",", "\"sharpness\",", &["crop 0", "sharpness"]),
        ("\"saturation\",", "\"hue\",", &["crop 0", "hue", "twice"]),
        ("\"blur_sigma\": 1.8", "\"blur_sigma\": -1.8", &["crop 0", "blur_sigma", "-1.8"]),
        ("\"brightness\": 0.97", "\"brightness\": -0.97", &["crop 0", "brightness"]),
        ("\"flip\": true", "\"flip\": 3", &["crop 0"]),
        ("\"mean\"", "\"middle\"", &["augment.json", "mean"]),
        ("{", "", &["augment.json"]),
    ] {
        let message = refused(from, to);
        assert!(words.iter().all(|w| message.contains(w)), "{from} → {to}: {message}");
    }
    for name in ["augment.json", "expect.safetensors", "image1.png"] {
        let mut without = files();
        without.remove(name);
        let message = AugmentCase::read(&without).expect_err("a missing file").to_string();
        assert!(message.contains(name) && message.contains("missing"), "{message}");
        let mut cut = files();
        cut.insert(name.into(), files()[name][..100].to_vec());
        let message = AugmentCase::read(&cut).expect_err("a truncated file").to_string();
        assert!(message.contains(name), "{message}");
    }
}

/// The plan of `batch` images of up to `max_side` pixels a side.
fn planned(batch: usize, max_side: usize, rows: usize) -> Result<AugmentIo, Error> {
    let vit = VitConfig {
        img_size: 224,
        patch_size: 16,
        embed_dim: 64,
        depth: 1,
        num_heads: 1,
        drop_path_rate: 0.0,
    };
    let mut lines = Plan::default();
    let patches = lines.buffer("patches", rows * vit.patch_values());
    plan(&mut lines, &vit, &config(), batch, max_side, patches)
}

fn picture(width: usize, height: usize) -> Picture {
    Picture { width, height, rgba: vec![255; 4 * width * height] }
}

#[test]
fn sizes_that_no_plan_can_have_are_refused() {
    let rows = 2 * (2 * 197 + 8 * 37);
    let io = planned(2, 256, rows).expect("a plan");
    assert_eq!(io.lines.len(), 7);
    let Error::TooLarge { tensor, bytes, limit, largest_batch, .. } =
        planned(64, 1024, 64 * rows).expect_err("too large")
    else {
        panic!("another error");
    };
    assert_eq!((tensor.as_str(), bytes, limit), ("augment.pictures", 256 << 20, 128 << 20));
    assert_eq!(largest_batch, Some(32));
    assert!(matches!(planned(2, 256, rows - 1), Err(Error::Tensor { .. })));
    assert!(matches!(planned(2, 0, rows), Err(Error::Setting(_))));
    assert!(matches!(planned(0, 256, rows), Err(Error::Setting(_))));
}

#[test]
fn pictures_that_do_not_fit_are_refused() {
    let io = planned(2, 256, 2 * (2 * 197 + 8 * 37)).expect("a plan");
    let message = |pictures: [Picture; 2], draws: &[CropDraw]| {
        let pictures: Vec<_> = pictures.iter().collect();
        io.pack(&pictures, draws).err().map_or("accepted".to_owned(), |e| e.to_string())
    };
    let sizes = [(256, 256), (100, 80)];
    let draws = draw_batch(&config(), 1, 0, 0, &sizes);
    let good = [picture(256, 256), picture(100, 80)];
    let packed = io.pack(&good.iter().collect::<Vec<_>>(), &draws).expect("packed");
    assert_eq!(packed.pictures.len(), 256 * 256 + 100 * 80);
    assert_eq!(packed.crops.len(), 20 * CropWords::FIELDS.len());
    for (pictures, draws, words) in [
        ([picture(256, 256), picture(50, 80)], &draws[..], "#1: "),
        ([picture(256, 256), picture(100, 1000)], &draws, "#1: "),
        ([picture(256, 256), Picture { width: 3, ..picture(100, 80) }], &draws, "#1: "),
        ([picture(0, 0), picture(100, 80)], &draws, "#0: "),
        (good.clone(), &draws[1..], "`augment.crops`: expected 20 values, found 19"),
    ] {
        let message = message(pictures, draws);
        assert!(message.contains(words), "{message}");
    }
    let mut long = draws.clone();
    long[0].frame = [0, 0, 1, 257];
    assert!(message([picture(257, 2), picture(100, 80)], &long).contains("257"));
    let mut small = draws.clone();
    small[3].size = 96;
    assert!(message(good.clone(), &small).contains("crop 3"));
}

/// The shaders read crops as the struct that the host writes.
#[test]
fn crop_words_have_one_layout_in_rust_and_wgsl() {
    let kernels = dino_engine::kernels::all();
    let of_crops: Vec<_> = kernels.iter().filter(|k| k.file.starts_with("augment_")).collect();
    assert_eq!(of_crops.len(), 6);
    for kernel in of_crops {
        let shader = kernel.name;
        let module = naga::front::wgsl::parse_str(kernel.source).expect("valid WGSL");
        let (_, found) = module
            .types
            .iter()
            .find(|(_, t)| t.name.as_deref() == Some("CropWords"))
            .expect("CropWords");
        let naga::TypeInner::Struct { members, .. } = &found.inner else { panic!("no struct") };
        let found: Vec<_> = members
            .iter()
            .map(|m| {
                let scalar = module.types[m.ty].inner.scalar().expect("a scalar");
                (m.name.clone().unwrap_or_default(), scalar.kind == naga::ScalarKind::Float)
            })
            .collect();
        let expected: Vec<_> =
            CropWords::FIELDS.iter().map(|f| (f.name.to_owned(), f.float)).collect();
        assert_eq!(found, expected, "{shader}");
    }
}
