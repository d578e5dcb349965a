//! English text of the attention section.

use crate::i18n::attention::AttentionText;

pub const TEXT: AttentionText = AttentionText {
    title: "Attention",
    about: "Bright patches are what the network attends to when it sums up the image in one vector. Nobody told \
            it what is in the image.",
    waits: "The maps appear once the images are read and the network is ready.",

    network: "Network",
    teacher: "Teacher",
    student: "Student",
    starter: "Starter",
    starter_about: |parameters| {
        format!(
            "This is the attention of the starter, a small network ({} thousand parameters) that comes with the page. \
             It was trained by this program on 3,272 free photographs, without a single label. You can look at it \
             before you train your own.",
            (parameters as f64 / 1000.0).round()
        )
    },
    starter_aside: "This is the attention of your own run, which has not started. Its weights are random, so its map \
                    is noise. The starter, a small network that comes with the page, has already learned. Choose \
                    what your training begins with.",
    starter_go_on: "Use the starter",
    starter_scratch: "Use random weights",
    starter_choice: "“Use the starter” continues its training gently. “Use random weights” begins from scratch, as \
                     the paper does: attention finds nothing until the network has seen a few hundred thousand \
                     images.",
    only_teacher: "Snapshots hold only the teacher.",
    layer: "Layer",
    side: "Resolution",
    side_of: |side, [across, down], trained| {
        let trained = if trained { ", as in training" } else { "" };
        match across * down {
            0 => format!("{side} px{trained}"),
            _ => format!("{side} px: {across} × {down} patches{trained}"),
        }
    },
    snapshot: "Snapshot",
    now: "now",
    step: |step| format!("step {step}"),
    play_snapshots: "Play all snapshots",
    stop: "Stop",

    display: "Show as",
    heat: "Heatmap",
    mask: "Mask",
    in_colours: "Heads in colours",
    opacity: "Opacity",
    threshold: "Outline the attention",
    share_of_mass: "Share of the attention",
    percent: |percent| format!("{percent} % of the attention"),
    of: |n, all| format!("{n} of {all}"),
    pointing: "Under the pointer",
    similarity: "similar patches",
    from_patch: "attention of the patch",

    stage: "The image, patch by patch",
    stage_keys: "The arrow keys move from patch to patch. Enter holds a patch, Escape releases it.",
    low: "low",
    high: "high",
    mean: "mean",
    all_heads: "all heads",
    head: |index| format!("head {}", index + 1),
    map_of: |head, image| format!("Attention map of {image}, {head}"),
    maps: "Maps of the heads",
    hint: "Point at a patch. Click to hold it.",
    similarity_about: "Cosine similarity of the last layer’s features",
    similar_to: |x, y| format!("Similarity to patch {x}, {y}"),
    looks_from: |x, y, head| format!("Attention from patch {x}, {y}, {head}"),
    held: "held",

    live: "Attention on the camera",
    live_open: "Look through the camera",
    live_close: "Close the camera",
    live_about: "Camera frames, with the network, layer, resolution and colours chosen above. Nothing is kept or \
                 sent. While you train, a step runs between two frames.",
    live_rate: |rate| format!("{rate:.1} frames per second"),

    pin: "Pin this image",
    unpin: "Unpin this image",
    unpin_of: |image| format!("Unpin {image}"),
    show_of: |image| format!("Show {image}"),
    pinned: "Pinned",
    pinned_about: "The maps of pinned images are recorded while you train. Play them to see attention emerge.",
    most_pinned: |most| format!("You can pin at most {most} images."),
    every: "Every",
    steps: "steps",
    frame: "Step of the time-lapse",
    play: "Play",
    pinned_map_of: |image, step| format!("Mean attention map of {image} at step {step}"),

    colours: "Patch colours",
    colours_about: "Patches that look alike to the network get the same colour, across images too. The first principal \
                    component of their features separates the background, which is dark, from the rest. The next \
                    three are red, green and blue.",
    colours_from: "From",
    of_first: "the first images",
    of_pinned: "the pinned images",
    of_nearest: "this image and its nearest",
    count: "How many",
    colour_them: "Show the colours",
    colour_again: "Refresh the colours",
    colouring: "Working …",
    colours_of: |image| format!("Principal components of the patches of {image} as colours"),
    none_pinned: "No image is pinned yet.",
};
