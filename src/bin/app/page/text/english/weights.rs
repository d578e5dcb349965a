//! English words of files of weights.

use super::super::format::{list, size};
use super::super::weights::WeightsText;

pub const TEXT: WeightsText = WeightsText {
    title: "Checkpoints",
    about: "Take the model elsewhere, or bring one: a checkpoint of this page, or a backbone as a .pth of \
            facebookresearch or .safetensors of Hugging Face or timm. Files can be dropped anywhere on the page.",
    save: "Save checkpoint",
    save_backbone: "Save backbone for timm",
    load: "Load file …",
    official: "Official weights …",
    busy: "Working on the file …",
    loaded: |loaded| {
        let mut said = match loaded.run {
            true => format!("{}: the run goes on from step {}.", loaded.name, loaded.step),
            false => format!(
                "{}: its backbone is here under a fresh head. Look at its attention at once, or train on: \
                 the backbone rests at first, so that its features survive.",
                loaded.name
            ),
        };
        if !loaded.unused.is_empty() {
            said.push_str(&format!(" Not used: {}.", list(&loaded.unused, ", ", "more")));
        }
        said
    },
    not_weights: "Dropped here, only a file of weights is understood (.safetensors, .pth, .pt); images belong \
                  into the place for images.",
    kept: "In this browser",
    at_step: |preset, step| format!("Run “{preset}”, step {step}"),
    size_and_time: |bytes, when| format!("{}, {when}", size(bytes)),
    open: "Load",
    delete: "Delete",
    delete_of: |name| format!("Delete {name}"),
    official_title: "Start from official weights",
    official_about: "The DINO authors trained these on ImageNet for 800 epochs and released them under the \
                     Apache-2.0 licence. The run that is here makes room for them; save it first if you want it.",
    official_request: |hub| {
        format!(
            "They are fetched from {hub}, which learns your address and which file you want, and nothing else. It \
         is the only request that this page makes to anybody. The file is then kept in this browser."
        )
    },
    fetch: |title, bytes| format!("Fetch {title}, {}", size(bytes)),
    from_kept: |title| format!("Load {title}, kept here"),
    asking: "Asking for the file …",
    progress: |done, total| format!("{} of {}", size(done), size(total)),
    stop: "Stop",
    close: "Close",
    stopped: "Stopped. Nothing was kept, and the run is as it was.",
    offline: |hub| format!("{hub} cannot be reached. The run is as it was."),
    status: |status| {
        format!("The hub answered {status} instead of the file. The run is as it was.")
    },
    unlisted: "The hub does not list the file with a size and a checksum, so it was not fetched.",
    length: |found, expected| {
        format!(
            "Expected {expected} bytes, found {found}: the file was cut off or is another one. The run is as it was."
        )
    },
    checksum: "The file that came is not the one that the hub's list names: its SHA-256 differs. It was thrown \
               away, and the run is as it was.",
};
