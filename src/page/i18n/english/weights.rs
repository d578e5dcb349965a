//! English text of files of weights.

use crate::i18n::english::counted;
use crate::i18n::format::{list, size};
use crate::i18n::weights::WeightsText;

pub const TEXT: WeightsText = WeightsText {
    title: "Checkpoints",
    about: "Save this model, or load one: a checkpoint of this page, or a backbone from the DINO authors \
            Hugging Face, timm and others. You can drop files, and their folders, anywhere on the page.",
    save: "Save checkpoint",
    save_backbone: "Save backbone for timm",
    load: "Load file …",
    official: "Official weights …",
    busy: |waiting| match waiting {
        0 => "Working on the file …".to_owned(),
        1 => "Working on the file … 1 more waits.".to_owned(),
        n => format!("Working on the file … {n} more wait."),
    },
    loaded: |loaded| {
        let mut said = match loaded.run {
            true => format!("{}: the run continues from step {}.", loaded.name, loaded.step),
            false => format!(
                "{}: its backbone is loaded, with a new head. Look at its attention now, or train it: the first steps train \
                 only the head, to protect the backbone's features.",
                loaded.name
            ),
        };
        let account = &loaded.account;
        if !account.left.is_empty() {
            let (taken, left) =
                (network(&account.taken), account.left.iter().map(|left| network(left)));
            let left: Vec<String> = left.collect();
            said.push_str(&format!(
                " The file has several networks: {taken} was taken, {} left.",
                list(&left, ", ", "more")
            ));
        }
        if !account.unused.is_empty() {
            said.push_str(&format!(" Not used: {}.", list(&account.unused, ", ", "more")));
        }
        if !account.passed_over.is_empty() {
            let names = list(&account.passed_over, ", ", "more");
            said.push_str(&format!(" Passed over, and not run: {names}."));
        }
        if account.heads_guessed {
            let heads = counted(loaded.heads, "attention head");
            said.push_str(&format!(
                " The file does not say how many heads it has: {heads} of 64 are assumed."
            ));
        }
        said
    },
    one_of: |taken, left| {
        format!(
            "Several files of weights came at once. {taken} was loaded; {} was left. To load another one, drop it alone.",
            list(left, ", ", "more")
        )
    },
    take_instead: |prefix| format!("Take {} instead", network(prefix)),
    heads: "Attention heads",
    kept: "In this browser",
    at_step: |preset, step| format!("Run “{preset}”, step {step}"),
    size_and_time: |bytes, when| format!("{}, {when}", size(bytes)),
    open: "Load",
    delete: "Delete",
    delete_of: |name| format!("Delete {name}"),
    official_title: "Start from official weights",
    official_about: "The DINO authors trained these on ImageNet for 800 epochs and released them under the \
                     Apache-2.0 licence. They replace the current run. Save it first if you want to keep it.",
    official_request: |hub| {
        format!(
            "They are downloaded from {hub}, which learns your IP address and which file you want, and nothing else. \
             This is the only request that this page makes to another server. The file is then kept in this browser."
        )
    },
    fetch: |title, bytes| format!("Download {title}, {}", size(bytes)),
    from_kept: |title| format!("Load {title}, kept here"),
    asking: "Requesting the file …",
    progress: |done, total| format!("{} of {}", size(done), size(total)),
    stop: "Stop",
    close: "Close",
    stopped: "Stopped. Nothing was kept, and the run is unchanged.",
    offline: |hub| format!("{hub} cannot be reached. The run is unchanged."),
    status: |status| {
        format!("The server answered {status} instead of sending the file. The run is unchanged.")
    },
    unlisted: "The server does not list the file with a size and a checksum, so it was not downloaded.",
    length: |found, expected| {
        format!(
            "Expected {expected} bytes, got {found}: the file was cut off or is a different one. The run is unchanged."
        )
    },
    checksum: "The downloaded file is not the one that the server lists: its SHA-256 differs. It was discarded, and \
               the run is unchanged.",
};

/// A network of a file, by what stands before its names.
fn network(prefix: &str) -> String {
    if prefix.is_empty() { "the one without a prefix".to_owned() } else { format!("`{prefix}…`") }
}
