//! Header of a BMP, judged before it is decoded. Invariant: a kind that is not read is named, and a header of OS/2 or
//! without a place for the pixels becomes one that says where they are.

use crate::error::Rejected;
use std::borrow::Cow;

/// Lengths of headers: of the file, of OS/2 1 and 2, and of Windows.
const FILE: usize = 14;
const CORE: usize = 12;
const INFO: usize = 40;
const OS2: usize = 64;

/// The file with a header that the decoder knows.
///
/// # Errors
/// [`Rejected`] for a kind of BMP that is not read, or one that is cut off in its header.
pub fn known(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Rejected> {
    let four = |at: usize| {
        let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
        four.map(|four| u32::from_le_bytes(*four) as usize).ok_or(Rejected::Truncated)
    };
    let two = |at: usize| Ok(four(at)? & 0xffff);
    let refuse = |name: String| Err(Rejected::Format { name: format!("BMP ({name})").into() });
    let length = four(FILE)?;
    let (bits, compression, colours) = match length {
        CORE => (two(FILE + 10)?, 0, 0),
        INFO | 52 | 56 | OS2 | 108 | 124 => (two(FILE + 14)?, four(FILE + 16)?, four(FILE + 32)?),
        16..=64 => return refuse(format!("OS/2 2, {length}")),
        _ => return refuse(format!("header of {length}")),
    };
    let [width, height] = match length {
        CORE => [two(FILE + 4)?, two(FILE + 6)?],
        _ => [four(FILE + 4)?, four(FILE + 8)?],
    };
    if width == 0 || height == 0 {
        return Err(Rejected::damaged("it has no pixels"));
    }
    match (compression, length) {
        (3, OS2) => return refuse("Huffman 1D".to_owned()),
        (4, OS2) => return refuse("RLE24".to_owned()),
        (0..=3, _) => {}
        (4, _) => return refuse("JPEG".to_owned()),
        (5, _) => return refuse("PNG".to_owned()),
        (6, _) => return refuse("BI_ALPHABITFIELDS".to_owned()),
        (11..=13, _) => return refuse("CMYK".to_owned()),
        (other, _) => return refuse(format!("compression {other}")),
    }
    let masks = if length == INFO && compression == 3 { 12 } else { 0 };
    let entry = if length == CORE { 3 } else { 4 };
    let entries = match (bits, colours) {
        (1..=8, 0) => 1 << bits,
        (1..=8, some) => some.min(256),
        (_, some) => some.min(bytes.len()),
    };
    let header = FILE + length;
    let follow = header + masks + entries * entry;
    let given = four(10)?;
    let start = match given {
        // Writers that know only of their own files leave it out: the pixels follow.
        0 => follow,
        _ if given < header => {
            return Err(Rejected::damaged("its pixels begin inside its header"));
        }
        _ => given,
    };
    // Zeros fill the last row up to four bytes: without them no pixel is missing.
    let row = width.checked_mul(bits).map(|bits| (bits.div_ceil(8), bits.div_ceil(32) * 4));
    let rows = (height as i32).unsigned_abs() as usize;
    let lacking = match (compression, row) {
        (0 | 3, Some((pixels, row))) => {
            let needed = row.checked_mul(rows).and_then(|data| data.checked_add(start));
            let lacking = needed.map_or(0, |needed| needed.saturating_sub(bytes.len()));
            if lacking <= row - pixels { lacking } else { 0 }
        }
        _ => 0,
    };
    if given == start && length != OS2 && lacking == 0 {
        return Ok(Cow::Borrowed(bytes));
    }
    // What OS/2 adds stands at the end of its header, and says nothing of the pixels.
    let cut = if length == OS2 { OS2 - INFO } else { 0 };
    let mut file = bytes.to_vec();
    file.resize(bytes.len() + lacking, 0);
    let mut write = |at: usize, value: usize| {
        if let Some(to) = file.get_mut(at..at + 4) {
            to.copy_from_slice(&(value as u32).to_le_bytes());
        }
    };
    write(10, start - cut);
    if cut > 0 {
        write(FILE, INFO);
        file.drain(FILE + INFO..header);
    }
    Ok(Cow::Owned(file))
}
