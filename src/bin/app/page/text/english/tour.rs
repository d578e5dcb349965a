//! English words of the tour.

use super::super::tour::Tour;

pub const TEXT: Tour = Tour {
    title: "Tour",
    stops: [
        (
            "Start with images",
            "Sample photographs come by themselves. Drop your own, paste one, or use the camera: they stay \
             on your device.",
        ),
        (
            "Let it train",
            "Start runs the training, step by step, on this machine; Space pauses it. The numbers tell you \
             whether it is learning.",
        ),
        (
            "Watch it look",
            "The map shows where a network looks: before your training the starter's, then your teacher's. From \
             scratch it is noise at first; as training goes on, it begins to follow the things in the picture.",
        ),
        (
            "See how it works",
            "Here are the two networks with the numbers of the current step. A question mark beside any \
             word explains it.",
        ),
    ],
    next: "Next",
    done: "Done",
    skip: "Skip the tour",
    stop_of: |stop, of| format!("{stop} of {of}"),
};
