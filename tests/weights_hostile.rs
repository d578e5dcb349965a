//! Hostile and damaged files of weights. Invariant: each is refused with a sentence that names the tensor and
//! what was expected, and none, however it is changed, ends the program.

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod files;

use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::Weights;
use dino_core::weights::tensors::Tensor;
use files::{Pickle, archive, read, refused, safetensors, torch, torch_backbone, vit, with_header};
use proptest::collection::vec;
use proptest::{option, prelude::*, sample};

#[test]
fn code_in_a_pickle_is_refused_and_not_run() {
    let attack = |pickle: Pickle| refused(&torch(&pickle.stop(), &[]));
    // Pickle of an object whose __reduce__ is (os.system, ("…",)).
    let reduce =
        Pickle::new().global("posix", "system").raw(b"(").text("touch /tmp/owned").raw(b"tR");
    let message = attack(reduce);
    assert!(message.contains("`posix.system`"), "{message}");
    assert!(message.contains("nothing of it was run"), "{message}");
    for (module, name) in [
        ("builtins", "eval"),
        ("__builtin__", "getattr"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_tensor_v3"),
        ("collections", "OrderedDict.fromkeys"),
        ("argparse", "ArgumentParser"),
        ("", ""),
    ] {
        let message = attack(Pickle::new().global(module, name).raw(b")R"));
        assert!(message.contains(&format!("`{module}.{name}`")), "{message}");
    }
    // STACK_GLOBAL of protocol 4, INST and OBJ mean the same; EXT1 is not known at all.
    let stack = Pickle::new().text("os").text("system").raw(&[0x93]);
    assert!(attack(stack).contains("`os.system`"));
    for code in [&b"(iposix\nsystem\n"[..], b"(cposix\nsystem\no", &[0x82, 1]] {
        let message = attack(Pickle::new().raw(code));
        assert!(message.contains("instruction") || message.contains("posix.system"), "{message}");
    }
    assert!(!std::path::Path::new("/tmp/owned").exists());
}

#[test]
fn malformed_pickles_are_refused() {
    let attack = |bytes: &[u8]| refused(&torch(bytes, &[]));
    for (bytes, words) in [
        (&b""[..], "cut off"),
        (b"\x80", "cut off"),
        (b".", "malformed instruction before byte 1"),
        (b"(.", "malformed instruction before byte 2"),
        (b"t.", "malformed instruction before byte 1"),
        (b"h\x05.", "malformed instruction before byte 2"),
        (b"Nq\x01(h\x01", "cut off"),
        (b"X\xff\xff\xff\xffabc", "cut off"),
        (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "cut off"),
        (b"cno newline", "malformed instruction before byte 1"),
        (b"}(K\x01u.", "malformed instruction before byte 5"),
        (b"K\x01K\x02K\x03s.", "malformed instruction before byte 7"),
        (b"K\x01K\x02a.", "malformed instruction before byte 5"),
        (b"K\x01)R.", "malformed instruction before byte 4"),
        (b"ctorch\nFloatStorage\n)R.", "malformed instruction before byte 22"),
        (b"K\x01Q.", "malformed instruction before byte 3"),
        (b"N.", "found none at all"),
        (b"}.", "found none at all"),
    ] {
        let message = attack(bytes);
        assert!(message.contains(words), "{bytes:?}: {message}");
    }
    // A dictionary that holds itself.
    let message = attack(b"}q\x00X\x01\x00\x00\x00ah\x00s.");
    assert!(message.contains("found none at all"), "{message}");
    let long = vec![b'N'; (128 << 20) + 1];
    assert!(attack(&long).contains("expected at most 134217728 bytes"));
}

/// What takes much memory for each byte, as far as it is no plain value of a long list.
#[test]
fn objects_are_bounded_by_the_length_of_the_pickle() {
    let many = |start: &[u8], bytes: &[u8]| {
        let times = (4 << 20) / bytes.len();
        refused(&torch(&[start, &bytes.repeat(times), b"."].concat(), &[]))
    };
    for (start, bytes) in [
        (&b""[..], &b"]"[..]),
        (b"", b"}"),
        (b"", b"("),
        (b"", b"N"),
        (b"N", b"\x94"),
        (b"N", b"r\xff\x00\x00\x00"),
        (b"]q\x00(NNNNNNNNNNNNNNNNe0", b"h\x00h\x00h\x00\x87"),
        // A list of 10 000 pairs, of which a dictionary is made again and again.
        (
            &[
                b"ccollections\nOrderedDict\nq\x00](" as &[u8],
                &b"NN\x86".repeat(10_000),
                b"e\x85q\x01",
            ]
            .concat(),
            b"h\x00h\x01R0",
        ),
    ] {
        let message = many(start, bytes);
        let bounded = ["objects take more than", "found none at all", "malformed"];
        assert!(bounded.iter().any(|words| message.contains(words)), "{bytes:?}: {message}");
    }
    assert!(many(b"", b"]").contains("objects take more than"));
}

#[test]
fn tensors_stay_within_their_storages() {
    let one = Tensor::full(&[64], 0.5);
    let cls = |count, offset, shape: &[u64], strides: &[u64]| {
        let pickle = Pickle::new().raw(b"}(").text("cls_token");
        let pickle = pickle.tensor("0", count, offset, shape, strides).raw(b"u").stop();
        refused(&torch(&pickle, &[&one]))
    };
    // The one that is sound fails later, because the rest of the backbone is missing.
    assert!(cls(64, 0, &[1, 1, 64], &[64, 64, 1]).contains("patch_embed.proj.weight"));
    assert!(cls(64, 0, &[1 << 20], &[0]).contains("patch_embed.proj.weight"), "one value expanded");
    let message = cls(64, 0, &[1 << 40, 1 << 40], &[0, 0]);
    assert!(message.contains("16777280 values more than the file holds"), "{message}");
    for (count, offset, shape, strides) in [
        (64, 1, &[1, 1, 64][..], &[64, 64, 1][..]),
        (64, 0, &[2, 64], &[64, 1]),
        (64, 0, &[64], &[2]),
        (64, u64::MAX >> 1, &[2], &[u64::MAX >> 1]),
    ] {
        let message = cls(count, offset, shape, strides);
        assert!(message.contains("a part of its storage of 64 values"), "{shape:?}: {message}");
    }
    let message = cls(65, 0, &[64], &[1]);
    assert!(message.contains("expected 260 bytes for tensor cls_token, found 256"), "{message}");
    let message = cls(u64::MAX >> 3, 0, &[64], &[1]);
    assert!(message.contains("all that is left"), "{message}");
    let pickle = Pickle::new().raw(b"}(").text("cls_token").tensor("7", 64, 0, &[64], &[1]);
    let message = refused(&torch(&pickle.raw(b"u").stop(), &[&one]));
    assert!(
        message.contains("`data/7` in this archive: expected this entry, found none"),
        "{message}"
    );
}

#[test]
fn one_storage_cannot_be_read_again_and_again() {
    let one = Tensor::full(&[1 << 16], 0.5);
    let start = Pickle::new().raw(b"}(");
    let all = (0..1000).fold(start, |pickle, i| {
        pickle.text(&format!("blocks.{i}.norm1.weight")).tensor("0", 1 << 16, 0, &[1 << 16], &[1])
    });
    let message = refused(&torch(&all.raw(b"u").stop(), &[&one]));
    assert!(message.contains("values more than the file holds"), "{message}");
}

#[test]
fn transposed_tensors_are_laid_out_in_rows() {
    let mut tensors = files::timm(&vit());
    let name = "blocks.0.attn.proj.weight";
    let weight = tensors.remove(name).unwrap();
    let pickle = Pickle::new().tensors(&tensors, 0).raw(b"(").text(name);
    let key = tensors.len().to_string();
    let pickle = pickle.tensor(&key, 64 * 64, 0, &[64, 64], &[1, 64]).raw(b"u").stop();
    let mut storages: Vec<&Tensor> = tensors.values().collect();
    storages.push(&weight);
    let found = read(&torch(&pickle, &storages));
    let turned = &found.backbone[&format!("backbone.{name}")];
    assert_eq!(turned.data[3 * 64 + 5], weight.data[5 * 64 + 3]);
}

#[test]
fn archives_that_torch_did_not_write_are_refused() {
    let message = refused(b"PK\x03\x04 this is not an archive");
    assert!(message.contains("the download was cut off"), "{message}");
    let message = refused(&archive(&[("word/document.xml", b"<w/>")]));
    assert!(message.contains("without a file of torch.save"), "{message}");
    let whole = torch_backbone(&files::timm(&vit()));
    for cut in [3, 100, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..cut]);
    }
    let message = refused(&archive(&[("a/data.pkl", b"}."), ("a/byteorder", b"big")]));
    assert!(message.contains("expected the byte order little, found big"), "{message}");
    let message = refused(&[&[0x80, 2, 0x8a, 10][..], &[0; 64]].concat());
    assert!(message.contains("a pickle of Python objects"), "{message}");
}

/// A stored entry whose directory calls it deflated: 42 bytes that would be a gigabyte, and a checksum
/// that is not the data's.
#[test]
fn zip_bombs_and_wrong_checksums_are_refused() {
    let plain = archive(&[("a/data.pkl", b"}.")]);
    let directory = plain.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let mut bomb = plain.clone();
    for (start, method, size) in [(0, 8, 22), (directory, 10, 24)] {
        bomb[start + method..][..2].copy_from_slice(&8u16.to_le_bytes());
        bomb[start + size..][..4].copy_from_slice(&(1u32 << 30).to_le_bytes());
    }
    let message = refused(&bomb);
    assert!(message.contains("as torch.save stores it, found"), "{message}");
    let mut huge = plain.clone();
    for (start, size) in [(0, 22), (directory, 24)] {
        huge[start + size..][..4].copy_from_slice(&(1u32 << 30).to_le_bytes());
    }
    refused(&huge);
    let mut wrong = plain;
    for (start, sum) in [(0, 14), (directory, 16)] {
        wrong[start + sum] ^= 1;
    }
    let message = refused(&wrong);
    assert!(message.contains("data.pkl"), "{message}");
}

#[test]
fn hostile_safetensors_are_refused() {
    for (bytes, words) in [
        (with_header("", 0), "not valid JSON"),
        (
            (10u64 << 30).to_le_bytes().to_vec(),
            "expected a safetensors header of 10737418240 bytes",
        ),
        (u64::MAX.to_le_bytes().to_vec(), "found only 0 bytes"),
        (with_header("[1]", 0), "not valid JSON"),
        (with_header(&"[".repeat(100_000), 0), "not valid JSON"),
        (
            with_header(
                r#"{"cls_token":{"dtype":"F32","shape":[64],"data_offsets":[0,256]}}"#,
                255,
            ),
            "tensor `cls_token` in `w.pth`: expected its bytes 0 to 256 in the file",
        ),
        (
            with_header(
                r#"{"cls_token":{"dtype":"F32","shape":[64],"data_offsets":[0,128]}}"#,
                256,
            ),
            "expected 256 bytes for shape [64] of F32, found bytes 0 to 128",
        ),
        (
            with_header(
                r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},
                    "b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}"#,
                24,
            ),
            "tensor `b` in `w.pth`: expected its data to start at byte 16, found byte 8",
        ),
        (
            with_header(r#"{"cls_token":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8),
            "expected values of type F32, F16, BF16 or F64, found I64",
        ),
        (
            with_header(
                r#"{"x":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}"#,
                0,
            ),
            "tensor `x`",
        ),
    ] {
        let message = refused(&bytes);
        assert!(message.contains(words), "{words}: {message}");
    }
    let mut tensors = files::timm(&vit());
    tensors.get_mut("norm.bias").unwrap().data[3] = f32::NAN;
    let message = refused(&safetensors(&tensors));
    assert!(message.contains("`norm.bias`") && message.contains("NaN at position 3"), "{message}");
    let message = refused(&torch_backbone(&tensors));
    assert!(message.contains("`norm.bias`") && message.contains("expected finite"), "{message}");
}

/// The smallest backbone, so that a mutation is likely to hit something that matters.
fn smallest() -> dino_core::run::config::VitConfig {
    dino_core::run::config::VitConfig {
        img_size: 4,
        patch_size: 4,
        embed_dim: 4,
        depth: 1,
        ..vit()
    }
}

/// Bytes with some of them changed, and perhaps cut off.
fn mutate(mut bytes: Vec<u8>, changes: &[(usize, u8)], cut: Option<usize>) -> Vec<u8> {
    for (at, value) in changes {
        let at = at % bytes.len();
        bytes[at] = *value;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut % bytes.len());
    }
    bytes
}

/// Fails unless the weights, if any were read, are whole and finite.
fn sound(found: dino_core::Result<Weights>) {
    let Ok(found) = found else { return };
    let shapes = dino_core::weights::parameters::backbone(&found.vit);
    assert_eq!(shapes.len(), found.backbone.len());
    for (name, shape) in shapes {
        let tensor = &found.backbone[&name];
        assert_eq!((&tensor.shape, tensor.data.len()), (&shape, shape.iter().product()));
        assert!(tensor.data.iter().all(|v| v.is_finite()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn mutated_safetensors_never_panic(
        changes in vec((any::<usize>(), any::<u8>()), 0..6),
        cut in option::weighted(0.2, any::<usize>()),
        header in any::<bool>(),
    ) {
        let bytes = safetensors(&files::timm(&smallest()));
        // Half of the cases change the header alone, on which the reader's decisions depend.
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize + 8;
        let part = |(at, value): &(usize, u8)| (if header { at % length } else { *at }, *value);
        let changes: Vec<_> = changes.iter().map(part).collect();
        sound(weights::read("w", &mutate(bytes, &changes, cut), Network::Teacher, Some(1)));
    }

    #[test]
    fn mutated_pickles_never_panic(
        changes in vec((any::<usize>(), any::<u8>()), 0..6),
        cut in option::weighted(0.2, any::<usize>()),
    ) {
        let tensors = files::timm(&smallest());
        let pickle = mutate(Pickle::new().tensors(&tensors, 0).stop(), &changes, cut);
        let bytes = torch(&pickle, &tensors.values().collect::<Vec<_>>());
        sound(weights::read("w", &bytes, Network::Teacher, Some(1)));
    }

    #[test]
    fn random_pickles_never_panic(
        pickle in vec(prop_oneof![
            sample::select(b"}](.tuseaRQbcqhrjKMJXNG0)".to_vec()),
            sample::select(vec![0u8, 1, 2, 0x80, 0x81, 0x85, 0x86, 0x87, 0x8a, 0x8c, 0x93, 0x94]),
            any::<u8>(),
        ], 0..200),
    ) {
        sound(weights::read("w", &torch(&pickle, &[]), Network::Teacher, Some(1)));
    }

    #[test]
    fn mutated_archives_never_panic(
        changes in vec((any::<usize>(), any::<u8>()), 0..6),
        cut in option::weighted(0.2, any::<usize>()),
    ) {
        let bytes = mutate(torch_backbone(&files::timm(&smallest())), &changes, cut);
        sound(weights::read("w", &bytes, Network::Teacher, Some(1)));
    }
}
