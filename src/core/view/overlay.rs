//! Overlay of maps on a photograph: as heat, as a mask, or every head in its own colour. A patch is one flat
//! square, as in the paper's figures. Invariant: pure and made of integers, 0.5 million pixels take a few
//! milliseconds.

use crate::data::picture::Picture;
use crate::eval::attention_mask;
use crate::view::colormap::colour;

/// Colours of heads that most colour-blind people can tell apart (after Okabe and Ito).
pub const HEADS: [[u8; 3]; 7] = [
    [240, 150, 20],
    [86, 180, 233],
    [214, 110, 190],
    [20, 190, 130],
    [240, 228, 66],
    [213, 94, 40],
    [90, 120, 235],
];

/// Share of the patches that the colours' upper end is above: one bright patch must not darken all others.
const CLIPPED: f32 = 0.005;

/// How maps are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One map from dark to bright.
    Heat,
    /// The photograph where the mass is, grey elsewhere.
    Mask,
    /// All heads at once, each in its colour.
    Heads,
}

/// What to paint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub mode: Mode,
    /// From 0, the photograph alone, to 1, the map alone.
    pub opacity: f32,
    /// The share of the mass whose patches are outlined. A mask without one takes 0.6.
    pub mass: Option<f32>,
}

/// Patches across and down.
pub type Grid = [usize; 2];

/// What a patch makes of the pixels under it: photograph · keep + luma · shade + tint, in 256ths.
#[derive(Debug, Clone, Copy, Default)]
struct Ink {
    keep: i32,
    shade: [i32; 3],
    tint: [i32; 3],
}

/// One map, or in [`Mode::Heads`] several, each with its head's index, over a photograph.
pub fn paint(photo: &Picture, grid: Grid, maps: &[(usize, &[f32])], style: Style) -> Picture {
    let share = style.mass.unwrap_or(0.6);
    let masks = || maps.iter().map(|(head, map)| (*head, attention_mask::mask(map, share)));
    let white = [255, 255, 255];
    match style.mode {
        Mode::Heat => {
            let map = maps.first().map_or(&[][..], |(_, map)| map);
            let mut picture = heat(photo, grid, map, range(map), style.opacity);
            if style.mass.is_some() {
                masks().for_each(|(_, mask)| outline(&mut picture, grid, &mask, white));
            }
            picture
        }
        Mode::Mask => {
            let mask = masks().next().map_or_else(Vec::new, |(_, mask)| mask);
            let inks: Vec<Ink> =
                mask.iter().map(|inside| mask_ink(*inside, style.opacity)).collect();
            let mut picture = spread(photo, grid, &inks);
            outline(&mut picture, grid, &mask, white);
            picture
        }
        Mode::Heads => {
            let masks: Vec<_> = style.mass.map(|_| masks().collect()).unwrap_or_default();
            let mut picture = spread(photo, grid, &heads_inks(maps, &masks, style.opacity));
            for (head, mask) in &masks {
                outline(&mut picture, grid, mask, head_colour(*head));
            }
            picture
        }
    }
}

/// A map as heat, its colours between the two values of `range`.
pub fn heat(photo: &Picture, grid: Grid, map: &[f32], range: [f32; 2], opacity: f32) -> Picture {
    let o = opacity.clamp(0.0, 1.0);
    let inks: Vec<Ink> = map
        .iter()
        .map(|value| {
            let at = place(*value, range);
            let [r, g, b, _] = colour(at);
            // Bright places cover more: dark ones would only make mud of them.
            let covered = 1.0 - (1.0 - o).powf(0.6 + 2.2 * at * at);
            // The photograph stays visible as shades within the colours until the map is alone.
            let even = o + (1.0 - o) * 0.7 * at;
            let (flat, shaded) = (covered * even, covered * (1.0 - even));
            let (keep, grey) = faded(1.0 - covered, 0.7 * o);
            let colour = [r, g, b].map(f32::from);
            Ink {
                keep: fixed(keep),
                shade: colour.map(|c| fixed(grey + c / 255.0 * shaded)),
                tint: colour.map(|c| fixed(c * flat)),
            }
        })
        .collect();
    spread(photo, grid, &inks)
}

/// Lines around the patches that are in.
pub fn outline(picture: &mut Picture, grid: Grid, mask: &[bool], colour: [u8; 3]) {
    let thick = (picture.width.max(picture.height) / 320).max(1) as i64;
    let dark = [14, 12, 22];
    for (reach, colour) in [(thick, dark), (thick / 2, colour)] {
        for (patch, _) in mask.iter().enumerate().filter(|(_, inside)| **inside) {
            let Some([x, y]) = at(grid, patch) else { continue };
            let inside = |x: Option<usize>, y: Option<usize>| match (x, y) {
                (Some(x), Some(y)) if x < grid[0] => {
                    mask.get(y * grid[0] + x).copied().unwrap_or(false)
                }
                _ => false,
            };
            let [left, top, right, bottom] = square(picture, grid, [x, y]);
            let mut line = |x0: i64, y0: i64, x1: i64, y1: i64| {
                fill(picture, [x0 - reach, y0 - reach, x1 + reach, y1 + reach], colour);
            };
            if !inside(x.checked_sub(1), Some(y)) {
                line(left, top, left + 1, bottom);
            }
            if !inside(Some(x + 1), Some(y)) {
                line(right - 1, top, right, bottom);
            }
            if !inside(Some(x), y.checked_sub(1)) {
                line(left, top, right, top + 1);
            }
            if !inside(Some(x), Some(y + 1)) {
                line(left, bottom - 1, right, bottom);
            }
        }
    }
}

/// Lines around one patch.
pub fn mark(picture: &mut Picture, grid: Grid, patch: usize) {
    let mut mask = vec![false; grid[0] * grid[1]];
    if let Some(inside) = mask.get_mut(patch) {
        *inside = true;
        outline(picture, grid, &mask, [255, 255, 255]);
    }
}

/// The colour of a head.
pub fn head_colour(head: usize) -> [u8; 3] {
    HEADS[head % HEADS.len()]
}

/// Smallest value, and the one that all but the brightest few patches are below.
pub fn range(map: &[f32]) -> [f32; 2] {
    let mut sorted: Vec<f32> = map.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let high = last - (last as f32 * CLIPPED) as usize;
    let of = |index: usize| sorted.get(index).copied().unwrap_or_default();
    [of(0), of(high)]
}

fn mask_ink(inside: bool, opacity: f32) -> Ink {
    if inside {
        return Ink { keep: 256, ..Ink::default() };
    }
    let o = opacity.clamp(0.0, 1.0);
    let (keep, grey) = faded(1.0 - o, o.min(0.9));
    Ink {
        keep: fixed(keep),
        shade: [0.86, 0.84, 1.0].map(|c| fixed(grey + 0.16 * o * c)),
        tint: [9.0, 8.0, 16.0].map(|c| fixed(c * o)),
    }
}

fn heads_inks(maps: &[(usize, &[f32])], masks: &[(usize, Vec<bool>)], opacity: f32) -> Vec<Ink> {
    let o = opacity.clamp(0.0, 1.0);
    let ranges: Vec<[f32; 2]> = maps.iter().map(|(_, map)| range(map)).collect();
    let patches = maps.first().map_or(0, |(_, map)| map.len());
    let ink = |patch: usize| {
        let (mut most, mut total, mut mixed) = (0f32, 0f32, [0f32; 3]);
        for (i, (head, map)) in maps.iter().enumerate() {
            let value = map.get(patch).zip(ranges.get(i)).map_or(0.0, |(v, r)| place(*v, *r));
            let out = masks.get(i).is_some_and(|(_, mask)| mask.get(patch) == Some(&false));
            let value = if out { 0.0 } else { value };
            // Squared, so that the head that looks most decides the colour.
            let weight = value * value + 1e-6;
            most = most.max(value);
            total += weight;
            for (mixed, c) in mixed.iter_mut().zip(head_colour(*head)) {
                *mixed += weight * f32::from(c);
            }
        }
        let strength = o * most;
        let (keep, grey) = faded((1.0 - o * 0.75) * (1.0 - strength), o);
        let shaded = 0.6 - 0.4 * o;
        Ink {
            keep: fixed(keep),
            shade: mixed.map(|c| fixed(grey + c / total.max(1e-6) / 255.0 * strength * shaded)),
            tint: mixed.map(|c| fixed(c / total.max(1e-6) * strength * (1.0 - shaded * 0.7))),
        }
    };
    (0..patches).map(ink).collect()
}

/// A part of the photograph, of which `grey` has lost its colour.
fn faded(part: f32, grey: f32) -> (f32, f32) {
    (part * (1.0 - grey), part * grey)
}

fn fixed(value: f32) -> i32 {
    (value * 256.0).round() as i32
}

/// Where a value lies between two others, from 0 to 1.
fn place(value: f32, [low, high]: [f32; 2]) -> f32 {
    ((value - low) / (high - low).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0)
}

/// Every pixel with the ink of its patch; without an ink it stays.
fn spread(photo: &Picture, grid: Grid, inks: &[Ink]) -> Picture {
    let (width, height) = (photo.width, photo.height);
    let mut rgba = photo.rgba.clone();
    // Where the patches of a row end, in bytes.
    let ends: Vec<usize> =
        (1..=grid[0]).map(|x| (x * width).div_ceil(grid[0].max(1)) * 4).collect();
    for (y, row) in rgba.chunks_exact_mut((width * 4).max(4)).enumerate() {
        let from = y * grid[1] / height.max(1) * grid[0];
        let mut begin = 0;
        for (end, ink) in ends.iter().zip(inks.get(from..).unwrap_or_default()) {
            for pixel in row.get_mut(begin..*end).unwrap_or_default().chunks_exact_mut(4) {
                ink.on(pixel);
            }
            begin = *end;
        }
    }
    Picture { width: photo.width, height: photo.height, rgba }
}

impl Ink {
    fn on(&self, pixel: &mut [u8]) {
        let [r, g, b, _] = pixel else { return };
        let luma = (77 * i32::from(*r) + 150 * i32::from(*g) + 29 * i32::from(*b)) >> 8;
        for ((c, shade), tint) in [r, g, b].into_iter().zip(self.shade).zip(self.tint) {
            let mixed = (i32::from(*c) * self.keep + luma * shade + tint + 128) >> 8;
            *c = mixed.clamp(0, 255) as u8;
        }
    }
}

/// Column and row of a patch.
fn at(grid: Grid, patch: usize) -> Option<[usize; 2]> {
    (grid[0] > 0 && patch < grid[0] * grid[1]).then(|| [patch % grid[0], patch / grid[0]])
}

/// Left, top, right and bottom of a patch in pixels.
fn square(picture: &Picture, grid: Grid, [x, y]: [usize; 2]) -> [i64; 4] {
    let (width, height) = (picture.width, picture.height);
    let edge =
        |n: usize, pixels: usize, patches: usize| (n * pixels).div_ceil(patches.max(1)) as i64;
    [
        edge(x, width, grid[0]),
        edge(y, height, grid[1]),
        edge(x + 1, width, grid[0]),
        edge(y + 1, height, grid[1]),
    ]
}

fn fill(picture: &mut Picture, [x0, y0, x1, y1]: [i64; 4], [r, g, b]: [u8; 3]) {
    let (width, height) = (picture.width as i64, picture.height as i64);
    let (x0, x1) = (x0.clamp(0, width) as usize, x1.clamp(0, width) as usize);
    for y in y0.clamp(0, height) as usize..y1.clamp(0, height) as usize {
        let row = y * width as usize;
        let Some(line) = picture.rgba.get_mut((row + x0) * 4..(row + x1.max(x0)) * 4) else {
            return;
        };
        for pixel in line.chunks_exact_mut(4) {
            pixel.copy_from_slice(&[r, g, b, 255]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(width: usize, height: usize, colour: [u8; 4]) -> Picture {
        let rgba = colour.repeat(width * height);
        Picture { width, height, rgba }
    }

    fn pixel(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
        let from = (y * picture.width + x) * 4;
        [picture.rgba[from], picture.rgba[from + 1], picture.rgba[from + 2]]
    }

    const PLAIN: Style = Style { mode: Mode::Heat, opacity: 0.0, mass: None };

    #[test]
    fn opacity_goes_from_the_photograph_to_the_map() {
        let photo = flat(20, 10, [200, 100, 50, 255]);
        let map = [0.0, 1.0];
        let at = |opacity| paint(&photo, [2, 1], &[(0, &map)], Style { opacity, ..PLAIN });
        assert_eq!(at(0.0), photo);
        let map_alone = at(1.0);
        assert_eq!(pixel(&map_alone, 0, 0), [8, 6, 28]);
        assert_eq!(pixel(&map_alone, 19, 9), [252, 250, 170]);
        let half = at(0.5);
        assert_ne!(pixel(&half, 0, 0), pixel(&half, 19, 9));
    }

    #[test]
    fn a_mask_keeps_the_photograph_where_the_mass_is() {
        let photo = flat(400, 100, [10, 200, 30, 255]);
        let map = [0.1, 0.1, 0.1, 0.7];
        let style = Style { mode: Mode::Mask, opacity: 0.8, mass: Some(0.6) };
        let picture = paint(&photo, [4, 1], &[(0, &map)], style);
        assert_eq!(pixel(&picture, 350, 50), [10, 200, 30], "inside");
        let [r, g, b] = pixel(&picture, 50, 50);
        assert!(r.abs_diff(g) < 45 && g.abs_diff(b) < 45, "outside is grey: {r} {g} {b}");
        assert_eq!(pixel(&picture, 300, 50), [255, 255, 255], "a line between them");
    }

    #[test]
    fn heads_have_their_colours() {
        let photo = flat(400, 100, [90, 90, 90, 255]);
        let maps: [(usize, &[f32]); 2] = [(0, &[1.0, 0.0]), (1, &[0.0, 1.0])];
        let style = Style { mode: Mode::Heads, opacity: 1.0, mass: None };
        let picture = paint(&photo, [2, 1], &maps, style);
        let [left, right] = [pixel(&picture, 100, 50), pixel(&picture, 300, 50)];
        assert!(left[0] > left[2] && right[2] > right[0], "{left:?} {right:?}");
    }

    #[test]
    fn one_bright_patch_does_not_darken_the_others() {
        let mut map: Vec<f32> = (0..1000).map(|i| i as f32 / 1000.0).collect();
        map[500] = 50.0;
        assert!(range(&map)[1] < 1.0);
        assert_eq!(range(&[0.25, 0.5]), [0.25, 0.5]);
        assert_eq!(range(&[]), [0.0, 0.0]);
        assert_eq!(range(&[f32::NAN]), [0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_the_size_stays(
            (width, height) in (1usize..40, 1usize..40),
            (across, down) in (0usize..12, 0usize..12),
            values in prop::collection::vec(-1f32..1., 0..150),
            (opacity, mass) in (-1f32..2., prop::option::of(-1f32..2.)),
            patch in 0usize..200,
        ) {
            let photo = flat(width, height, [1, 2, 3, 255]);
            for mode in [Mode::Heat, Mode::Mask, Mode::Heads] {
                let maps: [(usize, &[f32]); 2] = [(0, &values), (9, &values)];
                let mut picture = paint(&photo, [across, down], &maps, Style { mode, opacity, mass });
                mark(&mut picture, [across, down], patch);
                prop_assert_eq!(picture.rgba.len(), photo.rgba.len());
            }
        }
    }
}
