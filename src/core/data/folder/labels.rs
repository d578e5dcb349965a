//! Labels of images by the folders that they lie in. Invariant: a folder is no label only where its name says so and
//! its neighbours agree, so that no class is lost: `train` beside `val` is a part of a set, beside `bus` and `car` it is
//! a class.

use super::names::{Sense, essence, letter, plain, sense, split};
use std::collections::{BTreeMap, BTreeSet};

/// Folders that lie equally deep, at least two of which can give labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Folders above it; 0 for the first component of the paths.
    pub depth: usize,
    /// Names that can be labels, each once, sorted.
    pub names: Vec<String>,
    /// Paths of the folders that give labels.
    folders: BTreeSet<String>,
    /// True if it only tells kinds of pictures apart.
    kinds: bool,
}

impl Level {
    /// The label of an image by its path; none if it lies less deep, or in a folder that is no label.
    pub fn label<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (folders, _) = path.rsplit_once('/')?;
        let end = ends(folders).nth(self.depth)?;
        let folder = folders.get(..end)?;
        self.folders.contains(folder).then(|| own(folder))
    }
}

/// All levels of folders that tell images apart by two names or more. Parts of a set (`train`, `val`, `fold 2`) and
/// folders in which images simply lie (`images`) are no such names, except among classes; nor are two that differ in
/// nothing else (`seg_train`, `seg_test`).
pub fn levels<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Level> {
    tree(paths, 2)
}

/// The same where one name is enough, because other images have other labels.
pub fn levels_beside_others<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Level> {
    tree(paths, 1)
}

/// The level whose folders give the labels: the topmost, as in torchvision's `ImageFolder`. One that only tells kinds
/// of pictures apart (`photo`, `sketch`), or is an alphabet of the next one's names, is taken only if there is no
/// other.
pub fn label_level(levels: &[Level]) -> Option<usize> {
    let next = |level: &Level| levels.iter().find(|other| other.depth == level.depth + 1);
    let better = levels
        .iter()
        .find(|level| !level.kinds && !next(level).is_some_and(|next| is_alphabet(level, next)));
    better.or(levels.first()).map(|level| level.depth)
}

/// A folder with images in it or below it.
struct Folder<'a> {
    path: &'a str,
    name: &'a str,
    sense: Sense,
    /// Names of the folders in it that can be labels.
    below: BTreeSet<&'a str>,
}

/// Paths of folders that lie equally deep, by the path of the folder that they lie in.
type Groups<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// `least`: names that the topmost level must have.
fn tree<'a>(paths: impl Iterator<Item = &'a str>, least: usize) -> Vec<Level> {
    let depths = depths(paths);
    let mut levels = Vec::new();
    // How a folder is called where parts of a set are not told apart.
    let mut kin: BTreeMap<&str, String> = BTreeMap::from([("", String::new())]);
    for (depth, groups) in depths.iter().enumerate() {
        let open = |path: &&'a str| Folder::new(path, depths.get(depth + 1));
        let mut all: BTreeMap<&str, Vec<Folder<'a>>> = BTreeMap::new();
        // What is a class in `train` is one in `val`, too, whatever lies beside it there.
        let mut classes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (above, paths) in groups {
            let called = kin.get(above).map_or("", String::as_str);
            let group: Vec<Folder<'a>> = paths.iter().map(open).collect();
            classes.entry(called).or_default().extend(classes_of(&group));
            all.entry(called).or_default().extend(group);
        }
        let (mut next, mut kept) = (BTreeMap::new(), Vec::new());
        for (called, folders) in all {
            for folder in folders {
                if classes.get(called).is_some_and(|names| names.contains(folder.name)) {
                    next.insert(folder.path, format!("{called}/{}", folder.name));
                    kept.push(folder);
                } else {
                    next.insert(folder.path, format!("{called}/*"));
                }
            }
        }
        if apart(&kept) >= if depth == 0 { least } else { 2 } {
            let names: BTreeSet<&str> = kept.iter().map(|folder| folder.name).collect();
            levels.push(Level {
                depth,
                names: names.into_iter().map(str::to_owned).collect(),
                folders: kept.iter().map(|folder| folder.path.to_owned()).collect(),
                kinds: only_kinds(&kept),
            });
        }
        kin = next;
    }
    levels
}

/// All folders, by depth: the name of a topmost one may be empty, so that paths alone do not tell.
fn depths<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Groups<'a>> {
    let mut depths: Vec<Groups<'a>> = Vec::new();
    let mut before = None;
    for (folders, _) in paths.filter_map(|path| path.rsplit_once('/')) {
        if before.replace(folders) == Some(folders) {
            continue;
        }
        let mut above = "";
        for (depth, end) in ends(folders).enumerate() {
            if depth == depths.len() {
                depths.push(Groups::new());
            }
            let folder = folders.get(..end).unwrap_or_default();
            if let Some(groups) = depths.get_mut(depth) {
                groups.entry(above).or_default().insert(folder);
            }
            above = folder;
        }
    }
    depths
}

/// Where each component of a path ends.
fn ends(path: &str) -> impl Iterator<Item = usize> {
    path.match_indices('/').map(|(at, _)| at).chain([path.len()])
}

/// The last component of a folder's path.
fn own(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

impl<'a> Folder<'a> {
    /// `next`: the folders that lie one deeper.
    fn new(path: &'a str, next: Option<&Groups<'a>>) -> Self {
        let name = own(path);
        let below = next.and_then(|groups| groups.get(path)).into_iter().flatten();
        let below = below.map(|path| own(path)).filter(|name| sense(name) >= Sense::Kind).collect();
        Self { path, name, sense: sense(name), below }
    }

    fn is_part(&self) -> bool {
        matches!(self.sense, Sense::Part | Sense::Container)
    }

    /// True if both divide into the same.
    fn is_like(&self, other: &Self) -> bool {
        self.below.intersection(&other.below).next().is_some()
    }
}

/// Names of the folders of one folder that are classes.
fn classes_of<'a>(group: &[Folder<'a>]) -> Vec<&'a str> {
    let splits = Splits::of(group);
    let is_class = |folder: &&Folder<'a>| match folder.sense {
        Sense::Nothing => false,
        Sense::Kind | Sense::Class => !splits.named(folder),
        Sense::Part | Sense::Container => !splits.is_set && is_class_among(folder, group),
    };
    group.iter().filter(is_class).map(|folder| folder.name).collect()
}

/// True if a folder with the name of a part is a class all the same, because those beside it are.
fn is_class_among(folder: &Folder<'_>, group: &[Folder<'_>]) -> bool {
    let beside: Vec<&Folder<'_>> =
        group.iter().filter(|other| other.sense >= Sense::Kind).collect();
    let flat = beside.iter().all(|other| other.below.is_empty());
    let divided = folder.below.len() > 1;
    match beside.as_slice() {
        [] => false,
        // A view of the images, or one class: it may as well lie beside the set.
        [only] => {
            let like = only.is_like(folder);
            only.sense == Sense::Class
                && folder.sense != Sense::Container
                && !(divided && (flat || like))
        }
        _ => !(folder.sense == Sense::Container && divided && flat),
    }
}

/// Whether folders are the parts of a set, by their names.
struct Splits {
    /// They are: different parts are named, and either most do so, or they divide into the same.
    is_set: bool,
    /// Two parts at least are named by nothing but that, so that `train_mini` beside them is a third.
    sure: bool,
}

impl Splits {
    fn of(group: &[Folder<'_>]) -> Self {
        let named: Vec<(&Folder<'_>, String)> =
            group.iter().filter_map(|folder| Some((folder, split(folder.name)?))).collect();
        let differ = |pure: bool| {
            let all = named.iter().filter(|(folder, _)| !pure || folder.is_part());
            all.map(|(_, split)| split).collect::<BTreeSet<_>>().len() > 1
        };
        let alike = named.iter().any(|(one, split)| {
            named.iter().any(|(other, second)| split != second && one.is_like(other))
        });
        let others = group.iter().filter(|f| f.sense == Sense::Class && split(f.name).is_none());
        let pure = named.iter().any(|(folder, _)| folder.is_part());
        let is_set = pure && differ(false) && (alike || named.len() >= others.count());
        Self { is_set, sure: is_set && differ(true) }
    }

    fn named(&self, folder: &Folder<'_>) -> bool {
        self.sure && split(folder.name).is_some()
    }
}

/// By how many names folders are told apart, their parts aside: `seg_train` and `seg_test` are one, and so are `rps` and
/// `rps-test`, if both divide into the same.
fn apart(folders: &[Folder<'_>]) -> usize {
    let mut cut: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut whole: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for folder in folders {
        let below = match essence(folder.name) {
            (rest, true) => cut.entry(rest).or_default(),
            (_, false) => whole.entry(folder.name).or_default(),
        };
        below.extend(&folder.below);
    }
    let alike = |(name, below): &(&&str, &BTreeSet<&str>)| {
        let of_cut = cut.get(&plain(name));
        of_cut.is_some_and(|other| other.intersection(below).next().is_some())
    };
    cut.len() + whole.len() - whole.iter().filter(alike).count()
}

/// True if folders are only kinds of pictures: by their names, or by most of their names and because all divide into the
/// same.
fn only_kinds(folders: &[Folder<'_>]) -> bool {
    let kinds = folders.iter().filter(|folder| folder.sense != Sense::Class).count();
    let Some((first, rest)) = folders.split_first() else { return false };
    let same = || first.below.len() > 1 && rest.iter().all(|other| other.below == first.below);
    kinds == folders.len() || 2 * kinds > folders.len() && same()
}

/// True if the names of a level are the first letters of the next level's.
fn is_alphabet(level: &Level, next: &Level) -> bool {
    let letters: Option<BTreeSet<char>> = level.names.iter().map(|name| letter(name)).collect();
    let first = |name: &String| name.chars().next().map(|c| c.to_ascii_lowercase());
    letters == Some(next.names.iter().filter_map(first).collect())
}
