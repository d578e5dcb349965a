//! English words of the attention section.

use super::super::attention::AttentionText;

pub const TEXT: AttentionText = AttentionText {
    title: "Attention",
    about: "Where a network looks when it sums up the image in one vector. Nobody ever told it what is \
            in the picture.",
    waits: "The maps appear once the images are read and the network is prepared.",

    network: "Network",
    teacher: "Teacher",
    student: "Student",
    starter: "Starter",
    starter_about: |parameters| {
        format!(
            "You look through the starter: a small network ({} thousand parameters) that this program trained on \
             3272 free photographs, without a single label. It comes with the page, so that there is something \
             to see before your own training begins.",
            (parameters as f64 / 1000.0).round()
        )
    },
    starter_aside: "You look at your own run, which has not begun: its weights are random, so its map is noise. The \
                    starter, a small network that comes with the page, has learned already; choose what your \
                    training begins with.",
    starter_go_on: "Continue on these images",
    starter_scratch: "From scratch",
    starter_choice: "Continue trains the starter further, gently. From scratch begins with random weights, as the \
                     paper does, and takes some hundred thousand images until attention finds anything.",
    only_teacher: "Of earlier moments only the teacher is kept.",
    layer: "Layer",
    side: "Resolution",
    side_of: |side, [across, down], trained| {
        let trained = if trained { ", as in training" } else { "" };
        match across * down {
            0 => format!("{side} px{trained}"),
            _ => format!("{side} px: {across} × {down} patches{trained}"),
        }
    },
    moment: "Moment",
    now: "now",
    step: |step| format!("step {step}"),
    play_moments: "Play from the first step to now",
    stop: "Stop",

    display: "Show as",
    heat: "Heat",
    mask: "Mask",
    in_colours: "Heads in colours",
    opacity: "Strength",
    threshold: "Outline where the attention is",
    share_of_mass: "Share of the attention",
    percent: |percent| format!("{percent} % of the attention"),
    of: |n, all| format!("{n} of {all}"),
    pointing: "Point at a patch to see",
    similarity: "what is similar",
    from_patch: "where it looks",

    stage: "The image, patch by patch",
    stage_keys: "Arrow keys move from patch to patch, Enter holds one, Escape lets go.",
    low: "low",
    high: "high",
    mean: "mean",
    all_heads: "all heads",
    head: |index| format!("head {}", index + 1),
    map_of: |head, image| format!("Attention map, {head}, of {image}"),
    maps: "Maps of the heads",
    hint: "Point at a patch; click to hold it.",
    similarity_about: "Cosine of the last layer’s features",
    similar_to: |x, y| format!("Similarity to patch {x}, {y}"),
    looks_from: |x, y, head| format!("Attention from patch {x}, {y}, {head}"),
    held: "held",

    live: "Attention of the camera’s picture",
    live_open: "Look through the camera",
    live_close: "Close the camera",
    live_about: "The camera’s picture, frame by frame, with the network, layer, resolution and colours chosen \
                 above. Nothing of it is kept or sent. While the run trains, a step is done between two frames.",
    live_rate: |rate| format!("{rate:.1} frames a second"),

    pin: "Pin this image",
    unpin: "Unpin this image",
    unpin_of: |image| format!("Unpin {image}"),
    show_of: |image| format!("Show {image}"),
    pinned: "Pinned",
    pinned_about: "Pinned images are looked at again every so many steps; played, they show attention \
                   emerge.",
    most_pinned: |most| format!("At most {most} images can be pinned."),
    every: "Every",
    steps: "steps",
    frame: "Step of the time-lapse",
    play: "Play",
    pinned_map_of: |image, step| format!("Mean attention map of {image} at step {step}"),

    colours: "Colours of patches",
    colours_about: "The strongest direction in which the patches of all these images differ tells the \
                    background, which is dark, from the rest. The next three are red, green and blue: parts \
                    that the network takes for the same get the same colour.",
    colours_from: "Of",
    of_first: "the first images",
    of_pinned: "the pinned images",
    of_nearest: "this image and its nearest",
    count: "How many",
    colour_them: "Colour them",
    colour_again: "Colour again",
    colouring: "Working …",
    colours_of: |image| format!("Principal components of the patches of {image} as colours"),
    none_pinned: "No image is pinned yet.",
};
