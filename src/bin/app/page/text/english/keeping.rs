//! English words of saved runs and recovery.

use super::super::format::size;
use super::super::keeping::Keeping;

pub const TEXT: Keeping = Keeping {
    offer: |preset, step, total, when| {
        format!(
            "A run from an earlier visit is kept: {preset}, step {step} of {total}, saved {when}. \
             A new run takes its place once it is saved itself."
        )
    },
    go_on: "Go on",
    restoring: "Restoring the run …",
    anew: "Begin anew",
    reader: "Another tab of this browser trains the run. This one shows what was saved of it and takes \
             over by itself when that tab is closed.",
    saved: |step, bytes, seconds| {
        let size = size(bytes);
        format!(
            "Saved in this browser up to step {step} ({size}); at most {seconds} s of work can be lost."
        )
    },
    not_saved: |why| format!("The run is not being saved: {why}. Training goes on."),
    full: "The run is not being saved: this browser's storage is full. Training goes on; delete kept \
           images or free some disk space, and it will be saved again.",
    damaged: |step| {
        match step {
        Some(step) => format!(
            "What was saved at step {step} was damaged and has been set aside; what was saved before it \
             counts, if there is any."
        ),
        None => "What was saved last was damaged and has been set aside; what was saved before it counts, \
                 if there is any."
            .to_owned(),
    }
    },
    other_images: |kept, found| {
        if kept == found {
            return format!(
                "The run was trained on {kept} other images than those that are here now: it goes on with these."
            );
        }
        format!(
            "The run was trained on {kept} images and goes on with the {found} that are here now."
        )
    },
    keep_images: "Keep the images in this browser for the next visit",
    images_take: |bytes| format!("{} kept", size(bytes)),
    lost_device: "The graphics device was lost.",
    died: "The worker that trains has stopped.",
    recovering: "The run is being restored …",
    recovered: |step, lost| match lost {
        0 => format!("The run was restored at step {step}; nothing was lost."),
        1 => format!("The run was restored at step {step}; 1 step was lost."),
        _ => format!("The run was restored at step {step}; {lost} steps were lost."),
    },
    asks: "It happened again within two minutes, so nothing is tried by itself now. What was saved is safe.",
    failed: |why| format!("The run could not be restored: {why} What was saved is safe."),
    recover: "Restore the run",
    copy: "Copy the report",
    copied: "Copied",
    report: "Report",
    close: "Dismiss",
};
