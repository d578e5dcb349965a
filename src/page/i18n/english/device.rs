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
    slow: |preset| {
        format!("This device is slow for the chosen preset. “{preset}” shows results sooner.")
    },
};
