//! Decoded files beside what Pillow reads from them. `tests/images/corpus.py` makes both; `IMAGE_CORPUS` names a
//! folder with more of them than are in the repository. Invariant: lossless formats are equal, lossy ones differ by
//! at most one level of 255 on average, in each channel.

use dino_core::data::decode::decode;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The repository's files.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/images/pillow");

/// Larger than every image: nothing is shrunk.
const WHOLE: usize = 1 << 16;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let twin = |path: &Path| path.with_file_name(format!("{}.png", name(path)));
    let mut files: Vec<_> = entries.filter(|path| twin(path).exists()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Mean and largest difference of the channel that differs most.
fn difference(path: &Path) -> (f64, u8) {
    let name = name(path);
    let read = |path: &Path| decode(&name, &std::fs::read(path).unwrap(), WHOLE);
    let found = read(path).unwrap();
    let expected = read(&path.with_file_name(format!("{name}.png"))).unwrap();
    assert_eq!((found.width, found.height), (expected.width, expected.height), "{name}");
    let channel = |channel: usize| {
        let values =
            |rgba: &[u8]| rgba.iter().skip(channel).step_by(4).copied().collect::<Vec<_>>();
        let (found, expected) = (values(&found.rgba), values(&expected.rgba));
        let apart = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
        let sum: u64 = apart.clone().map(u64::from).sum();
        (sum as f64 / found.len() as f64, apart.max().unwrap_or(0))
    };
    let all = [channel(0), channel(1), channel(2)];
    all.into_iter().fold((0.0, 0), |a, b| (f64::max(a.0, b.0), a.1.max(b.1)))
}

#[test]
fn files_have_the_pixels_that_pillow_reads() {
    let folder =
        std::env::var("IMAGE_CORPUS").map_or_else(|_| PathBuf::from(FOLDER), PathBuf::from);
    let files = files(&folder);
    assert!(files.len() > 40, "only {} files in {}", files.len(), folder.display());
    let mut worst: BTreeMap<String, (f64, u8, usize, String)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in &files {
        let ending = path.extension().unwrap().to_string_lossy().into_owned();
        let (mean, most) = difference(path);
        let lossy = matches!(ending.as_str(), "jpg" | "webp");
        if mean > if lossy { 1.0 } else { 0.0 } {
            wrong.push(format!("{}: {mean:.3}", name(path)));
        }
        let row = worst.entry(ending).or_default();
        row.2 += 1;
        if mean >= row.0 {
            (row.0, row.3) = (mean, name(path));
        }
        row.1 = row.1.max(most);
    }
    for (ending, (mean, most, count, name)) in &worst {
        println!(
            "{ending}: {count} files, worst mean {mean:.4} ({name}), largest difference {most}"
        );
    }
    assert!(wrong.is_empty(), "{} of {} differ: {wrong:#?}", wrong.len(), files.len());
}

/// A JPEG four times as large as needed is shrunk while it is decoded. The squares whose means are taken begin
/// elsewhere then, so that edges differ a little; 3.5 is the most.
#[test]
fn what_is_shrunk_on_the_way_looks_like_what_is_shrunk_afterwards() {
    let (mut count, mut worst) = (0, 0.0);
    for path in files(Path::new(FOLDER)) {
        if !name(&path).starts_with("61x43") {
            continue;
        }
        let file = std::fs::read(&path).unwrap();
        let [whole, small] = [WHOLE, 15].map(|side| decode("x", &file, side).unwrap());
        let whole = whole.shrunk(15);
        assert_eq!((small.width, small.height), (whole.width, whole.height));
        let apart = small.rgba.iter().zip(&whole.rgba).map(|(a, b)| f64::from(a.abs_diff(*b)));
        let mean = apart.sum::<f64>() / (small.rgba.len() as f64 * 0.75);
        assert!(mean < 4.0, "{}: {mean}", name(&path));
        worst = f64::max(worst, mean);
        count += 1;
    }
    println!("worst mean {worst:.2} of {count} files");
    assert!(count > 10);
}
