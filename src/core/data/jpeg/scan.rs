//! Scan of a JPEG: the blocks of one or several components in their order, with restarts. Invariant: a scan of one
//! component has only its blocks that hold samples, one of several has whole interleaved units (T.81, A.2).

use crate::data::jpeg::bits::{Bits, Codes};
use crate::data::jpeg::block::{self, Pass};
use crate::data::jpeg::frame::Frame;
use crate::data::jpeg::idct;
use crate::data::jpeg::standard;
use crate::data::jpeg::upsample::Plane;
use crate::error::Rejected;

/// Tables that stand in the file before a scan.
#[derive(Default)]
pub struct Tables {
    pub quanta: [Option<[u16; 64]>; 4],
    pub dc: [Option<Codes>; 4],
    pub ac: [Option<Codes>; 4],
    /// Units between two restarts, 0 for none.
    pub restart: usize,
}

/// What is known of a component so far.
pub struct State {
    /// Its quanta, of its first scan.
    pub quanta: Option<[u16; 64]>,
    /// Of a progressive image, the coefficients of its blocks.
    pub coefficients: Vec<[i16; 64]>,
    pub plane: Plane,
    /// True when a scan has brought its first coefficients.
    pub begun: bool,
}

/// The header of a scan.
struct Header {
    /// Component, table of the first coefficient and of the others.
    parts: Vec<(usize, usize, usize)>,
    from: usize,
    to: usize,
    refines: bool,
    low: u32,
}

impl Header {
    fn new(frame: &Frame, bytes: &[u8]) -> Result<Self, Rejected> {
        let bad = |words: &str| Err(Rejected::damaged(words));
        let count = usize::from(bytes.first().copied().unwrap_or(0));
        let (Some(rows), Some(&[from, to, bits])) =
            (bytes.get(1..1 + 2 * count), bytes.get(1 + 2 * count..4 + 2 * count))
        else {
            return bad("a scan header is too short");
        };
        let mut parts: Vec<(usize, usize, usize)> = Vec::new();
        for row in rows.chunks_exact(2) {
            let &[name, tables] = row else { continue };
            let known = |(i, _, _): &(usize, usize, usize)| *i;
            let taken: Vec<usize> = parts.iter().map(known).collect();
            // Where two components have one name, the first that is left is meant.
            let mut all = frame.components.iter().enumerate();
            let Some((index, _)) = all.find(|(i, c)| c.name == name && !taken.contains(i)) else {
                return bad("a scan is of a component that the frame does not have");
            };
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            if dc > 3 || ac > 3 {
                return bad("a scan names a table that cannot be");
            }
            parts.push((index, dc, ac));
        }
        if parts.is_empty() {
            return bad("a scan has no component");
        }
        let (from, to, high, low) =
            (usize::from(from), usize::from(to), bits >> 4, u32::from(bits & 15));
        if !frame.progressive {
            return Ok(Self { parts, from: 0, to: 63, refines: false, low: 0 });
        }
        let alone = parts.len() == 1;
        if from > to || to > 63 || low > 13 || (from == 0) != (to == 0) || (from > 0 && !alone) {
            return bad("a scan is of coefficients that cannot be");
        }
        Ok(Self { parts, from, to, refines: high > 0, low })
    }
}

/// A component of a scan: its codes, and the first coefficient before.
struct Part<'a> {
    index: usize,
    dc: Option<&'a Codes>,
    ac: Option<&'a Codes>,
    before: i32,
}

/// Decodes the scan whose header stands at `header` and whose data begin at `at`; returns where they end.
pub fn decode(
    bytes: &[u8],
    header: &[u8],
    at: usize,
    frame: &Frame,
    tables: &Tables,
    states: &mut [State],
) -> Result<usize, Rejected> {
    let header = Header::new(frame, header)?;
    let mut parts = Vec::new();
    // Of a progressive image no table goes without saying.
    let standard = |first: bool| match frame.progressive {
        true => Default::default(),
        false => standard::codes(first),
    };
    let (known_dc, known_ac) = (standard(true), standard(false));
    for &(index, dc, ac) in &header.parts {
        let (dc, ac) = (find(&tables.dc, &known_dc, dc), find(&tables.ac, &known_ac, ac));
        if header.from == 0 && !header.refines && dc.is_none() || header.to > 0 && ac.is_none() {
            return Err(Rejected::damaged("a scan names a table that is missing"));
        }
        parts.push(Part { index, dc, ac, before: 0 });
        begin(frame, tables, states, index, header.from == 0)?;
    }
    let mut bits = Bits::new(bytes, at);
    let mut pass = Pass { from: header.from, to: header.to, low: header.low, empty: 0 };
    let [across, down] = match parts.as_slice() {
        [only] => frame.components.get(only.index).map_or([0; 2], |c| c.blocks),
        _ => frame.units,
    };
    let (mut missing, mut until) = (0, tables.restart);
    for unit in 0..across * down {
        if tables.restart > 0 {
            if until == 0 {
                bits.restart();
                pass.empty = 0;
                parts.iter_mut().for_each(|part| part.before = 0);
                until = tables.restart;
            }
            until -= 1;
        }
        let (x, y) = (unit % across, unit / across);
        if bits.overran() {
            if bits.file_ended() {
                return Err(Rejected::Truncated);
            }
            // libjpeg paints on with zeros; more than a line of them is half an image.
            missing += 1;
            if missing > across {
                return Err(Rejected::Truncated);
            }
            continue;
        }
        let alone = parts.len() == 1;
        for part in &mut parts {
            let (Some(component), Some(state)) =
                (frame.components.get(part.index), states.get_mut(part.index))
            else {
                continue;
            };
            let (wide, high) = if alone { (1, 1) } else { (component.across, component.down) };
            for i in 0..wide * high {
                let place = [x * wide + i % wide, y * high + i / wide];
                let mut fresh = [0; 64];
                if !frame.progressive {
                    if let (Some(dc), Some(ac)) = (part.dc, part.ac) {
                        block::sequential(&mut bits, dc, ac, &mut part.before, &mut fresh)?;
                    }
                    write(state, &fresh, place);
                    continue;
                }
                let number = place[1] * component.padded[0] + place[0];
                let Some(block) = state.coefficients.get_mut(number) else { continue };
                match (header.from, header.refines, part.dc, part.ac) {
                    (0, false, Some(dc), _) => {
                        pass.dc_first(&mut bits, dc, &mut part.before, block)?
                    }
                    (0, true, ..) => pass.dc_refine(&mut bits, block),
                    (_, false, _, Some(ac)) => pass.ac_first(&mut bits, ac, block)?,
                    (_, true, _, Some(ac)) => pass.ac_refine(&mut bits, ac, block)?,
                    _ => {}
                }
            }
        }
    }
    if bits.overran() && bits.file_ended() {
        return Err(Rejected::Truncated);
    }
    Ok(bits.at())
}

/// A table of the file, or else one that goes without saying.
fn find<'a>(
    tables: &'a [Option<Codes>; 4],
    known: &'a [Option<Codes>; 2],
    at: usize,
) -> Option<&'a Codes> {
    tables.get(at)?.as_ref().or_else(|| known.get(at)?.as_ref())
}

/// Takes the quanta of a component at its first scan, and memory for its coefficients.
fn begin(
    frame: &Frame,
    tables: &Tables,
    states: &mut [State],
    index: usize,
    first: bool,
) -> Result<(), Rejected> {
    let (Some(component), Some(state)) = (frame.components.get(index), states.get_mut(index))
    else {
        return Ok(());
    };
    if state.quanta.is_none() {
        state.quanta = tables.quanta.get(component.table).copied().flatten();
        if state.quanta.is_none() {
            return Err(Rejected::damaged("a table of quanta is missing"));
        }
        if frame.progressive {
            state.coefficients = vec![[0; 64]; component.padded[0] * component.padded[1]];
        }
    }
    state.begun |= first;
    Ok(())
}

/// Samples of a block into its component's plane.
fn write(state: &mut State, block: &[i16; 64], [x, y]: [usize; 2]) {
    let (stride, sides) = (state.plane.stride, state.plane.sides);
    let start = y * sides[1] * stride + x * sides[0];
    if let (Some(quanta), Some(to)) = (&state.quanta, state.plane.samples.get_mut(start..)) {
        idct::write(block, quanta, sides, to, stride);
    }
}

/// Samples of all blocks of a progressive image.
pub fn finish(frame: &Frame, states: &mut [State]) {
    for (component, state) in frame.components.iter().zip(states) {
        let blocks = std::mem::take(&mut state.coefficients);
        for (number, block) in blocks.iter().enumerate() {
            let place = [number % component.padded[0], number / component.padded[0]];
            write(state, block, place);
        }
    }
}
