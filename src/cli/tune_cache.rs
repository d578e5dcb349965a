//! Cache of the measurements on this machine's adapter, in the user's cache folder between runs, so that a run
//! can be repeated to the bit. Invariant: a cache that cannot be read or written fails no command; the adapter is
//! measured again.

use dino_engine::tune::TunedGpu;
use std::fs;
use std::path::PathBuf;

fn file() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    Some(cache?.join("dino").join("tuning.json"))
}

/// Takes over the measurements of earlier runs.
pub fn recall(gpu: &TunedGpu) {
    let Some(text) = file().and_then(|file| fs::read_to_string(file).ok()) else { return };
    if let Err(error) = gpu.tuner.borrow_mut().recall(gpu, &text) {
        eprintln!("{error}; the adapter is measured again");
    }
}

/// Writes the measurements to the cache, and names the variants that do not work here. Measurements that another run
/// has written in the meantime win, so of two runs that begin together on a new adapter only one can be repeated to
/// the bit.
pub fn keep(gpu: &TunedGpu) {
    for sentence in &gpu.tuner.borrow().refused {
        eprintln!("{sentence}");
    }
    let Some(file) = file() else { return };
    if let Ok(text) = fs::read_to_string(&file) {
        // `recall` has named a cache that cannot be taken over; it is replaced.
        let _ = gpu.tuner.borrow_mut().recall(gpu, &text);
    }
    // The file is renamed when it is complete, because other runs may read it at any time.
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

/// Deletes the cache.
pub fn forget() {
    if let Some(file) = file() {
        // There may be no file.
        let _ = fs::remove_file(file);
    }
}
