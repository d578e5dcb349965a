//! Folder of images, by its paths alone: which of them count, in what order, under what label. Invariant: page,
//! command line and Python (`python/dino_web/folder.py`) decide alike, and the name of the folder that was chosen
//! decides nothing.
//!
//! A path is of a file or a folder, its components separated by `/`. Names are compared without case, as far as
//! they are ASCII.

mod labels;
mod names;

pub use labels::{Level, label_level, levels, levels_beside_others};

use std::cmp::Ordering;

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

/// The same in a folder whose own name a class may have, too: Windows kept deleted files in `RECYCLER`, by user, and in
/// `Recycled`, numbered by drive.
const LITTER_IN: &[(&str, &[&str])] =
    &[("recycler", &["s-1-*"]), ("recycled", &["dc?*", "dd?*", "info2"])];

/// Libraries of programs, which are folders, and the one folder in them with the photographs themselves.
const LIBRARIES: &[&str] =
    &[".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary"];
const IN_LIBRARIES: &[&str] = &["originals", "masters"];

/// True if a file or folder does not count as one of a set's images, or as a folder with such: a component of its
/// path is hidden (it begins with a dot), or is what systems and programs leave behind, or it lies in the library of a
/// program, but not with the photographs. `path` begins below the folder that was chosen.
pub fn is_passed_over(path: &str) -> bool {
    let mut above = "";
    path.split('/').any(|name| {
        let hidden = name.starts_with('.') && name != "." && name != "..";
        let aside = is_library(above) && !IN_LIBRARIES.iter().any(|n| name.eq_ignore_ascii_case(n));
        let mut homes = LITTER_IN.iter().filter(|(home, _)| above.eq_ignore_ascii_case(home));
        let thrown = homes.any(|(_, patterns)| is_litter(name, patterns));
        above = name;
        hidden || aside || thrown || is_litter(name, LITTER)
    })
}

/// True if a folder of this name is the library of a program, of which only one folder counts. Where such a folder
/// itself was chosen, its name belongs before the path that [`is_passed_over`] is asked about.
pub fn is_library(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    LIBRARIES.iter().any(|ending| name.ends_with(ending))
}

/// True if a name fits one of the patterns.
fn is_litter(name: &str, patterns: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    patterns.iter().any(|pattern| match pattern.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len()
                && name.get(..start.len()).is_some_and(|begin| is_like(begin, start))
                && name.ends_with(end)
        }
        None => is_like(&name, pattern),
    })
}

/// True if a name is a pattern in which `?` stands for a digit.
fn is_like(name: &str, pattern: &str) -> bool {
    let fits = |(p, c): (u8, u8)| if p == b'?' { c.is_ascii_digit() } else { p == c };
    pattern.len() == name.len() && pattern.bytes().zip(name.bytes()).all(fits)
}

/// The order of a set: by components, each by its bytes. So a folder's files stand together, wherever they were
/// listed.
pub fn order(a: &str, b: &str) -> Ordering {
    a.split('/').map(str::as_bytes).cmp(b.split('/').map(str::as_bytes))
}
