//! English text on the graphics device.

use crate::i18n::device::DeviceText;
use crate::i18n::english::counted;
use crate::i18n::format::memory;

pub const TEXT: DeviceText = DeviceText {
    compiling: |done, total| format!("Compiling shader {done} of {total} …"),
    narrowed: |n| {
        let images = counted(n.micro_batch, "image");
        let twice = match n.recompute {
            true => " It computes some values twice instead of keeping them, so steps take longer.",
            false => "",
        };
        format!(
            "This device has less memory than expected, so the run uses at most {} and computes {images} at a time.{twice}",
            memory(n.memory)
        )
    },
    stray: |words| {
        format!(
            "The graphics device reported an error, so the live views were turned off. Training continues. It said: {words}"
        )
    },
    linux: "On Linux, Chrome leaves most graphics cards off. Turn on chrome://flags/#enable-vulkan and \
            chrome://flags/#enable-unsafe-webgpu and restart it, or use Firefox 141 or later.",
    integrated: "This browser computes on the integrated graphics. If the computer has another graphics card, choose it in \
                 Windows Settings › System › Display › Graphics: add the browser and select “High performance”.",
    check: "Check this device",
    check_about: "Every computation of a training step is run on this device and compared with the same computation on \
                  the processor. Training pauses. The report stays here until you copy it.",
    check_no_device: "There is no graphics device to check. The report tells what the browser says.",
    check_begin: "Start the check",
    check_stop: "Stop",
    checked: |done, total, failed| match failed {
        0 => format!("{done} of {total} checks, all ok."),
        failed => format!("{done} of {total} checks, {failed} FAILED."),
    },
    memory: "Device memory for a run, at most",
    memory_automatic: "what suits this device",
    memory_about: "Counts from the next run on. A batch that does not fit is computed in parts.",
    slow: |preset| {
        format!("This device is slow for the chosen preset. “{preset}” shows results sooner.")
    },
};
