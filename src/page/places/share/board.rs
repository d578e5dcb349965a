//! Board, a canvas to put pictures and words on. The browser draws the words, so every script has its letters.
//! Invariant: what is read back from it is what was put on it, without any metadata.

use crate::client::dom::describe;
use crate::ui::canvas;
use dino_core::data::picture::Picture;
use futures_channel::oneshot;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement};

/// Pictures stand on a dark mat, whatever the theme.
pub const MAT: &str = "#0f0e14";
pub const INK: &str = "#eceaf2";
pub const SOFT: &str = "#aba6b9";

/// Font of all words.
const FONT: &str =
    "system-ui, 'Noto Sans', 'PingFang TC', 'Microsoft JhengHei', 'Noto Sans TC', sans-serif";

pub struct Board {
    pub canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

/// The size of letters in pixels, and their colour.
#[derive(Clone, Copy)]
pub struct Pen<'a>(pub u32, pub &'a str);

impl Board {
    /// A canvas of one colour.
    ///
    /// # Errors
    /// The browser's words where it gives no canvas.
    pub fn new(width: u32, height: u32, colour: &str) -> Result<Self, String> {
        let make = || -> Result<Self, JsValue> {
            let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
            canvas.set_width(width);
            canvas.set_height(height);
            let context = canvas.get_context("2d")?.ok_or("no 2d context")?;
            Ok(Self { canvas, context: context.unchecked_into() })
        };
        let board = make().map_err(|error| describe(&error))?;
        board.fill([0, 0, width, height], colour);
        board.context.set_text_baseline("middle");
        board.context.set_image_smoothing_enabled(false);
        Ok(board)
    }

    /// A box of one colour.
    pub fn fill(&self, [x, y, width, height]: [u32; 4], colour: &str) {
        self.context.set_fill_style_str(colour);
        self.context.fill_rect(x.into(), y.into(), width.into(), height.into());
    }

    /// The line around a box.
    pub fn frame(&self, [x, y, width, height]: [f64; 4], colour: &str) {
        for (width_of_line, colour) in [(4.0, MAT), (2.0, colour)] {
            self.context.set_line_width(width_of_line);
            self.context.set_stroke_style_str(colour);
            self.context.stroke_rect(x, y, width, height);
        }
    }

    /// Puts pixels at a place.
    ///
    /// # Errors
    /// The browser's words.
    pub fn put(&self, pixels: &Picture, [x, y]: [u32; 2]) -> Result<(), String> {
        let put = || -> Result<(), JsValue> {
            self.context.put_image_data(&canvas::image_data(pixels)?, x.into(), y.into())
        };
        put().map_err(|error| describe(&error))
    }

    /// Puts another canvas into a box.
    ///
    /// # Errors
    /// The browser's words.
    pub fn draw(&self, canvas: &HtmlCanvasElement, [x, y, w, h]: [f64; 4]) -> Result<(), String> {
        let context = &self.context;
        let drawn = context.draw_image_with_html_canvas_element_and_dw_and_dh(canvas, x, y, w, h);
        drawn.map_err(|error| describe(&error))
    }

    /// One line of words, its middle at `y`, narrower if there is no room.
    pub fn write(&self, words: &str, [x, y]: [u32; 2], room: u32, Pen(size, colour): Pen<'_>) {
        self.context.set_font(&format!("{size}px {FONT}"));
        self.context.set_fill_style_str(colour);
        // Fails for sizes only that are none.
        let _ = self.context.fill_text_with_max_width(words, x.into(), y.into(), room.into());
    }

    /// Width of words in pixels.
    pub fn width_of(&self, words: &str, size: u32) -> f64 {
        self.context.set_font(&format!("{size}px {FONT}"));
        self.context.measure_text(words).map_or(0.0, |found| found.width())
    }

    /// Parts in as few lines as there is room for, " · " between them.
    pub fn wrapped(&self, parts: &[String], room: u32, size: u32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for part in parts {
            let longer = lines.last().map(|line| format!("{line} · {part}"));
            let fits = longer.filter(|l| self.width_of(l, size) <= f64::from(room));
            match (fits, lines.last_mut()) {
                (Some(longer), Some(line)) => *line = longer,
                _ => lines.push(part.clone()),
            }
        }
        lines
    }

    /// Its pixels.
    ///
    /// # Errors
    /// The browser's words.
    pub fn pixels(&self) -> Result<Picture, String> {
        let (width, height) = (self.canvas.width(), self.canvas.height());
        let read = self.context.get_image_data(0.0, 0.0, width.into(), height.into());
        let rgba = read.map_err(|error| describe(&error))?.data().0;
        Ok(Picture { width: width as usize, height: height as usize, rgba })
    }

    /// A PNG of it.
    ///
    /// # Errors
    /// The browser's words, or the size of a canvas that it makes no PNG of.
    pub async fn png(&self) -> Result<Blob, String> {
        let (sender, receiver) = oneshot::channel();
        let done = Closure::once_into_js(move |blob: JsValue| {
            // Nobody waits any more when the page is gone.
            let _ = sender.send(blob);
        });
        let asked = self.canvas.to_blob_with_type(done.unchecked_ref(), "image/png");
        asked.map_err(|error| describe(&error))?;
        let blob = receiver.await.ok().and_then(|blob| blob.dyn_into::<Blob>().ok());
        blob.ok_or_else(|| format!("{} × {}", self.canvas.width(), self.canvas.height()))
    }
}
