//! Kind of a file that holds no weights to be read, by its content: another format of weights, an archive, a document, a
//! text. Invariant: what may be safetensors is never called anything else.

use crate::data::kind;
use crate::data::picture::seems_image;
use crate::error::Rejected;
use crate::error::other::OtherFile;

/// Bytes in which a text is told.
const START: usize = 512;
/// Bytes in which the list of a model's parts is told, and the beginning of an archive behind something else.
const FAR: usize = 64 << 10;

/// Marks at their places, …
const MARKS: [(usize, &[u8], OtherFile); 9] = [
    (0, b"\x89HDF\r\n\x1a\n", OtherFile::Hdf5),
    (0, b"GGUF", OtherFile::Gguf),
    (0, b"\x1f\x8b", OtherFile::Gzip),
    (0, b"version https://git-lfs", OtherFile::LfsPointer),
    (257, b"ustar", OtherFile::Tar),
    (0, b"\x93NUMPY", OtherFile::Npy),
    (4, b"TFL3", OtherFile::TensorFlow),
    (23, b"brain.Event:", OtherFile::TensorFlow),
    (0, b"\x7fELF", OtherFile::Program),
];
/// … of programs, …
const PROGRAMS: [&[u8]; 4] = [b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];
/// … and of what is known by a name.
const NAMED: [(&[u8], &str); 6] = [
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"ARROW1", "an Arrow table"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"\x04\x22\x4d\x18", "an LZ4 archive"),
    (b"LZIP", "an lzip archive"),
];
/// The end of a table of LevelDB, as the index of a TensorFlow checkpoint is.
const LEVELDB: &[u8] = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb";

/// True if a file with that beginning and so many bytes may be safetensors: a header that it has room for.
pub fn seems_safetensors(head: &[u8], bytes: u64) -> bool {
    let claimed = head.first_chunk::<8>().map(|length| u64::from_le_bytes(*length));
    claimed.is_some_and(|claimed| claimed < bytes) && head.get(8) == Some(&b'{')
}

/// True if it is safetensors but for its end, or for what its header says.
fn begins_as_safetensors(bytes: &[u8]) -> bool {
    let Some((length, header)) = bytes.split_first_chunk::<8>() else { return true };
    let length = u64::from_le_bytes(*length);
    match header.first() {
        // No header can be so long that its length needs more than 5 bytes.
        Some(b'{') => length >> 40 == 0,
        Some(b'[') => length <= header.len() as u64,
        Some(_) => false,
        None => true,
    }
}

/// What a file is that neither is a zip archive, a pickle of torch nor safetensors; nothing where it may be one.
pub fn file(bytes: &[u8]) -> Option<OtherFile> {
    if bytes.is_empty() {
        return Some(OtherFile::Empty);
    }
    if seems_safetensors(bytes, bytes.len() as u64) {
        return None;
    }
    let at = |at: usize, mark: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(mark));
    if let Some((.., what)) = MARKS.iter().find(|(place, mark, _)| at(*place, mark)) {
        return Some(what.clone());
    }
    if bytes.ends_with(LEVELDB) {
        return Some(OtherFile::TensorFlow);
    }
    if seems_image(bytes) {
        return Some(OtherFile::Image);
    }
    if let Some((_, name)) = NAMED.iter().find(|(mark, _)| at(0, mark)) {
        return Some(OtherFile::Named { name: (*name).into() });
    }
    match bytes {
        // The first field of an ONNX model is the version of its format, a small number; any other field may follow.
        [0x08, 1..32, 0x12 | 0x1a | 0x22 | 0x28 | 0x32 | 0x3a | 0x42, ..] => {
            return Some(OtherFile::Onnx);
        }
        // A map with a first key of text.
        [0x81..=0x8f, text @ 0xa1..=0xbf, key @ ..] => {
            let length = usize::from(text - 0xa0);
            if key.get(..length).is_some_and(|key| key.iter().all(|b| matches!(b, b' '..=b'~'))) {
                return Some(OtherFile::Msgpack);
            }
        }
        _ => {}
    }
    let named = match kind::recognise(bytes) {
        Err(Rejected::Archive { name }) => Some(OtherFile::Archive { name }),
        Err(Rejected::Video { name } | Rejected::Document { name } | Rejected::Other { name }) => {
            Some(OtherFile::Named { name })
        }
        _ => None,
    };
    if let Some(named) = named.or_else(|| text(bytes)) {
        return Some(named);
    }
    if begins_as_safetensors(bytes) {
        return None;
    }
    if bytes.len() > 64 && bytes.iter().all(|byte| *byte == 0) {
        return Some(OtherFile::Zeros);
    }
    // Two letters may be chance.
    if PROGRAMS.iter().any(|mark| bytes.starts_with(mark)) {
        return Some(OtherFile::Program);
    }
    let start = &bytes[..bytes.len().min(FAR)];
    if start.windows(4).any(|window| window == b"PK\x03\x04") && has_zip_end(bytes) {
        return Some(OtherFile::ZipBehind);
    }
    Some(OtherFile::Unknown)
}

fn has_zip_end(bytes: &[u8]) -> bool {
    !crate::weights::recognise::is_half_zip(bytes)
}

/// True of a pickle: a version up to 5, where a safetensors file would claim a header that it cannot hold.
pub fn is_pickle(bytes: &[u8]) -> bool {
    let claimed = bytes.first_chunk::<8>().map_or(u64::MAX, |length| u64::from_le_bytes(*length));
    matches!(bytes, [0x80, ..=5, ..]) && claimed > bytes.len() as u64
}

/// What a text is; nothing for bytes that are none.
fn text(bytes: &[u8]) -> Option<OtherFile> {
    let head = &bytes[..bytes.len().min(START)];
    let start = match head {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        head => {
            // A letter may be cut in half at the end.
            let is_text = std::str::from_utf8(head).err().is_none_or(|e| e.error_len().is_none());
            let printable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
            if !is_text || !head.iter().all(printable) {
                return None;
            }
            String::from_utf8_lossy(head).into_owned()
        }
    };
    let start = start.trim_start_matches('\u{feff}').trim_start().to_lowercase();
    let far = &bytes[..bytes.len().min(FAR)];
    let index = b"\"weight_map\"";
    Some(match start.chars().next() {
        Some('<') => OtherFile::Html,
        Some('{' | '[') if far.windows(index.len()).any(|window| window == index) => {
            OtherFile::PartsIndex
        }
        Some('{' | '[') => OtherFile::Json,
        // A pickle of protocol 0 puts its first objects aside under the numbers 0 and 1.
        Some('(' | 'c' | ']') if bytes.ends_with(b".") && start.contains("p0\n") => {
            OtherFile::OtherPickle
        }
        _ => OtherFile::Text,
    })
}

/// Text of 16-bit letters.
fn wide(bytes: &[u8], letter: fn([u8; 2]) -> u16) -> Option<String> {
    let letters: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|b| letter(*b)).collect();
    let text: String = char::decode_utf16(letters).map_while(|letter| letter.ok()).collect();
    let printable = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    (text.chars().count() > 1 && text.chars().all(printable)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_content() {
        for (bytes, expected) in [
            (&b""[..], Some(OtherFile::Empty)),
            (b"<!DOCTYPE html><html>", Some(OtherFile::Html)),
            (b"\n  <html>", Some(OtherFile::Html)),
            (b"{\"error\":\"Repository not found\"}", Some(OtherFile::Json)),
            (b"Entry not found", Some(OtherFile::Text)),
            (b"version https://git-lfs.github.com/spec/v1\n", Some(OtherFile::LfsPointer)),
            (b"\x89HDF\r\n\x1a\n", Some(OtherFile::Hdf5)),
            (b"GGUF\x03\0\0\0", Some(OtherFile::Gguf)),
            (b"\x1f\x8b\x08\0", Some(OtherFile::Gzip)),
            (b"\x08\x07\x12\x07pytorch", Some(OtherFile::Onnx)),
            (b"\x08\x08\x3a\xc0\x84\x3d", Some(OtherFile::Onnx)),
            (b"\x93NUMPY\x01\0v\0{'descr'", Some(OtherFile::Npy)),
            (b"\x82\xa6params\x81", Some(OtherFile::Msgpack)),
            (b"\x1c\0\0\0TFL3\0\0\0\0", Some(OtherFile::TensorFlow)),
            (
                b"\x18\0\0\0\0\0\0\0\x01\x02\x03\x04\t\0\0\0\0\0\0\0\0\x1a\rbrain.Event:2",
                Some(OtherFile::TensorFlow),
            ),
            (b"index\0\x57\xfb\x80\x8b\x24\x75\x47\xdb", Some(OtherFile::TensorFlow)),
            (b"\x7fELF\x02\x01\x01\0", Some(OtherFile::Program)),
            (b"MZ\x90\0\x03\0\0\0\x04", Some(OtherFile::Program)),
            (b"{\"metadata\": {}, \"weight_map\": {}}", Some(OtherFile::PartsIndex)),
            (b"\xff\xfe{\0\"\0a\0", Some(OtherFile::Json)),
            (b"\xfe\xff\0<\0h", Some(OtherFile::Html)),
            (b"(dp0\nVa\nI1\ns.", Some(OtherFile::OtherPickle)),
            (b"#!/bin/sh\n\0PK\x03\x04 PK\x05\x06", Some(OtherFile::ZipBehind)),
            (&[0; 100], Some(OtherFile::Zeros)),
            (b"\x3f\x80\x12\x34\x3f\x80\x12\x35\x3f", Some(OtherFile::Unknown)),
            (b"\x40\0\0\0\0\0\0\0{\"a\"", None),
            (b"\x40\0\0\0\0\0\0\0{\"a\"", None),
        ] {
            assert_eq!(file(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn archives_and_documents_are_named() {
        for (bytes, expected) in [
            (&b"7z\xbc\xaf\x27\x1c\0\x04\0"[..], "7z"),
            (b"BZh91AY&SY", "bzip2"),
            (b"\xfd7zXZ\0\0\x04\xe6", "xz"),
            (b"\x28\xb5\x2f\xfd\xa4\0\0\0\0", "zstd"),
            (b"Rar!\x1a\x07\x01\0\0", "RAR"),
            (b"%PDF-1.5\n%\xe2\xe3\xcf\xd3", "PDF"),
            (b"SQLite format 3\0\x10", "SQLite"),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", "MP4"),
        ] {
            let found = file(bytes).map(|other| other.to_string()).unwrap_or_default();
            assert!(found.contains(expected), "{expected}: {found}");
        }
    }

    /// The length of a header may begin as another format does.
    #[test]
    fn safetensors_are_safetensors_whatever_their_length_begins_with() {
        for mark in [&b"PK"[..], b"\x1f\x8b", b"BZh", b"MZ", b"BM", b"\x08\x01\x12"] {
            let mut bytes = mark.to_vec();
            bytes.resize(8, 0);
            let length = u64::from_le_bytes(*bytes.first_chunk().expect("8 bytes"));
            bytes.push(b'{');
            assert!(seems_safetensors(&bytes, length + 9), "{mark:?}");
            bytes.resize(length as usize + 9, b' ');
            assert_eq!(file(&bytes), None, "{mark:?}");
        }
    }
}
