//! English text of the images section.

use crate::i18n::images::{CameraError, CameraText, Images};

pub const TEXT: Images = Images {
    title: "Images",
    drop: "Drop images or folders here, or paste an image",
    choose: "Choose files",
    choose_folder: "Choose a folder",
    stays: "Your images never leave your device. A folder's name becomes the label of its images.",
    remove: "Remove image",
    clear: "Remove all",
    samples: "Load samples",
    thumbnails: "Loaded images",
    thumbnails_how: "Use the arrow keys to choose an image and Delete to remove it.",
    no_files: "What you dropped contains no files.",
    too_many: |most| {
        format!("What you dropped contains more than {most} files. Only the first {most} are read.")
    },
    count: |images| match images {
        0 => "no images yet".to_owned(),
        1 => "1 image".to_owned(),
        n => format!("{n} images"),
    },
    searching: |found| match found {
        1 => "Searching folders: 1 file found …".to_owned(),
        n => format!("Searching folders: {n} files found …"),
    },
    importing: |done, total| format!("Reading {done} of {total} …"),
    progress: "Reading images",
    summary: |added, kinds| {
        if kinds.is_empty() {
            return format!("{added} added");
        }
        let skipped: usize = kinds.iter().map(|(_, n)| n).sum();
        let kinds: Vec<_> = kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        format!("{added} added, {skipped} skipped: {}", kinds.join(", "))
    },
    skipped: "Skipped files",
    more: |n| format!("and {n} more"),
    labels: |n| match n {
        1 => "1 label".to_owned(),
        n => format!("{n} labels"),
    },
    labels_how: "Labels are the names of the folders that the images are in. Training never sees them. \
                 They only measure how often neighbours share a label.",
    clear_question: |n| format!("Remove all {n} images from the page?"),
    clear_comfort: "The files on your device are not touched. Training pauses.",
    keep: "Keep them",
    camera: CameraText {
        open: "Use the camera",
        title: "Camera",
        take: "Take a photo",
        close: "Close the camera",
        waits: "Waiting for the camera. Your browser may ask for permission …",
        taken: |name| format!("{name} taken"),
        trouble: |trouble| match trouble {
            CameraError::Denied => {
                "The camera was not permitted. Allow it for this page at the left end of the \
                                address bar, then try again."
                    .to_owned()
            }
            CameraError::Missing => "No camera was found. Connect one and try again.".to_owned(),
            CameraError::Busy => {
                "The camera could not be started. Another program may be using it.".to_owned()
            }
            CameraError::Forbidden => {
                "This page cannot use a camera here. Open it over https, in its own window."
                    .to_owned()
            }
            CameraError::Other(message) => format!("The camera failed: {message}"),
        },
    },
};
