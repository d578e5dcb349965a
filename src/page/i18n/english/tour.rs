//! English text of the tour.

use crate::i18n::tour::TourText;

pub const TEXT: TourText = TourText {
    title: "TourText",
    stops: [
        (
            "Add images",
            "Sample photographs load by themselves. Drop your own, paste one, or use the camera. They stay \
             on your device.",
        ),
        (
            "Train",
            "Start runs the training on this computer, step by step. Space pauses it. The numbers tell you \
             whether the network is learning.",
        ),
        (
            "See the attention",
            "The map shows where a network looks: the starter before you train, your own teacher after. From random \
             weights it is noise at first. As training goes on, it begins to follow the things in the image.",
        ),
        (
            "See how it works",
            "These are the two networks, with the numbers of the current step. The question mark beside a term \
             explains it.",
        ),
    ],
    next: "Next",
    done: "Done",
    skip: "Skip the tour",
    stop_of: |stop, of| format!("{stop} of {of}"),
};
