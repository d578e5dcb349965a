//! Files of the command line, read and written. Invariant: every failure names its path.

use dino_core::data::identity::FileIdentity;
use dino_core::data::picture;
use dino_core::data::picture::Picture;
use dino_core::error::{Error, FileProblem, ImageProblem, Result};
use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::{Account, Choice};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of a file that tell what it is.
const HEAD: u64 = 64;

/// The files of a golden case by name.
///
/// # Errors
/// [`Error::File`] for a folder or file that cannot be read.
pub fn case(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for path in list(folder)? {
        if path.is_file() {
            files.insert(name(&path), read(&path)?);
        }
    }
    Ok(files)
}

/// One image.
///
/// # Errors
/// [`Error::Image`] for a file that cannot be read or is no image.
pub fn picture(path: &Path, max_side: usize) -> Result<Picture> {
    named_picture(path, &path.display().to_string(), max_side).map(|(picture, _)| picture)
}

/// One image, called `shown` in messages, and the identity of its file.
///
/// # Errors
/// See [`picture()`].
pub fn named_picture(path: &Path, shown: &str, max_side: usize) -> Result<(Picture, FileIdentity)> {
    let bytes = image(path, shown)?;
    Ok((picture::decode(shown, &bytes, max_side)?, FileIdentity::of(&bytes)))
}

/// The bytes of one image, called `shown` in messages. A pipe gives them once.
///
/// # Errors
/// [`Error::Image`] for a file that cannot be read or is too large.
pub fn image(path: &Path, shown: &str) -> Result<Vec<u8>> {
    let refuse = |problem: ImageProblem| Error::image(shown, problem);
    let unreadable = |e: std::io::Error| refuse(ImageProblem::Unreadable(e.to_string()));
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > picture::MAX_BYTES {
        return Err(refuse(ImageProblem::Rejected(picture::Rejected::Heavy { bytes })));
    }
    fs::read(path).map_err(unreadable)
}

/// True if a file begins as an image that is read here; the rest of it may be damaged.
pub fn seems_image(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && picture::seems_readable(&head)
}

/// Files and folders in a folder, sorted by path.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed =
        |e: std::io::Error| Error::file(folder.display(), FileProblem::NoFolder(e.to_string()));
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The bytes of a file.
///
/// # Errors
/// [`Error::File`] for a file that cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| Error::file(path.display(), FileProblem::Unreadable(e.to_string())))
}

/// Makes a folder and those above it.
///
/// # Errors
/// [`Error::File`] if it cannot be made.
pub fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
        .map_err(|e| Error::file(folder.display(), FileProblem::FolderNotCreated(e.to_string())))
}

/// Checks before a long run that a file can be written there at its end.
///
/// # Errors
/// [`Error::File`] if it cannot be written or is a folder.
pub fn check_writable(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Error::file(path.display(), FileProblem::IsFolder));
    }
    let part = part(path);
    write_to(&part, path, &[])?;
    fs::remove_file(&part)
        .map_err(|e| Error::file(path.display(), FileProblem::Unwritable(e.to_string())))
}

/// Writes a file whole or not at all; an older one stays until the new one is complete.
///
/// # Errors
/// [`Error::File`] if it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = part(path);
    write_to(&part, path, bytes)?;
    fs::rename(&part, path)
        .map_err(|e| Error::file(path.display(), FileProblem::Unwritable(e.to_string())))
}

fn write_to(part: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(part, bytes)
        .map_err(|e| Error::file(path.display(), FileProblem::Unwritable(e.to_string())))
}

/// The same name with `.part` after it.
fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// What of a file of weights is wanted. A `config.json` beside it may tell its heads; another program's that lies there
/// by chance says nothing of heads.
pub fn choice(path: &Path, network: Network, heads: Option<u32>) -> Choice {
    let card = path.with_file_name("config.json");
    let told = fs::read(&card).ok().and_then(|text| {
        let heads = weights::heads(&card.display().to_string(), &text);
        heads.unwrap_or_else(|error| {
            eprintln!("no number of heads is read from it: {error}");
            None
        })
    });
    Choice { card: told, ..Choice::of(network, heads.map(|heads| heads as usize)) }
}

/// Says what of a file of weights was taken and what was left, where that is not all.
pub fn tell(account: &Account, heads: usize) {
    let Account { taken, left, unused, passed_over, heads_guessed } = account;
    if !left.is_empty() {
        let left = left.iter().map(|left| network(left)).collect::<Vec<_>>().join(", ");
        let hint =
            if account.leaves_student() { " (--network student takes the student)" } else { "" };
        eprintln!("taken: {}; left: {left}{hint}", network(taken));
    }
    if !unused.is_empty() {
        eprintln!("not used: {}", unused.join(", "));
    }
    if !passed_over.is_empty() {
        eprintln!("passed over, and not run: {}", passed_over.join(", "));
    }
    if *heads_guessed {
        eprintln!("{heads} heads: a guess, of 64 each; --heads says another number");
    }
}

/// A network by what stands before its names.
fn network(prefix: &str) -> String {
    if prefix.is_empty() { "the one without a prefix".to_owned() } else { format!("`{prefix}…`") }
}
