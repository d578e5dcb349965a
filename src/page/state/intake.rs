//! Intake of files: which of those that a person gave are images, and which are weights. Invariant: every file is given
//! on, named, or lies in the folder of weights that are taken; endings decide nothing that the content can decide.

use dino_core::data::picture::seems_image;
use dino_core::weights::is_weights;

/// Bytes of a file that are looked at.
pub const HEAD: u32 = 512;

/// Endings of images: such a file is not looked at before it is read.
const IMAGES: [&str; 13] = [
    "jpg", "jpeg", "jfif", "jpe", "png", "webp", "gif", "bmp", "avif", "heic", "heif", "tif",
    "tiff",
];

/// What a file is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Image,
    Weights,
    /// A configuration that may belong to weights.
    Card,
    /// Neither: as an image it is refused in words.
    Other,
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What the name alone tells.
pub fn by_name(path: &str) -> Option<Kind> {
    let name = name(path).to_lowercase();
    if name == "config.json" {
        return Some(Kind::Card);
    }
    let ending = name.rsplit_once('.')?.1;
    IMAGES.contains(&ending).then_some(Kind::Image)
}

/// What the first bytes tell, of a file of so many.
pub fn by_content(path: &str, head: &[u8], bytes: u64) -> Kind {
    if is_weights(name(path), head, bytes) {
        Kind::Weights
    } else if seems_image(head) {
        Kind::Image
    } else {
        Kind::Other
    }
}

/// What is done with files, by their places in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// To be read as images.
    pub images: Vec<usize>,
    pub weights: Option<usize>,
    /// The configuration of the weights.
    pub card: Option<usize>,
    /// Other weights, which are left.
    pub left: Vec<usize>,
}

/// Sorts files by their paths and kinds. Of several files of weights one is taken: safetensors first, then in order.
pub fn plan(files: &[(String, Kind)]) -> Plan {
    let of = |kind: Kind| (0..files.len()).filter(move |i| files[*i].1 == kind);
    let path = |i: usize| files[i].0.as_str();
    let rank = |i: &usize| !path(*i).to_lowercase().ends_with(".safetensors");
    let Some(weights) = of(Kind::Weights).min_by_key(rank) else {
        return Plan { images: (0..files.len()).collect(), ..Plan::default() };
    };
    let beside = |i: &usize| folder(path(*i)) == folder(path(weights));
    let images = (0..files.len()).filter(|i| match files[*i].1 {
        Kind::Image => true,
        Kind::Weights => false,
        // A repository of weights has a licence, a description and the like in it.
        Kind::Card | Kind::Other => !beside(i),
    });
    Plan {
        images: images.collect(),
        weights: Some(weights),
        card: of(Kind::Card).find(beside),
        left: of(Kind::Weights).filter(|i| *i != weights).collect(),
    }
}

/// Leaves out the icon that some systems put beside a pasted file: a picture that a browser calls `image.png` counts
/// only where it comes alone.
pub fn without_icon(paths: &[String]) -> Vec<usize> {
    let icon = |path: &str| path == "image.png";
    let alone = paths.iter().all(|path| icon(path));
    (0..paths.len()).filter(|i| alone || !icon(&paths[*i])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{Card, Image, Other, Weights};

    fn planned(files: &[(&str, Kind)]) -> Plan {
        let files: Vec<_> = files.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect();
        plan(&files)
    }

    #[test]
    fn the_content_decides_what_a_file_is_taken_for() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
        let safetensors = b"\x40\0\0\0\0\0\0\0{\"a\"";
        for (path, head, expected) in [
            ("a/last.ckpt", &safetensors[..], Weights),
            ("model", safetensors, Weights),
            ("a/0001", jpeg, Image),
            ("photo.pth", jpeg, Image),
            ("pytorch_model.bin", b"version https://git-lfs", Weights),
            ("README.md", b"# A model", Other),
        ] {
            assert_eq!(by_content(path, head, 1000), expected, "{path}");
        }
        assert_eq!(
            [by_name("a/Config.JSON"), by_name("b/x.JPG"), by_name("x.pth")],
            [Some(Card), Some(Image), None]
        );
    }

    #[test]
    fn a_repository_of_weights_gives_its_weights_and_its_configuration() {
        let plan = planned(&[
            ("vit/README.md", Other),
            ("vit/config.json", Card),
            ("vit/model.safetensors", Weights),
            ("vit/preview.png", Image),
            ("vit/pytorch_model.bin", Weights),
        ]);
        assert_eq!((plan.weights, plan.card, plan.left), (Some(2), Some(1), vec![4]));
        assert_eq!(plan.images, [3]);
        let reversed = planned(&[("config.json", Card), ("last.ckpt", Weights)]);
        assert_eq!((reversed.weights, reversed.card), (Some(1), Some(0)));
    }

    #[test]
    fn without_weights_every_file_is_read_as_an_image() {
        let plan = planned(&[("a/config.json", Card), ("a/1.jpg", Image), ("a/notes.txt", Other)]);
        assert_eq!(plan, Plan { images: vec![0, 1, 2], ..Plan::default() });
        let elsewhere = planned(&[("a/notes.txt", Other), ("b/x.pth", Weights)]);
        assert_eq!(elsewhere.images, [0], "it is no part of the weights");
    }

    #[test]
    fn an_icon_beside_a_pasted_file_is_left_out() {
        let paths =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(without_icon(&paths(&["image.png", "IMG_1.jpg"])), [1]);
        assert_eq!(without_icon(&paths(&["image.png"])), [0]);
        assert_eq!(without_icon(&paths(&["a.png", "b.png"])), [0, 1]);
    }
}
