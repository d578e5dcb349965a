//! English text of the header, the help and the footer.

use crate::i18n::frame::{Frame, Theme};

pub const TEXT: Frame = Frame {
    title: "DINO in the browser",
    sentence: "See what a neural network looks at in your images, and train it yourself, in this tab. It needs no \
               labels, and nothing is uploaded.",
    skip: "Skip to content",
    language: "Language",
    theme: "Colour scheme",
    theme_of: |theme| match theme {
        Theme::Auto => "System colours",
        Theme::Light => "Light colours",
        Theme::Dark => "Dark colours",
    },
    help: "Help",
    help_terms: "The question mark beside a term explains it in two sentences. The diagram at the end of the page shows \
                 how the two networks work together, with the numbers of the latest step.",
    keyboard: "Keyboard",
    keys: || {
        [
            (&["Space"], "start or pause"),
            (&["."], "train one step"),
            (&["1", "…", "9"], "show that head"),
            (&["0"], "show the mean of all heads"),
            (&["←", "→", "↑", "↓"], "choose an image, in the list"),
            (&["Delete"], "remove the chosen image, in the list"),
            (&["Ctrl V"], "paste an image"),
            (&["?"], "open this help"),
        ]
    },
    keyboard_where: "Shortcuts are off while you type in a field.",
    tour_again: "Show the tour again",
    after: "Based on “Emerging Properties in Self-Supervised Vision Transformers”, Caron et al. 2021.",
    samples: ["The authors and licences of the sample photographs are listed in ", "."],
    samples_list: "samples/manifest.json",
};
