//! File of an image, of any bytes. Invariant: no bytes cause a panic, and an image that was read is full and no larger
//! than asked for.
#![no_main]

use dino_core::data::picture::read;
use libfuzzer_sys::fuzz_target;

/// Long side that is asked for.
const SIDE: usize = 48;

fuzz_target!(|bytes: &[u8]| {
    // A header may claim 100 megapixels that take seconds to make: libFuzzer looks for panics, not for time.
    if let Ok(picture) = read(bytes, SIDE) {
        assert!(picture.width.max(picture.height) <= SIDE);
        assert_eq!(picture.rgba.len(), 4 * picture.width * picture.height);
    }
});
