//! Folder of images, by its paths alone: which of them count, in what order, under what label. Invariant: page,
//! command line and Python (`python/dino_web/folder.py`) decide alike, and the name of the folder that was chosen
//! decides nothing.
//!
//! A path is of a file or a folder, its components separated by `/`. Names are compared without case, as far as
//! they are ASCII.

use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Files and folders that systems and programs leave among images: thumbnails, what was thrown away, notes. One `*`
/// stands for any characters, `?` for a digit.
const LITTER: &[&str] = &[
    // Windows, and programs on it.
    "thumbs.db",
    "thumbs.db:*",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "desktop.ini",
    "picasa.ini",
    "zbthumbnail.info",
    "pspbrwse.jbf",
    "albumartsmall.jpg",
    "albumart_{*",
    "$recycle.bin",
    "recycler",
    "recycled",
    "system volume information",
    "found.???",
    "dfsrprivate",
    "_vti_*",
    "[originals]",
    // Macintosh.
    "icon\r",
    "icon\u{f00d}",
    "__macosx",
    "network trash folder",
    "temporary items",
    "thevolumesettingsfolder",
    "thefindbycontentfolder",
    // Linux, and storage in a network.
    "lost+found",
    "@eadir",
    "@tmp",
    "@synoresource",
    "*@synoresource",
    "*@synoeastream",
    "synophoto_thumb_*",
    "synofile_thumb_*",
    "synovideo_*",
    "#recycle",
    "@recycle",
    "#snapshot",
    "@recently-snapshot",
    "~snapshot",
    // Cameras: the first frame of a film.
    "*.thm",
    "thmbnl",
    // Programs: previews, compiled files.
    "*.lrdata",
    "*.lrcat-data",
    "__pycache__",
];

/// Libraries of programs, which are folders, and the one folder in them with the photographs themselves.
const LIBRARIES: &[&str] =
    &[".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary"];
const IN_LIBRARIES: &[&str] = &["originals", "masters"];

/// Words for the parts of a set.
const SPLITS: &str = "\
    train training trainset trainingset trn val valid validate validation valset validationset test tests \
    testing testset tst dev devset eval evaluation holdout heldout trainval trainvaltest minitrain minival \
    unlabeled unlabelled labeled labelled pred publictest privatetest";

/// Words for the parts of a set, if a number or a word of [`SPLITS`] or [`CONTAINERS`] stands beside them.
const NUMBERED: &str = "\
    fold kfold part partition batch shard chunk split set subset cv vol volume disc disk archive";

/// Words for folders in which images simply lie.
const CONTAINERS: &str = "\
    images image img imgs im ims photos photographs pictures picture pics pic jpegimages jpg jpgs jpeg jpegs \
    png pngs webp gif gifs bmp bmps jfif data dataset datasets raw raws originals masters dcim files file \
    frames frame input inputs output outputs download downloads imagefolder";

/// Words for kinds of pictures and sides that they were taken from.
const KINDS: &str = "\
    photo photograph sketch sketches painting paintings drawing drawings cartoon cartoons clipart cliparts \
    real realworld art arts artpainting infograph infographs infographic infographics quickdraw comic comics \
    watercolor watercolour product products render renders rendered rendering renderings synthetic synth \
    simulated sim amazon dslr webcam left right front back rear top bottom side centre center middle view \
    views cam camera rgb rgba bgr depth grey gray greyscale grayscale colour color coloured colored bw ir \
    nir infrared thermal visible mask masks segmentation segmentations edge edges original orig crop crops \
    cropped resized processed preprocessed augmented lr hr small medium large thumb thumbs thumbnail \
    thumbnails day night";

/// True if a file or folder does not count as one of a set's images, or as a folder with such: a component of its
/// path is hidden (it begins with a dot), or is what systems and programs leave behind, or it lies in the library of a
/// program, but not with the photographs. `path` begins below the folder that was chosen.
pub fn is_passed_over(path: &str) -> bool {
    let mut above = "";
    path.split('/').any(|name| {
        let hidden = name.starts_with('.') && name != "." && name != "..";
        let aside = is_library(above) && !IN_LIBRARIES.iter().any(|n| name.eq_ignore_ascii_case(n));
        above = name;
        hidden || aside || is_litter(name)
    })
}

/// True if a folder of this name is the library of a program, of which only one folder counts. Where such a folder
/// itself was chosen, its name belongs before the path that [`is_passed_over`] is asked about.
pub fn is_library(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    LIBRARIES.iter().any(|ending| name.ends_with(ending))
}

fn is_litter(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    LITTER.iter().any(|pattern| match pattern.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
        None => {
            let fits = |(p, c): (u8, u8)| if p == b'?' { c.is_ascii_digit() } else { p == c };
            pattern.len() == name.len() && pattern.bytes().zip(name.bytes()).all(fits)
        }
    })
}

/// The order of a set: by components, each by its bytes. So a folder's files stand together, wherever they were
/// listed.
pub fn order(a: &str, b: &str) -> Ordering {
    a.split('/').map(str::as_bytes).cmp(b.split('/').map(str::as_bytes))
}

/// Folders that lie equally deep, at least two of which can give labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Folders above it; 0 for the first component of the paths.
    pub depth: usize,
    /// Names that can be labels, each once, sorted.
    pub names: Vec<String>,
}

/// All levels of folders that tell images apart by two names or more. Parts of a set (`train`, `val`, `fold 2`) and
/// folders in which images simply lie (`images`) are no such names; nor are two that differ in nothing else
/// (`seg_train`, `seg_test`).
pub fn levels<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Level> {
    let mut depths: Vec<BTreeSet<&str>> = Vec::new();
    for path in paths {
        for (depth, name) in folders(path).enumerate() {
            if depth == depths.len() {
                depths.push(BTreeSet::new());
            }
            if let Some(names) = depths.get_mut(depth) {
                names.insert(name);
            }
        }
    }
    let level = |(depth, names): (usize, BTreeSet<&str>)| {
        let names: Vec<&str> = names.into_iter().filter(|name| can_be_label(name)).collect();
        let apart: BTreeSet<String> = names.iter().map(|name| essence(name)).collect();
        let names = names.into_iter().map(str::to_owned).collect();
        (apart.len() > 1).then_some(Level { depth, names })
    };
    depths.into_iter().enumerate().filter_map(level).collect()
}

/// The depth whose folders give the labels: the topmost, as in torchvision's `ImageFolder`. One that only tells kinds
/// of pictures apart (`photo`, `sketch`), or is an alphabet of the next one's names, is taken only if there is no
/// other.
pub fn label_level(levels: &[Level]) -> Option<usize> {
    let next = |level: &Level| levels.iter().find(|other| other.depth == level.depth + 1);
    let better = levels.iter().find(|level| {
        let kinds = level.names.iter().all(|name| is_kind(name));
        !kinds && !next(level).is_some_and(|next| is_alphabet(level, next))
    });
    better.or(levels.first()).map(|level| level.depth)
}

/// The label of an image by the folder at `depth` of its path; none if there is no such folder, or its name is no
/// label.
pub fn label(path: &str, depth: usize) -> Option<&str> {
    folders(path).nth(depth).filter(|name| can_be_label(name))
}

/// The folders of a file's path.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    let folders = path.rsplit_once('/').map(|(folders, _)| folders.split('/'));
    folders.into_iter().flatten()
}

/// The words and numbers of a name, in small letters: `trainImages_2` is `train`, `images`, `2`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut kind, mut before) = (0, ' ');
    for c in name.chars() {
        let now = match c {
            '0'..='9' => 1,
            // All that is not ASCII counts as letters, so that no table of characters decides.
            c if c.is_ascii_alphabetic() || !c.is_ascii() => 2,
            _ => 0,
        };
        let hump = before.is_ascii_lowercase() && c.is_ascii_uppercase();
        if now != 0 && (now != kind || hump) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (now != 0, words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        (kind, before) = (now, c);
    }
    words
}

/// True for one of the words in a text.
fn among(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|one| one == word)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// True for a word of [`SPLITS`] or [`CONTAINERS`].
fn is_part(word: &str) -> bool {
    among(SPLITS, word) || among(CONTAINERS, word)
}

fn can_be_label(name: &str) -> bool {
    let words = words(name);
    let (numbers, letters): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| is_number(word));
    if name.is_empty() || is_of_camera(name) {
        return false;
    }
    if letters.is_empty() {
        return true;
    }
    let beside = !numbers.is_empty() || letters.iter().any(|word| is_part(word));
    let part = |word: &String| is_part(word) || beside && among(NUMBERED, word);
    !(letters.iter().all(|word| part(word)) || is_part(&joined(&letters)))
}

/// What of a name tells it from others: without the words of [`SPLITS`] and [`CONTAINERS`], if anything else is left.
fn essence(name: &str) -> String {
    let words = words(name);
    let rest: Vec<&str> = words.iter().map(String::as_str).filter(|word| !is_part(word)).collect();
    let same = rest.len() == words.len() || rest.iter().all(|word| is_number(word));
    if same { name.to_owned() } else { rest.join(" ") }
}

/// A folder that a camera numbers: 100CANON, 101_PANA. Three digits, then five characters.
fn is_of_camera(name: &str) -> bool {
    let (number, rest) = name.as_bytes().split_at(name.len().min(3));
    let upper = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    number.iter().all(u8::is_ascii_digit)
        && number.first().is_some_and(|byte| *byte != b'0')
        && rest.len() == 5
        && rest.iter().all(upper)
        && rest.iter().any(u8::is_ascii_uppercase)
}

/// True if a name says only what kind of picture it is.
fn is_kind(name: &str) -> bool {
    let words = words(name);
    let letters: Vec<&String> = words.iter().filter(|word| !is_number(word)).collect();
    let kind = |word: &str| among(KINDS, word);
    let known = |word: &&String| kind(word) || is_part(word);
    (letters.iter().all(known) && letters.iter().any(|word| kind(word))) || kind(&joined(&letters))
}

/// True if the names of a level are the first letters of the next level's.
fn is_alphabet(level: &Level, next: &Level) -> bool {
    let small = |c: char| c.to_ascii_lowercase();
    let letter = |name: &String| {
        let mut chars = name.chars();
        chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none()).map(small)
    };
    let letters: Option<BTreeSet<char>> = level.names.iter().map(letter).collect();
    let firsts = next.names.iter().filter_map(|name| name.chars().next()).map(small).collect();
    letters == Some(firsts)
}

/// Words without anything between them.
fn joined(words: &[&String]) -> String {
    words.iter().map(|word| word.as_str()).collect()
}
