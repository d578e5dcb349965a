//! What leaves the page: a map in a link, pictures on a sheet, clips, a page in one file. Pure, no browser
//! types. Invariant: only pixels and numbers go in; no file's name, path or metadata can.

pub mod gif;
pub mod html;
pub mod map_link;
mod quantize;
pub mod sheet;

use crate::protocol::{Pixels, Seer};
use crate::run::settings::Settings;
use crate::view::overlay::{Grid, Mode};
use crate::view::timelapse::mean;

/// All maps of a layer over the photograph that they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedMap {
    pub photo: Pixels,
    /// Patches across and down.
    pub grid: Grid,
    pub heads: usize,
    /// (heads, patches)
    pub values: Vec<f32>,
    pub seer: Seer,
    /// Block, from 0, of so many.
    pub layer: usize,
    pub layers: usize,
    /// Steps that the network was trained; 0 of the starter.
    pub step: u64,
    /// Of the run, if they are known.
    pub settings: Option<Settings>,
}

impl SharedMap {
    pub fn patches(&self) -> usize {
        self.grid[0] * self.grid[1]
    }

    /// The map of a head; empty past the last.
    pub fn head(&self, head: usize) -> &[f32] {
        let from = head.saturating_mul(self.patches());
        self.values.get(from..from.saturating_add(self.patches())).unwrap_or_default()
    }

    /// The mean over the heads.
    pub fn mean(&self) -> Vec<f32> {
        mean(&self.values, self.patches())
    }

    /// The maps that a picture in this mode is made of, each with its head: of one head, or of all where
    /// the mode shows them in their colours, otherwise `mean`.
    pub fn maps<'a>(
        &'a self,
        head: Option<usize>,
        mode: Mode,
        mean: &'a [f32],
    ) -> Vec<(usize, &'a [f32])> {
        match (mode, head) {
            (_, Some(head)) => vec![(head, self.head(head))],
            (Mode::Heads, None) => (0..self.heads).map(|h| (h, self.head(h))).collect(),
            (_, None) => vec![(0, mean)],
        }
    }
}
