//! Images that are written in unusual ways, and yet are whole. Invariant: each has the pixels, and the orientation, of
//! the plain file that it was made of.

use super::{BLUE, RED, encode, flag, near, open, pixel, sentence, with_orientation};
use image::ImageFormat;

/// EXIF data that say: turn clockwise.
const TURN: &[u8] = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

/// The same as XMP data.
const TURN_XMP: &[u8] = br#"<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>"#;

/// True if the red left half of a flag of 64 × 32 pixels is above.
fn is_turned(file: &[u8]) -> bool {
    let picture = open(file);
    if (picture.width, picture.height) != (32, 64) {
        return false;
    }
    near(pixel(&picture, 16, 8), RED, 8);
    near(pixel(&picture, 16, 56), BLUE, 8);
    true
}

fn segment(marker: u8, data: &[&[u8]]) -> Vec<u8> {
    let data = data.concat();
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker], &length[..], &data].concat()
}

/// A JPEG with segments behind its first marker.
fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    let file = encode(flag(64, 32), ImageFormat::Jpeg);
    [&file[..2], &segments.concat(), &file[2..]].concat()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let sum = crc32fast::hash(&body).to_be_bytes();
    [&(data.len() as u32).to_be_bytes()[..], &body, &sum].concat()
}

/// A PNG with chunks before its pixels or before its end.
fn png(before: &[u8], behind: &[u8]) -> Vec<u8> {
    let file = encode(flag(64, 32), ImageFormat::Png);
    let (head, rest) = file.split_at(33);
    let (pixels, end) = rest.split_at(rest.len() - 12);
    [head, before, pixels, behind, end].concat()
}

/// A WebP whose header has flags, with chunks behind the pixels.
fn webp(flags: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let plain = encode(flag(64, 32), ImageFormat::WebP);
    let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
    body.extend([flags, 0, 0, 0, 63, 0, 0, 31, 0, 0]);
    body.extend(&plain[12..]);
    for (kind, data) in chunks {
        body.extend(*kind);
        body.extend((data.len() as u32).to_le_bytes());
        body.extend(*data);
        body.extend(&[0][..data.len() % 2]);
    }
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

fn put(file: &mut [u8], at: usize, value: u32) {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn a_frame_of_motion_jpeg_needs_no_tables() {
    let file = encode(flag(40, 24), ImageFormat::Jpeg);
    let mut bare = file[..2].to_vec();
    let mut at = 2;
    while file[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        if file[at + 1] != 0xc4 {
            bare.extend(&file[at..end]);
        }
        at = end;
    }
    bare.extend(&file[at..]);
    assert!(bare.len() + 400 < file.len(), "the tables are left out");
    assert_eq!(open(&bare), open(&file));
    // A table that no decoder has is missing.
    let scan = bare.windows(2).position(|two| two == [0xff, 0xda]).unwrap();
    bare[scan + 6] = 0x33;
    assert!(sentence(&bare).contains("a table that is missing"), "{}", sentence(&bare));
}

#[test]
fn a_gifs_screen_grows_to_its_frame() {
    let file = encode(flag(40, 24), ImageFormat::Gif);
    for screen in [[0, 0], [20, 24], [40, 10], [39, 23]] {
        let mut small = file.clone();
        (small[6], small[8]) = (screen[0], screen[1]);
        assert_eq!(open(&small), open(&file), "{screen:?}");
    }
    // A frame that begins beside the middle: its left and top stand behind the comma.
    let frame = file.windows(9).position(|nine| nine == [b',', 0, 0, 0, 0, 40, 0, 24, 0]).unwrap();
    let mut aside = file.clone();
    (aside[frame + 1], aside[frame + 3]) = (10, 6);
    let picture = open(&aside);
    assert_eq!((picture.width, picture.height), (50, 30));
    assert_eq!(pixel(&picture, 5, 3), [255; 3]);
    near(pixel(&picture, 15, 10), RED, 3);
    near(pixel(&picture, 49, 29), BLUE, 3);
    let mut larger = file.clone();
    larger[6] = 60;
    assert_eq!(open(&larger).width, 60);
    let mut empty = file;
    (empty[frame + 5], empty[frame + 7]) = (0, 0);
    (empty[6], empty[8]) = (0, 0);
    sentence(&empty);
}

#[test]
fn a_bmp_without_a_place_for_its_pixels_has_them_behind_its_header() {
    let mut file = encode(flag(40, 24), ImageFormat::Bmp);
    let plain = open(&file);
    put(&mut file, 10, 0);
    assert_eq!(open(&file), plain);
    put(&mut file, 10, 20);
    assert!(sentence(&file).contains("its pixels begin inside its header"));
    // With a palette, which stands before the pixels, too.
    let mut grey = encode(
        image::GrayImage::from_fn(9, 7, |x, y| image::Luma([(x * 9 + y) as u8])),
        ImageFormat::Bmp,
    );
    let plain = open(&grey);
    put(&mut grey, 10, 0);
    assert_eq!(open(&grey), plain);
}

#[test]
fn a_bmp_of_os2_is_read_or_named() {
    let file = encode(flag(40, 24), ImageFormat::Bmp);
    assert_eq!(file[14], 40);
    let mut os2 = [&file[..54], &[0; 24], &file[54..]].concat();
    put(&mut os2, 14, 64);
    put(&mut os2, 10, 78);
    assert_eq!(open(&os2), open(&file));
    put(&mut os2, 10, 0);
    assert_eq!(open(&os2), open(&file));
    put(&mut os2, 30, 3);
    assert!(sentence(&os2).starts_with("BMP (Huffman 1D) cannot be decoded here: save it as"));
    let mut short = [&file[..30], &file[54..]].concat();
    put(&mut short, 14, 16);
    assert!(sentence(&short).starts_with("BMP (OS/2 2, 16) cannot be decoded here"));
}

#[test]
fn a_kind_that_is_not_read_is_named_with_the_remedy() {
    let file = encode(flag(40, 24), ImageFormat::Bmp);
    for (compression, name) in
        [(4, "JPEG"), (5, "PNG"), (6, "BI_ALPHABITFIELDS"), (11, "CMYK"), (9, "compression 9")]
    {
        let mut other = file.clone();
        put(&mut other, 30, compression);
        let words = format!("BMP ({name}) cannot be decoded here: save it as JPEG, PNG or WebP");
        assert_eq!(sentence(&other), words);
    }
    let mut empty = file;
    put(&mut empty, 18, 0);
    assert!(sentence(&empty).ends_with("it has no pixels"));
    let apple = encode(flag(40, 24), ImageFormat::Png);
    let apple = [&apple[..8], &chunk(b"CgBI", &[0x50, 0, 0x20, 2]), &apple[8..]].concat();
    assert!(sentence(&apple).starts_with("PNG (Apple CgBI) cannot be decoded here"));
    let words = sentence(&png(&chunk(b"ABCD", b""), b""));
    assert!(words.contains("ABCD") && !words.contains('{'), "{words}");
    let ls = [b"\xff\xd8\xff\xf7\0\x0b", &[8, 0, 4, 0, 4, 1, 1, 0x11, 0][..], b"\xff\xda\0\x02"];
    assert!(sentence(&ls.concat()).starts_with("JPEG-LS cannot be decoded here"));
}

#[test]
fn exif_is_found_wherever_it_stands() {
    const EXIF: &[u8] = b"Exif\0\0";
    const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
    let plain = encode(flag(64, 32), ImageFormat::Jpeg);
    assert!(!is_turned(&plain) && is_turned(&with_orientation(&plain, 6)));
    // Doubled, empty first, in two segments, and as XMP alone.
    assert!(is_turned(&jpeg(&[segment(0xe1, &[EXIF, EXIF, TURN])])));
    assert!(is_turned(&jpeg(&[segment(0xe1, &[EXIF]), segment(0xe1, &[EXIF, TURN])])));
    let (one, two) = TURN.split_at(9);
    assert!(is_turned(&jpeg(&[segment(0xe1, &[EXIF, one]), segment(0xe1, &[EXIF, two])])));
    assert!(is_turned(&jpeg(&[segment(0xe1, &[XMP, TURN_XMP])])));
    // Behind the pixels of a PNG, with a prefix, and as ImageMagick and Adobe write it.
    let digits: String = TURN.iter().map(|byte| format!("{byte:02x}")).collect();
    let profile = format!("\nexif\n      {}\n{}\n{}\n", TURN.len(), &digits[..20], &digits[20..]);
    let text = [b"Raw profile type exif\0", profile.as_bytes()].concat();
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(profile.as_bytes(), 6);
    let packed = [b"Raw profile type exif\0\0", &packed[..]].concat();
    let xmp = [b"XML:com.adobe.xmp\0\0\0\0\0", TURN_XMP].concat();
    for (kind, data) in [
        (b"eXIf", TURN.to_vec()),
        (b"eXIf", [EXIF, TURN].concat()),
        (b"tEXt", text),
        (b"zTXt", packed),
        (b"iTXt", xmp),
    ] {
        let chunk = chunk(kind, &data);
        assert!(is_turned(&png(&chunk, b"")) && is_turned(&png(b"", &chunk)), "{kind:?}");
    }
    // A WebP says in its header what it has.
    assert!(is_turned(&webp(8, &[(b"EXIF", TURN)])));
    assert!(is_turned(&webp(8, &[(b"EXIF", &[EXIF, TURN].concat())])));
    assert!(is_turned(&webp(4, &[(b"XMP ", TURN_XMP)])));
    assert!(!is_turned(&webp(0, &[(b"EXIF", TURN), (b"XMP ", TURN_XMP)])));
}

#[test]
fn an_end_without_pixels_may_be_missing() {
    let file = encode(flag(40, 24), ImageFormat::Png);
    let plain = open(&file);
    // Of the end nothing, a part, or all but the checksum.
    for length in [12, 8, 5] {
        assert_eq!(open(&file[..file.len() - length]), plain, "{length}");
    }
    assert!(sentence(&file[..file.len() - 17]).contains("cut off"));
    // Without its second half, although its last chunk is whole.
    let data = file.windows(4).position(|four| four == b"IDAT").unwrap();
    let half = chunk(b"IDAT", &file[data + 4..data + 24]);
    assert!(sentence(&[&file[..data - 4], &half[..]].concat()).contains("cut off"));
    // Rows of 3 × 13 bytes have one byte to fill them up.
    let file = encode(flag(13, 8), ImageFormat::Bmp);
    assert_eq!(open(&file[..file.len() - 1]), open(&file));
    assert!(sentence(&file[..file.len() - 2]).contains("cut off"));
}
