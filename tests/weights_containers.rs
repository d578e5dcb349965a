//! Containers of networks in files of `torch.save`, and what else lies in its pickles. Invariant: a network is found
//! wherever plain data holds it, whatever lies beside it.

#[path = "weights/files.rs"]
#[allow(dead_code)]
mod files;

use dino_core::run::network::Network;
use dino_core::weights;
use dino_core::weights::tensors::{Tensor, Tensors};
use files::{Pickle, read, refused, torch, vit};

/// A file of one network, whose dictionary stands between two pieces of a pickle.
fn around(before: Pickle, after: &[u8]) -> Vec<u8> {
    let tensors = files::timm(&vit());
    let pickle = before.tensors(&tensors, 0).raw(after).stop();
    torch(&pickle, &tensors.values().collect::<Vec<_>>())
}

/// A dictionary's items as a list of pairs or as bytes: every name is wrapped by two pieces.
fn items(open: &[u8], close: &[u8], bytes: bool) -> Pickle {
    let tensors = files::timm(&vit());
    let mut pickle = Pickle::new();
    for (i, (name, tensor)) in tensors.iter().enumerate() {
        let shape: Vec<u64> = tensor.shape.iter().map(|side| *side as u64).collect();
        let strides: Vec<u64> = (1..=shape.len()).map(|i| shape[i..].iter().product()).collect();
        pickle = pickle.raw(open);
        pickle = match bytes {
            true => pickle.raw(b"C").raw(&[name.len() as u8]).raw(name.as_bytes()),
            false => pickle.text(name),
        };
        let count = tensor.data.len() as u64;
        pickle = pickle.tensor(&i.to_string(), count, 0, &shape, &strides).raw(close);
    }
    pickle
}

fn body(pickle: &Pickle) -> &[u8] {
    &pickle.0[2..]
}

#[test]
fn a_network_is_found_in_every_plain_container() {
    let expected = files::backbone(&vit());
    let float = [&b"G"[..], &0.999_f64.to_be_bytes()].concat();
    let deep = (0..12).fold(Pickle::new(), |pickle, _| pickle.raw(b"}(").text("in"));
    let namespace =
        |module: &str, name: &str| Pickle::new().global(module, name).raw(b")\x81}(").text("model");
    let encode = Pickle::new().raw(b"}(").global("_codecs", "encode").text("net").text("latin1");
    for (name, bytes) in [
        ("a list", around(Pickle::new().raw(b"]("), b"K\x03e")),
        ("a tuple", around(Pickle::new().raw(b"K\x03"), b"\x86")),
        (
            "a list in a dictionary",
            around(Pickle::new().raw(b"}(").text("models").raw(b"]("), b"eu"),
        ),
        ("a number", around(Pickle::new().raw(b"}(K\x07"), b"u")),
        ("a float", around(Pickle::new().raw(b"}(").raw(&float), b"u")),
        ("a truth value", around(Pickle::new().raw(b"}(\x88"), b"u")),
        ("none", around(Pickle::new().raw(b"}(N"), b"u")),
        ("a tuple as key", around(Pickle::new().raw(b"}(").text("a").raw(b"K\x01\x86"), b"u")),
        ("bytes of protocol 2", around(encode.raw(b"\x86R"), b"u")),
        ("a namespace", around(namespace("argparse", "Namespace"), b"ub")),
        ("a queue", around(Pickle::new().global("collections", "deque").raw(b")R("), b"e")),
        (
            "a short queue",
            around(Pickle::new().global("collections", "deque").raw(b")K\x02\x86R("), b"e"),
        ),
        ("another namespace", around(namespace("types", "SimpleNamespace"), b"ub")),
        ("12 dictionaries", around(deep, &b"u".repeat(12))),
    ] {
        assert!(read(&bytes).backbone == expected, "{name}");
    }
    let tensors = files::timm(&vit());
    let storages: Vec<&Tensor> = tensors.values().collect();
    let pairs = items(b"", b"\x86", false);
    let lists = items(b"](", b"e", false);
    let dict = Pickle::new().global("collections", "OrderedDict").raw(b"](");
    for (name, pickle) in [
        ("pairs", Pickle::new().raw(b"](").raw(body(&pairs)).raw(b"e")),
        ("keys of bytes", Pickle::new().raw(b"}(").raw(body(&items(b"", b"", true))).raw(b"u")),
        ("a dictionary of pairs", dict.raw(body(&lists)).raw(b"e\x85R")),
        (
            "pairs within",
            Pickle::new().raw(b"}(").text("teacher").raw(b"](").raw(body(&pairs)).raw(b"eu"),
        ),
    ] {
        assert!(read(&torch(&pickle.stop(), &storages)).backbone == expected, "{name}");
    }
}

#[test]
fn an_average_under_a_number_or_in_a_list_is_taken_or_named() {
    let tensors = files::timm(&vit());
    let average = Tensors::from_iter(tensors.iter().map(|(name, tensor)| {
        let data = tensor.data.iter().map(|value| value * 0.5).collect();
        (name.clone(), Tensor { shape: tensor.shape.clone(), data })
    }));
    let mut all: Vec<&Tensor> = tensors.values().collect();
    all.extend(average.values());
    let float = [&b"}G"[..], &0.999_f64.to_be_bytes()].concat();
    for (before, after, taken) in [
        (&float[..], &b"s"[..], "ema.0.999."),
        (b"]", b"a", "ema.0."),
        (b"(K\x01", b"t", "ema.1."),
        // A member of an enumeration as key.
        (b"}cproject\nRole\nX\x01\0\0\0a\x85R", b"s", "ema.project.Role.a."),
    ] {
        let pickle = Pickle::new().raw(b"}(").text("model").tensors(&tensors, 0).text("ema");
        let pickle = pickle.raw(before).tensors(&average, tensors.len()).raw(after).raw(b"u");
        let bytes = torch(&pickle.stop(), &all);
        let found = read(&bytes);
        assert_eq!(
            (found.account.taken.as_str(), &found.account.left[..]),
            (taken, &["model.".into()][..])
        );
        let student = weights::read("w", &bytes, Network::Student, None).unwrap();
        assert_eq!(student.account.left, [taken]);
    }
}

#[test]
fn an_object_of_code_is_no_teacher_and_no_tensor() {
    // The student whole, the teacher an object of an unknown class that holds its tensors.
    let tensors = files::timm(&vit());
    let all: Vec<&Tensor> = tensors.values().collect();
    let object = |module: &str| {
        let pickle = Pickle::new().raw(b"}(").text("student").tensors(&tensors, 0).text("teacher");
        let pickle = pickle.global(module, "Net").raw(b")\x81}(").text("state");
        torch(&pickle.tensors(&tensors, 0).raw(b"ubu").stop(), &all)
    };
    let message = refused(&object("project"));
    let words = "whose names begin with `teacher.…`; found what Python's `project.Net` makes";
    assert!(message.contains(words), "{message}");
    let student = weights::read("w", &object("project"), Network::Student, None).unwrap();
    assert_eq!(student.account.passed_over, ["project.Net"]);
    // A tensor of an unknown class, as of a distributed one, and plain values in a tensor's place.
    let subclass = Pickle(Vec::new())
        .global("torch._tensor", "_rebuild_from_type_v2")
        .raw(b"(")
        .global("torch._utils", "_rebuild_wrapper_subclass")
        .global("project", "Shard")
        .raw(b")}tR");
    let name = "blocks.0.attn.qkv.weight";
    let mut rest = tensors.clone();
    rest.remove(name);
    for (value, words) in [
        (&subclass.0[..], "`torch._utils._rebuild_wrapper_subclass` makes"),
        (b"K\x01", "expected a tensor, found a number"),
        (b"](K\x01K\x02e", "expected a tensor, found a list or tuple"),
        (b"X\x01\x00\x00\x00a", "expected a tensor, found a text"),
    ] {
        let pickle = Pickle::new().tensors(&rest, 0).raw(b"(").text(name).raw(value).raw(b"u");
        let message = refused(&torch(&pickle.stop(), &rest.values().collect::<Vec<_>>()));
        assert!(message.contains(name) && message.contains(words), "{words}: {message}");
    }
}

#[test]
fn much_that_is_plain_beside_the_weights_costs_nothing() {
    let expected = files::backbone(&vit());
    let beside = |list: &[u8]| {
        let start = Pickle::new().raw(b"}(").text("seen").raw(b"](").raw(list).raw(b"e");
        around(start.text("model"), b"u")
    };
    let text = |i: u32| {
        [&b"X\x08\0\0\0"[..], format!("{i:08}").as_bytes(), b"r", &i.to_le_bytes()].concat()
    };
    let pair = |i: u32| [b"K\x01K\x02\x86r", &i.to_le_bytes()[..]].concat();
    for (name, list) in [
        ("numbers", b"M\x01\x02".repeat(400_000)),
        ("floats", b"G\0\0\0\0\0\0\0\0".repeat(400_000)),
        ("texts", (0..1_200_000).flat_map(text).collect()),
        ("pairs", (0..400_000).flat_map(pair).collect()),
        ("nothing", [b"N".repeat(1000), b"e(".to_vec()].concat().repeat(8000)),
    ] {
        assert!(read(&beside(&list)).backbone == expected, "{name}");
    }
}

#[test]
fn instructions_of_protocols_0_and_1_are_read() {
    let beside = b"(lp9000\nI3\naL4L\naF0.5\naS'a'\naVb\naI01\na(dp9001\nVx\nI1\nsag9000\na0";
    let bytes = around(Pickle::new().raw(beside).raw(b"(Vmodel\n"), b"d");
    assert!(read(&bytes).backbone == files::backbone(&vit()));
    // A namespace as protocol 1 writes it.
    let namespace = Pickle::new()
        .global("copy_reg", "_reconstructor")
        .raw(b"(")
        .global("argparse", "Namespace")
        .global("__builtin__", "object")
        .raw(b"NtR}(")
        .text("model");
    assert!(read(&around(namespace, b"ub")).backbone == files::backbone(&vit()));
    let message = refused(&torch(b"(dVa\nP('storage', None)\ns.", &[]));
    assert!(message.contains("protocol 0"), "{message}");
}

#[test]
fn the_format_before_1_6_is_read_with_any_protocol() {
    let tensors = files::timm(&vit());
    let storages: Vec<&Tensor> = tensors.values().collect();
    let magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
    let number = [&b"\x8a\x0a"[..], &magic, b"."].concat();
    let framed = [&b"\x80\x04\x95\x0d\0\0\0\0\0\0\0"[..], &number].concat();
    let file = |first: &[u8], before: Pickle| {
        // A storage of whole numbers comes first.
        let content = before.text("model").tensors(&tensors, 0).raw(b"u").stop();
        let mut keys = Pickle::new().raw(b"](").text("first");
        for i in 0..tensors.len() {
            keys = keys.text(&i.to_string());
        }
        let plain = [&b"\x80\x02M\xe9\x03."[..], b"\x80\x02}."].concat();
        let mut bytes = [first, &plain, &content, &keys.raw(b"e").stop()].concat();
        let mut storage = |values: u64, data: &[u8]| {
            bytes.extend(values.to_le_bytes());
            bytes.extend(data);
        };
        storage(2, &[7; 8]);
        for tensor in &storages {
            let data: Vec<u8> = tensor.data.iter().flat_map(|v| v.to_le_bytes()).collect();
            storage(tensor.data.len() as u64, &data);
        }
        bytes
    };
    let storage = |kind: &str| {
        let start = Pickle::new().raw(b"}(").text("counts").raw(b"(").text("storage");
        start.global("torch", kind).text("first").text("cpu").int(2).raw(b"NtQ")
    };
    for first in [
        [&b"\x80\x02"[..], &number].concat(),
        [&b"\x80\x03"[..], &number].concat(),
        framed,
        b"L119547037146038801333356L\n.".to_vec(),
    ] {
        let bytes = file(&first, storage("QInt32Storage"));
        assert!(read(&bytes).backbone == files::backbone(&vit()), "{first:?}");
        let message = refused(&bytes[..bytes.len() - 9]);
        assert!(message.contains("its end is missing"), "{message}");
        let message = refused(&bytes[..first.len() + 30]);
        assert!(message.contains("its end is missing"), "{message}");
    }
    let message = refused(&file(&[&b"\x80\x02"[..], &number].concat(), storage("NewStorage")));
    assert!(message.contains("whose size is known here, found `torch.NewStorage`"), "{message}");
}
