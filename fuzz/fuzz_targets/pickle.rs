//! Pickle in an archive of `torch.save`, of any bytes, beside storages of 64 and of 4 values; no checksum stands
//! between the fuzzer and the interpreter. Invariant: no bytes cause a panic.
#![no_main]

use dino_core::run::network::Network;
use dino_core::weights;
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|bytes: &[u8]| {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in [("a/data.pkl", bytes), ("a/data/0", &[0; 256]), ("a/data/1", &[0; 16])] {
        zip.start_file(name, stored).expect("a name");
        zip.write_all(bytes).expect("memory");
    }
    let file = zip.finish().expect("an archive").into_inner();
    let _ = weights::read("fuzz", &file, Network::Teacher, Some(1));
});
