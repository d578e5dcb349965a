//! Map link: an attention map in the fragment of a link, `#map=1.` and base64url of a zlib stream, so that whoever
//! opens it sees the map without a server. Invariants: what is written is read again; a fragment from anywhere is
//! refused with a reason or gives a map whose parts fit together, and never takes more than [`MOST_BYTES`].
//!
//! ```text
//! across, down, heads, layer, layers, network   a byte each
//! step                                          8 bytes, little endian as all numbers
//! settings                                      2 bytes of length, then as in a link of settings
//! low, high                                     4 bytes each, for every head
//! levels                                        a byte a patch, head by head
//! the photograph                                a small JPEG, to the end
//! ```

use crate::data::picture::Picture;
pub use crate::error::refusal::{LONGEST_LINK, LinkNumber, MOST_BYTES, Refusal};
use crate::error::refusal::{MOST_SIDE, VERSION};
use crate::error::{Error, ImageProblem, Result};
use crate::run::network::Network;
use crate::run::settings::Settings;
use crate::share::SharedMap;
use crate::share::quantize::{levels, values};
use crate::view::attention::AttentionMaps;
use crate::view::overlay::Grid;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

const KEY: &str = "map=";

/// Patches on a side (480 px at patch 4), heads and layers that are read.
const MOST_PATCHES: usize = 120;
const MOST_HEADS: usize = 24;
const MOST_LAYERS: usize = 64;

/// Bytes of the stream that are aimed at: with four thirds of them and the page's address, 8 kB.
const AIM: usize = 5750;

/// Bytes of maps above which patches are taken together: a link of 16 kB.
const MOST_MAPS: usize = 9500;

/// The photograph gets at least so many bytes, however large the maps are.
const LEAST_PHOTO: usize = 2000;

/// Side and quality of the photograph, the best first; the last is taken whatever it needs.
const LADDER: [(usize, u8); 12] = [
    (256, 75),
    (256, 60),
    (256, 45),
    (224, 45),
    (192, 45),
    (192, 35),
    (160, 35),
    (160, 25),
    (128, 30),
    (112, 25),
    (96, 25),
    (64, 20),
];

/// A map as a fragment.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// Without its `#`.
    pub fragment: String,
    /// Patches across and down that went in: fewer than there are if the maps are large.
    pub grid: Grid,
    /// Pixels of the photograph that went in.
    pub photo: [usize; 2],
}

/// True if a fragment, with or without its `#`, is of a map.
pub fn is_map(fragment: &str) -> bool {
    fragment.strip_prefix('#').unwrap_or(fragment).starts_with(KEY)
}

/// Packs a map, with as fine a photograph as there is room for.
///
/// # Errors
/// [`Error::Map`] for what no link can say, [`Error::Image`] for a photograph without pixels.
pub fn pack(map: &SharedMap) -> Result<Packed> {
    let mut map = map.clone();
    check(&map)?;
    let mut head = body(&map)?;
    while compressed(&head).len() > MOST_MAPS && map.maps.patches() > 1 {
        map = coarser(&map);
        head = body(&map)?;
    }
    let room = AIM.max(compressed(&head).len() + LEAST_PHOTO);
    let photo = map.photo.clone();
    let mut found = None;
    for (side, quality) in LADDER {
        let small = photo.shrunk(side);
        let mut bytes = head.clone();
        let jpeg = small.jpeg_of(quality);
        if jpeg.is_empty() {
            let (width, height, bytes) = (small.width, small.height, small.rgba.len());
            return Err(Error::image("", ImageProblem::NotFilled { width, height, bytes }));
        }
        bytes.extend(jpeg);
        let stream = compressed(&bytes);
        let fits = stream.len() <= room;
        found = Some((stream, [small.width, small.height]));
        if fits {
            break;
        }
    }
    let (stream, size) = found.unwrap_or_default();
    let fragment = format!("{KEY}{VERSION}.{}", BASE64.encode(stream));
    Ok(Packed { fragment, grid: map.maps.grid, photo: size })
}

/// Everything before the photograph.
fn body(map: &SharedMap) -> Result<Vec<u8>> {
    let small = |part: LinkNumber, n: usize| {
        let range = Refusal::Range { part, least: 0, most: usize::from(u8::MAX), found: n };
        u8::try_from(n).map_err(|_| Error::Map(range))
    };
    let network = match map.network {
        Network::Teacher | Network::Snapshot(_) => 0,
        Network::Student => 1,
        Network::Starter => 2,
    };
    let mut bytes = vec![
        small(LinkNumber::Across, map.maps.grid[0])?,
        small(LinkNumber::Down, map.maps.grid[1])?,
        small(LinkNumber::Heads, map.maps.heads)?,
        small(LinkNumber::Layer, map.layer)?,
        small(LinkNumber::Layers, map.layers)?,
        network,
    ];
    bytes.extend(map.step.to_le_bytes());
    let settings = map.settings.as_ref().map(Settings::to_fragment).unwrap_or_default();
    let length = u16::try_from(settings.len()).unwrap_or(0);
    bytes.extend(length.to_le_bytes());
    bytes.extend(settings.bytes().take(length.into()));
    let heads: Vec<_> = (0..map.maps.heads).map(|head| levels(map.maps.head(head))).collect();
    for end in heads.iter().flat_map(|(range, _)| range) {
        bytes.extend(end.to_le_bytes());
    }
    bytes.extend(heads.into_iter().flat_map(|(_, levels)| levels));
    Ok(bytes)
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(bytes, 10)
}

/// What could not be read again is not written.
fn check(map: &SharedMap) -> Result<()> {
    sizes(map.maps.grid, map.maps.heads, map.layer, map.layers).map_err(Error::Map)?;
    let (expected, found) = (map.maps.heads * map.maps.patches(), map.maps.values.len());
    if expected != found {
        return Err(Error::Map(Refusal::Values { expected, found }));
    }
    Ok(())
}

fn sizes(
    grid: Grid,
    heads: usize,
    layer: usize,
    layers: usize,
) -> std::result::Result<(), Refusal> {
    for (part, least, most, found) in [
        (LinkNumber::Across, 1, MOST_PATCHES, grid[0]),
        (LinkNumber::Down, 1, MOST_PATCHES, grid[1]),
        (LinkNumber::Heads, 1, MOST_HEADS, heads),
        (LinkNumber::Layers, 1, MOST_LAYERS, layers),
        (LinkNumber::Layer, 0, layers.saturating_sub(1), layer),
    ] {
        if !(least..=most).contains(&found) {
            return Err(Refusal::Range { part, least, most, found });
        }
    }
    Ok(())
}

/// The maps with two patches by two taken together, their mean in one.
fn coarser(map: &SharedMap) -> SharedMap {
    let [across, down] = map.maps.grid;
    let grid = [across.div_ceil(2), down.div_ceil(2)];
    let mut values = Vec::with_capacity(map.maps.heads * grid[0] * grid[1]);
    for head in 0..map.maps.heads {
        let old = map.maps.head(head);
        for y in 0..grid[1] {
            for x in 0..grid[0] {
                let lines = (2 * y..(2 * y + 2).min(down)).map(|y| y * across);
                let four = lines.flat_map(|line| {
                    old.get(line + 2 * x..line + (2 * x + 2).min(across)).unwrap_or_default()
                });
                let (sum, n) = four.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
                values.push(sum / f32::max(n, 1.0));
            }
        }
    }
    let maps = AttentionMaps { heads: map.maps.heads, grid, values };
    SharedMap { maps, ..map.clone() }
}

/// Reads a fragment, with or without its `#`; `None` if it is not of a map.
///
/// # Errors
/// [`Refusal`] for a link that is damaged, of another version, or of maps that do not fit together.
pub fn unpack(fragment: &str) -> Option<std::result::Result<SharedMap, Refusal>> {
    let text = fragment.strip_prefix('#').unwrap_or(fragment).strip_prefix(KEY)?;
    if text.len() > LONGEST_LINK {
        return Some(Err(Refusal::TooLong { bytes: text.len() }));
    }
    Some(read(text))
}

fn read(text: &str) -> std::result::Result<SharedMap, Refusal> {
    let (version, text) = text.split_once('.').unwrap_or((text, ""));
    if version != VERSION {
        let found = version.chars().take(20).collect();
        return Err(Refusal::Version { found });
    }
    let stream = BASE64.decode(text).map_err(|_| Refusal::Damaged)?;
    let bytes =
        decompress_to_vec_zlib_with_limit(&stream, MOST_BYTES).map_err(|error| {
            match error.status {
                miniz_oxide::inflate::TINFLStatus::HasMoreOutput => Refusal::Bomb,
                _ => Refusal::Damaged,
            }
        })?;
    let mut rest = Rest(&bytes);
    let [across, down, heads, layer, layers, network] = rest.array::<6>()?.map(usize::from);
    sizes([across, down], heads, layer, layers)?;
    let network = match network {
        0 => Network::Teacher,
        1 => Network::Student,
        2 => Network::Starter,
        found => {
            return Err(Refusal::Range { part: LinkNumber::Network, least: 0, most: 2, found });
        }
    };
    let step = u64::from_le_bytes(rest.array()?);
    let length = u16::from_le_bytes(rest.array()?);
    let settings = std::str::from_utf8(rest.take(length.into())?).unwrap_or_default();
    // What of them cannot be taken is clamped or left out, as in a link of settings.
    let usual = crate::run::presets::all().first().map_or("", |preset| preset.name);
    let settings = Settings::from_fragment(settings, usual).map(|(settings, _)| settings);
    let mut ranges = Vec::with_capacity(heads);
    for head in 0..heads {
        let (low, high) = (f32::from_le_bytes(rest.array()?), f32::from_le_bytes(rest.array()?));
        if !(low.is_finite() && high.is_finite() && low <= high) {
            return Err(Refusal::NotANumber { head });
        }
        ranges.push([low, high]);
    }
    let mut maps = Vec::with_capacity(heads * across * down);
    for range in ranges {
        maps.extend(values(range, rest.take(across * down)?));
    }
    let photo = Picture::of_small_jpeg(rest.0, MOST_SIDE).ok_or(Refusal::Photo)?;
    let maps = AttentionMaps { heads, grid: [across, down], values: maps };
    Ok(SharedMap { photo, maps, network, layer, layers, step, settings })
}

/// Bytes that were not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> std::result::Result<&'a [u8], Refusal> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(Refusal::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> std::result::Result<[u8; N], Refusal> {
        self.take(N)?.try_into().map_err(|_| Refusal::Short)
    }
}
