//! Film of a time-lapse, as frames on one canvas: pinned images since they were pinned, or the snapshots of the
//! image that is shown. Invariant: what was shown and nothing between; at most [`MOST`] frames.

use crate::context::Page;
use crate::i18n::Text;
use crate::places::share::board::{Board, INK, MAT, Pen, SOFT};
use crate::places::share::map;
use crate::state::request;
use crate::ui::canvas;
use dino_core::data::picture::Picture;
use dino_core::protocol::{Command, Event, View};
use dino_core::run::network::Network;
use dino_core::share::sheet;
use dino_core::share::sheet::{LINE, Sheet};
use dino_core::view::overlay;
use dino_core::view::overlay::Grid;
use dino_core::view::resize;
use js_sys::{Array, Promise};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;

/// Frames at most; longer time-lapses are thinned evenly.
const MOST: usize = 60;

/// Long side in pixels of the only image, of a few, and of many.
const SIDES: [(usize, usize); 3] = [(1, 480), (4, 320), (8, 224)];

/// A frame lasts so many hundredths of a second, in a short film longer; the last stays.
const PACE: u16 = 12;
const SLOW: u16 = 45;
const SHORT: usize = 16;
const LAST: u16 = 200;

const WORDS: u32 = 19;

struct Tile {
    photo: Picture,
    /// By frame; an image that was pinned later has none at first.
    maps: Vec<Option<(Grid, Vec<f32>)>>,
}

pub struct Film {
    pub board: Board,
    sheet: Sheet,
    tile: [u32; 2],
    tiles: Vec<Tile>,
    steps: Vec<u64>,
    lines: Vec<String>,
    opacity: f32,
    text: &'static Text,
}

/// Waits without holding the page up.
pub async fn wait(time: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                // A promise's own function does not fail.
                let _ = resolve.call0(&wasm_bindgen::JsValue::NULL);
            },
            time,
        );
    });
    let _ = JsFuture::from(promise).await;
}

impl Film {
    /// The film of what there is; `step` is told how many of how many snapshots were watched, and answers
    /// whether anybody still waits.
    ///
    /// # Errors
    /// A sentence if there are not two frames yet.
    pub async fn of(page: Page, told: impl Fn(usize, usize) -> bool) -> Result<Self, String> {
        let text = page.words.now();
        let (tiles, steps, first) = match pinned(page) {
            Some((tiles, steps)) => (tiles, steps, Vec::new()),
            None => snapshots(page, told).await?,
        };
        if steps.len() < 2 || tiles.is_empty() {
            return Err(text.share.no_film.to_owned());
        }
        let tile = tiles.iter().fold([0, 0], |[w, h], tile: &Tile| {
            let [width, height] = canvas::size(&tile.photo);
            [width.max(w), height.max(h)]
        });
        let plain = sheet::sheet(tiles.len(), tile, false, 0);
        let run = page.model.run.get_untracked();
        let mut made = first;
        made.extend(run.map(|run| map::of_settings(text, &run.settings)).unwrap_or_default());
        made.push(text.frame.title.to_owned());
        let room = plain.width - 2 * sheet::GAP;
        let lines = Board::new(1, 1, MAT)?.wrapped(&made, room, WORDS - 3);
        let sheet = sheet::sheet(tiles.len(), tile, false, lines.len() as u32 + 1);
        // Video codecs want even sides.
        let even = |n: u32| n.next_multiple_of(2);
        let board = Board::new(even(sheet.width), even(sheet.height), MAT)?;
        let opacity = page.model.attention.opacity.get_untracked();
        Ok(Self { board, sheet, tile, tiles, steps, lines, opacity, text })
    }

    pub fn frames(&self) -> usize {
        self.steps.len()
    }

    /// How long a frame is shown, in hundredths of a second.
    pub fn hundredths(&self, frame: usize) -> u16 {
        match frame + 1 == self.frames() {
            true => LAST,
            false if self.frames() < SHORT => SLOW,
            false => PACE,
        }
    }

    /// Frames that have all the colours that there are: the first, the last, and some between.
    pub fn samples(&self) -> Vec<usize> {
        let last = self.frames().saturating_sub(1);
        let mut samples: Vec<usize> = (0..5).map(|i| i * last / 4).collect();
        samples.dedup();
        samples
    }

    /// Puts a frame on the board.
    ///
    /// # Errors
    /// The browser's words.
    pub fn draw(&self, frame: usize) -> Result<(), String> {
        let (board, sheet) = (&self.board, &self.sheet);
        board.fill([0, 0, board.canvas.width(), board.canvas.height()], MAT);
        for (tile, [x, y]) in self.tiles.iter().zip(sheet.tiles.iter().copied()) {
            let picture = match tile.maps.get(frame) {
                Some(Some((grid, map))) => {
                    overlay::heat(&tile.photo, *grid, map, overlay::range(map), self.opacity)
                }
                _ => tile.photo.clone(),
            };
            let ([w, h], [width, height]) = (self.tile, canvas::size(&picture));
            let at = [x + (w - width) / 2, y + (h - height) / 2];
            board.put(&picture, at)?;
        }
        let room = sheet.width - 2 * sheet::GAP;
        let step = self.steps.get(frame).copied().unwrap_or_default();
        let words = (self.text.share.step)(step);
        board.write(&words, [sheet::GAP, sheet.caption + LINE / 2], room, Pen(WORDS, INK));
        for (i, line) in self.lines.iter().enumerate() {
            let y = sheet.caption + (i as u32 + 1) * LINE + LINE / 2;
            board.write(line, [sheet::GAP, y], room, Pen(WORDS - 3, SOFT));
        }
        Ok(())
    }

    /// The pixels of a frame.
    ///
    /// # Errors
    /// The browser's words.
    pub fn pixels(&self, frame: usize) -> Result<Picture, String> {
        self.draw(frame)?;
        self.board.pixels()
    }
}

/// Places of at most [`MOST`] of so many, evenly, the first and the last among them.
fn thinned(count: usize) -> Vec<usize> {
    let kept = count.min(MOST);
    let last = count.saturating_sub(1);
    (0..kept).map(|i| i * last / kept.saturating_sub(1).max(1)).collect()
}

fn side(tiles: usize) -> usize {
    SIDES.into_iter().find(|(most, _)| tiles <= *most).map_or(SIDES[2].1, |(_, side)| side)
}

/// The photograph of an image, as fine as the page has it.
fn photo(page: Page, image: usize, side: usize) -> Option<Picture> {
    let crops = page.model.crops.get_untracked().filter(|crops| crops.image == image);
    let fine = crops.map(|crops| crops.original.clone());
    let small = || {
        let found = page.model.images.with_untracked(|all| Some(all.get(image)?.thumbnail.clone()));
        found?.pixels()
    };
    fine.or_else(small).map(|pixels| resize::resized(&pixels, side))
}

/// The pinned images, if they were shown at two steps.
fn pinned(page: Page) -> Option<(Vec<Tile>, Vec<u64>)> {
    let attention = page.model.attention;
    let images = attention.pinned.get_untracked();
    attention.lapse.with_untracked(|lapse| {
        let shown = |frame: usize| images.iter().any(|image| lapse.map(frame, *image).is_some());
        let frames: Vec<usize> = (0..lapse.frames.len()).filter(|frame| shown(*frame)).collect();
        let frames: Vec<usize> =
            thinned(frames.len()).into_iter().filter_map(|i| frames.get(i).copied()).collect();
        if frames.len() < 2 {
            return None;
        }
        let steps = frames.iter().filter_map(|i| lapse.frames.get(*i)).map(|f| f.step).collect();
        let tile = |image: &usize| {
            let map = |frame: &usize| {
                let map = lapse.map(*frame, *image)?;
                Some((map.maps.grid, map.maps.head(0).to_vec()))
            };
            let photo = photo(page, *image, side(images.len()))?;
            Some(Tile { photo, maps: frames.iter().map(map).collect() })
        };
        Some((images.iter().filter_map(tile).collect(), steps))
    })
}

/// The image that is shown at every snapshot and now, the head that is shown or the mean.
async fn snapshots(
    page: Page,
    told: impl Fn(usize, usize) -> bool,
) -> Result<(Vec<Tile>, Vec<u64>, Vec<String>), String> {
    let text = page.words.now();
    let attention = page.model.attention;
    let none = || text.share.no_film.to_owned();
    let back = attention.asked.get_value().ok_or_else(none)?;
    let now = page.model.step_untracked();
    let mut all: Vec<u64> = attention.snapshots.get_untracked();
    all.retain(|step| *step < now);
    let mut wanted: Vec<Option<u64>> =
        thinned(all.len()).into_iter().map(|i| all.get(i).copied()).collect();
    wanted.push(None);
    if wanted.len() < 2 {
        return Err(none());
    }
    let photo = photo(page, back.image, side(1)).ok_or_else(none)?;
    let layers = page.model.run.with_untracked(|run| run.as_ref().map_or(1, |run| run.layers));
    // What is looked through now may be another network.
    let last = layers.saturating_sub(1);
    let layer = attention.layer.get_untracked().map_or(last, |layer| layer.min(last));
    let side = untrack(|| request::side_of_run(page.model));
    let head = attention.head.get_untracked();
    let (mut maps, mut steps) = (Vec::new(), Vec::new());
    let mut failed = None;
    for (i, snapshot) in wanted.iter().enumerate() {
        if !told(i, wanted.len()) {
            break;
        }
        let network = snapshot.map_or(Network::Teacher, Network::Snapshot);
        let view = View { network, layer, side, ..back.clone() };
        match page.call(Command::Watch { view }, &Array::new()).await {
            Ok(Event::AttentionView(answer)) => {
                let of_head = head.filter(|head| *head < answer.maps.heads);
                let map =
                    of_head.map_or_else(|| answer.maps.mean(), |h| answer.maps.head(h).to_vec());
                maps.push(Some((answer.maps.grid, map)));
                steps.push(answer.step);
            }
            Ok(_) => {}
            Err(message) => failed = Some(message),
        }
    }
    // What is watched again, as before.
    let view = attention.asked.get_value().unwrap_or(back.clone());
    if let Ok(Event::AttentionView(answer)) =
        page.call(Command::Watch { view }, &Array::new()).await
    {
        attention.take(answer);
    }
    if let Some(message) = failed {
        return Err(message);
    }
    let which = head.map_or_else(|| text.attention.mean.to_owned(), text.attention.head);
    let layer = (text.share.layer)(layer + 1, layers);
    Ok((vec![Tile { photo, maps }], steps, vec![text.attention.teacher.to_owned(), layer, which]))
}
