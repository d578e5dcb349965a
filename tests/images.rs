//! Decoding of images. Files are made here; three that `image` cannot write lie beside. Invariant: every kind of
//! good file gives the right pixels, every kind of bad one a sentence, and no bytes at all give a panic.

use dino_core::Error;
use dino_core::data::decode::decode;
use dino_core::data::identity::FileIdentity;
use dino_core::data::picture::{
    ImageSet, Import, NewImage, Picture, PixelSource, Reading, Rejected, Room,
};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;
use std::cell::Cell;
use std::io::Cursor;
use std::rc::Rc;

#[path = "images/odd.rs"]
mod odd;
#[path = "images/rejected.rs"]
mod rejected;

/// The repository's root.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const CMYK: &[u8] = include_bytes!("images/cmyk.jpg");
const ANIMATED: &[u8] = include_bytes!("images/animated.webp");
const PROGRESSIVE: &[u8] = include_bytes!("images/progressive.jpg");

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red on the left, blue on the right.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { RED } else { BLUE }))
}

fn open(bytes: &[u8]) -> Picture {
    let picture = decode("test", bytes, 512).unwrap();
    assert_eq!(picture.rgba.len(), picture.width * picture.height * 4);
    assert!(picture.rgba.chunks(4).all(|p| p[3] == 255));
    picture
}

fn pixel(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
    let at = (y * picture.width + x) * 4;
    [picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2]]
}

fn near(found: [u8; 3], expected: [u8; 3], tolerance: u8) {
    let close = found.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= tolerance);
    assert!(close, "expected {expected:?}, found {found:?}");
}

fn sentence(bytes: &[u8]) -> String {
    match decode("holiday.jpg", bytes, 512) {
        Err(Error::Image { name, problem }) if name == "holiday.jpg" => problem.to_string(),
        other => panic!("expected an image error, found {other:?}"),
    }
}

/// The JPEG with an EXIF segment that says how to turn it.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif =
        b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

#[test]
fn every_format_keeps_size_and_colours() {
    for format in
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp]
    {
        let picture = open(&encode(flag(40, 24), format));
        assert_eq!((picture.width, picture.height), (40, 24), "{format:?}");
        near(pixel(&picture, 4, 12), RED, 3);
        near(pixel(&picture, 36, 12), BLUE, 3);
    }
    let picture = open(PROGRESSIVE);
    near(pixel(&picture, 1, 4), RED, 8);
    near(pixel(&picture, 14, 4), BLUE, 8);
}

#[test]
fn format_is_told_by_content_not_by_name() {
    let png = encode(flag(8, 8), ImageFormat::Png);
    assert!(decode("wrong.jpg", &png, 512).is_ok());
}

#[test]
fn exif_turns_the_picture_upright() {
    let jpeg = encode(flag(64, 32), ImageFormat::Jpeg);
    let upright = open(&with_orientation(&jpeg, 1));
    assert_eq!((upright.width, upright.height), (64, 32));
    near(pixel(&upright, 8, 16), RED, 8);
    // 6: the camera was turned, rotate clockwise: left becomes top.
    let turned = open(&with_orientation(&jpeg, 6));
    assert_eq!((turned.width, turned.height), (32, 64));
    near(pixel(&turned, 16, 8), RED, 8);
    near(pixel(&turned, 16, 56), BLUE, 8);
    // 8: counter-clockwise, left becomes bottom. 3: upside down. 2: mirrored.
    near(pixel(&open(&with_orientation(&jpeg, 8)), 16, 56), RED, 8);
    near(pixel(&open(&with_orientation(&jpeg, 3)), 56, 16), RED, 8);
    near(pixel(&open(&with_orientation(&jpeg, 2)), 56, 16), RED, 8);
    // Nonsense is ignored.
    assert_eq!(open(&with_orientation(&jpeg, 99)).width, 64);
}

#[test]
fn transparency_is_laid_over_white() {
    let mut image = RgbaImage::from_pixel(8, 8, Rgba([200, 0, 0, 0]));
    image.put_pixel(0, 0, Rgba([0, 0, 0, 128]));
    image.put_pixel(1, 0, Rgba([10, 20, 30, 255]));
    let picture = open(&encode(image, ImageFormat::Png));
    assert_eq!(pixel(&picture, 7, 7), [255, 255, 255]);
    assert_eq!(pixel(&picture, 0, 0), [127, 127, 127]);
    assert_eq!(pixel(&picture, 1, 0), [10, 20, 30]);
}

#[test]
fn sixteen_bit_grey_and_cmyk() {
    let deep: ImageBuffer<Luma<u16>, Vec<u16>> =
        ImageBuffer::from_fn(9, 7, |x, _| Luma([if x == 0 { 0x8000 } else { 0xffff }]));
    let picture = open(&encode(deep, ImageFormat::Png));
    assert_eq!(pixel(&picture, 0, 3), [128, 128, 128]);
    assert_eq!(pixel(&picture, 8, 3), [255, 255, 255]);
    let grey = image::GrayImage::from_pixel(16, 16, Luma([77]));
    near(pixel(&open(&encode(grey, ImageFormat::Jpeg)), 8, 8), [77, 77, 77], 2);
    near(pixel(&open(CMYK), 8, 8), RED, 8);
}

#[test]
fn animations_give_their_first_frame() {
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new(&mut gif);
    for color in [[0, 0, 255, 255], [255, 0, 0, 255]] {
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(12, 8, Rgba(color)))).unwrap();
    }
    drop(encoder);
    near(pixel(&open(&gif), 6, 4), BLUE, 3);
    near(pixel(&open(ANIMATED), 6, 4), BLUE, 3);
}

#[test]
fn decoding_bounds_the_long_side_and_never_enlarges() {
    for (width, height, expected) in [
        (1, 1, (1, 1)),
        (512, 512, (512, 512)),
        (513, 300, (512, 299)),
        (3000, 1500, (512, 256)),
        (1000, 3000, (171, 512)),
        (4000, 1, (512, 1)),
    ] {
        let picture = open(&encode(flag(width, height), ImageFormat::Png));
        assert_eq!((picture.width, picture.height), expected, "{width}×{height}");
    }
    let large = open(&encode(flag(3000, 1500), ImageFormat::Png));
    near(pixel(&large, 20, 128), RED, 1);
    near(pixel(&large, 490, 128), BLUE, 1);
    assert_eq!(large.shrunk(64).width, 64);
    assert_eq!(large.shrunk(1024), large);
}

#[test]
fn truncated_files_are_told_apart_from_damaged_ones() {
    let noise = RgbImage::from_fn(64, 64, |x, y| {
        let v = x.wrapping_mul(2_654_435_761).wrapping_add(y.wrapping_mul(40_503)) >> 7;
        Rgb([v as u8, (v >> 3) as u8, (v >> 5) as u8])
    });
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = encode(noise.clone(), format);
        assert_eq!(open(&whole).width, 64);
        for keep in [whole.len() / 2, whole.len() * 9 / 10] {
            let reason = sentence(&whole[..keep]);
            assert_eq!(
                reason,
                "the file is cut off before the end of the image",
                "{format:?} cut to {keep} of {} bytes",
                whole.len()
            );
        }
    }
    let mut damaged = encode(noise, ImageFormat::Png);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    assert!(sentence(&damaged).starts_with("the image is damaged"), "{}", sentence(&damaged));
}

#[test]
fn an_image_set_adds_removes_resizes_and_an_import_is_summed_up() {
    let mut set = ImageSet::default();
    let png = encode(flag(8, 8), ImageFormat::Png);
    assert_eq!(set.add("a.png", Some("flags".to_owned()), &png), Ok(0));
    assert_eq!(set.add("b.png", None, &png), Ok(1));
    assert_eq!(set.add("c.png", None, b""), Err(Rejected::Empty));
    assert_eq!((set.len(), set.version(), set.bytes()), (2, 2, 2 * 8 * 8 * 4));
    assert_eq!(widths(&set), [(8, 8), (8, 8)]);
    set.work_at(4);
    assert_eq!(set.add("d.png", None, &png), Ok(2));
    assert_eq!(widths(&set), [(8, 4), (8, 4), (8, 4)]);
    assert_eq!(set.bytes(), 3 * (8 * 8 + 4 * 4) * 4);
    assert!(set.remove(0) && !set.remove(7));
    assert_eq!((set.len(), set.version(), set.bytes()), (2, 4, 2 * (8 * 8 + 4 * 4) * 4));
    assert_eq!(set.entry(0).unwrap().name, "b.png");
    set.work_at(1000);
    assert_eq!(widths(&set), [(8, 8), (8, 8)]);
    set.clear();
    assert!(set.is_empty() && set.version() == 5 && set.bytes() == 0);
    let skip = |fault| ("x".to_owned(), fault);
    let huge = Rejected::Huge { width: 16000, height: 16000, most: 100_000_000 };
    let import = Import {
        added: 412,
        skipped: vec![skip(Rejected::Heic), skip(huge), skip(Rejected::Heic)],
    };
    assert_eq!(import.to_string(), "412 added, 3 skipped: 2 HEIC, 1 too large");
    assert_eq!(Import { added: 3, skipped: vec![] }.to_string(), "3 added");
}

/// Widths of all images of a set and of their working copies.
fn widths(set: &ImageSet) -> Vec<(usize, usize)> {
    let width = |image| {
        let both = async { (set.picture(image).await, set.working(image).await) };
        let (whole, copy) = pollster::block_on(both);
        (whole.unwrap().width, copy.unwrap().width)
    };
    (0..set.len()).map(width).collect()
}

fn named(name: &str, picture: &Picture, source: Option<Rc<dyn PixelSource>>) -> NewImage {
    let file = FileIdentity::of(name.as_bytes());
    NewImage { name: name.to_owned(), label: None, file, picture: picture.clone(), source }
}

/// Pixels that are not in memory, or a reason why they do not come, and how often they were asked for.
struct Far(std::result::Result<Picture, Rejected>, Rc<Cell<usize>>);

impl PixelSource for Far {
    fn read(&self) -> Reading<'_> {
        self.1.set(self.1.get() + 1);
        Box::pin(async { self.0.clone() })
    }
}

#[test]
fn pixels_without_room_are_read_again_and_working_copies_are_kept_as_far_as_there_is_room() {
    let whole = decode("x", &encode(flag(8, 8), ImageFormat::Png), 8).unwrap();
    let (mut near, reads) = (ImageSet::default(), Rc::default());
    // One whole image and two copies of half its side.
    let mut set = ImageSet::with_room(Room { pictures: 256, working: 128 });
    set.work_at(4);
    near.work_at(4);
    for name in ["a", "b", "c", "d"] {
        near.add_image(named(name, &whole, None));
        let far = Rc::new(Far(Ok(whole.clone()), Rc::clone(&reads)));
        let source = (!set.has_room(&whole)).then_some(far as Rc<dyn PixelSource>);
        assert_eq!(source.is_none(), name == "a");
        set.add_image(named(name, &whole, source));
    }
    assert_eq!((reads.get(), set.bytes()), (0, 256 + 128), "copies of b and c were made at once");
    for image in 0..4 {
        let same = pollster::block_on(async {
            set.picture(image).await.unwrap() == near.picture(image).await.unwrap()
                && set.working(image).await.unwrap() == near.working(image).await.unwrap()
        });
        assert!(same, "image {image}");
    }
    assert_eq!((reads.get(), set.bytes()), (3 + 1, 256 + 128), "only d has no copy");
    set.work_at(8);
    widths(&set);
    assert_eq!((reads.get(), set.bytes()), (4 + 3 + 3, 256), "copies of 256 bytes have no room");
    assert!(set.remove(1));
    let gone = Rejected::Unread { why: dino_core::error::Unread::Gone };
    let far: Rc<dyn PixelSource> = Rc::new(Far(Err(gone), reads));
    set.add_image(named("e", &whole, Some(far)));
    let error = pollster::block_on(set.picture(3)).unwrap_err();
    assert!(error.to_string().starts_with("e: "), "{error}");
}

/// Seeds of the mutations: one small file of each format.
fn corpus() -> Vec<Vec<u8>> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    let mut files: Vec<_> =
        [Png, Jpeg, WebP, Gif, Bmp].iter().map(|f| encode(flag(24, 16), *f)).collect();
    files.push(with_orientation(&files[1], 6));
    files.extend([CMYK, ANIMATED, PROGRESSIVE].map(<[u8]>::to_vec));
    files
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Mutated and truncated files give an image of its own size or a sentence, never a panic.
    #[test]
    fn mutated_files_never_panic(
        file in 0usize..9,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = corpus().swap_remove(file);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        match decode("mutant", &bytes, 32) {
            Ok(p) => {
                prop_assert!(p.width >= 1 && p.height >= 1 && p.width.max(p.height) <= 32);
                prop_assert_eq!(p.rgba.len(), p.width * p.height * 4);
            }
            Err(e) => prop_assert!(e.to_string().len() > "mutant: ".len()),
        }
    }

    /// So does noise behind a magic number.
    #[test]
    fn noise_never_panics(magic in 0usize..9, noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = corpus().swap_remove(magic);
        bytes.truncate(12);
        bytes.extend(noise);
        let _ = decode("noise", &bytes, 32);
    }
}

#[test]
fn a_thumbnail_is_a_small_jpeg_of_the_same_picture() {
    let photographs = ["animals_cat", "animals_owl", "categorization_cathedral", "monuments_petra"];
    let folders = ["mammal", "bird", "building", "building"];
    let mut bytes = 0;
    for (name, folder) in photographs.iter().zip(folders) {
        let file = std::fs::read(format!("{ROOT}/www/samples/{folder}/{name}.jpg")).unwrap();
        let small = open(&file).shrunk(144);
        let jpeg = small.jpeg();
        let again = open(&jpeg);
        assert_eq!(Picture::of_jpeg(&jpeg).as_ref(), Some(&again));
        assert_eq!((again.width, again.height), (small.width, small.height));
        let pairs = again.rgba.iter().zip(&small.rgba);
        let off: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        assert!(off / (small.rgba.len() as f64) < 6.0, "{name} looks different");
        bytes += jpeg.len();
    }
    // The page holds the thumbnails of 5,000 images in memory.
    assert!(bytes / photographs.len() * 5000 < 60_000_000, "{bytes} bytes for four");
    assert!(Picture { width: 0, height: 0, rgba: Vec::new() }.jpeg().is_empty());
    assert_eq!(Picture::of_jpeg(b"no picture"), None);
}
