//! English words of the images section.

use super::super::images::{CameraText, Images, Trouble};

pub const TEXT: Images = Images {
    title: "Images",
    drop: "Drop images or folders here, or paste one",
    choose: "Choose files",
    choose_folder: "Choose a folder",
    stays: "They are read in this tab and never leave your device. A folder's name becomes its images' \
            label.",
    remove: "Remove image",
    clear: "Remove all",
    samples: "Load the samples",
    thumbnails: "Loaded images",
    thumbnails_how: "Arrow keys choose an image, Delete removes it.",
    no_files: "There was no file in what you dropped.",
    too_many: |most| {
        format!("There are more than {most} files in it; the first {most} are being read.")
    },
    count: |images| match images {
        0 => "no images yet".to_owned(),
        1 => "1 image".to_owned(),
        n => format!("{n} images"),
    },
    searching: |found| match found {
        1 => "Looking through folders: 1 file …".to_owned(),
        n => format!("Looking through folders: {n} files …"),
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
    labels_how: "The names of the folders that the images lie in. Training never sees them; they only \
                 measure how well neighbours agree.",
    clear_question: |n| format!("Remove all {n} images from the page?"),
    clear_comfort: "The files on your device stay where they are; training pauses.",
    keep: "Keep them",
    camera: CameraText {
        open: "Camera",
        title: "Camera",
        take: "Take a picture",
        close: "Close the camera",
        waits: "Waiting for the camera: your browser may be asking for permission …",
        taken: |name| format!("{name} taken"),
        trouble: |trouble| match trouble {
            Trouble::Denied => {
                "The camera was not permitted. Allow it for this page at the left end of the \
                                address bar, then try again."
                    .to_owned()
            }
            Trouble::Missing => "No camera was found. Connect one and try again.".to_owned(),
            Trouble::Busy => {
                "The camera could not be started; another program may be using it.".to_owned()
            }
            Trouble::Forbidden => {
                "This page may not use a camera here: open it over https, in a window of its own."
                    .to_owned()
            }
            Trouble::Other(message) => format!("The camera did not work: {message}"),
        },
    },
};
