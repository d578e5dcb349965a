//! English words of sharing and of the viewer.

use super::super::format::{size, thousands};
use super::super::share::{Kind, ShareText};
use dino::share::link::{Part, Refusal};

pub const TEXT: ShareText = ShareText {
    open: "Share",
    title: "Share",
    about: "Nothing is uploaded. What you see here is exactly what goes out, and it goes where you put it.",
    what: "What",
    kind: |kind| match kind {
        Kind::Map => ("This map", "over the image, as it is shown"),
        Kind::Heads => ("All heads", "with the original, on one sheet"),
        Kind::Crops => ("Crops", "with their frames on the original"),
        Kind::Charts => ("Charts", "the curves of the run"),
        Kind::Gif => ("Time-lapse as GIF", "plays everywhere"),
        Kind::Video => ("Time-lapse as video", "smaller and finer"),
        Kind::Link => ("A link that carries the map", "opens in any browser, without a server"),
        Kind::Page => ("A page in one file", "image, maps, threshold and charts"),
    },
    preview: "Preview",
    making: "Working …",
    making_of: |n, all| format!("Working … {n} of {all}"),
    save: "Download",
    copy: "Copy",
    copy_link: "Copy the link",
    copied: "Copied",
    send: "Send …",
    anew: "Take it again",
    failed: |why| format!("This did not work: {why}"),

    file: |kind, bytes, pixels| match pixels {
        Some([width, height]) => {
            format!("{kind}, {width} × {height} pixels, {}", size(bytes as u64))
        }
        None => format!("{kind}, {}", size(bytes as u64)),
    },
    link_size: |characters| {
        format!("The link has {} characters. In it are:", thousands(characters, ","))
    },
    link_photo: |[w, h]| format!("the photograph above, {w} × {h} pixels"),
    link_maps: |heads, [w, h]| match heads {
        1 => format!("the map of the one head, {w} × {h} patches"),
        _ => format!("the maps of {heads} heads, {w} × {h} patches each"),
    },
    link_coarser: |[w, h]| {
        format!("They were {w} × {h} patches: some were taken together to keep the link short.")
    },
    link_rest: "layer, step, and the settings of the run",
    link_layer: "the layer",
    page_photo: |[w, h]| format!("the photograph above, {w} × {h} pixels"),
    page_maps: |heads| match heads {
        1 => "the map of the one head, with strength and threshold to move".to_owned(),
        _ => format!("the maps of {heads} heads, with strength and threshold to move"),
    },
    page_charts: |charts| match charts {
        1 => "one chart".to_owned(),
        _ => format!("{charts} charts"),
    },
    never: "Names of files and folders, and what a camera wrote into the photograph, are never in it.",

    no_map: "There is no map yet: it appears once an image is loaded.",
    no_crops: "There are no crops yet: they appear once an image is loaded.",
    no_charts: "There are no curves yet: they appear once the run has made a step.",
    no_film: "There is nothing to play yet: train some steps. Pinned images play from the step at which \
              they were pinned; without one, the kept moments of the image that is shown.",
    no_video: "The recording of this browser was empty. The GIF works everywhere.",

    original: "original",
    step: |step| format!("step {}", thousands(step as usize, ",")),
    layer: |n, all| format!("layer {n} of {all}"),
    seed: |seed| format!("seed {seed}"),
    steps: |steps| format!("{} steps", thousands(steps as usize, ",")),
    outline: |percent| format!("outlined: {percent} % of the attention"),

    page_title: "What a self-taught network looks at",
    page_about: "Attention maps of a vision transformer that learned from images without labels (DINO), \
                 trained in a browser tab. Each square is a patch of the image; the brighter, the more \
                 the network attends to it when it sums up the image in one vector.",

    viewer: "An attention map that somebody shared",
    viewer_about: "This is where a vision transformer looks when it sums up the image in one vector. It \
                   taught itself to see, without a single label. Each square is a patch; \
                   the brighter, the more attention it gets.",
    viewer_private: "Image and maps are in the link itself: no server has them.",
    viewer_maps: |heads, [w, h]| match heads {
        1 => format!("1 head, {w} × {h} patches"),
        _ => format!("{heads} heads, {w} × {h} patches"),
    },
    shared_image: "the shared image",
    train: "Train your own",
    train_about: "on your own images, with the same settings, in this browser",
    refused: "This link cannot be shown.",
    to_page: "Go to the page",
    refusal: |refusal| match refusal {
        Refusal::TooLong { bytes } => {
            format!("It has {} characters, more than is read.", thousands(*bytes, ","))
        }
        Refusal::Version { found } => format!(
            "It is of version “{found}”, which this page does not know. Perhaps it was made by a newer page."
        ),
        Refusal::Damaged => {
            "It was cut off or changed on its way. Ask for it once more, and copy all of \
                             it."
            .to_owned()
        }
        Refusal::Bomb => "It would become far larger than any map.".to_owned(),
        Refusal::Short => "It ends before everything that it announces.".to_owned(),
        Refusal::Range { part, least, most, found } => format!(
            "It says {} are {found}; from {least} to {most} was expected.",
            match part {
                Part::Across => "the patches across",
                Part::Down => "the patches down",
                Part::Heads => "the heads",
                Part::Layers => "the layers",
                Part::Layer => "the layers before this one",
                Part::Network => "the kinds of network",
            }
        ),
        Refusal::NotANumber { head } => {
            format!("The values of head {} are no numbers.", head + 1)
        }
        Refusal::Photo => "Its photograph cannot be read.".to_owned(),
    },
    facts: "About this map",
};
