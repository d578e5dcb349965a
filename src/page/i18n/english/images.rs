//! English text of the images section.

use crate::i18n::images::{CameraError, CameraText, Images};

pub const TEXT: Images = Images {
    title: "Images",
    drop: "Drop images or folders here, or paste an image",
    choose: "Choose files",
    choose_folder: "Choose a folder",
    stays: "Your images never leave your device. The names of folders become labels.",
    remove: "Remove image",
    clear: "Remove all",
    samples: "Load samples",
    thumbnails: "Loaded images",
    thumbnails_how: "Use the arrow keys to choose an image and Delete to remove it.",
    no_files: "What you dropped contains no files.",
    address: "You dropped an address, not a file. Save the image first (right-click it, then “Save image as …”), \
              then drop the saved file here.",
    too_many_files: |most| {
        format!("These are more than {most} files. Only the first {most} are looked at.")
    },
    too_many: |most, left| match left {
        1 => format!("The limit is {most} images, so 1 file was left out."),
        left => format!("The limit is {most} images, so {left} files were left out."),
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
    summary: |added, kinds, passed_over| {
        let mut said = format!("{added} added");
        if !kinds.is_empty() {
            let skipped: usize = kinds.iter().map(|(_, n)| n).sum();
            let kinds: Vec<_> = kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
            said.push_str(&format!(", {skipped} skipped: {}", kinds.join(", ")));
        }
        match passed_over {
            0 => {}
            1 => said.push_str("; 1 hidden or system file was ignored"),
            n => said.push_str(&format!("; {n} hidden or system files were ignored")),
        }
        said
    },
    skipped: "Skipped files",
    more: |n| format!("and {n} more"),
    labels: |n| match n {
        1 => "1 label".to_owned(),
        n => format!("{n} labels"),
    },
    labels_how: "Labels are the names of the folders that tell the images apart. Training never sees them. \
                 They only measure how often neighbours share a label.",
    labels_from: "Labels from",
    label_level: |names, count| {
        let more = if count > names.len() { format!(" … ({count})") } else { String::new() };
        format!("{}{more}", names.join(", "))
    },
    no_labels: "no labels",
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
