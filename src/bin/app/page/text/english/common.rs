//! English words of the whole page.

use super::super::common::Common;
use super::super::format::megabytes;
use dino::protocol::{NoGpu, State};

pub const TEXT: Common = Common {
    not_here: "Training is not possible in this browser.",
    reload: "Reload the page to begin again.",
    other_build: "The page and its worker come from two different versions, because one of them was cached.",
    worker_gone: "The worker has stopped.",
    not_a_file: "Expected files, found something else.",
    dismiss: "Dismiss",
    none: "–",
    no_worker: |message| match message {
        "" => "The worker that trains could not be started.".to_owned(),
        _ => format!("The worker that trains could not go on: {message}"),
    },
    no_gpu: |reason| match reason {
        NoGpu::Insecure => (
            "This page was not opened over a secure connection, and browsers give WebGPU only to \
             pages that were.",
            "Open it over https, or from this machine as http://localhost.",
        ),
        NoGpu::Missing => (
            "This browser has no WebGPU, without which nothing can be trained here.",
            "Open the page in a current Chrome or Edge, in Safari 26, or in Firefox 141 or later.",
        ),
        NoGpu::NoAdapter { .. } => (
            "This browser has WebGPU but gives no graphics adapter.",
            "Turn hardware acceleration on in its settings and update the graphics driver; \
             chrome://gpu says what is switched off.",
        ),
    },
    driver: |words| format!("It says: {words}."),
    state: State::word,
    at_step: |step| format!("at step {step}"),
    megabytes,
    not_whole: |found| match found {
        Some(found) => format!("Expected a whole number from 0, found {found}."),
        None => "Expected a whole number from 0.".to_owned(),
    },
};
