//! Labels of images by the folders that they lie in, as [`dino_core::data::folder`] says. Invariant: training and
//! test images have their labels from the same level, and which level that is, is told.

use dino_core::data::folder;
use dino_core::data::folder::Level;

/// Names of a level that are told before the rest is left out.
const TOLD: usize = 5;

/// The level whose folders give the labels, and what a person is told of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// None where no level tells images apart.
    pub level: Option<Level>,
    pub words: String,
}

/// Chooses by the paths of all images, or takes the `wanted` level, 1 being the folders in the folder itself.
pub fn choose<'a>(paths: impl Iterator<Item = &'a str>, wanted: Option<u32>) -> Choice {
    let levels = folder::levels(paths);
    let depth = match wanted {
        Some(level) => Some(level as usize - 1).filter(|d| levels.iter().any(|l| l.depth == *d)),
        None => folder::label_level(&levels),
    };
    let names = |level: &Level| {
        let more = level.names.len().saturating_sub(TOLD);
        let told = level.names.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{told} and {more} more") } else { told }
    };
    let others = levels.iter().filter(|level| Some(level.depth) != depth);
    let others = others
        .map(|level| format!("--label-level {} would take {}", level.depth + 1, names(level)));
    let chosen = match (levels.iter().find(|level| Some(level.depth) == depth), wanted) {
        (Some(level), _) => {
            let (count, at) = (level.names.len(), level.depth + 1);
            format!("labels: {count}, from folder level {at} ({})", names(level))
        }
        (None, Some(level)) => format!(
            "labels: none, because the folders of level {level} have fewer than two names that can be labels"
        ),
        (None, None) => {
            "labels: none, because no level of folders has two names that can be labels".to_owned()
        }
    };
    let words = std::iter::once(chosen).chain(others).collect::<Vec<_>>().join("; ");
    Choice { level: levels.into_iter().find(|level| Some(level.depth) == depth), words }
}

/// What a person is told of images that lie in no folder that is a label, while others do.
pub fn left_out(names: &[String]) -> Option<String> {
    let first = names.first()?;
    Some(match names.len() {
        1 => format!("left out: 1 image without a label, {first}"),
        n => format!("left out: {n} images without a label, the first of them {first}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str], wanted: Option<u32>) -> (Option<usize>, String) {
        let Choice { level, words } = choose(paths.iter().copied(), wanted);
        (level.map(|level| level.depth), words)
    }

    #[test]
    fn the_level_is_told_with_the_others() {
        let paths = ["cat/photo/1.jpg", "cat/sketch/1.jpg", "dog/photo/1.jpg"];
        let (depth, words) = of(&paths, None);
        assert_eq!(depth, Some(0));
        assert_eq!(
            words,
            "labels: 2, from folder level 1 (cat, dog); --label-level 2 would take photo, sketch"
        );
        let (depth, words) = of(&paths, Some(2));
        assert_eq!(depth, Some(1));
        assert_eq!(
            words,
            "labels: 2, from folder level 2 (photo, sketch); --label-level 1 would take cat, dog"
        );
        let (depth, words) = of(&paths, Some(3));
        assert_eq!(depth, None);
        assert!(words.starts_with("labels: none, because the folders of level 3"), "{words}");
        assert!(words.ends_with("--label-level 2 would take photo, sketch"), "{words}");
        assert_eq!(of(&["a/1.jpg", "a/2.jpg"], None).0, None);
    }

    #[test]
    fn images_without_a_label_are_counted() {
        let names = ["loose.jpg".to_owned(), "test/1.jpg".to_owned()];
        assert_eq!(left_out(&[]), None);
        assert_eq!(left_out(&names[..1]).unwrap(), "left out: 1 image without a label, loose.jpg");
        assert_eq!(
            left_out(&names).unwrap(),
            "left out: 2 images without a label, the first of them loose.jpg"
        );
    }

    #[test]
    fn many_names_are_not_all_told() {
        let paths: Vec<String> = (0..9).map(|i| format!("n{i}/1.jpg")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (_, words) = of(&paths, None);
        assert_eq!(words, "labels: 9, from folder level 1 (n0, n1, n2, n3, n4 and 4 more)");
    }
}
