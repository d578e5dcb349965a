//! Files that are refused: by their kind, their size, or what they lack. Invariant: each is told by its content, in
//! a sentence that is true.

use crate::{BLUE, RED, ROOT, encode, flag, near, open, pixel, sentence};
use dino_core::Error;
use dino_core::data::decode::decode;
use dino_core::error::ImageProblem;
use image::ImageFormat;

/// A PNG whose header is valid and claims the size; its pixels are missing.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    png_header_of(width, height, 1, 0)
}

/// The same with a depth in bits and PNG's number of its colours.
fn png_header_of(width: u32, height: u32, depth: u8, colours: u8) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([depth, colours, 0, 0, 0]);
    let mut crc = u32::MAX;
    for byte in &header {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    file.extend(header);
    file.extend((!crc).to_be_bytes());
    file.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    file
}

#[test]
fn each_kind_of_bad_file_is_rejected_with_its_reason() {
    assert_eq!(sentence(b""), "the file is empty (0 bytes)");
    assert_eq!(
        sentence(&png_header(16000, 16000)),
        "16000×16000 pixels (256 MP) are too many; the limit is 100 MP"
    );
    assert_eq!(sentence(&vec![0xff; 64_000_001]), "65 MB is too large; the limit is 64 MB");
    assert_eq!(sentence(b"Dear all,\nsee you on Monday."), "this is text, not an image");
    let svg = "SVG is a vector drawing: export it as PNG or JPEG first";
    assert_eq!(sentence(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), svg);
    assert_eq!(sentence(b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- x -->\n<svg/>"), svg);
    assert_eq!(sentence(b"<!doctype html><p>404"), "this is text, not an image");
    // What stands before the first element decides nothing, and neither does the encoding.
    let comment = format!("<?xml version=\"1.0\"?>\n<!-- {} -->\n", "c".repeat(5000));
    for (before, after) in [
        (comment.as_str(), "<svg/>"),
        ("<!DOCTYPE svg PUBLIC \"x\" \"y\" [ <!ENTITY a \"b\"> ]>", ""),
        ("<?xml version=\"1.0\"?>", "<svg:svg xmlns:svg='x'/>"),
        ("", "<SVG>"),
    ] {
        assert_eq!(sentence(format!("{before}{after}").as_bytes()), svg, "{after}");
    }
    assert_eq!(sentence(b"<svg><text>\xe9</text></svg>"), svg);
    let sixteen = "\u{feff}<svg/>".encode_utf16().flat_map(u16::to_le_bytes);
    assert_eq!(sentence(&sixteen.collect::<Vec<u8>>()), svg);
    for page in [
        &b"<!-- saved from --><html><svg></svg></html>"[..],
        b"<head><meta></head><body><svg/></body>",
        b"<html>\xe9<svg/></html>",
        b"<note>see <svg/></note>",
    ] {
        assert_eq!(sentence(page), "this is text, not an image");
    }
    // Brands of still images in boxes.
    for brands in ["vvic\0\0\0\0mif1vvic", "1pic\0\0\0\0mif1miaf", "abcd\0\0\0\0efghmiaf"] {
        let file = [b"\0\0\0\x18ftyp", brands.as_bytes()].concat();
        assert!(sentence(&file).starts_with("HEIC cannot be decoded"), "{brands}");
    }
    assert!(sentence(b"\0\0\0\x18ftypisom\0\0\0\0mp41mif1").starts_with("MP4 is a video"));
    assert!(sentence(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").starts_with("HEIC cannot be decoded"));
    assert!(sentence(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif").starts_with("AVIF cannot be decoded"));
    assert!(sentence(b"\0\0\0\x18ftypisom\0\0\0\0isommp42").starts_with("MP4 is a video"));
    assert!(sentence(b"II*\0\x08\0\0\0").starts_with("TIFF cannot be"));
    assert!(sentence(b"%PDF-1.7\n").starts_with("PDF is a document"));
    assert!(sentence(&[7, 1, 0, 200, 13]).starts_with("this is not a known image format"));
}

/// A file of tags as TIFF has it, each a whole number or text.
fn tagged(tags: &[(u16, Result<u32, &str>)]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    let mut texts: Vec<u8> = Vec::new();
    let end = 8 + 2 + 12 * tags.len() + 4;
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, value) in tags {
        file.extend(tag.to_le_bytes());
        let (kind, count, value) = match value {
            Ok(number) => (4_u16, 1, *number),
            Err(text) => {
                let at = (end + texts.len()) as u32;
                texts.extend(text.as_bytes());
                (2, text.len() as u32, at)
            }
        };
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file.extend(texts);
    file
}

#[test]
fn files_are_named_for_what_they_are() {
    let boxes = |brand: &str, others: &str| {
        let length = (16 + others.len()) as u32;
        let file =
            [&length.to_be_bytes()[..], b"ftyp", brand.as_bytes(), &[0; 4], others.as_bytes()];
        [file.concat(), vec![0; 40]].concat()
    };
    let made = |maker| tagged(&[(0x00fe, Ok(1)), (0x010f, Err(maker)), (0x014a, Ok(500))]);
    let cr2 = [&b"II*\0\x10\0\0\0CR\x02\0"[..], &[0; 40]].concat();
    let padded = |magic: &[u8]| [magic, &[b' '; 400]].concat();
    for (name, file) in [
        ("CR2", cr2),
        ("CR3", boxes("crx ", "crx isom")),
        ("DNG", tagged(&[(0x010f, Err("Apple")), (0xc612, Ok(1))])),
        ("NEF", made("NIKON CORPORATION")),
        ("ARW", made("SONY\0")),
        ("PEF", made("PENTAX Corporation")),
        ("RAF", padded(b"FUJIFILMCCD-RAW 0201")),
        ("ORF", padded(b"IIRO\x08\0\0\0")),
        ("RW2", padded(b"IIU\0\x18\0\0\0")),
    ] {
        let (sentence, short) = (sentence(&file), short(&file));
        assert!(sentence.starts_with(&format!("{name} is a camera's raw file")), "{sentence}");
        assert_eq!(short, name);
    }
    for (name, file) in [
        ("MP4", boxes("isom", "isommp42")),
        ("MP4", boxes("mp42", "isom")),
        ("MOV", boxes("qt  ", "qt  ")),
        ("MOV", padded(b"\0\0\0\x08wide\0\0\0\0mdat")),
        ("AVI", padded(b"RIFF\0\0\0\0AVI LIST")),
        ("WebM/Matroska", padded(b"\x1a\x45\xdf\xa3")),
    ] {
        assert!(sentence(&file).starts_with(&format!("{name} is a video")), "{}", sentence(&file));
    }
    // An exported TIFF has its camera in it, too.
    let export = tagged(&[(0x00fe, Ok(0)), (0x0106, Ok(2)), (0x010f, Err("NIKON"))]);
    for (name, file) in [
        ("TIFF", export),
        ("Photoshop (PSD)", padded(b"8BPS\0\x01")),
        ("PPM", padded(b"P3\n2 2\n255\n0 0 0")),
        ("PPM", padded(b"P6\n# made by hand\n2 2\n255\n")),
        ("PGM", padded(b"P5 2 2 255 ")),
        ("PAM", padded(b"P7\nWIDTH 2\n")),
        ("QOI", padded(b"qoif\0\0\0\x02")),
        ("ICO", padded(b"\0\0\x01\0\x01\0")),
        ("JPEG 2000", padded(b"\0\0\0\x0cjP  \r\n\x87\n")),
    ] {
        assert!(sentence(&file).starts_with(&format!("{name} cannot be")), "{}", sentence(&file));
    }
    for (expected, file) in [
        ("EPS/PostScript is a document", &b"%!PS-Adobe-3.0 EPSF-3.0\n"[..]),
        ("ZIP is an archive", b"PK\x03\x04\x14\0"),
        ("MP3 is not an image", b"ID3\x04\0"),
        ("this is text", b"BMW and P6 are words, and so is qoi"),
        ("this is text", b"P5 is a model"),
        ("this is text", b"<!DOCTYPE html><svg></svg>"),
        ("this is text", b"\xff\xfeH\0i\0"),
        ("this is not a known image format", b"words\0and\0noughts"),
    ] {
        assert!(sentence(file).starts_with(expected), "{}", sentence(file));
    }
}

fn short(bytes: &[u8]) -> String {
    match decode("x", bytes, 512) {
        Err(Error::Image { problem: ImageProblem::Rejected(rejected), .. }) => {
            rejected.short().into()
        }
        other => panic!("expected a rejected file, found {other:?}"),
    }
}

/// The JPEG with other bytes at the places that are so far behind its frame's marker.
fn with_frame(marker: u8, changes: &[(usize, u8)]) -> Vec<u8> {
    let mut file = encode(flag(32, 16), ImageFormat::Jpeg);
    let at = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    file[at + 1] = marker;
    for (offset, value) in changes {
        file[at + offset] = *value;
    }
    file
}

#[test]
fn kinds_of_jpeg_that_are_not_decoded_are_refused_by_name() {
    for (expected, file) in [
        ("this JPEG is arithmetic-coded", with_frame(0xc9, &[])),
        ("this JPEG is arithmetic-coded", with_frame(0xca, &[])),
        ("this is a lossless JPEG", with_frame(0xc3, &[])),
        ("this is a hierarchical JPEG", with_frame(0xc5, &[])),
        ("expected a JPEG of 8 bits, found one of 12 bits", with_frame(0xc1, &[(4, 12)])),
        ("this JPEG does not begin with its height", with_frame(0xc0, &[(5, 0), (6, 0)])),
        ("expected a JPEG of 1, 3 or 4 components, found 2", with_frame(0xc0, &[(9, 2)])),
        (
            "expected sampling factors that divide 3×1, found 2×1",
            with_frame(0xc0, &[(11, 0x31), (14, 0x21)]),
        ),
    ] {
        assert!(sentence(&file).starts_with(expected), "{}", sentence(&file));
        assert!(sentence(&file).ends_with("save it as JPEG or PNG anew"));
    }
}

#[test]
fn a_jpeg_that_lacks_a_part_is_refused() {
    let each = std::fs::read(format!("{ROOT}/tests/images/pillow/61x43-2x2-each.jpg")).unwrap();
    assert_eq!(open(&each).width, 61);
    let scans: Vec<usize> =
        (0..each.len() - 1).filter(|at| each[*at..*at + 2] == [0xff, 0xda]).collect();
    assert_eq!(scans.len(), 3);
    // Without its last colour, but with an end.
    let two = [&each[..scans[2]], &[0xff, 0xd9]].concat();
    assert_eq!(sentence(&two), "the image is damaged: a component has no scan");
    // Half of the first scan, with an end.
    let half = [&each[..(scans[0] + scans[1]) / 2], &each[scans[1]..]].concat();
    assert_eq!(sentence(&half), "the file is cut off before the end of the image");
    // Everything but the end.
    assert_eq!(
        sentence(&each[..each.len() - 2]),
        "the file is cut off before the end of the image"
    );
}

#[test]
fn large_jpegs_are_shrunk_on_the_way_and_larger_ones_refused() {
    for (width, height, expected) in
        [(8160, 6144, (512, 386)), (16384, 3200, (512, 100)), (9001, 40, (512, 2))]
    {
        let picture = open(&encode(flag(width, height), ImageFormat::Jpeg));
        assert_eq!((picture.width, picture.height), expected);
        let (left, right) = (pixel(&picture, 200, 1), pixel(&picture, 300, 1));
        near(left, RED, 3);
        near(right, BLUE, 3);
    }
    let header = |width: u16, height: u16| {
        let [h, w] = [height.to_be_bytes(), width.to_be_bytes()];
        sentence(&with_frame(0xc0, &[(5, h[0]), (6, h[1]), (7, w[0]), (8, w[1])]))
    };
    let huge = "12000×9200 pixels (111 MP) are too many; the limit is 110 MP";
    assert_eq!(header(12000, 9200), huge);
    assert!(header(65535, 65535).ends_with("(4295 MP) are too many; the limit is 110 MP"));
    // Its header is within the limit: what is missing are the pixels.
    assert_eq!(header(12000, 9000), "the file is cut off before the end of the image");
}

#[test]
fn other_formats_have_a_limit_in_bytes() {
    // One bit, then 16 bits of red, green, blue and transparency.
    assert!(sentence(&png_header(10001, 10000)).ends_with("the limit is 100 MP"));
    assert!(!sentence(&png_header(10000, 10000)).contains("too many"));
    assert_eq!(
        sentence(&png_header_of(7072, 7072, 16, 6)),
        "7072×7072 pixels (51 MP) are too many; the limit is 50 MP"
    );
}
