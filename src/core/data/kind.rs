//! Kind of a file by its first bytes: an image that is read here, or the name of what it is instead. Invariant: the
//! file's name is never looked at, and only words are called text.

use crate::data::exif::Tags;
use crate::data::markup;
use crate::data::markup::Markup;
use crate::error::Rejected;
use image::ImageFormat;
use std::borrow::Cow;

type Refusal = fn(Cow<'static, str>) -> Rejected;

const FORMAT: Refusal = |name| Rejected::Format { name };
const RAW: Refusal = |name| Rejected::Raw { name };
const VIDEO: Refusal = |name| Rejected::Video { name };
const DOCUMENT: Refusal = |name| Rejected::Document { name };
const ARCHIVE: Refusal = |name| Rejected::Archive { name };
const OTHER: Refusal = |name| Rejected::Other { name };

/// What stands at which place in a file of that name. Longer marks stand before shorter ones that begin alike.
const MARKS: &[(usize, &[u8], Refusal, &str)] = &[
    // Raw files that are not quite TIFF, or not at all.
    (0, b"FUJIFILMCCD-RAW", RAW, "RAF"),
    (0, b"IIRO", RAW, "ORF"),
    (0, b"IIRS", RAW, "ORF"),
    (0, b"MMOR", RAW, "ORF"),
    (0, b"IIU\0", RAW, "RW2"),
    (0, b"II\x1a\0\0\0HEAPCCDR", RAW, "CRW"),
    (0, b"FOVb", RAW, "X3F"),
    (0, b"\0MRM", RAW, "MRW"),
    (0, b"IIII", RAW, "IIQ"),
    (0, b"II+\0", FORMAT, "TIFF"),
    (0, b"MM\0+", FORMAT, "TIFF"),
    (0, b"II\xbc\x01", FORMAT, "JPEG XR"),
    (0, b"\xff\x0a", FORMAT, "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", FORMAT, "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", FORMAT, "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", FORMAT, "JPEG 2000"),
    (0, b"\xff\x10\xff\x50", FORMAT, "JPEG XS"),
    (0, b"\0\0\0\x0cJXS ", FORMAT, "JPEG XS"),
    (0, b"8BPS", FORMAT, "Photoshop (PSD)"),
    (0, b"gimp xcf", FORMAT, "GIMP (XCF)"),
    (0, b"qoif", FORMAT, "QOI"),
    (0, b"farbfeld", FORMAT, "farbfeld"),
    (0, b"\0\0\x01\0", FORMAT, "ICO"),
    (0, b"\0\0\x02\0\x01", FORMAT, "CUR"),
    (0, b"icns", FORMAT, "ICNS"),
    (0, b"\x76\x2f\x31\x01", FORMAT, "OpenEXR"),
    (0, b"#?RADIANCE", FORMAT, "Radiance HDR"),
    (0, b"#?RGBE", FORMAT, "Radiance HDR"),
    (0, b"DDS ", FORMAT, "DDS"),
    (0, b"\xabKTX", FORMAT, "KTX"),
    (0, b"BPG\xfb", FORMAT, "BPG"),
    (0, b"FLIF", FORMAT, "FLIF"),
    (0, b"\x8aMNG", FORMAT, "MNG"),
    (0, b"\x8bJNG", FORMAT, "JNG"),
    (0, b"\x0a\x05\x01", FORMAT, "PCX"),
    (0, b"/* XPM */", FORMAT, "XPM"),
    (0, b"SIMPLE  =", FORMAT, "FITS"),
    (128, b"DICM", FORMAT, "DICOM"),
    (0, b"\xd7\xcd\xc6\x9a", FORMAT, "WMF"),
    (40, b" EMF", FORMAT, "EMF"),
    (8, b"AVI ", VIDEO, "AVI"),
    (0, b"\x1a\x45\xdf\xa3", VIDEO, "WebM/Matroska"),
    (0, b"FLV\x01", VIDEO, "FLV"),
    (0, b"\0\0\x01\xba", VIDEO, "MPEG"),
    (0, b"\0\0\x01\xb3", VIDEO, "MPEG"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", VIDEO, "WMV"),
    (4, b"moov", VIDEO, "MOV"),
    (4, b"mdat", VIDEO, "MOV"),
    (4, b"wide", VIDEO, "MOV"),
    (0, b"%PDF", DOCUMENT, "PDF"),
    (0, b"%!PS", DOCUMENT, "EPS/PostScript"),
    (0, b"\xc5\xd0\xd3\xc6", DOCUMENT, "EPS/PostScript"),
    (0, b"AT&TFORM", DOCUMENT, "DjVu"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", DOCUMENT, "Office"),
    (0, b"{\\rtf", DOCUMENT, "RTF"),
    (0, b"PK\x03\x04", ARCHIVE, "ZIP"),
    (0, b"PK\x05\x06", ARCHIVE, "ZIP"),
    (0, b"Rar!\x1a\x07", ARCHIVE, "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", ARCHIVE, "7z"),
    (0, b"\x1f\x8b", ARCHIVE, "gzip"),
    (0, b"BZh", ARCHIVE, "bzip2"),
    (0, b"\xfd7zXZ\0", ARCHIVE, "xz"),
    (0, b"\x28\xb5\x2f\xfd", ARCHIVE, "zstd"),
    (257, b"ustar", ARCHIVE, "tar"),
    (8, b"WAVE", OTHER, "WAV"),
    (0, b"OggS", OTHER, "Ogg"),
    (0, b"ID3", OTHER, "MP3"),
    (0, b"fLaC", OTHER, "FLAC"),
    (0, b"\x93NUMPY", OTHER, "NumPy (.npy)"),
];

/// Brands of still images in boxes, whatever codes their pixels.
const STILL: &[&[u8]] = &[
    b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"MiHB", b"MiHA", b"MiHE", b"1pic", b"hevm",
    b"hevs", b"vvic", b"vvis", b"evbi", b"evbs", b"avci", b"avcs", b"j2ki", b"j2is", b"jpeg",
    b"jpgs", b"unif",
];

/// Makers of cameras, as TIFF names them, and the endings of their raw files.
const MAKERS: &[(&[u8], &str)] = &[
    (b"NIKON", "NEF"),
    (b"SONY", "ARW"),
    (b"CANON", "CR2"),
    (b"PENTAX", "PEF"),
    (b"RICOH", "PEF"),
    (b"SAMSUNG", "SRW"),
    (b"HASSELBLAD", "3FR"),
    (b"KODAK", "DCR"),
    (b"EASTMAN KODAK", "DCR"),
    (b"EPSON", "ERF"),
    (b"MAMIYA", "MEF"),
    (b"LEAF", "MOS"),
    (b"PHASE ONE", "IIQ"),
    (b"LEICA", "RWL"),
    (b"PANASONIC", "RW2"),
    (b"OLYMPUS", "ORF"),
    (b"FUJIFILM", "RAF"),
];

/// The format of an image that is read here.
///
/// # Errors
/// [`Rejected`] with the name of what the file is instead.
pub fn recognise(bytes: &[u8]) -> Result<ImageFormat, Rejected> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    if let Ok(format @ (Jpeg | Png | WebP | Gif)) = image::guess_format(bytes) {
        return Ok(format);
    }
    if bmp(bytes) {
        return Ok(Bmp);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Err(brand(bytes));
    }
    if let Some(tags) = Tags::new(bytes) {
        return Err(tiff(bytes, &tags));
    }
    for (at, mark, refusal, name) in MARKS {
        if bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark)) {
            return Err(refusal((*name).into()));
        }
    }
    if let Some(name) = netpbm(bytes) {
        return Err(FORMAT(name.into()));
    }
    if bytes.ends_with(b"TRUEVISION-XFILE.\0") {
        return Err(FORMAT("TGA".into()));
    }
    // Packets of 188 bytes.
    if [0, 188, 376].iter().all(|at| bytes.get(*at) == Some(&0x47)) {
        return Err(VIDEO("MPEG-TS".into()));
    }
    Err(words(bytes))
}

/// Two letters and a header of a length that there is: text may begin with BM, too.
fn bmp(bytes: &[u8]) -> bool {
    let length = bytes.get(14..18).and_then(|b| b.first_chunk()).map(|b| u32::from_le_bytes(*b));
    bytes.starts_with(b"BM") && length.is_none_or(|length| (12..=256).contains(&length))
}

/// What the brands of a file of boxes say: images, a raw photograph, or a film.
fn brand(bytes: &[u8]) -> Rejected {
    let brand = bytes.get(8..12).unwrap_or_default();
    let length = bytes.first_chunk().map_or(0, |b| u32::from_be_bytes(*b) as usize);
    let length = length.clamp(16, 256).min(bytes.len());
    // Behind the brand stands its version.
    let others = bytes.get(16..length).unwrap_or_default();
    let has =
        |names: &[&[u8]]| names.contains(&brand) || others.chunks(4).any(|b| names.contains(&b));
    let is = |names: &[&[u8]]| names.contains(&brand);
    // A film may hold a still image and say so; its own brand comes first.
    let films: [&[u8]; 9] =
        [b"iso", b"mp4", b"avc1", b"M4V", b"MSNV", b"dash", b"f4v", b"qt  ", b"3g"];
    let film = films.iter().any(|start| brand.starts_with(start));
    if has(&[b"crx "]) {
        RAW("CR3".into())
    } else if has(&[b"avif", b"avis"]) {
        Rejected::Avif
    } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"]) || !film && has(STILL) {
        Rejected::Heic
    } else if is(&[b"jxl "]) {
        FORMAT("JPEG XL".into())
    } else if is(&[b"jp2 ", b"jpx ", b"jpm ", b"jph "]) {
        FORMAT("JPEG 2000".into())
    } else if is(&[b"qt  "]) {
        VIDEO("MOV".into())
    } else if is(&[b"M4A ", b"M4B ", b"M4P "]) {
        OTHER("M4A".into())
    } else if brand.starts_with(b"3g") {
        VIDEO("3GP".into())
    } else {
        VIDEO("MP4".into())
    }
}

/// TIFF, or a raw file in its form: it says so, or a camera made it and its first image is not the whole one.
fn tiff(bytes: &[u8], tags: &Tags<'_>) -> Rejected {
    const VERSION_OF_DNG: u16 = 0xc612;
    const MAKE: u16 = 0x010f;
    const SUBFILE: u16 = 0x00fe;
    const MEANING: u16 = 0x0106;
    const OTHER_IMAGES: u16 = 0x014a;
    if bytes.get(8..10) == Some(b"CR") {
        return RAW("CR2".into());
    }
    if tags.has(VERSION_OF_DNG) {
        return RAW("DNG".into());
    }
    let mosaic = matches!(tags.number(MEANING), None | Some(32803 | 34892));
    let preview = tags.number(SUBFILE) == Some(1) || tags.has(OTHER_IMAGES);
    if mosaic || preview {
        let make = tags.text(MAKE).unwrap_or_default().to_ascii_uppercase();
        if let Some((_, name)) = MAKERS.iter().find(|(maker, _)| make.starts_with(maker)) {
            return RAW((*name).into());
        }
    }
    FORMAT("TIFF".into())
}

/// `P1` to `P7` and a space; `PF` has numbers with a point.
fn netpbm(bytes: &[u8]) -> Option<&'static str> {
    let &[b'P', kind, space, next, ..] = bytes else { return None };
    let number = |byte: u8| byte.is_ascii_digit() || byte == b'#' || byte.is_ascii_whitespace();
    if !space.is_ascii_whitespace() || !(number(next) || kind == b'7') {
        return None;
    }
    match kind {
        b'1' | b'4' => Some("PBM"),
        b'2' | b'5' => Some("PGM"),
        b'3' | b'6' => Some("PPM"),
        b'7' => Some("PAM"),
        b'F' | b'f' => Some("PFM"),
        _ => None,
    }
}

/// Tells SVG, text and noise apart: markup by its first element, the rest by the first 4 kB.
fn words(bytes: &[u8]) -> Rejected {
    let head = bytes.get(..4096).unwrap_or(bytes);
    match markup::recognise(bytes) {
        Some(Markup::Svg) => return Rejected::Svg,
        Some(Markup::Html) => return Rejected::Text,
        None => {}
    }
    let text: Cow<'_, str> = match (std::str::from_utf8(head), head) {
        (Ok(text), _) => text.into(),
        // Windows writes text so.
        (_, [0xff, 0xfe, rest @ ..]) => sixteen(rest, u16::from_le_bytes).into(),
        (_, [0xfe, 0xff, rest @ ..]) => sixteen(rest, u16::from_be_bytes).into(),
        // A character of several bytes may be cut at the end of the head.
        (Err(e), _) if e.valid_up_to() + 4 > head.len() && head.len() == 4096 => {
            let whole = head.get(..e.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default().into()
        }
        (Err(_), _) => return Rejected::Unknown,
    };
    if matches!(text, Cow::Owned(_)) && markup::recognise(text.as_bytes()) == Some(Markup::Svg) {
        return Rejected::Svg;
    }
    let printable =
        |c: char| (!c.is_control() || c.is_whitespace()) && c != char::REPLACEMENT_CHARACTER;
    if text.chars().all(printable) { Rejected::Text } else { Rejected::Unknown }
}

fn sixteen(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk()).map(|pair| unit(*pair));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
