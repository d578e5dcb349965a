//! English text of sharing and of the viewer.

use crate::i18n::english::counted;
use crate::i18n::format::{size, thousands};
use crate::i18n::share::{Kind, ShareText};
use dino_core::share::map_link::{LinkNumber, Refusal};

pub const TEXT: ShareText = ShareText {
    open: "Share",
    title: "Share",
    about: "Nothing is uploaded. What you see here is exactly what goes out, and you decide where.",
    what: "Format",
    kind: |kind| match kind {
        Kind::Map => ("This map", "over the image, as shown"),
        Kind::Heads => ("All heads", "with the original, on one sheet"),
        Kind::Crops => ("Crops", "with their frames on the original"),
        Kind::Charts => ("Charts", "of the run"),
        Kind::Gif => ("Time-lapse as GIF", "plays everywhere"),
        Kind::Video => ("Time-lapse as video", "smaller and sharper"),
        Kind::Link => ("Link with the map in it", "opens in any browser, without a server"),
        Kind::Page => ("Page in one file", "image, maps, threshold and charts"),
    },
    preview: "Preview",
    making: "Working …",
    making_of: |n, all| format!("Working … {n} of {all}"),
    save: "Download",
    copy: "Copy",
    copy_link: "Copy the link",
    copied: "Copied",
    send: "Send …",
    anew: "Refresh",
    failed: |why| format!("This did not work: {why}"),

    file: |kind, bytes, pixels| match pixels {
        Some([width, height]) => {
            format!("{kind}, {width} × {height} pixels, {}", size(bytes as u64))
        }
        None => format!("{kind}, {}", size(bytes as u64)),
    },
    link_size: |characters| {
        format!("The link has {} characters. It contains:", thousands(characters, ","))
    },
    link_photo: |[w, h]| format!("the photograph above, {w} × {h} pixels"),
    link_maps: |heads, [w, h]| match heads {
        1 => format!("the map of the one head, {w} × {h} patches"),
        _ => format!("the maps of {heads} heads, {w} × {h} patches each"),
    },
    link_coarser: |[w, h]| {
        format!("The maps had {w} × {h} patches. Some were merged to keep the link short.")
    },
    link_rest: "layer, step, and the settings of the run",
    link_layer: "the layer",
    page_photo: |[w, h]| format!("the photograph above, {w} × {h} pixels"),
    page_maps: |heads| match heads {
        1 => "the map of the one head, with sliders for opacity and threshold".to_owned(),
        _ => format!("the maps of {heads} heads, with sliders for opacity and threshold"),
    },
    page_charts: |charts| match charts {
        1 => "one chart".to_owned(),
        _ => format!("{charts} charts"),
    },
    never: "It never contains the names of files and folders, or what a camera wrote into the photograph.",

    no_map: "There is no map yet. It appears once an image is loaded.",
    no_crops: "There are no crops yet. They appear once an image is loaded.",
    no_charts: "There are no charts yet. They appear after the first step of the run.",
    no_film: "There is nothing to play yet. Train a few steps first. Pinned images play from the step at which \
              they were pinned; without one, the snapshots of the current image play.",
    no_video: "This browser recorded an empty video. The GIF works everywhere.",

    original: "original",
    step: |step| format!("step {}", thousands(step as usize, ",")),
    layer: |n, all| format!("layer {n} of {all}"),
    seed: |seed| format!("seed {seed}"),
    steps: |steps| format!("{} steps", thousands(steps as usize, ",")),
    outline: |percent| format!("outlined: {percent} % of the attention"),

    page_title: "What a self-taught network looks at",
    page_about: "Attention maps of a vision transformer that learned from images without labels (DINO), \
                 trained in a browser tab. Each square is a patch of the image. The brighter a patch, the more \
                 the network attends to it when it sums up the image in one vector.",

    viewer: "Someone shared this with you: what a neural network looks at",
    viewer_about: "This is where a vision transformer looks when it sums up the image in one vector. It \
                   learned from images alone, without a single label. Each square is a patch. \
                   The brighter a patch, the more attention it gets.",
    viewer_private: "The image and the maps are in the link itself. No server has them.",
    viewer_maps: |heads, [w, h]| format!("{}, {w} × {h} patches", counted(heads, "head")),
    shared_image: "the shared image",
    train: "Train your own",
    train_about: "on your own images, with the same settings, in this browser",
    refused: "This link cannot be shown.",
    to_page: "Go to the page",
    refusal: |refusal| match refusal {
        Refusal::TooLong { bytes } => {
            format!("It has {} characters, which is too many.", thousands(*bytes, ","))
        }
        Refusal::Version { found } => format!(
            "It is of version “{found}”, which this page does not know. It may come from a newer page."
        ),
        Refusal::Damaged => {
            "It was cut off or changed on its way. Ask for it again and copy all of it.".to_owned()
        }
        Refusal::Bomb => "It would unpack to something far larger than any map.".to_owned(),
        Refusal::Short => "It ends before everything that it announces.".to_owned(),
        Refusal::Range { part, least, most, found } => format!(
            "Expected {} from {least} to {most}, got {found}.",
            match part {
                LinkNumber::Across => "patches across",
                LinkNumber::Down => "patches down",
                LinkNumber::Heads => "heads",
                LinkNumber::Layers => "layers",
                LinkNumber::Layer => "layers before this one",
                LinkNumber::Network => "a kind of network",
            }
        ),
        Refusal::NotANumber { head } => {
            format!("The values of head {} are not numbers.", head + 1)
        }
        Refusal::Values { expected, found } => {
            format!("It has {found} values, not {expected}.")
        }
        Refusal::Photo => "Its photograph cannot be read.".to_owned(),
    },
    facts: "About this map",
};
