//! Safetensors file of any bytes: a backbone of somebody, or a checkpoint of ours. Invariant: no bytes cause a
//! panic, and a checkpoint that was read can be written.
#![no_main]

use dino_core::weights::checkpoint::Checkpoint;
use dino_core::run::network::Network;
use dino_core::weights;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(weights) = weights::read("fuzz", bytes, Network::Teacher, Some(1)) {
        assert_eq!(weights.backbone.len(), 6 + 12 * weights.vit.depth);
    }
    if let Ok(checkpoint) = Checkpoint::from_bytes("fuzz", bytes) {
        checkpoint.to_bytes().expect("what was read can be written");
    }
});
