//! GIF clip that plays for ever. One palette for all frames, so that nothing flickers, made from samples of
//! them; a pixel that did not change is left transparent, which keeps the file small. Invariant: every frame
//! has the size of the first.

use crate::data::picture::Picture;
use crate::error::{Error, ImageProblem, Result};
use color_quant::NeuQuant;
use gif::{DisposalMethod, Encoder, Frame, Repeat};
use std::borrow::Cow;

/// Colours; the last index of a GIF's 256 means "as before".
const COLOURS: usize = 255;
const AS_BEFORE: u8 = 255;

/// Pixels that the palette is made from, at most.
const SAMPLED: usize = 250_000;

/// Every so many of the samples is learned from: 1 is best, 30 fastest.
const SAMPLE_FACTOR: i32 = 3;

/// Bits of a colour's channel by which its place in the palette is remembered.
const BITS: u32 = 6;

/// A clip that is being written.
pub struct Clip {
    encoder: Encoder<Vec<u8>>,
    size: [u16; 2],
    palette: NeuQuant,
    /// Index in the palette + 1 by the colour's upper bits; 0 = not looked for yet.
    known: Vec<u16>,
    last: Vec<u8>,
}

impl Clip {
    /// A clip whose colours are those of the samples: some of its frames, all of one size.
    ///
    /// # Errors
    /// [`Error::Image`] if there are none, or they differ in size or have more than 65535 pixels a side.
    pub fn new(samples: &[&Picture]) -> Result<Self> {
        let first = samples.first().ok_or_else(|| refused(ImageProblem::NoFrames))?;
        let side = |n: usize| u16::try_from(n).ok().filter(|n| *n > 0);
        let size = side(first.width).zip(side(first.height));
        let found = [first.width, first.height];
        let (width, height) =
            size.ok_or_else(|| refused(ImageProblem::TooLargeForFormat { found }))?;
        let size = [width, height];
        let pixels: usize = samples.iter().map(|sample| sample.rgba.len() / 4).sum();
        let step = pixels.div_ceil(SAMPLED).max(1);
        let mut colours = Vec::with_capacity(pixels / step * 4);
        for sample in samples {
            check(sample, size)?;
            colours.extend(sample.rgba.chunks_exact(4).step_by(step).flatten());
        }
        // Fewer than it learns from at once are repeated.
        while colours.len() < 4 * 1000 {
            colours.extend_from_within(..);
        }
        let palette = NeuQuant::new(SAMPLE_FACTOR, COLOURS, &colours);
        let mut table = palette.color_map_rgb();
        table.resize(3 * 256, 0);
        let mut encoder = Encoder::new(Vec::new(), width, height, &table).map_err(unwritable)?;
        encoder.set_repeat(Repeat::Infinite).map_err(unwritable)?;
        let known = vec![0; 1 << (3 * BITS)];
        Ok(Self { encoder, size, palette, known, last: Vec::new() })
    }

    /// Appends a frame that is shown for so many hundredths of a second.
    ///
    /// # Errors
    /// [`Error::Image`] if it has another size.
    pub fn push(&mut self, frame: &Picture, hundredths: u16) -> Result<()> {
        check(frame, self.size)?;
        let indices: Vec<u8> = frame.rgba.chunks_exact(4).map(|p| self.index(p)).collect();
        let first = self.last.is_empty();
        let buffer: Vec<u8> = if first {
            indices.clone()
        } else {
            let changed = |(new, old): (&u8, &u8)| if new == old { AS_BEFORE } else { *new };
            indices.iter().zip(&self.last).map(changed).collect()
        };
        let [width, height] = self.size;
        let frame = Frame {
            width,
            height,
            delay: hundredths,
            dispose: DisposalMethod::Keep,
            transparent: (!first).then_some(AS_BEFORE),
            buffer: Cow::Owned(buffer),
            ..Frame::default()
        };
        self.encoder.write_frame(&frame).map_err(unwritable)?;
        self.last = indices;
        Ok(())
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`Error::Image`] if nothing was appended.
    pub fn finish(self) -> Result<Vec<u8>> {
        if self.last.is_empty() {
            return Err(refused(ImageProblem::NoFrames));
        }
        self.encoder.into_inner().map_err(unwritable)
    }

    /// The colour of the palette that is nearest to a pixel.
    fn index(&mut self, pixel: &[u8]) -> u8 {
        let [r, g, b] = [0, 1, 2].map(|i| pixel.get(i).copied().unwrap_or_default());
        let cut = 8 - BITS;
        let upper = [r, g, b].map(|c| usize::from(c >> cut));
        let place = upper.iter().fold(0, |place, c| place << BITS | c);
        let Some(known) = self.known.get_mut(place) else { return 0 };
        if *known == 0 {
            // The middle of what shares the upper bits, so that no order of pixels matters.
            let middle = |c: usize| (c << cut | 1 << (cut - 1)) as u8;
            let [r, g, b] = upper.map(middle);
            *known = self.palette.index_of(&[r, g, b, 255]) as u16 + 1;
        }
        (*known - 1) as u8
    }
}

fn check(frame: &Picture, [width, height]: [u16; 2]) -> Result<()> {
    let (w, h) = (usize::from(width), usize::from(height));
    let same = frame.width == w && frame.height == h;
    if same && frame.rgba.len() == w * h * 4 {
        return Ok(());
    }
    let [across, down, bytes] = [frame.width, frame.height, frame.rgba.len()];
    if same {
        return Err(refused(ImageProblem::NotFilled { width: across, height: down, bytes }));
    }
    Err(refused(ImageProblem::Size { expected: [w, h], found: [across, down] }))
}

fn refused(problem: ImageProblem) -> Error {
    Error::image("", problem)
}

fn unwritable(error: impl ToString) -> Error {
    refused(ImageProblem::Unwritable(error.to_string()))
}
