//! Archive of `torch.save`, of any bytes. Invariant: no bytes cause a panic.
#![no_main]

use dino_core::run::network::Network;
use dino_core::weights;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = [b"PK", bytes].concat();
    let _ = weights::read("fuzz", &file, Network::Student, Some(1));
});
