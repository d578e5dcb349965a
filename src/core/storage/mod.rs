//! Storage of the browser between visits, as files of a folder: checkpoints of the run, and the images. Only
//! [`Folder`] is the browser's. Invariant: whatever ends the program between two operations on the folder, the
//! last checkpoint that was whole is still found, to the bit.

mod curves;
mod folder;
mod image_store;
mod ledger;
mod manifest;
#[doc(hidden)]
pub mod memory;
mod runs;
mod saved_run;

pub use crate::error::StorageError;
pub use folder::Folder;
pub use image_store::{ImageStore, StoredImage};
pub use ledger::{Again, Ledger};
pub use manifest::{About, Manifest, Part};
pub use runs::{Damage, Found, Runs, StoredCheckpoint};
pub use saved_run::SavedRun;

use crate::data::picture::ImageSet;

/// 64 bits of some bytes, made to tell damage, not to withstand forgery: any change within one word of
/// eight bytes changes them. 4 GB a second natively.
pub fn hash(bytes: &[u8]) -> u64 {
    // Both the product and the shift can be undone, so two states never become one.
    let mix = |state: u64, word: u64| {
        let state = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^ (state >> 32)
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let state = words.iter().fold(0x6469_6e6f, |state, word| mix(state, u64::from_le_bytes(*word)));
    mix(mix(state, u64::from_le_bytes(last)), bytes.len() as u64)
}

/// Tells one set of images from another, by names and sizes in their order.
pub fn fingerprint(images: &ImageSet) -> u64 {
    let mut text = String::new();
    for entry in images.entries() {
        let (width, height) = entry.size;
        text.push_str(&format!("{}\0{width}x{height}\n", entry.name));
    }
    hash(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fingerprint_knows_order_names_and_sizes() {
        let png = |width, height| {
            let picture = crate::data::picture::Picture {
                width,
                height,
                rgba: vec![255; width * height * 4],
            };
            image_store::png(&picture)
        };
        let set = |images: &[(&str, usize, usize)]| {
            let mut set = ImageSet::default();
            for (name, width, height) in images {
                set.add(name, None, &png(*width, *height)).unwrap();
            }
            fingerprint(&set)
        };
        let all = [("a", 2, 3), ("b", 4, 4)];
        assert_eq!(set(&all), set(&all));
        for other in
            [&[("b", 4, 4), ("a", 2, 3)][..], &[("a", 2, 3)], &[("a", 3, 2), ("b", 4, 4)], &[]]
        {
            assert_ne!(set(&all), set(other), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn any_change_of_one_byte_and_any_cut_is_noticed(
            bytes in proptest::collection::vec(any::<u8>(), 1..200),
            at in any::<proptest::sample::Index>(),
            change in 1..=255u8,
        ) {
            let at = at.index(bytes.len());
            let mut other = bytes.clone();
            other[at] ^= change;
            prop_assert_ne!(hash(&bytes), hash(&other));
            prop_assert_ne!(hash(&bytes), hash(&bytes[..at]));
        }
    }
}
