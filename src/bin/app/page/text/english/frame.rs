//! English words of the header, the help and the footer.

use super::super::frame::{Frame, Theme};

pub const TEXT: Frame = Frame {
    title: "DINO in the browser",
    sentence: "Watch a vision transformer teach itself to see your images, without a single label: it \
               trains on your graphics card, in this tab, and nothing is uploaded.",
    skip: "Skip to the page",
    language: "Language",
    theme: "Colours",
    theme_of: |theme| match theme {
        Theme::Auto => "Colours of the system",
        Theme::Light => "Light colours",
        Theme::Dark => "Dark colours",
    },
    help: "Help",
    help_terms: "A question mark beside a word explains it in two sentences. The picture of the two \
                 networks, at the end of the page, shows how they belong together, with the numbers of \
                 the step that was just made.",
    keyboard: "Keyboard",
    keys: || {
        [
            (&["Space"], "run or pause"),
            (&["."], "one step"),
            (&["1", "…", "9"], "look at that head"),
            (&["0"], "look at the mean of all heads"),
            (&["←", "→", "↑", "↓"], "choose an image, in the list"),
            (&["Delete"], "remove the chosen image, in the list"),
            (&["Ctrl V"], "add an image from the clipboard"),
            (&["?"], "this help"),
        ]
    },
    keyboard_where: "Keys write as always while you type in a field.",
    tour_again: "Show the tour again",
    after: "After “Emerging Properties in Self-Supervised Vision Transformers”, Caron et al. 2021.",
    samples: ["The authors and licences of the sample photographs are listed in ", "."],
    samples_list: "samples/manifest.json",
};
