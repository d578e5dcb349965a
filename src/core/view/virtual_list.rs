//! Virtual list: a long list of equal tiles in rows, of which only those in sight are on the page: what is in
//! sight, where a tile lies, where a key leads. Invariant: no number of tiles and no size of the window makes
//! more than the rows in sight and [`SPARE`] on either side.

use std::ops::Range;

/// Rows kept ready above and below what is in sight, so that scrolling never meets a hole.
pub const SPARE: usize = 2;

/// Tiles across a width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tiles {
    pub columns: usize,
    /// Side of a tile, pixels.
    pub side: f64,
    /// Between tiles, pixels.
    pub gap: f64,
}

/// A key that moves through the tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Tiles {
    /// As many tiles of at least `least` pixels as fit into `width`, stretched to fill it.
    pub fn across(width: f64, least: f64, gap: f64) -> Self {
        let columns = ((width + gap) / (least + gap)).floor().max(1.0);
        let side = ((width - gap * (columns - 1.0)) / columns).max(1.0);
        Self { columns: columns as usize, side, gap }
    }

    /// Height of a row with the gap below it.
    fn row(&self) -> f64 {
        self.side + self.gap
    }

    /// Height of so many tiles.
    pub fn height(&self, count: usize) -> f64 {
        (count.div_ceil(self.columns) as f64 * self.row() - self.gap).max(0.0)
    }

    /// Left and top of a tile.
    pub fn place(&self, index: usize) -> (f64, f64) {
        let (column, row) = (index % self.columns, index / self.columns);
        (column as f64 * self.row(), row as f64 * self.row())
    }

    /// The tiles to be on the page when a window of `height` is scrolled to `top`.
    pub fn in_sight(&self, top: f64, height: f64, count: usize) -> Range<usize> {
        let first = (top.max(0.0) / self.row()).floor() as usize;
        let rows = (height.max(0.0) / self.row()).ceil() as usize + 1;
        // A list that became shorter may still be scrolled beyond its end.
        let first = first.min(count.div_ceil(self.columns).saturating_sub(rows));
        let (begin, end) = (first.saturating_sub(SPARE), first + rows + SPARE);
        (begin * self.columns).min(count)..(end * self.columns).min(count)
    }

    /// Where a key leads from a tile; `None` if there are no tiles.
    pub fn go(&self, from: usize, to: Move, height: f64, count: usize) -> Option<usize> {
        let last = count.checked_sub(1)?;
        let from = from.min(last);
        let page = self.columns * ((height / self.row()).floor() as usize).max(1);
        Some(match to {
            Move::Left => from.saturating_sub(1),
            Move::Right => (from + 1).min(last),
            Move::Up => from.checked_sub(self.columns).unwrap_or(from),
            Move::Down if from + self.columns <= last => from + self.columns,
            // Into a last row that is not full.
            Move::Down if from / self.columns < last / self.columns => last,
            Move::Down => from,
            Move::PageUp => from.checked_sub(page).unwrap_or(from % self.columns),
            Move::PageDown => (from + page).min(last),
            Move::First => 0,
            Move::Last => last,
        })
    }

    /// Where to scroll so that a tile is wholly in sight; `None` if it is.
    pub fn reveal(&self, index: usize, top: f64, height: f64) -> Option<f64> {
        let (_, y) = self.place(index);
        if y < top {
            Some(y)
        } else if y + self.side > top + height {
            Some(y + self.side - height)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tiles_fill_the_width() {
        let tiles = Tiles::across(340.0, 64.0, 6.0);
        assert_eq!(tiles.columns, 4);
        assert!((tiles.side * 4.0 + 6.0 * 3.0 - 340.0).abs() < 1e-9);
        assert_eq!(Tiles::across(10.0, 64.0, 6.0).columns, 1);
    }

    #[test]
    fn keys_stay_in_the_list() {
        let tiles = Tiles { columns: 4, side: 60.0, gap: 4.0 };
        let go = |from, to| tiles.go(from, to, 200.0, 10);
        assert_eq!(go(0, Move::Left), Some(0));
        assert_eq!(go(9, Move::Right), Some(9));
        assert_eq!(go(1, Move::Up), Some(1));
        assert_eq!(go(5, Move::Down), Some(9));
        assert_eq!(go(7, Move::Down), Some(9));
        assert_eq!(go(8, Move::Down), Some(8));
        assert_eq!(go(9, Move::PageUp), Some(1));
        assert_eq!(go(0, Move::Last), Some(9));
        assert_eq!(tiles.go(0, Move::Down, 200.0, 0), None);
    }

    proptest! {
        #[test]
        fn what_is_in_sight_is_on_the_page(
            width in 50.0f64..2000.0, top in 0.0f64..1e6, height in 0.0f64..2000.0, count in 0usize..6000,
        ) {
            let tiles = Tiles::across(width, 64.0, 6.0);
            let top = top.min((tiles.height(count) - height).max(0.0));
            let shown = tiles.in_sight(top, height, count);
            for index in 0..count {
                let (_, y) = tiles.place(index);
                let seen = y < top + height && y + tiles.side > top;
                prop_assert!(!seen || shown.contains(&index), "{index} of {shown:?}");
            }
            let rows = (height / tiles.row()).ceil() as usize + 1 + 2 * SPARE;
            prop_assert!(shown.len() <= rows * tiles.columns);
        }

        #[test]
        fn a_revealed_tile_is_in_sight(index in 0usize..6000, top in 0.0f64..1e5, height in 200.0f64..900.0) {
            let tiles = Tiles::across(340.0, 64.0, 6.0);
            let top = tiles.reveal(index, top, height).unwrap_or(top);
            prop_assert_eq!(tiles.reveal(index, top, height), None);
        }
    }
}
