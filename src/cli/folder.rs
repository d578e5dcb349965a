//! Folder of images as the command line reads it. Invariant: which files count and in what order is
//! [`dino_core::data::folder`]'s rule; what cannot be read is named with its path, and the rest counts.
//!
//! Links to files and to folders are followed. Passed over are links that lead nowhere or to a folder above, and folders that were read already, by another link or as they are: so every folder is read once,
//! and a circle of links has an end. Of several ways to a folder the first in the set's order counts.

use crate::files;
use dino_core::data::folder::{is_library, is_passed_over};
use dino_core::data::identity::{FileIdentity, SetIdentity};
use dino_core::data::picture::Picture;
use dino_core::error::{Error, FileProblem, Result};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names of what is passed over that are told before the rest is left out.
const TOLD: usize = 5;

/// A file that may be an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    /// Its path below the folder, with `/`.
    pub name: String,
}

/// The files of a folder and of the folders in it, in the order of their paths.
#[derive(Debug, Default)]
pub struct Listing {
    pub files: Vec<Found>,
    /// Paths below the folder of hidden files and folders, and of litter.
    pub passed_over: Vec<String>,
    /// Links that were not followed.
    pub links: usize,
    /// Files and folders that could not be looked at, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Lists a folder.
///
/// # Errors
/// [`Error::File`] if the folder itself cannot be read.
pub fn list(folder: &Path) -> Result<Listing> {
    let failed = |e: io::Error| Error::file(folder.display(), FileProblem::NoFolder(e.to_string()));
    let root = fs::canonicalize(folder).map_err(failed)?;
    let own = shown(root.file_name().unwrap_or_default());
    let library = if is_library(&own) { format!("{own}/") } else { String::new() };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let read = HashSet::from([root.clone()]);
    let mut walk = Walk { library, root: root.clone(), read, listing: Listing::default() };
    walk.folder(folder, entries, &root, "");
    Ok(walk.listing)
}

struct Walk {
    /// The folder's own name and `/`, if it decides what counts in it.
    library: String,
    root: PathBuf,
    /// Real paths of the folders that were read.
    read: HashSet<PathBuf>,
    listing: Listing,
}

impl Walk {
    /// Takes in the entries of a folder whose real path is `real`; `above` is its path below the root, with `/` at its
    /// end.
    fn folder(&mut self, folder: &Path, entries: fs::ReadDir, real: &Path, above: &str) {
        let mut paths = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(error) => self.unreadable(folder, &error),
            }
        }
        paths.sort();
        for path in paths {
            let own = shown(path.file_name().unwrap_or_default());
            let name = format!("{above}{own}");
            if is_passed_over(&format!("{}{name}", self.library)) {
                self.listing.passed_over.push(name);
                continue;
            }
            match fs::metadata(&path) {
                Ok(about) if about.is_dir() => self.subfolder(&path, real, name),
                Ok(about) if about.is_file() => self.listing.files.push(Found { path, name }),
                // A pipe or a device.
                Ok(_) => {}
                Err(_) if path.is_symlink() => self.listing.links += 1,
                Err(error) => self.unreadable(&path, &error),
            }
        }
    }

    fn subfolder(&mut self, path: &Path, above: &Path, name: String) {
        let read = fs::canonicalize(path).and_then(|real| Ok((real, fs::read_dir(path)?)));
        match read {
            Ok((real, _))
                if above.starts_with(&real)
                    || self.root.starts_with(&real)
                    || self.read.contains(&real) =>
            {
                self.listing.links += 1;
            }
            Ok((real, entries)) => {
                self.read.insert(real.clone());
                self.folder(path, entries, &real, &format!("{name}/"));
            }
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.listing.unreadable.push((path.to_path_buf(), error.to_string()));
    }
}

/// A name as text. Bytes that are none are written as numbers, so that two names stay two.
fn shown(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text += chunk.valid();
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

impl Listing {
    /// Says on standard error what does not count.
    pub fn tell(&self) {
        for line in self.words() {
            eprintln!("{line}");
        }
    }

    fn words(&self) -> Vec<String> {
        let unreadable = self.unreadable.iter();
        let mut lines: Vec<String> = unreadable
            .map(|(path, why)| format!("skipped {}: cannot be read: {why}", path.display()))
            .collect();
        let more = self.passed_over.len().saturating_sub(TOLD);
        let mut names = self.passed_over.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 {
            names += &format!(" and {more} more");
        }
        match self.passed_over.len() {
            0 => {}
            1 => lines.push(format!(
                "passed over: 1 file or folder, hidden or litter of a system ({names})"
            )),
            n => lines.push(format!(
                "passed over: {n} files and folders, hidden or litter of systems and programs ({names})"
            )),
        }
        match self.links {
            0 => {}
            1 => lines.push(
                "passed over: 1 link or folder that leads nowhere, above itself, or where all is read already"
                    .to_owned(),
            ),
            n => lines.push(format!(
                "passed over: {n} links or folders that lead nowhere, above themselves, or where all is read already"
            )),
        }
        lines
    }
}

/// The images of a folder, and which they are.
pub struct Images {
    pub pictures: Vec<Picture>,
    pub identity: SetIdentity,
}

/// All images in a folder and the folders in it, in the order of their paths. What does not count is told on standard
/// error.
///
/// # Errors
/// [`Error::File`] for a folder that cannot be read or has no image.
pub fn images(folder: &Path, max_side: usize) -> Result<Images> {
    let listing = list(folder)?;
    listing.tell();
    let (mut pictures, mut identities): (Vec<Picture>, Vec<FileIdentity>) = Default::default();
    for Found { path, name } in &listing.files {
        match files::named_picture(path, name, max_side) {
            Ok((picture, identity)) => {
                pictures.push(picture);
                identities.push(identity);
            }
            Err(error) => eprintln!("skipped {error}"),
        }
    }
    if pictures.is_empty() {
        let found = listing.files.len();
        return Err(Error::file(folder.display(), FileProblem::NoImages { files: found }));
    }
    Ok(Images { pictures, identity: SetIdentity::of(identities) })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use dino_core::data::folder::{label_level, levels};
    use serde_json::Value;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// A fresh folder with the tree of traps in it, and what is expected of it.
    fn tree(name: &str) -> (PathBuf, Value) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/images/traps.json");
        let traps: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let root = std::env::temp_dir().join(format!("dino-traps-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let bytes = |kind: &Value| -> Vec<u8> {
            let hex = traps["contents"][kind.as_str().unwrap()].as_str().unwrap();
            let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
            (0..hex.len()).step_by(2).map(byte).collect()
        };
        let place = |name: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            path
        };
        for (name, kind) in traps["files"].as_object().unwrap() {
            fs::write(place(name), bytes(kind)).unwrap();
        }
        for (name, target) in traps["links"].as_object().unwrap() {
            symlink(target.as_str().unwrap(), place(name)).unwrap();
        }
        (root, traps)
    }

    #[test]
    fn the_tree_of_traps_is_listed_as_expected() {
        let (root, traps) = tree("listing");
        for chosen in traps["chosen"].as_array().unwrap() {
            let folder = chosen["folder"].as_str().unwrap();
            let listing = list(&root.join(folder)).unwrap();
            let opened = listing.files.iter().filter_map(|Found { path, name }| {
                let (_, identity) = files::named_picture(path, name, 32).ok()?;
                Some((name.as_str(), identity))
            });
            let (names, identities): (Vec<&str>, Vec<FileIdentity>) = opened.unzip();
            let levels = levels(names.iter().copied());
            let depth = label_level(&levels);
            let level = levels.iter().find(|level| Some(level.depth) == depth);
            let found: Vec<Value> = (names.iter())
                .map(|name| {
                    [Some(*name), level.and_then(|level| level.label(name))].as_slice().into()
                })
                .collect();
            assert_eq!(Value::from(found), chosen["images"], "{folder}");
            assert_eq!(chosen["passed_over"], listing.passed_over.len(), "{folder}");
            assert_eq!(chosen["links"], listing.links, "{folder}");
            assert_eq!(listing.unreadable, [], "{folder}");
            let identity = serde_json::to_value(SetIdentity::of(identities)).unwrap();
            assert_eq!(chosen["identity"], identity, "{folder}");
            let images = images(&root.join(folder), 32).unwrap();
            assert_eq!(serde_json::to_value(images.identity).unwrap(), identity, "{folder}");
            assert_eq!(images.pictures.len(), images.identity.count);
        }
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn an_unreadable_folder_is_named_and_the_rest_counts() {
        let (root, _) = tree("unreadable");
        let shut = root.join("pets/dog");
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may read everything.
        let may = fs::read_dir(&shut).is_ok();
        let listing = list(&root.join("pets")).unwrap();
        let names: Vec<&str> = listing.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(&names[..2], ["cat/photo/1.jpg", "cat/sketch/1.jpg"]);
        if !may {
            let words = listing.words().join("\n");
            assert!(words.starts_with("skipped ") && words.contains("pets/dog: "), "{words}");
            assert_eq!((names.len(), listing.unreadable.len()), (2, 1));
        }
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o755)).unwrap();
        fs::remove_dir_all(&root).unwrap();
        let message = list(&root).unwrap_err().to_string();
        assert!(message.contains("expected a folder"), "{message}");
    }

    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let names = [&b"\xe9t\xe9"[..], b"\xe8t\xe8", b"\xe9t", "été".as_bytes()];
        let names = names.map(|name| shown(OsStr::from_bytes(name)));
        assert_eq!(names, ["\\xe9t\\xe9", "\\xe8t\\xe8", "\\xe9t", "été"]);
    }

    #[test]
    fn what_does_not_count_is_told_in_a_line() {
        let mut listing = Listing::default();
        assert_eq!(listing.words(), [""; 0]);
        listing.passed_over.push("a/.git".to_owned());
        listing.unreadable.push(("a/b".into(), "Permission denied".to_owned()));
        let words = listing.words();
        assert_eq!(words[0], "skipped a/b: cannot be read: Permission denied");
        assert_eq!(
            words[1],
            "passed over: 1 file or folder, hidden or litter of a system (a/.git)"
        );
        listing.passed_over.extend((0..11).map(|i| format!(".{i}")));
        listing.links = 2;
        let words = listing.words();
        assert!(words[1].starts_with("passed over: 12 files and folders, hidden"), "{words:?}");
        assert!(words[1].ends_with("(a/.git, .0, .1, .2, .3 and 7 more)"), "{words:?}");
        assert!(words[2].starts_with("passed over: 2 links or folders that lead nowhere"));
    }
}
