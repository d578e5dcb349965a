//! English text of saved runs and recovery.

use crate::i18n::english::counted;
use crate::i18n::format::size;
use crate::i18n::storage::StorageText;

pub const TEXT: StorageText = StorageText {
    offer: |preset, step, total, when| {
        format!(
            "Resume your last run? {preset}, step {step} of {total}, saved {when}. A new run replaces it when \
             the new one is first saved."
        )
    },
    go_on: "Resume",
    restoring: "Restoring the run …",
    anew: "Start over",
    reader: "Another tab of this browser is training this run. This tab shows what was saved of it, and takes \
             over when that tab is closed.",
    saved: |step, bytes, seconds| {
        let size = size(bytes);
        format!(
            "Saved in this browser up to step {step} ({size}). You can lose at most {seconds} s of work."
        )
    },
    not_saved: |why| format!("The run is not being saved: {why}. Training continues."),
    full: "The run is not being saved because this browser's storage is full. Training continues. Delete kept \
           images or free some disk space, and saving starts again.",
    damaged: |step| {
        let what = match step {
            Some(step) => format!("The checkpoint of step {step}"),
            None => "The latest checkpoint".to_owned(),
        };
        format!(
            "{what} was damaged and has been set aside. The one before it is used, if there is one."
        )
    },
    other_images: |kept, found| {
        let kept_images = |other: &str| counted(kept, &format!("{other}image"));
        if kept == found {
            return format!(
                "The run was trained on {}. It continues on the images that are here now.",
                kept_images("other ")
            );
        }
        format!(
            "The run was trained on {}. It continues on the {found} that are here now.",
            kept_images("")
        )
    },
    keep_images: "Keep the images in this browser for the next visit",
    images_take: |bytes| format!("{} kept", size(bytes)),
    lost_device: "The graphics device was lost.",
    died: "The training worker has stopped.",
    recovering: "Restoring the run …",
    recovered: |step, lost| match lost {
        0 => format!("The run was restored at step {step}; nothing was lost."),
        1 => format!("The run was restored at step {step}; 1 step was lost."),
        _ => format!("The run was restored at step {step}; {lost} steps were lost."),
    },
    asks: "This happened again within two minutes, so the page does not retry by itself. What was saved is \
           safe.",
    failed: |why| format!("The run could not be restored: {why} What was saved is safe."),
    recover: "Restore the run",
    copy: "Copy the report",
    copied: "Copied",
    report: "Report",
    close: "Dismiss",
};
