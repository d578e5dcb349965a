//! Frame of a JPEG: its size, its components and how their blocks lie. Invariant: every count of blocks comes from
//! here, and a frame that is not decoded is refused before memory is taken for it.

use crate::data::jpeg::colour::Colours;
use crate::error::{JpegKind, Rejected};

/// One colour of the image.
#[derive(Debug, Clone)]
pub struct Component {
    pub name: u8,
    /// Blocks of an interleaved unit, across and down.
    pub across: usize,
    pub down: usize,
    /// Its table of quanta.
    pub table: usize,
    /// Blocks that hold samples of the image: those of a scan of its own.
    pub blocks: [usize; 2],
    /// Blocks with those that fill the last interleaved units.
    pub padded: [usize; 2],
}

/// What the frame's header says.
#[derive(Debug, Clone)]
pub struct Frame {
    pub width: usize,
    pub height: usize,
    pub progressive: bool,
    pub components: Vec<Component>,
    /// The largest `across` and `down`.
    pub largest: [usize; 2],
    /// Interleaved units, across and down.
    pub units: [usize; 2],
}

impl Frame {
    /// The frame of a header with that marker.
    pub fn new(marker: u8, header: &[u8]) -> Result<Self, Rejected> {
        let refuse = |kind| Err(Rejected::Jpeg { kind });
        let progressive = match marker {
            0xc0 | 0xc1 => false,
            0xc2 => true,
            0xc3 => return refuse(JpegKind::Lossless),
            0xc9..=0xcb => return refuse(JpegKind::Arithmetic),
            _ => return refuse(JpegKind::Hierarchical),
        };
        let &[bits, h1, h0, w1, w0, count, ref rest @ ..] = header else {
            return Err(Rejected::damaged("its frame header is too short"));
        };
        if bits != 8 {
            return refuse(JpegKind::Deep { bits });
        }
        let width = usize::from(u16::from_be_bytes([w1, w0]));
        let height = usize::from(u16::from_be_bytes([h1, h0]));
        if height == 0 {
            return refuse(JpegKind::NoHeight);
        }
        if width == 0 {
            return Err(Rejected::damaged("it has no pixels"));
        }
        if !matches!(count, 1 | 3 | 4) {
            return refuse(JpegKind::Components { found: count });
        }
        let rows: Vec<_> = rest.chunks_exact(3).take(usize::from(count)).collect();
        if rows.len() != usize::from(count) {
            return Err(Rejected::damaged("its frame header is too short"));
        }
        let mut components = Vec::new();
        for row in rows {
            let &[name, factors, table] = row else { continue };
            let (across, down) = (usize::from(factors >> 4), usize::from(factors & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) || table > 3 {
                return Err(Rejected::damaged(
                    "its frame header has a factor or table that cannot be",
                ));
            }
            let table = usize::from(table);
            components.push(Component {
                name,
                across,
                down,
                table,
                blocks: [0; 2],
                padded: [0; 2],
            });
        }
        Self { width, height, progressive, components, largest: [1; 2], units: [0; 2] }.laid_out()
    }

    fn laid_out(mut self) -> Result<Self, Rejected> {
        for component in &self.components {
            self.largest[0] = self.largest[0].max(component.across);
            self.largest[1] = self.largest[1].max(component.down);
        }
        let [most_across, most_down] = self.largest;
        self.units = [self.width.div_ceil(8 * most_across), self.height.div_ceil(8 * most_down)];
        for component in &mut self.components {
            let (across, down) = (component.across, component.down);
            // libjpeg refuses these too.
            if most_across % across != 0 || most_down % down != 0 {
                let (found, most) =
                    ([across as u8, down as u8], [most_across as u8, most_down as u8]);
                return Err(Rejected::Jpeg { kind: JpegKind::Sampling { found, most } });
            }
            component.blocks = [
                (self.width * across).div_ceil(8 * most_across),
                (self.height * down).div_ceil(8 * most_down),
            ];
            component.padded = [self.units[0] * across, self.units[1] * down];
        }
        Ok(self)
    }

    /// The size of an image, or of one of its components, whose blocks are decoded with these sides.
    pub fn size(&self, of: Option<&Component>, [wide, high]: [usize; 2]) -> [usize; 2] {
        let [most_across, most_down] = self.largest;
        let (across, down) = of.map_or((most_across, most_down), |c| (c.across, c.down));
        [
            (self.width * across * wide).div_ceil(8 * most_across),
            (self.height * down * high).div_ceil(8 * most_down),
        ]
    }

    /// The sides of a component's blocks where those of the image have `side`, and how many times fewer samples it then
    /// has across and down. One of half the resolution is shrunk half as much, as libjpeg does.
    pub fn of_component(&self, component: &Component, side: usize) -> ([usize; 2], [usize; 2]) {
        let own = |most: usize, factor: usize| {
            let (mut side, mut fewer) = (side, most / factor);
            while side < 8 && fewer.is_multiple_of(2) {
                (side, fewer) = (2 * side, fewer / 2);
            }
            (side, fewer)
        };
        let (wide, across) = own(self.largest[0], component.across);
        let (high, down) = own(self.largest[1], component.down);
        ([wide, high], [across, down])
    }

    /// Bytes that it takes to decode it so: coefficients where they come in several scans, samples, and pixels.
    pub fn bytes(&self, side: usize) -> u64 {
        let [width, height] = self.size(None, [side; 2]);
        let channels = if self.components.len() == 1 { 1 } else { 3 };
        let component = |c: &Component| {
            let [wide, high] = self.of_component(c, side).0;
            let block = wide * high + if self.progressive { 128 } else { 0 };
            c.padded[0] * c.padded[1] * block
        };
        let blocks: usize = self.components.iter().map(component).sum();
        (blocks + width * height * channels) as u64
    }

    /// Which colours its components are.
    pub fn colours(&self, jfif: bool, adobe: Option<u8>) -> Result<Colours, Rejected> {
        let names: Vec<u8> = self.components.iter().map(|c| c.name).collect();
        let found = names.len() as u8;
        let unknown = Rejected::Jpeg { kind: JpegKind::Components { found } };
        Colours::of(&names, jfif, adobe).ok_or(unknown)
    }
}
