//! English words of the neighbours.

use super::super::neighbours::NeighboursText;
use dino::knn::Verdict;

pub const TEXT: NeighboursText = NeighboursText {
    title: "Neighbours",
    about: "The images that the teacher finds most like the chosen one, by the vector that it sums each \
            up in.",
    waits: "The neighbours appear once the images are read and the network is prepared.",
    alone: "An image needs others to have neighbours.",
    working: "Comparing …",
    refresh: "Refresh",
    nearest: "Nearest images",
    query: "this image",
    choose: |image| format!("Show {image}"),
    similarity: |cosine| format!("{cosine:.3}"),
    similarity_about: "Cosine similarity, at most 1",
    agrees: |label| format!("same label: {label}"),
    differs: |label| format!("other label: {label}"),
    agreeing: |same, all| format!("{same} of {all} have its label"),
    accuracy: "Do neighbours share their label?",
    accuracy_of: |percent, images, labels| {
        format!(
            "A vote of the nearest neighbours names the right one of {labels} labels for {percent:.0} % \
             of {images} images."
        )
    },
    verdict: |verdict| match verdict {
        Verdict::Chance => {
            "As far as so many images can tell, that is no better than always naming the commonest."
        }
        Verdict::Pixels => {
            "Better than always naming the commonest; as far as so many images can tell, comparing bare pixels \
             does as well."
        }
        Verdict::Learned => {
            "Better than always naming the commonest and than comparing bare pixels: the network has learned \
             something about these images."
        }
    },
    knn: "network",
    pixels: "bare pixels",
    chance: "commonest",
    percent: |share| format!("{:.0} %", share * 100.0),
    no_labels: "Images in folders get the folder’s name as their label; then it is said here how often \
                neighbours share it.",
};
