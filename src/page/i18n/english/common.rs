//! English text of the whole page.

use crate::i18n::common::Common;
use crate::i18n::format::megabytes;
use dino_core::protocol::{NoGpu, State};

pub const TEXT: Common = Common {
    not_here: "This browser cannot train.",
    reload: "Reload the page to start again.",
    other_build: "The page and its worker are from different versions, because one of them was cached.",
    worker_gone: "The worker has stopped.",
    not_a_file: "Expected files but got something else.",
    dismiss: "Dismiss",
    none: "–",
    no_worker: |message| match message {
        "" => "The training worker could not be started.".to_owned(),
        _ => format!("The training worker failed: {message}"),
    },
    no_gpu: |reason| match reason {
        NoGpu::Insecure => (
            "This page was not opened over a secure connection, and browsers offer WebGPU only over one.",
            "Open it over https, or on this computer as http://localhost.",
        ),
        NoGpu::Missing => (
            "This browser has no WebGPU, which training needs.",
            "Open the page in a current version of Chrome or Edge, in Safari 26 or later, or in Firefox \
             141 or later.",
        ),
        NoGpu::NoAdapter { .. } => (
            "This browser has WebGPU but found no graphics adapter.",
            "Turn on hardware acceleration in the browser's settings and update the graphics driver. \
             In Chrome, chrome://gpu shows what is turned off.",
        ),
    },
    driver: |words| format!("The browser reports: {words}."),
    state: State::word,
    at_step: |step| format!("at step {step}"),
    megabytes,
    not_whole: |found| match found {
        Some(found) => format!("Expected a whole number of 0 or more, got {found}."),
        None => "Expected a whole number of 0 or more.".to_owned(),
    },
};
