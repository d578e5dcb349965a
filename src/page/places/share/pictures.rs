//! Shared images: one map, all heads, crops, charts, each on a sheet with its caption.
//! Invariant: a picture is made of what is shown at one time; nothing moves under a preview.

use crate::context::Page;
use crate::i18n::Text;
use crate::places::charts::lines::{self, Chart, LineStyle};
use crate::places::share::board::{Board, INK, MAT, Pen, SOFT};
use crate::places::share::map;
use crate::ui::canvas;
use dino_core::data::picture::Picture;
use dino_core::eval::metrics::Place;
use dino_core::protocol::Crop;
use dino_core::share::SharedMap;
use dino_core::share::sheet;
use dino_core::share::sheet::{LABEL, LINE, Sheet};
use dino_core::view::overlay;
use dino_core::view::overlay::Mode;
use dino_core::view::resize;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement, HtmlElement};

/// Long side in pixels of a map alone, of one of several, and of a crop.
const LARGE: usize = 1024;
const SMALL: usize = 320;
const MANY: usize = 224;
const CROP: u32 = 256;

/// Heads above which their pictures are smaller.
const FEW: usize = 8;

/// Sizes of letters.
const WORDS: u32 = 19;
const NAME: u32 = 17;

/// Frames of crops, as in the page.
const GLOBAL: &str = "#f0a020";
const LOCAL: &str = "#56b4e9";

/// A sheet with a caption of these parts, as many lines as they need.
fn sheet_for(
    count: usize,
    tile: [u32; 2],
    labels: bool,
    caption: &[Vec<String>],
) -> Result<(Board, Sheet, Vec<String>), String> {
    let plain = sheet::sheet(count, tile, labels, 0);
    let room = plain.width - 2 * sheet::GAP;
    let measure = Board::new(1, 1, MAT)?;
    let lines: Vec<String> =
        caption.iter().flat_map(|parts| measure.wrapped(parts, room, WORDS)).collect();
    let sheet = sheet::sheet(count, tile, labels, lines.len() as u32);
    let board = Board::new(sheet.width, sheet.height, MAT)?;
    Ok((board, sheet, lines))
}

fn write_caption(board: &Board, sheet: &Sheet, lines: &[String]) {
    let room = sheet.width - 2 * sheet::GAP;
    for (i, line) in lines.iter().enumerate() {
        let pen = Pen(WORDS, if i == 0 { INK } else { SOFT });
        let y = sheet.caption + i as u32 * LINE + LINE / 2;
        board.write(line, [sheet::GAP, y], room, pen);
    }
}

fn label(board: &Board, [x, y]: [u32; 2], [width, height]: [u32; 2], words: &str) {
    board.write(words, [x, y + height + LABEL / 2], width, Pen(NAME, INK));
}

/// The lines under a map: what it is of, how it was made, where.
fn caption(text: &Text, shared: &SharedMap, more: Vec<String>) -> Vec<Vec<String>> {
    let mut first = map::of_map(text, shared);
    first.extend(more);
    let mut lines = vec![first];
    let mut made: Vec<String> =
        shared.settings.as_ref().map(|s| map::of_settings(text, s)).unwrap_or_default();
    made.push(text.frame.title.to_owned());
    lines.push(made);
    lines
}

/// The map that is shown, over its photograph.
///
/// # Errors
/// A sentence if no map is shown, or the browser's words.
pub fn one(page: Page) -> Result<Board, String> {
    let text = page.words.now();
    let shared = map::shown(page).ok_or(text.share.no_map)?;
    let (style, head) = (map::style(page), page.model.attention.head.get_untracked());
    let (photo, mean) = (resize::resized(&shared.photo, LARGE), shared.maps.mean());
    let maps = shared.maps.select(head, style.mode, &mean);
    let picture = overlay::paint(&photo, shared.maps.grid, &maps, style);
    let coloured = style.mode == Mode::Heads && head.is_none();
    let which = match head {
        Some(head) => (text.attention.head)(head),
        None if coloured => text.attention.all_heads.to_owned(),
        None => text.attention.mean.to_owned(),
    };
    let mut more = vec![which];
    let percent = |share: f32| (share * 100.0).round() as u32;
    more.extend(style.mass.map(|share| (text.share.outline)(percent(share))));
    let size = canvas::size(&picture);
    let (board, sheet, lines) = sheet_for(1, size, coloured, &caption(text, &shared, more))?;
    let [x, y] = sheet.tiles[0];
    board.put(&picture, [x, y])?;
    if coloured {
        legend(&board, text, shared.maps.heads, [x, y + size[1] + LABEL / 2]);
    }
    write_caption(&board, &sheet, &lines);
    Ok(board)
}

/// Which colour is which head.
fn legend(board: &Board, text: &Text, heads: usize, [left, y]: [u32; 2]) {
    let mut x = left;
    for head in 0..heads {
        let [r, g, b] = overlay::head_colour(head);
        board.fill([x, y - 7, 14, 14], &format!("rgb({r} {g} {b})"));
        let words = (text.attention.head)(head);
        board.write(&words, [x + 20, y], 200, Pen(NAME, INK));
        x += 20 + board.width_of(&words, NAME) as u32 + 22;
    }
}

/// The original, all heads together, and each.
///
/// # Errors
/// A sentence if no map is shown, or the browser's words.
pub fn heads(page: Page) -> Result<Board, String> {
    let text = page.words.now();
    let shared = map::shown(page).ok_or(text.share.no_map)?;
    let style = map::style(page);
    let side = if shared.maps.heads > FEW { MANY } else { SMALL };
    let (photo, mean) = (resize::resized(&shared.photo, side), shared.maps.mean());
    let together = match style.mode {
        Mode::Heads => text.attention.all_heads,
        _ => text.attention.mean,
    };
    let mut tiles = vec![(text.share.original.to_owned(), photo.clone())];
    for head in std::iter::once(None).chain((0..shared.maps.heads).map(Some)) {
        let maps = shared.maps.select(head, style.mode, &mean);
        let name = head.map_or_else(|| together.to_owned(), text.attention.head);
        tiles.push((name, overlay::paint(&photo, shared.maps.grid, &maps, style)));
    }
    let percent = |share: f32| (share * 100.0).round() as u32;
    let more = style.mass.map(|share| (text.share.outline)(percent(share)));
    let caption = caption(text, &shared, more.into_iter().collect());
    let size = canvas::size(&photo);
    let (board, sheet, lines) = sheet_for(tiles.len(), size, true, &caption)?;
    for ((name, picture), place) in tiles.iter().zip(&sheet.tiles) {
        board.put(picture, *place)?;
        label(&board, *place, size, name);
    }
    write_caption(&board, &sheet, &lines);
    Ok(board)
}

/// The original with the frames of its crops, and the crops.
///
/// # Errors
/// A sentence if no crops are shown, or the browser's words.
pub fn crops(page: Page) -> Result<Board, String> {
    let text = page.words.now();
    let shown = page.model.crops.get_untracked().ok_or(text.share.no_crops)?;
    let photo = resize::resized(&shown.original, CROP as usize);
    let largest = shown.crops.iter().map(|crop| crop.pixels.width.max(crop.pixels.height)).max();
    let scale = f64::from(CROP) / largest.unwrap_or(1).max(1) as f64;
    let settings = page.model.run.with_untracked(|run| {
        run.as_ref().map(|run| map::of_settings(text, &run.settings)).unwrap_or_default()
    });
    let mut made = settings;
    made.push(text.frame.title.to_owned());
    let count = shown.crops.len() + 1;
    let (board, sheet, lines) = sheet_for(count, [CROP, CROP], true, &[made])?;
    for (i, [x, y]) in sheet.tiles.iter().copied().enumerate() {
        let Some(crop) = i.checked_sub(1).and_then(|i| shown.crops.get(i)) else {
            let [w, h] = canvas::size(&photo).map(f64::from);
            let at = [x, y + CROP - canvas::size(&photo)[1]];
            board.put(&photo, at)?;
            for crop in &shown.crops {
                let [fx, fy, fw, fh] = crop.frame;
                let corner = [f64::from(at[0]) + fx * w, f64::from(at[1]) + fy * h];
                board.frame([corner[0], corner[1], fw * w, fh * h], colour_of(crop));
            }
            label(&board, [x, y], [CROP, CROP], text.share.original);
            continue;
        };
        let [w, h] = canvas::size(&crop.pixels).map(|n| f64::from(n) * scale);
        // At the left and low, where its name is.
        let (left, top) = (f64::from(x), f64::from(y) + f64::from(CROP) - h);
        board.draw(&canvas_of(&crop.pixels)?, [left, top, w, h])?;
        board.frame([left, top, w, h], colour_of(crop));
        label(&board, [x, y], [CROP, CROP], &(text.crops.name)(&crop.name));
    }
    write_caption(&board, &sheet, &lines);
    Ok(board)
}

fn colour_of(crop: &Crop) -> &'static str {
    if crop.name.starts_with("global") { GLOBAL } else { LOCAL }
}

fn canvas_of(pixels: &Picture) -> Result<HtmlCanvasElement, String> {
    let [width, height] = canvas::size(pixels);
    let board = Board::new(width, height, MAT)?;
    board.put(pixels, [0, 0])?;
    Ok(board.canvas)
}

/// The charts that are drawn on the page.
///
/// # Errors
/// A sentence if no chart is drawn, or the browser's words.
pub fn charts(page: Page) -> Result<Board, String> {
    let text = page.words.now();
    let mut drawn = Vec::new();
    for chart in [Place::Main, Place::Schedule].into_iter().flat_map(lines::charts) {
        let at = format!("figure.chart[data-chart='{}'] canvas", chart.name());
        let found = document().query_selector(&at).ok().flatten();
        let canvas = found.and_then(|canvas| canvas.dyn_into::<HtmlCanvasElement>().ok());
        drawn.extend(canvas.filter(|c| c.client_width() > 0).map(|canvas| (chart, canvas)));
    }
    let empty = page.model.history.with_untracked(|history| history.samples().is_empty());
    let Some((_, first)) = drawn.first().filter(|_| !empty) else {
        return Err(text.share.no_charts.to_owned());
    };
    let color = colors(first);
    let (width, height) = drawn.iter().fold((0, 0), |(w, h), (_, canvas)| {
        (w.max(canvas.client_width() as u32), h.max(canvas.client_height() as u32))
    });
    // Sharp on any screen.
    let scale = 2;
    let tile = [width * scale, (height + 28) * scale];
    let shared = page.model.run.get_untracked().map(|run| map::of_settings(text, &run.settings));
    let mut made = vec![(text.share.step)(page.model.step_untracked())];
    made.extend(shared.unwrap_or_default());
    made.push(text.frame.title.to_owned());
    let (board, sheet, lines) = sheet_for(drawn.len(), tile, true, &[made])?;
    board.fill([0, 0, sheet.width, sheet.height], &color("--card"));
    for ((chart, canvas), [x, y]) in drawn.iter().zip(sheet.tiles.iter().copied()) {
        let title = chart.words(text).0;
        board.write(title, [x, y + 14 * scale], tile[0], Pen(17 * scale, &color("--text")));
        let [w, h] = [canvas.client_width(), canvas.client_height()];
        let size = [f64::from(w) * f64::from(scale), f64::from(h) * f64::from(scale)];
        let top = f64::from(y + 28 * scale);
        board.draw(canvas, [f64::from(x), top, size[0], size[1]])?;
        key(&board, *chart, text, [x, y + tile[1] + LABEL / 2], &color);
    }
    let room = sheet.width - 2 * sheet::GAP;
    for (i, line) in lines.iter().enumerate() {
        let y = sheet.caption + i as u32 * LINE + LINE / 2;
        board.write(line, [sheet::GAP, y], room, Pen(WORDS + 6, &color("--soft")));
    }
    Ok(board)
}

/// Which line of a chart is which.
fn key(
    board: &Board,
    chart: Chart,
    text: &Text,
    [left, y]: [u32; 2],
    color: &impl Fn(&str) -> String,
) {
    let mut x = left;
    for (label, style) in chart.lines(text) {
        let name = match style {
            LineStyle::Faint => "--curve-faint",
            LineStyle::Strong => "--curve",
            LineStyle::Dashed | LineStyle::Dotted => "--curve-line",
        };
        let thick = if style == LineStyle::Strong { 6 } else { 3 };
        let dashes = if matches!(style, LineStyle::Dashed | LineStyle::Dotted) { 3 } else { 1 };
        for dash in 0..dashes {
            let wide = 30 / dashes - if dashes > 1 { 4 } else { 0 };
            board.fill([x + dash * 30 / dashes, y - thick / 2, wide, thick], &color(name));
        }
        board.write(label, [x + 38, y], 400, Pen(WORDS + 4, &color("--soft")));
        x += 38 + board.width_of(label, WORDS + 4) as u32 + 30;
    }
}

/// The page's colours where an element stands.
fn colors(at: &HtmlElement) -> impl Fn(&str) -> String + use<> {
    let element: &Element = at;
    let style = window().get_computed_style(element).ok().flatten();
    move |name| {
        let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
        value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).unwrap_or("gray".to_owned())
    }
}
