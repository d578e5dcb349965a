//! What was measured on this machine's adapter, kept in the user's cache between runs, so that a run
//! can be repeated to the bit. Invariant: where it cannot be kept nothing is lost but seconds.

use dino_engine::tune::TunedGpu;
use std::fs;
use std::path::PathBuf;

fn file() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    Some(cache?.join("dino").join("tuning.json"))
}

/// Takes over what an earlier run measured.
pub fn recall(gpu: &TunedGpu) {
    let Some(text) = file().and_then(|file| fs::read_to_string(file).ok()) else { return };
    if let Err(error) = gpu.tuner.borrow_mut().recall(gpu, &text) {
        eprintln!("{error}; the adapter is measured again");
    }
}

/// Keeps what was measured, and says what does not work here. What another run kept in the meantime comes
/// first: of two that begin together on a new adapter only one can be repeated to the bit.
pub fn keep(gpu: &TunedGpu) {
    for sentence in &gpu.tuner.borrow().refused {
        eprintln!("{sentence}");
    }
    let Some(file) = file() else { return };
    if let Ok(text) = fs::read_to_string(&file) {
        // One that cannot be taken over was named by `recall`, and is replaced.
        let _ = gpu.tuner.borrow_mut().recall(gpu, &text);
    }
    // Never half a file: others read it whenever they like.
    let beside = file.with_extension(format!("{}.json", std::process::id()));
    let kept = file
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&beside, gpu.tuner.borrow().remember(gpu)))
        .and_then(|()| fs::rename(&beside, &file));
    if let Err(error) = kept {
        eprintln!(
            "the measurements of this adapter cannot be saved to {}: {error}",
            file.display()
        );
    }
}

/// Forgets it.
pub fn forget() {
    if let Some(file) = file() {
        // There may be none.
        let _ = fs::remove_file(file);
    }
}
