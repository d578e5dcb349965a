//! English text of the neighbours.

use crate::i18n::neighbours::NeighboursText;
use dino_core::eval::knn::Verdict;

pub const TEXT: NeighboursText = NeighboursText {
    title: "Neighbours",
    about: "The images that the teacher finds most similar to the chosen one, compared by their feature \
            vectors.",
    waits: "The neighbours appear once the images are read and the network is ready.",
    alone: "Add more images: one alone has no neighbours.",
    working: "Comparing …",
    refresh: "Refresh",
    nearest: "Nearest images",
    query: "this image",
    choose: |image| format!("Show {image}"),
    similarity: |cosine| format!("{cosine:.3}"),
    similarity_about: "Cosine similarity, at most 1",
    agrees: |label| format!("same label: {label}"),
    differs: |label| format!("other label: {label}"),
    agreeing: |same, all| format!("{same} of {all} have the same label"),
    accuracy: "Do neighbours share a label?",
    accuracy_of: |percent, images, labels| {
        format!(
            "A vote of the nearest neighbours picks the right one of {labels} labels for {percent:.0} % \
             of {images} images."
        )
    },
    verdict: |verdict| match verdict {
        Verdict::Chance => {
            "That is not measurably better than always guessing the most common label."
        }
        Verdict::Pixels => {
            "That is better than always guessing the most common label, but not measurably better than comparing \
             raw pixels."
        }
        Verdict::Learned => {
            "That is better than always guessing the most common label and than comparing raw pixels: the network \
             has learned something about these images."
        }
    },
    knn: "network",
    pixels: "raw pixels",
    chance: "most common",
    percent: |share| format!("{:.0} %", share * 100.0),
    no_labels: "Put images into folders to label them: the folder’s name is the label. This section then shows how \
                often neighbours share it.",
};
